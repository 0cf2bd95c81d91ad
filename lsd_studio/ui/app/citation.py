"""How the method is cited."""

from __future__ import annotations

DOI = "https://doi.org/10.1371/journal.pone.0287736"

CITATION = (
    "J. Quetzalcóatl Toledo-Marín and James A. Glazier: Using deep LSD to build operators in GANs latent space with "
    "meaning in real space. PLOS ONE 18 (6), 2023, e0287736."
)

BIBTEX = """@article{toledomarin2023lsd,
  author  = {Toledo-Mar{\\'i}n, J. Quetzalc{\\'o}atl and Glazier, James A.},
  title   = {Using deep {LSD} to build operators in {GANs} latent space with meaning in real space},
  journal = {PLOS ONE},
  volume  = {18},
  number  = {6},
  pages   = {e0287736},
  year    = {2023},
  doi     = {10.1371/journal.pone.0287736}
}
"""
