"""Latent spaces of others: codes with columns beside them, read from files of many formats without executing any."""
