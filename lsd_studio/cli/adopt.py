"""`lsd-studio adopt`: a bundle of networks that others trained, given as ONNX files; what is missing is trained."""

from __future__ import annotations

import argparse
import shlex

from lsd_studio.cli.answers import answer, bars, check_destination, print_table, say
from lsd_studio.cli.exit_codes import EXIT_DONE, EXIT_INTERRUPTED
from lsd_studio.cli.train import ProgressReporter
from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.exchange.adoption import Given, adopt_models
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.steps import finished
from lsd_studio.engine.training.plan import data_source


def run(options: argparse.Namespace) -> int:
    """Make the bundle, tell how it goes, and answer with its place and how its networks fit together."""
    check_destination(options.json)
    profile = load_profile(options.profile, options.overrides)
    given = Given(options.generator, options.encoder, options.classifier)
    try:
        with bars() as shown:
            data = load_data_set(data_source(options.data), "train", shown.show)
            shown.note(*data.notes)
            shown.show("checking the networks", 0.0)
            working = adopt_models(given, data, profile, options.out, seed=options.seed)
            adopted = finished(working, ProgressReporter(shown).report)
    except KeyboardInterrupt:
        say(
            "lsd-studio: stopped; what was trained is kept beside "
            f"{shlex.quote(str(options.out))}, and the same command goes on from there.",
        )
        return EXIT_INTERRUPTED
    result = {
        "bundle": str(adopted.bundle),
        "trained": list(adopted.trained),
        "taken": list(adopted.taken),
        "held_out_images": adopted.images,
        "classifier_accuracy": adopted.classifier_accuracy,
        "reconstruction_accuracy": adopted.reconstruction_accuracy,
        "xi_label_rate": adopted.xi_label_rate,
        "doubts": list(adopted.doubts),
    }
    rows = [
        ("bundle", str(adopted.bundle)),
        ("trained here", ", ".join(adopted.trained) or "nothing but the basis"),
        (f"C reads right, of {adopted.images} held-out images", f"{adopted.classifier_accuracy:.1%}"),
        ("C reads right in G(E(x)) of them", f"{adopted.reconstruction_accuracy:.1%}"),
        ("ξ that C∘G reads as their own label", f"{adopted.xi_label_rate:.1%}"),
    ]
    print_table(("", ""), rows, options.json)
    for sentence in (*adopted.taken, *adopted.doubts):
        say(sentence)
    answer(result, options.json)
    return EXIT_DONE
