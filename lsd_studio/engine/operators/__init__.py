"""Operators on codes with meaning in images: turns between quasi-eigenvectors, paths of them, fits on pairs.

`planes` has the paper's operators (Eqs. 10, 11) and the true rotation, `paths` chains them (Algorithm 1, Fig. 8),
`walks` takes codes along them, `path_quality` measures that on images, `picture_style` what they keep. `pairs` finds
pairs of images, `pair_codes` encodes them, `fitted` fits operators on their codes; `algebra` composes, inverts and
raises operators to real powers, `store` saves and loads them. `products` and `pair_sources` say what is asked for,
`results` what comes of it.
"""
