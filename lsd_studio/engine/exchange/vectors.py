"""η, ξ and amplitudes as NPZ and CSV, for other programs: what a picture shows, as numbers that come back exactly."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.bundle import Bundle, library_versions
from lsd_studio.engine.datasets import LabelledImages, fit_images, scale_pixels
from lsd_studio.engine.images.preparation import prepared_for
from lsd_studio.files.folders import make_folder
from lsd_studio.files.json_text import json_bytes
from lsd_studio.files.tables import write_csv, write_npz
from lsd_studio.files.writing import write_file


def write_vectors(bundle: Bundle, folder: Path) -> tuple[Path, ...]:
    """Write η and ξ to `vectors.npz`, `eta.csv` and `xi.csv` in a folder, made where it is missing; returns the files.

    The archive holds `eta` and `xi`, float64 [M, M], set outer and label inner, with `labels` and `sets` (from 1),
    int64 [M], and `label_names`. A table has a row for each vector: its set, its label, its M components.
    `vectors.json` says which bundle they are of.

    Raises:
        StudioError: the folder cannot be written to.
    """
    make_folder(folder)
    basis, names = bundle.basis, bundle.manifest.label_names
    sets = np.arange(len(basis.xi_)) // basis.number_of_labels + 1
    arrays = {
        "eta": basis.eta_,
        "xi": basis.xi_,
        "labels": basis.labels_,
        "sets": sets,
        "label_names": np.array(names),
    }
    written = [write_npz(folder / "vectors.npz", arrays)]
    for name, vectors in (("eta", basis.eta_), ("xi", basis.xi_)):
        header = ("set", "label", *(f"z{place}" for place in range(vectors.shape[1])))
        leading = (
            (set_, names[label]) for set_, label in zip(sets.tolist(), basis.labels_.tolist(), strict=True)
        )
        written.append(write_csv(folder / f"{name}.csv", header, leading, vectors))
    written.append(_write_facts(folder / "vectors.json", bundle, {}))
    return tuple(written)


def write_amplitudes_of_data(bundle: Bundle, folder: Path, data: LabelledImages) -> tuple[Path, ...]:
    """Write the amplitudes of a labelled image set to a folder, see `_write_amplitudes`; images are called 0, 1, 2 …

    Raises:
        StudioError: the images have another shape than the bundle's, or the folder cannot be written to.
    """
    data = fit_images(data, bundle.manifest.trained_on, any_labels=True)
    names = data.label_names
    return _write_amplitudes(
        bundle,
        folder,
        scale_pixels(data.images),
        [str(place) for place in range(len(data))],
        [names[label] for label in data.labels.tolist()],
        {"data": data.name, "split": data.split, "checksum": data.checksum, "number": len(data)},
    )


def write_amplitudes_of_images(bundle: Bundle, folder: Path, files: Sequence[Path]) -> tuple[Path, ...]:
    """Write the amplitudes of image files of any size to a folder, see `_write_amplitudes`; they have no label.

    They are called by their names, or where two have one name, by the paths below the folder that they share.

    Raises:
        StudioError: a file is no image, or the folder cannot be written to.
    """
    prepared = [prepared_for(bundle, file) for file in files]
    titles = titles_of(files)
    return _write_amplitudes(
        bundle,
        folder,
        np.stack([image.pixels for image in prepared]),
        titles,
        [""] * len(files),
        {"prepared": {title: list(image.steps) for title, image in zip(titles, prepared, strict=True)}},
    )


def titles_of(files: Sequence[Path]) -> list[str]:
    """A title for each file, no two alike: its name, or where two have one name, its path below the shared folder.

    A file that is given again is numbered, `seven.png (2)`; what is no UTF-8 in a name is written by its bytes.
    """
    places = [file.absolute() for file in files]
    if len({place.name for place in places}) == len(set(places)):
        named = [place.name for place in places]
    else:
        shared = os.path.commonpath(place.parent for place in places) if _one_drive(places) else ""
        named = [place.relative_to(shared).as_posix() if shared else place.as_posix() for place in places]
    titles: list[str] = []
    for name in named:
        text = os.fsencode(name).decode(errors="backslashreplace")
        numbered = (f"{text} ({number})" for number in itertools.count(2))
        titles.append(next(title for title in itertools.chain([text], numbered) if title not in titles))
    return titles


def _one_drive(places: Sequence[Path]) -> bool:
    return len({place.anchor for place in places}) == 1


def _write_amplitudes(
    bundle: Bundle,
    folder: Path,
    pixels: NDArray[np.float32],
    titles: Sequence[str],
    labels: Sequence[str],
    source: Mapping[str, Any],
) -> tuple[Path, ...]:
    """Write `amplitudes.npz` and `amplitudes.csv`; returns the files.

    The archive holds `amplitudes`, float64 [N, M], c_k of the posterior's mean (Eq. 9), with `mean` and `log_sigma`,
    float32 [N, M], `read`, int64 [N], what C reads in the image, and `titles` and `labels`, text [N]. The table has a
    row for each image: its title, its label, what C reads, and c_k, named for the vector's label and set.
    `amplitudes.json` says which bundle and which images they are of.
    """
    networks, basis, names = bundle.networks, bundle.basis, bundle.manifest.label_names
    make_folder(folder)
    mean, log_sigma = networks.encode(pixels)
    read = networks.classify(pixels).argmax(axis=1)
    amplitudes = basis.transform(mean)
    arrays = {
        "amplitudes": amplitudes,
        "mean": mean,
        "log_sigma": log_sigma,
        "read": read,
        "titles": np.array(titles),
        "labels": np.array(labels),
        "label_names": np.array(names),
    }
    columns = [f"c {names[basis.label(vector)]} set {basis.set_(vector)}" for vector in range(len(basis.xi_))]
    leading = zip(titles, labels, (names[label] for label in read.tolist()), strict=True)
    return (
        write_npz(folder / "amplitudes.npz", arrays),
        write_csv(folder / "amplitudes.csv", ["image", "label", "read", *columns], leading, amplitudes),
        _write_facts(folder / "amplitudes.json", bundle, source),
    )


def _write_facts(file: Path, bundle: Bundle, source: Mapping[str, Any]) -> Path:
    facts = {
        "bundle": bundle.hash,
        "profile": bundle.profile.name,
        "seeds": bundle.manifest.seeds,
        "set_one": bundle.profile.basis.set_one,
        "complement": bundle.profile.basis.complement,
        "images": dict(source),
        "versions": library_versions(),
    }
    write_file(file.absolute(), json_bytes(facts) + b"\n")
    return file
