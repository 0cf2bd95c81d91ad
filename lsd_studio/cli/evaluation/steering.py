"""The table of `lsd-studio evaluate --steering`: a row for each measure, C and the judge side by side."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsd_studio.cli.answers import answer, bars, print_table
from lsd_studio.engine.api import Engine

if TYPE_CHECKING:
    from lsd_studio.engine.evaluation.findings import Measure
    from lsd_studio.engine.evaluation.steering_findings import Arrivals, Steering

NONE = "–"


def run(options: argparse.Namespace) -> None:
    """Answer with how well codes of test images are steered to other labels (R21)."""
    with Engine() as engine, bars() as shown:
        shown.show("opening the bundle", 0.0)
        names = engine.bundles.use(options.bundle).result().label_names
        steered = engine.evaluate.steer(
            options.data, turns=options.trials, seed=options.seed, images=options.images
        ).result(shown.follow)
        shown.note(*steered.notes)
        if options.keep:
            engine.evaluate.publish_steering(steered).result()
    readers = ["C, in the losses" if steered.steering.arrivals["classifier"].in_the_losses else "C", "judge"]
    print_table(("measure", *readers, "images"), _rows(steered.steering, names), options.json)
    answer(steered.measured, options.json)


def _rows(steering: Steering, names: Sequence[str]) -> list[tuple[str, ...]]:
    readers = [steering.arrivals.get(name) for name in ("classifier", "judge")]
    samples = [None if each is None else each.samples for each in readers]
    random = [None if each is None else each.to_images for each in samples]
    halves = [None if each is None else each.between_halves for each in samples]
    return [
        (
            "read as the label turned to",
            *(_percent(None if each is None else each.share) for each in readers),
            str(steering.images),
        ),
        ("least pair of labels", *(_least_pair(each, names) for each in readers), ""),
        ("least station of the walk", *(_least_station(each, names) for each in readers), ""),
        ("Fréchet distance of random", *(_plain(each, 2) for each in random), str(steering.images)),
        ("and between halves of images", *(_plain(each, 2) for each in halves), str(steering.images // 2)),
        *((f"{name} kept", _plain(kept, 2), "", str(kept.count)) for name, kept in steering.style.items()),
        ("PSNR in dB", _plain(steering.psnr, 2), "", str(steering.psnr.count)),
        ("SSIM", _plain(steering.ssim, 3), "", str(steering.ssim.count)),
    ]


def _percent(share: Measure | None) -> str:
    if share is None:
        return NONE
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} … {100 * share.high:.1f})"


def _plain(measure: Measure | None, digits: int) -> str:
    if measure is None or math.isnan(measure.value):
        return NONE
    between = "" if math.isnan(measure.low) else f" ({measure.low:.{digits}f} … {measure.high:.{digits}f})"
    return f"{measure.value:.{digits}f}{between}"


def _least_pair(arrivals: Arrivals | None, names: Sequence[str]) -> str:
    if arrivals is None:
        return NONE
    source, target, share = arrivals.least_pair
    return f"{names[source]} → {names[target]}: {100 * share.value:.1f} % of {share.count}"


def _least_station(arrivals: Arrivals | None, names: Sequence[str]) -> str:
    least = None if arrivals is None else arrivals.least_station
    return NONE if least is None else f"{names[least[0]]}: {100 * least[1].value:.1f} % of {least[1].count}"
