"""Latent spaces in HDF5 files: of any layout, and of AnnData's (`.h5ad`), where `obsm` has codes and `obs` columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsd_studio.engine.data_files.columns import Column
from lsd_studio.engine.data_files.hdf5_files import (
    column_of_categories,
    column_of_dataset,
    datasets,
    member,
    opened_hdf5,
    stored_array,
)
from lsd_studio.engine.data_files.stored_array import MOST_COLUMNS, StoredArray
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.pickles import refusal
from lsd_studio.engine.spaces.arrays import space_of_arrays
from lsd_studio.engine.spaces.latent_space import LatentSpace

if TYPE_CHECKING:
    import h5py


def read_hdf5(file: Path, codes: str | None) -> LatentSpace:
    """The latent space in an HDF5 file; where it has the groups `obs` and `obsm` of AnnData, in these.

    Of AnnData's, `obsm` holds the codes, and `X` does where `obsm` holds none or its name is given.

    Raises:
        StudioError: it is no such file, or a model of Keras, has no codes or several that may be meant, or they are
            refused.
    """
    notes: list[str] = []
    with opened_hdf5(file) as opened:
        if "keras_version" in opened.attrs:
            raise refusal(file, "a model of Keras")
        of_anndata = member(opened, "obs"), member(opened, "obsm")
        found, links = datasets(file, opened)
        if all(part is not None for part in of_anndata):
            columns = _obs(file, of_anndata[0], notes)
            found = _codes_of_anndata(found, codes)
        else:
            columns = _texts_beside(file, found, notes)
        arrays = _readable(file, found, codes, notes)
    if links:
        notes.append(f"{len(links)} links are not followed, such as {links[0]}.")
    return space_of_arrays(file, arrays, codes, columns, notes)


def _codes_of_anndata(found: dict[str, h5py.Dataset], codes: str | None) -> dict[str, h5py.Dataset]:
    inside = {path: dataset for path, dataset in found.items() if path.startswith("obsm/")}
    if "X" in found and (codes == "X" or not inside):
        inside["X"] = found["X"]
    return inside


def _obs(file: Path, obs: Any, notes: list[str]) -> list[Column]:
    """The columns of AnnData's table of observations; those that cannot be read are named in a note."""
    import h5py

    if not isinstance(obs, h5py.Group):
        notes.append(f"{file}, obs: is of an old layout, and its columns are left out.")
        return []
    columns = []
    for name in list(obs)[:MOST_COLUMNS]:
        value = member(obs, name)
        try:
            if isinstance(value, h5py.Group):
                columns.append(column_of_categories(file, name, value))
            elif isinstance(value, h5py.Dataset) and value.shape is not None and len(value.shape) == 1:
                columns.append(column_of_dataset(file, name, value))
        except StudioError as error:
            notes.append(str(error))
    return columns


def _texts_beside(file: Path, found: dict[str, h5py.Dataset], notes: list[str]) -> list[Column]:
    """The columns of texts among arrays; those of numbers are arrays like others."""
    import h5py

    columns = []
    for path, dataset in found.items():
        if h5py.check_string_dtype(dataset.dtype) is not None and len(dataset.shape) == 1:
            try:
                columns.append(column_of_dataset(file, path, dataset))
            except StudioError as error:
                notes.append(str(error))
    return columns[:MOST_COLUMNS]


def _readable(
    file: Path, found: dict[str, h5py.Dataset], codes: str | None, notes: list[str]
) -> list[StoredArray]:
    """The arrays of numbers; one that is refused is named in a note, and raises where it may be the codes."""
    arrays, refused = [], []
    for path, dataset in found.items():
        if dataset.dtype.kind not in "biuf":
            continue
        try:
            arrays.append(stored_array(file, path, dataset))
        except StudioError as error:
            if codes == path:
                raise
            refused.append(error)
    if refused and not any(array.is_table for array in arrays):
        raise refused[0]
    notes += map(str, refused[:MOST_COLUMNS])
    return arrays
