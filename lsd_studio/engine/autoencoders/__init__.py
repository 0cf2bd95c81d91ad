"""Autoencoders (R24): an encoder and a decoder trained together, and what stands in for the pair, a bundle's E and G."""
