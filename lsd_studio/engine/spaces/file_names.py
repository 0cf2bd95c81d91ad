"""By their names: which files may hold codes."""

from __future__ import annotations

from pathlib import Path

SUFFIXES = (
    ".npy",
    ".npz",
    ".safetensors",
    ".csv",
    ".tsv",
    ".txt",
    ".h5",
    ".hdf5",
    ".h5ad",
    ".parquet",
    ".arrow",
    ".feather",
)


def is_code_file(path: str | Path) -> bool:
    """Whether a name is that of a file of codes, and not of a bundle's or run's folder."""
    return Path(path).suffix.lower() in SUFFIXES and not Path(path).is_dir()
