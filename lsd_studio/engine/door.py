"""The door between the engine and whoever uses it: a window, a script, a notebook.

    with Engine() as engine:
        engine.bundles.open("mnist-studio").result()
        decomposed = engine.decompose.file(Path("seven.png")).result()

 Importing this module does not import torch: that
happens on the engine's threads, when the first request needs it.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.lanes import Lane, Work, guarded
from lsd_studio.engine.messages.core import Event, Failed, Progress, Request, Stop, Stopped, Working
from lsd_studio.engine.operations import QueueName
from lsd_studio.engine.operations.basis import BasisOperations
from lsd_studio.engine.operations.bundles import BundleOperations
from lsd_studio.engine.operations.decompose import DecomposeOperations
from lsd_studio.engine.operations.denoise import DenoiseOperations
from lsd_studio.engine.operations.evaluate import EvaluateOperations
from lsd_studio.engine.operations.exchange import ExchangeOperations
from lsd_studio.engine.operations.figures import FigureOperations
from lsd_studio.engine.operations.latent import LatentOperations
from lsd_studio.engine.operations.operate import OperateOperations
from lsd_studio.engine.operations.training import TrainingOperations
from lsd_studio.engine.platform.gc_control import gc_suspended
from lsd_studio.engine.scheduler import Turn
from lsd_studio.engine.session import Session
from lsd_studio.engine.training.monitoring.broadcasts import TrainingBroadcast
from lsd_studio.engine.training.trainer import Trainer

log = logging.getLogger(__name__)


class Engine:
    """Threads behind one door: interaction, loading of data, training, and one for each kind of analysis.

    Interaction waits for none of the others.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.last_number = 0
        self._subscribers: list[Callable[[Event | TrainingBroadcast], None]] = []
        self._lock = threading.Lock()
        self._trainer = Trainer(self._post)
        self.session = Session()
        self._desks = Desks(self.session, lambda: self._trainer.is_running)
        self._work = guarded(self._desks.work)
        self._interaction = Lane("lsd-interaction", self._work, self._post)
        self._loading = Lane("lsd-loading", self._work, self._post)
        self._analyses: dict[str, Lane] = {}
        self._closed = False
        self.basis = BasisOperations(self)
        self.bundles = BundleOperations(self)
        self.decompose = DecomposeOperations(self)
        self.denoise = DenoiseOperations(self)
        self.evaluate = EvaluateOperations(self)
        self.exchange = ExchangeOperations(self)
        self.figures = FigureOperations(self)
        self.latent = LatentOperations(self)
        self.operate = OperateOperations(self)
        self.training = TrainingOperations(self, self._trainer)

    def submit(self, request: Request) -> int:
        """Ask for something and go on at once. An engine that was closed leaves it undone.

        Returns:
            The request's number, which every event that answers it carries.
        """
        number = self.last_number = next(self._numbers)
        if self._closed:
            return number
        match request.lane:
            case "loading":
                self._loading.submit(number, request)
            case "interaction":
                self._interaction.submit(number, request)
            case "analysis":
                self._analyse(number, request)
        return number

    def _analyse(self, number: int, request: Request) -> None:
        self._analysis(request.what if isinstance(request, Stop) else request.kind).submit(number, request)

    def _analysis(self, kind: str) -> Lane:
        if kind not in self._analyses:
            self._analyses[kind] = Lane(f"lsd-analysis-{kind}", self._work, self._post, yielding=True)
        return self._analyses[kind]

    def take(self, queue: QueueName, turn: Turn) -> None:
        """Let a call wait in a queue; an engine that was closed cancels it."""
        if self._closed:
            turn.call.cancel()
            return
        lanes = {"interaction": self._interaction, "loading": self._loading}
        lane = self._analysis(turn.key) if queue == "analysis" else lanes[queue]
        lane.take(replace(turn, work=partial(self._desks.do, queue, turn.work)))

    def ask(self, request: Request) -> Event:
        """Ask for something and wait for its answer (not for the events that only tell of progress).

        Raises:
            StudioError: with the engine's sentence, where the request could not be done; or the engine is closed.
        """
        if self._closed:
            raise StudioError("The engine is closed; make another one.")
        events: queue.SimpleQueue[Event | TrainingBroadcast] = queue.SimpleQueue()
        self.subscribe(events.put)
        try:
            number = self.submit(request)
            while True:
                event = events.get()
                if not isinstance(event, Event) or event.number != number or isinstance(event, Progress):
                    continue
                if isinstance(event, Failed):
                    raise StudioError(event.sentence)
                return event
        finally:
            self.unsubscribe(events.put)

    def subscribe(self, callback: Callable[[Event | TrainingBroadcast], None]) -> None:
        """Let `callback` have every event from now on. It is called on the engine's threads and must be quick."""
        with self._lock:
            self._subscribers.append(callback)

    def unsubscribe(self, callback: Callable[[Event | TrainingBroadcast], None]) -> None:
        """Let `callback` have no more events."""
        with self._lock:
            self._subscribers.remove(callback)

    @property
    def is_training(self) -> bool:
        """Whether a training run is under way, paused or not."""
        return self._trainer.is_running

    def close(self) -> None:
        """Stop training at its next batch with a checkpoint, drop what waits, and end all threads. Waits for them."""
        self._closed = True
        self._trainer.close()
        lanes = (self._interaction, self._loading, *self._analyses.values())
        for lane in lanes:
            lane.close()
        for lane in lanes:
            lane.join()
        self._trainer.join()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, event: Event | TrainingBroadcast) -> None:
        with self._lock:
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("A subscriber failed on %s.", type(event).__name__)


class Desks:
    """The work of all lanes but training on one session; torch is imported when a lane first works."""

    def __init__(self, session: Session, is_training: Callable[[], bool]) -> None:
        self._session = session
        self._is_training = is_training
        self._lock = threading.Lock()
        self._work: Work | None = None

    def work(self, number: int, request: Request) -> Iterator[Event]:
        """Do one request and yield the events that answer it."""
        if isinstance(request, Stop):
            yield Stopped(number, request.what)
            return
        if self._work is None:
            yield Working(number, "loading the engine")
        yield from self._loaded()(number, request)

    def do(self, queue: QueueName, work: Callable[[], Any]) -> Any:
        """Do the work of a call on this thread."""
        self._loaded()
        from lsd_studio.engine.platform.threads import take_threads

        take_threads(one=self._is_training() or queue == "interaction")
        return work()

    def _loaded(self) -> Work:
        with self._lock:
            if self._work is None:
                with gc_suspended():
                    from lsd_studio.engine.desks import do_request

                self._work = partial(do_request, self._session, self._is_training)
            return self._work
