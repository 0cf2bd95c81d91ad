"""A latent space read from a file of codes; nothing in it is executed, and memory and time are bounded."""

from __future__ import annotations

from pathlib import Path

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.spaces.arrays import space_of_arrays
from lsd_studio.engine.spaces.file_names import SUFFIXES
from lsd_studio.engine.spaces.latent_space import LatentSpace


def read_latent_space(path: str | Path, codes: str | None = None) -> LatentSpace:
    """The latent space in a file of one of `SUFFIXES`.

    Args:
        codes: name of the array that the codes are; None where there is only one that they can be.

    Raises:
        StudioError: the file cannot be read as one of these, has no such array, or takes more memory than is free.
    """
    file = Path(path)
    try:
        return _read(file, codes)
    except MemoryError as error:
        raise StudioError(
            f"{file} takes more memory than is free: close other programs, or save the codes as float32 in .npy, which "
            "is mapped."
        ) from error


def _read(file: Path, codes: str | None) -> LatentSpace:
    match file.suffix.lower():
        case ".npy":
            from lsd_studio.engine.data_files.numpy_files import read_npy

            return space_of_arrays(file, read_npy(file), codes)
        case ".npz":
            from lsd_studio.engine.data_files.numpy_files import read_npz

            return space_of_arrays(file, read_npz(file), codes)
        case ".safetensors":
            from lsd_studio.engine.data_files.safetensors_files import read_safetensors

            return space_of_arrays(file, read_safetensors(file), codes)
        case ".csv" | ".tsv" | ".txt":
            from lsd_studio.engine.data_files.delimited_text import read_delimited
            from lsd_studio.engine.spaces.tables import space_of_table

            return space_of_table(file, read_delimited(file), codes)
        case ".h5" | ".hdf5" | ".h5ad":
            from lsd_studio.engine.spaces.hdf5_spaces import read_hdf5

            return read_hdf5(file, codes)
        case ".parquet" | ".arrow" | ".feather":
            from lsd_studio.engine.data_files.arrow_files import read_arrow
            from lsd_studio.engine.spaces.tables import space_of_table

            return space_of_table(file, read_arrow(file), codes)
    raise StudioError(f"{file} is no file of codes: codes are read from {', '.join(SUFFIXES)}.")
