"""Latent spaces: data sets of codes, their statistics, tests and reports."""
