"""Peak memory of a piece of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def module_bytes(module: nn.Module) -> int:
    """The bytes of a network's weights and buffers."""
    return sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))


def peak_bytes(function: Callable[[], object]) -> int:
    """The most bytes that tensors made by `function` hold at one time, those that a backward pass waits for too.

    What an operation takes for itself and gives back before it ends is not seen.
    """
    with _StorageWatch() as watch:
        function()
    return watch.peak


class _StorageWatch(TorchDispatchMode):
    """Looks after each operation at the blocks of memory that its results made and that are still alive."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = 0
        self._alive: dict[int, tuple[StorageWeakRef, int]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = {_place(leaf) for leaf in tree_leaves((args, kwargs)) if torch.is_tensor(leaf)}
        results = func(*args, **(kwargs or {}))
        self._alive = {place: block for place, block in self._alive.items() if not block[0].expired()}
        for leaf in tree_leaves(results):
            if torch.is_tensor(leaf) and _place(leaf) not in given:
                storage = leaf.untyped_storage()
                self._alive[_place(leaf)] = (StorageWeakRef(storage), storage.nbytes())
        self.peak = max(self.peak, sum(size for _, size in self._alive.values()))
        return results


def _place(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage()._cdata  # a place also where there is no memory behind it
