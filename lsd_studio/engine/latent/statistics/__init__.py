"""Statistics of codes in a latent space (R25–R33): pure functions of NumPy arrays, one idea a module.

Codes are float32 [N, M]: N codes of M components.
"""
