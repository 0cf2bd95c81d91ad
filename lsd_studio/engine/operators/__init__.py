"""Operators on codes with meaning in images: turns between quasi-eigenvectors, paths of them, fits on pairs.

`planes` has the paper's operators (Eqs. 10, 11) and the true rotation, `paths` chains them (Algorithm 1, Fig. 8),
`path_quality` measures them on images, `pairs` finds pairs of codes, `fitted` fits operators on them, and `algebra`
composes, inverts and raises operators to real powers.
"""
