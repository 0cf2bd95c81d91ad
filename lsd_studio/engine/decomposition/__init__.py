"""Spectra of images: amplitudes, ranks, truncations, refinement."""
