"""The engine as whoever uses it sees it: the window, the command line, a script, a notebook.

    with Engine() as engine:
        engine.bundles.open("mnist-studio").result()
        decomposed = engine.decompose.file(Path("seven.png")).result()

Importing this module does not import torch: that happens on the engine's threads, when the first call needs it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lsd_studio.engine.operations import QueueName
from lsd_studio.engine.operations.bundles import BundleOperations
from lsd_studio.engine.operations.decompose import DecomposeOperations
from lsd_studio.engine.platform.gc_control import import_for_good
from lsd_studio.engine.scheduler import Turn, WorkerQueue
from lsd_studio.engine.session import Session
from lsd_studio.engine.training.monitoring.broadcasts import TrainingBroadcast
from lsd_studio.engine.training.trainer import Trainer

if TYPE_CHECKING:
    from lsd_studio.engine.operations.basis import BasisOperations
    from lsd_studio.engine.operations.denoise import DenoiseOperations
    from lsd_studio.engine.operations.evaluate import EvaluateOperations
    from lsd_studio.engine.operations.exchange import ExchangeOperations
    from lsd_studio.engine.operations.figures import FigureOperations
    from lsd_studio.engine.operations.label_operators import LabelOperatorOperations
    from lsd_studio.engine.operations.latent import LatentOperations
    from lsd_studio.engine.operations.operate import OperateOperations
    from lsd_studio.engine.operations.second_space import SecondSpaceOperations
    from lsd_studio.engine.operations.selection import SelectionOperations
    from lsd_studio.engine.operations.spaces import SpaceOperations
    from lsd_studio.engine.operations.training import TrainingOperations

log = logging.getLogger(__name__)


class Engine:
    """Worker queues for interaction, for reading files, and for each kind of analysis; and the training.

    Interaction waits for none of the others. Operations that the window does not begin with are imported at first use.
    """

    def __init__(self) -> None:
        self._subscribers: list[Callable[[TrainingBroadcast], None]] = []
        self._lock = threading.Lock()
        self._importing = threading.Lock()
        self._trainer = Trainer(self._broadcast)
        self.session = Session()
        self._queues: dict[str, WorkerQueue] = {}
        self._closed = False
        self.bundles = BundleOperations(self)
        self.decompose = DecomposeOperations(self)

    @cached_property
    def basis(self) -> BasisOperations:
        """Quasi-eigenvectors: their making, audit and comparison."""
        from lsd_studio.engine.operations.basis import BasisOperations

        return BasisOperations(self)

    @cached_property
    def denoise(self) -> DenoiseOperations:
        """Noise, and what denoisers make of it."""
        from lsd_studio.engine.operations.denoise import DenoiseOperations

        return DenoiseOperations(self)

    @cached_property
    def evaluate(self) -> EvaluateOperations:
        """How good networks and basis are."""
        from lsd_studio.engine.operations.evaluate import EvaluateOperations

        return EvaluateOperations(self)

    @cached_property
    def exchange(self) -> ExchangeOperations:
        """Archives, ONNX, and networks of others."""
        from lsd_studio.engine.operations.exchange import ExchangeOperations

        return ExchangeOperations(self)

    @cached_property
    def figures(self) -> FigureOperations:
        """Figures for publication."""
        from lsd_studio.engine.operations.figures import FigureOperations

        return FigureOperations(self)

    @cached_property
    def label_operators(self) -> LabelOperatorOperations:
        """Operators from label to label, compared."""
        from lsd_studio.engine.operations.label_operators import LabelOperatorOperations

        return LabelOperatorOperations(self)

    @cached_property
    def latent(self) -> LatentOperations:
        """The latent space as a set of points."""
        from lsd_studio.engine.operations.latent import LatentOperations

        return LatentOperations(self)

    @cached_property
    def operate(self) -> OperateOperations:
        """Operators, and paths through labels."""
        from lsd_studio.engine.operations.operate import OperateOperations

        return OperateOperations(self)

    @cached_property
    def second_space(self) -> SecondSpaceOperations:
        """A space of the same rows beside the open codes."""
        from lsd_studio.engine.operations.second_space import SecondSpaceOperations

        return SecondSpaceOperations(self)

    @cached_property
    def selection(self) -> SelectionOperations:
        """Codes of the latent space that are selected."""
        from lsd_studio.engine.operations.selection import SelectionOperations

        return SelectionOperations(self)

    @cached_property
    def spaces(self) -> SpaceOperations:
        """Latent spaces of others, read from files of codes."""
        from lsd_studio.engine.operations.spaces import SpaceOperations

        return SpaceOperations(self)

    @cached_property
    def training(self) -> TrainingOperations:
        """Runs, and the training under way."""
        from lsd_studio.engine.operations.training import TrainingOperations

        return TrainingOperations(self, self._trainer)

    def take(self, queue: QueueName, turn: Turn) -> None:
        """Let a call wait in a queue; an engine that was closed cancels it."""
        if self._closed:
            turn.call.cancel()
            return
        name = f"lsd-analysis-{turn.key}" if queue == "analysis" else f"lsd-{queue}"
        if name not in self._queues:
            self._queues[name] = WorkerQueue(name, yielding=queue == "analysis")
        self._queues[name].submit(replace(turn, work=partial(self._do, queue, turn.work)))

    def _do(self, queue: QueueName, work: Callable[[], Any]) -> Any:
        """Do the work of a call on this thread."""
        self._import_science()
        from lsd_studio.engine.platform.threads import take_threads

        take_threads(one=self.is_training or queue == "interaction")
        return work()

    def _import_science(self) -> None:
        """Import torch and what comes with it, once, without halting the other threads for long."""
        with self._importing:
            import_for_good("lsd_studio.engine.bundle")

    def subscribe(self, callback: Callable[[TrainingBroadcast], None]) -> None:
        """Let `callback` know how trainings go. It is called on the engine's threads and must be quick."""
        with self._lock:
            self._subscribers.append(callback)

    def unsubscribe(self, callback: Callable[[TrainingBroadcast], None]) -> None:
        """Let `callback` know no more."""
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
        queues = tuple(self._queues.values())
        for queue in queues:
            queue.close()
        for queue in queues:
            queue.join()
        self._trainer.join()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _broadcast(self, event: TrainingBroadcast) -> None:
        with self._lock:
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:  # whatever it is, the others are called all the same
                log.exception("A subscriber failed on %s.", type(event).__name__)
