"""The door between the engine and whoever uses it: a window, a script, a notebook.

    with Engine() as engine:
        engine.ask(OpenBundle(Path("mnist-studio")))
        decomposed = engine.ask(DecomposeFile(Path("seven.png")))

Requests go in, events come out (`lsd_studio.engine.messages`). Importing this module does not import torch: that
happens on the engine's threads, when the first request needs it.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from types import TracebackType

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.lanes import Lane, Work, guarded
from lsd_studio.engine.messages import (
    CancelTraining,
    Event,
    Failed,
    LoadTestImages,
    PauseTraining,
    Refining,
    Request,
    ResumeTraining,
    StartTraining,
    TestImagesLoaded,
    Working,
)
from lsd_studio.engine.training_lane import TrainingLane

log = logging.getLogger(__name__)


class Engine:
    """Three threads behind one door: interaction, loading of data, and training. Interaction waits for neither."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._subscribers: list[Callable[[Event], None]] = []
        self._lock = threading.Lock()
        self._training = TrainingLane(self._post)
        interact = guarded(_interaction_work(lambda: self._training.is_running))
        self._interaction = Lane("lsd-interaction", interact, self._post)
        self._loading = Lane("lsd-loading", guarded(_load_test_images), self._post)

    def submit(self, request: Request) -> int:
        """Ask for something and go on at once.

        Returns:
            The request's number, which every event that answers it carries.
        """
        number = next(self._numbers)
        match request:
            case StartTraining() | PauseTraining() | ResumeTraining() | CancelTraining():
                self._training.submit(number, request)
            case LoadTestImages():
                self._loading.submit(number, request)
            case _:
                self._interaction.submit(number, request)
        return number

    def ask(self, request: Request) -> Event:
        """Ask for something and wait for its answer (not for the events that only tell of progress).

        Raises:
            StudioError: with the engine's sentence, where the request could not be done.
        """
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.subscribe(events.put)
        try:
            number = self.submit(request)
            while True:
                event = events.get()
                if event.number != number or isinstance(event, (Working, Refining)):
                    continue
                if isinstance(event, Failed):
                    raise StudioError(event.sentence)
                return event
        finally:
            self.unsubscribe(events.put)

    def subscribe(self, callback: Callable[[Event], None]) -> None:
        """Let `callback` have every event from now on. It is called on the engine's threads and must be quick."""
        with self._lock:
            self._subscribers.append(callback)

    def unsubscribe(self, callback: Callable[[Event], None]) -> None:
        """Let `callback` have no more events."""
        with self._lock:
            self._subscribers.remove(callback)

    @property
    def is_training(self) -> bool:
        """Whether a training run is under way, paused or not."""
        return self._training.is_running

    def close(self) -> None:
        """Stop training at its next batch with a checkpoint, drop what waits, and end all threads. Waits for them."""
        self._training.cancel()
        self._interaction.close()
        self._loading.close()
        self._interaction.join()
        self._loading.join()
        self._training.join()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, event: Event) -> None:
        with self._lock:
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("A subscriber failed on %s.", type(event).__name__)


def _interaction_work(is_training: Callable[[], bool]) -> Work:
    work: list[Work] = []

    def interact(number: int, request: Request) -> Iterator[Event]:
        if not work:
            yield Working(number, "loading the engine")
            from lsd_studio.engine.interaction import Interaction

            work.append(Interaction(is_training).work)
        yield from work[0](number, request)

    return interact


def _load_test_images(number: int, request: Request) -> Iterator[Event]:
    if not isinstance(request, LoadTestImages):
        raise TypeError(f"The engine does not know the request {type(request).__name__}.")
    from lsd_studio.engine.datasets import load_data_set

    images = load_data_set(request.source, "test")
    yield TestImagesLoaded(number, images.name, images.images, images.labels, images.label_names)
