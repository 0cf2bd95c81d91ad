"""Latent spectral decomposition of images: amplitudes, their ranking, truncations and what C says (Sec. IV, V)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.quasi_eigenvectors import QuasiEigenvectors
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.images.shapes import check_image_shape
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.vocabulary import PAPER_TERMS, Reading

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Truncation:
    """The sum of the n largest terms of a code, decoded (R19).

    Attributes:
        terms: n, 1…M.
        code: float64 [M], z_n.
        image: float32 [C, H, W] in [−1, 1], G(z_n).
        probabilities: float32 [l], C's for that image.
    """

    terms: int
    code: FloatArray
    image: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    @property
    def label(self) -> int:
        """The label that C gives the decoded image."""
        return int(self.probabilities.argmax())


@dataclass(frozen=True, eq=False)
class Decomposition:
    """One image as a sum of quasi-eigenvectors.

    Attributes:
        image: float32 [C, H, W] in [−1, 1].
        probabilities: float32 [l], C's for the image itself.
        code: float64 [M], z.
        amplitudes: float64 [M], c_k (Eq. 9).
        ranking: int64 [M], indices of the vectors in the order of `rank_amplitudes`.
        reconstruction: all M terms, so G(z).
        truncations: one for each n asked for, in that order.
    """

    image: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    code: FloatArray
    amplitudes: FloatArray
    ranking: NDArray[np.int64]
    number_of_labels: int
    reconstruction: Truncation
    truncations: tuple[Truncation, ...]

    @property
    def label(self) -> int:
        """The label that C gives the image."""
        return int(self.probabilities.argmax())

    @property
    def winner(self) -> int:
        """The index of the vector that ranks first."""
        return int(self.ranking[0])

    @property
    def lsd_label(self) -> int:
        """The label of the vector that ranks first (R16)."""
        return self.winner % self.number_of_labels


def decompose(
    networks: Networks,
    basis: QuasiEigenvectors,
    images: NDArray[np.float32],
    codes: NDArray[np.floating],
    *,
    reading: Reading,
    terms: Sequence[int] = PAPER_TERMS,
) -> tuple[Decomposition, ...]:
    """Decompose images through their codes; all pictures are decoded in one call and classified in one call.

    Args:
        images: [N, C, H, W] in [−1, 1].
        codes: [N, M], their posterior means, draws from the posteriors, or refined codes.
        reading: how amplitudes are ranked, see `rank_amplitudes`.
        terms: the numbers n of terms to keep; those beyond M are left out.

    Raises:
        StudioError: an n below 1, or shapes that do not belong to these networks.
    """
    _validate(networks, images, codes)
    codes = np.asarray(codes, dtype=np.float64)
    amplitudes = basis.transform(codes)
    ranking = rank_amplitudes(amplitudes, networks.number_of_labels, reading)
    possible = [n for n in terms if n <= basis.eta_.shape[1]]
    kept = truncate(basis, amplitudes, possible)
    every_code = np.concatenate([codes[None], kept])
    decoded = networks.decode(every_code.reshape(-1, codes.shape[1]))
    probabilities = networks.classify(np.concatenate([images, decoded]))
    image_probabilities, decoded_probabilities = np.split(probabilities, [len(images)])
    decoded = decoded.reshape(len(every_code), *images.shape)
    decoded_probabilities = decoded_probabilities.reshape(len(every_code), len(images), -1)

    def truncation(place: int, terms: int, index: int) -> Truncation:
        return Truncation(
            terms, every_code[place, index], decoded[place, index], decoded_probabilities[place, index]
        )

    return tuple(
        Decomposition(
            image=images[index],
            probabilities=image_probabilities[index],
            code=codes[index],
            amplitudes=amplitudes[index],
            ranking=ranking[index],
            number_of_labels=networks.number_of_labels,
            reconstruction=truncation(0, codes.shape[1], index),
            truncations=tuple(truncation(place, n, index) for place, n in enumerate(possible, start=1)),
        )
        for index in range(len(images))
    )


def rank_amplitudes(amplitudes: FloatArray, number_of_labels: int, reading: Reading) -> NDArray[np.int64]:
    """Indices of the vectors by falling weight, int64 [..., M], of amplitudes [..., M].

    "absolute" ranks all vectors by |c| (the paper, R16). "signed" puts the vectors of set 1 first, by c with its
    sign, for a negative amplitude says that a label is absent; the other vectors follow by |c|.
    """
    absolute = np.abs(amplitudes)
    if reading == "absolute":
        return np.argsort(-absolute, axis=-1, kind="stable")
    set_one = np.argsort(-amplitudes[..., :number_of_labels], axis=-1, kind="stable")
    others = np.argsort(-absolute[..., number_of_labels:], axis=-1, kind="stable") + number_of_labels
    return np.concatenate([set_one, others], axis=-1)


def truncate(
    basis: QuasiEigenvectors, amplitudes: FloatArray, terms: Sequence[int], *, rescale: bool = False
) -> FloatArray:
    """Codes of the n terms of largest |c|, float64 [len(terms), ..., M], of amplitudes [..., M] (R19).

    With `rescale` each code is brought to norm √M, as a random latent vector has it.

    Raises:
        StudioError: an n below 1 or above M.
    """
    dimensions = amplitudes.shape[-1]
    if any(not 1 <= n <= dimensions for n in terms):
        raise StudioError(f"A code has 1 to {dimensions} terms to keep: choose numbers in this range.")
    order = rank_amplitudes(amplitudes, basis.number_of_labels, "absolute")
    position = np.empty_like(order)
    np.put_along_axis(position, order, np.broadcast_to(np.arange(dimensions), order.shape), axis=-1)
    limits = np.asarray(terms, dtype=np.int64).reshape(-1, *[1] * amplitudes.ndim)
    codes = basis.inverse_transform(np.where(position < limits, amplitudes, 0.0))
    if rescale:
        codes *= np.sqrt(dimensions) / np.linalg.norm(codes, axis=-1, keepdims=True)
    return codes


def hits(
    amplitudes: FloatArray, labels: NDArray[np.int64], number_of_labels: int
) -> dict[Literal["set_one", "any_set", "signed"], NDArray[np.bool_]]:
    """Whether each image's true label is found, bool [N], of amplitudes [N, M] and labels [N] (R16).

    "set_one": the largest |c| over all vectors belongs to the set-1 vector of the label (the authors' code);
    "any_set": to any vector of the label (the paper's text); "signed": the largest c with its sign over set 1
    belongs to the label.
    """
    winner = np.abs(amplitudes).argmax(axis=1)
    return {
        "set_one": winner == labels,
        "any_set": winner % number_of_labels == labels,
        "signed": amplitudes[:, :number_of_labels].argmax(axis=1) == labels,
    }


def _validate(networks: Networks, images: NDArray[np.float32], codes: NDArray[np.floating]) -> None:
    if len(images) == 0:
        raise StudioError("There is no image to decompose: give one at least.")
    check_image_shape(images.shape[1:], networks.image_shape)
    if codes.shape != (len(images), networks.latent_dimensions):
        raise StudioError(
            f"{len(images)} images need codes [{len(images)}, {networks.latent_dimensions}], "
            f"not {list(codes.shape)}."
        )
