"""Figures for publication, as the window exports and opens them."""
