"""Who does which request: one module for each thing that is asked about, each with its table of handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from lsd_studio.engine.desks import (
    artefacts,
    basis,
    bundles,
    decompose,
    denoise,
    evaluate,
    figures,
    latent,
    operate,
    places,
    train,
)
from lsd_studio.engine.messages.core import Event, Request
from lsd_studio.engine.session import Handler, Session

__all__ = ["do_request"]

THREADS = torch.get_num_threads()
"""Threads that torch may use for slow work: a core each, or what OMP_NUM_THREADS says. One while a training keeps the
processor busy, and for every answer to a hand, for which the window paints at the same time: each operation would
otherwise wait until all are given a core."""

HANDLERS: dict[type[Request], Handler] = {
    **artefacts.HANDLERS,
    **basis.HANDLERS,
    **bundles.HANDLERS,
    **decompose.HANDLERS,
    **denoise.HANDLERS,
    **evaluate.HANDLERS,
    **figures.HANDLERS,
    **latent.HANDLERS,
    **operate.HANDLERS,
    **places.HANDLERS,
    **train.HANDLERS,
}


def do_request(
    session: Session, is_busy: Callable[[], bool], number: int, request: Request
) -> Iterator[Event]:
    """Do one request and yield the events that answer it.

    Raises:
        StudioError: where the request cannot be done; its sentence says what to do.
        TypeError: nobody does requests of this type.
    """
    handler = HANDLERS.get(type(request))
    if handler is None:
        raise TypeError(f"The engine does not know the request {type(request).__name__}.")
    torch.set_num_threads(1 if is_busy() or request.lane == "interaction" else THREADS)
    yield from handler(session, number, request)
