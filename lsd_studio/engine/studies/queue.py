"""Trainings carried out side by side, by joblib: on the processors of this machine, or on a cluster by its plug-ins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Literal

from joblib import Parallel, delayed, parallel_config

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.studies.carrying_out import Outcome, carry_out_training
from lsd_studio.engine.studies.study import Training

Backend = Literal["loky", "dask", "ray"]
PACKAGES: dict[Backend, str] = {"dask": "dask[distributed]", "ray": "ray"}
"""What is to be installed for a plug-in."""


def outcomes(trainings: Sequence[Training], jobs: int, backend: Backend = "loky") -> Iterator[Outcome]:
    """Carry out the trainings, `jobs` at once, those of the reference before all others; yields each as it ends.

    One job at once is done in this process. "dask" and "ray" take the cluster that their own settings name
    (DASK_SCHEDULER_ADDRESS, RAY_ADDRESS), which must see the same folders; where none is named, this machine.

    Raises:
        StudioError: the package of the plug-in is not installed.
    """
    with _configured(backend):
        for are_references in (True, False):
            # In batches of one: joblib would deal several of those that take no time to one process, and with them one
            # that takes hours. Ray's plug-in returns nothing before everything is done.
            side_by_side = Parallel(
                n_jobs=jobs, batch_size=1, return_as="list" if backend == "ray" else "generator_unordered"
            )
            yield from side_by_side(
                delayed(carry_out_training)(training)
                for training in trainings
                if training.is_reference is are_references
            )


@contextmanager
def _configured(backend: Backend) -> Iterator[None]:
    """Let joblib take this backend."""
    with ExitStack() as connected:
        try:
            if backend == "dask":
                from dask.distributed import Client

                connected.enter_context(Client())
            if backend == "ray":
                from ray.util.joblib import register_ray

                register_ray()
        except ImportError as error:
            raise StudioError(
                f"{backend} is not installed: add it with `pip install '{PACKAGES[backend]}'`, or leave --backend out."
            ) from error
        with parallel_config(backend=backend):
            yield
