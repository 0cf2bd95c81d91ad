"""Denoising (R19): noise, latent denoisers, baselines, their trainings, and curves that compare them."""
