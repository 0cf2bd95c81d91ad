"""How good a generator is: distances, neighbourhoods, paths and memorisation, on the features of C and of the judge.

torch-fidelity and torchmetrics take features of other networks too. Of what is measured here they have the Fréchet
distance of one sample size, the kernel distance as a mean over subsets that overlap, and precision and recall: formulas
of a few lines. They have neither intervals over independent draws, nor the distance without its bias, density, coverage
or memorisation. So all of it is here, and tests compare it with the definitions.
"""
