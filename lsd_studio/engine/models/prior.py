"""What a generator's codes are drawn from, where it is not N(0, I).

All codes of a bundle are counted so that N(0, I) is right of them, whatever the generator was trained with: a network
of others is given g(z) in place of z (`lsd_studio.engine.exchange.standard_codes`). On [a, b] g is a + (b − a) Φ(z) in
each component, on a sphere of radius R it is R z/‖z‖; both turn N(0, I) into the generator's own prior exactly. Of a
space that is known by samples, g gives z the samples' mean and covariance, and draws are the samples themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
Precision = type[np.float32] | type[np.float64]


class PriorRecord(BaseModel):
    """What a bundle's manifest says of the prior that its generator was trained with.

    Attributes:
        kind: "uniform", each component on [low, high]; "sphere", all directions alike at the distance radius from 0;
            "samples", as many codes as `samples` says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["uniform", "sphere", "samples"]
    low: Finite | None = None
    high: Finite | None = None
    radius: Annotated[float, Field(gt=0, le=1e6)] | None = None
    samples: Annotated[int, Field(ge=2, lt=2**31)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        stated = self.model_dump(exclude_none=True)
        needed = {"uniform": {"low", "high"}, "sphere": {"radius"}, "samples": {"samples"}}[self.kind]
        if set(stated) != {"kind", *needed}:
            raise ValueError(f"a prior of kind {self.kind} has {' and '.join(sorted(needed))}, and no more")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError("low must be less than high")
        return self

    @property
    def in_words(self) -> str:
        """Such as "uniform on [-1, 1]"."""
        match self.kind:
            case "uniform":
                return f"uniform on [{self.low:g}, {self.high:g}]"
            case "sphere":
                return f"on the sphere of radius {self.radius:.4g}"
            case "samples":
                return f"known by {self.samples} samples"


def stated_prior(record: PriorRecord | None) -> str:
    """The prior of a bundle's generator in words, that of most too."""
    return "N(0, I)" if record is None else record.in_words


@dataclass(frozen=True, eq=False)
class Prior:
    """What random codes of a bundle are drawn from.

    Attributes:
        record: None where the generator itself was trained with N(0, I).
        samples: float32 [S, M], with mean 0 and covariance I; None where N(0, I) is drawn.
    """

    record: PriorRecord | None = None
    samples: NDArray[np.float32] | None = None

    @property
    def in_words(self) -> str:
        """What a random z is, for captions."""
        if self.record is None:
            return "z ~ N(0, I)"
        if self.samples is not None:
            return f"z from the {len(self.samples)} samples of its prior"
        return f"z ~ N(0, I), given to G {self.record.in_words}"

    def draw(
        self, count: int, dimensions: int, random: np.random.Generator, kind: Precision = np.float32
    ) -> NDArray[Any]:
        """Random codes [count, M]; the first ones are the same for any count."""
        if self.samples is None:
            return random.standard_normal((count, dimensions), dtype=kind)
        return self.samples[random.integers(len(self.samples), size=count)].astype(kind)

    def draw_tensor(self, count: int, dimensions: int, random: torch.Generator) -> Tensor:
        """The same as float32 of PyTorch, on the CPU."""
        if self.samples is None:
            return torch.randn(count, dimensions, generator=random)
        chosen = torch.randint(len(self.samples), (count,), generator=random)
        return torch.from_numpy(self.samples)[chosen]


NORMAL = Prior()
