"""`lsd-studio adopt`: a bundle of networks that others trained, as ONNX or as weights; what is missing is trained."""

from __future__ import annotations

import argparse
import shlex

from lsd_studio.cli.answers import answer, bars, print_table, say
from lsd_studio.cli.endings import Stopped
from lsd_studio.cli.train import ProgressReporter
from lsd_studio.engine.api import Engine
from lsd_studio.percentages import percentage


def run(options: argparse.Namespace) -> None:
    """Make the bundle, tell how it goes, and answer with its place and how its networks fit together."""
    try:
        with Engine() as engine, bars() as shown:
            call = engine.exchange.adopt(
                options.generator,
                options.data,
                options.out,
                options.encoder,
                options.classifier,
                options.profile,
                tuple(options.overrides),
                options.seed,
                options.prior,
            )
            adopted = call.result(ProgressReporter(shown).report)
            shown.note(*adopted.notes)
    except Stopped as stopped:
        beside = shlex.quote(str(options.out))
        stopped.sentence = (
            f"stopped; what was trained is kept beside {beside}, and the same command goes on from there."
        )
        raise
    rows = [
        ("bundle", str(adopted.bundle)),
        ("prior of G", adopted.prior),
        ("trained here", ", ".join(adopted.trained) or "nothing but the basis"),
        (
            f"C reads right, of {adopted.images} held-out images",
            f"{percentage(adopted.classifier_accuracy, 1)}",
        ),
        ("C reads right in G(E(x)) of them", f"{percentage(adopted.reconstruction_accuracy, 1)}"),
        ("ξ that C∘G reads as their own label", f"{percentage(adopted.xi_label_rate, 1)}"),
    ]
    print_table(("", ""), rows, options.json)
    for sentence in (*adopted.taken, *adopted.doubts):
        say(sentence)
    result = {
        "bundle": str(adopted.bundle),
        "prior": adopted.prior,
        "trained": list(adopted.trained),
        "taken": list(adopted.taken),
        "held_out_images": adopted.images,
        "classifier_accuracy": adopted.classifier_accuracy,
        "reconstruction_accuracy": adopted.reconstruction_accuracy,
        "xi_label_rate": adopted.xi_label_rate,
        "doubts": list(adopted.doubts),
    }
    answer(result, options.json)
