"""The Latent space workspace."""
