"""Autoencoders (R24): an encoder and a decoder trained together, or a bundle's E and G in their place."""
