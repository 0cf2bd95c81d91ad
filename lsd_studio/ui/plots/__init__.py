"""Plots in the window's colours, and live curves."""
