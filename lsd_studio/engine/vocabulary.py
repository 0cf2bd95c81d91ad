"""Names of what can be chosen, in one place for profiles, operations, the command line and the science."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

PAPER_TERMS = (1, 2, 3, 4, 10)
"""Terms kept in Figure 7, beside all M (R19)."""

Split = Literal["train", "test"]
Subject = Literal["digit", "picture"]
"""Which images of a data set."""

FramingWay = Literal["crop", "pad", "stretch", "digit"]
"""How images of any proportions come to those that are wanted."""

NoiseKind = Literal["gaussian", "salt_and_pepper", "dropped", "rectangles"]
"""A kind of noise that is added (R19)."""

NOISE_KINDS: tuple[NoiseKind, ...] = get_args(NoiseKind)

Reading = Literal["absolute", "signed"]
"""How amplitudes name a label (R16): the largest |c| over all vectors, or the largest signed c over set 1."""

Source = Literal["encoded", "random"]
"""Where latent vectors come from: training images, encoded with sampled z (step 4a), or z of the prior (step 4b)."""

SetOne = Literal["gram-schmidt", "symmetric", "pivoted"]
"""How set 1 is made orthogonal: in the order of the labels (Eq. 6), all alike (R40), or the largest residual first."""

Others = Literal["gram-schmidt", "pivoted"]
"""How the sets 2…n are made of their η: in order (Eq. 6), or the largest residual first."""

Complement = Literal["gram-schmidt", "pivoted", "labelled", "informative"]
"""How the sets 2…n are made: of their η, as in `Others`; or anew in the complement of set 1, turned until C reads them
as their labels: as a whole (R42), or each set within what encoded images hold most of beside the sets before it
(R36)."""

Through = Literal["vectors", "averages"]
"""What a station of a path stands for: its quasi-eigenvector ξ, or its averaged latent vector η (set 1 only), where the
images of the label lie on average; η are not orthogonal, so a leg between them is their own angle."""

Method = Literal["least squares", "orthogonal"]
"""How an operator is fitted on pairs (R23): any matrix by ridge regression, or an orthogonal one (Procrustes)."""

Reader = Literal["classifier", "judge", "probe"]
"""What reads labels: in pictures C, or the judge, a second classifier that no loss saw; in codes a probe, which was
fitted on others of them."""

READER_NAMES: Mapping[Reader, str] = {"judge": "the judge", "classifier": "C", "probe": "the probe"}
"""Each in a sentence."""

PairMeasure = Literal["thickness", "slant"]
"""What images are paired by: thickness of the stroke in pixels (thin to thick), or slant in degrees (upright to
slanted)."""

AttributeWay = Literal["own", "orthogonal", "held"]
"""Directions of attributes: each attribute's own, the nearest ones that are orthogonal, or without those held."""

ATTRIBUTE_WAYS: Mapping[AttributeWay, str] = {
    "own": "as measured",
    "orthogonal": "made orthogonal",
    "held": "others held",
}
"""What each is called."""

Halvings = Literal["paper", "growing"]
"""How often the networks halve an image: twice (R5–R7), or as often as leaves eight pixels of its edge at most."""

Trunk = Literal["paper", "residual", "deep"]
"""Convolutions of the encoder: those of R7, or residual ones."""

Heads = Literal["text", "authors", "free"]
"""Shape of the encoder's heads μ and log σ (R7)."""

LABEL_OPERATORS: Mapping[str, str] = {
    "transport": "transport (Eq. 11)",
    "rotation_xi": "rotation by ξ",
    "rotation_eta": "rotation by η",
    "mean_difference": "mean difference",
    "gaussian_transport": "Gaussian optimal transport",
    "label_switch": "label switch (LEACE)",
    "least_squares": "least squares, nearest",
    "procrustes": "Procrustes, nearest",
    "lda_normal": "normal of LDA",
    "svm_normal": "normal of a linear SVM",
}
"""Operators from one label to another, by name, and what they are called (`operators.label_operators`)."""

BASELINE_NAMES: Mapping[str, str] = {
    "nearest_class_mean": "nearest class mean",
    "lda": "discriminant analysis",
    "logistic_regression": "logistic regression",
    "most_frequent_label": "most frequent label",
}
"""Common classifiers of codes, by their keys."""

USUAL_EXTENTS = {"uniform": "-1,1", "sphere": "√M"}
"""Bounds of the interval and radius of the sphere of codes where a prior is asked for by its kind alone."""
