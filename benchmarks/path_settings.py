"""How many turns arrive, by the share of the rest of a code that is kept, through ξ and through η: the table of
`docs/method/operators.md` that says why paths begin as they do.

    python benchmarks/path_settings.py [--bundle BUNDLE] [--images 20]

The first test images of each label, their codes turned to each other label; what C reads, and the correlation of slant
before and after, within (source, target), over those that arrive.
"""

from __future__ import annotations

import argparse

import numpy as np

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.datasets import load_fitting, scale_pixels
from lsd_studio.engine.operators.picture_style import picture_style, within_group_correlation
from lsd_studio.engine.operators.walks import PathSettings, set_out

STYLES = (1.0, 0.75, 0.5, 0.25, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", default="mnist-studio")
    parser.add_argument("--images", type=int, default=20, help="of each label")
    options = parser.parse_args()
    bundle = open_bundle(options.bundle)
    networks, test = bundle.networks, load_fitting(bundle.manifest.trained_on, None, "test")
    labels = range(networks.number_of_labels)
    chosen = np.concatenate([np.flatnonzero(test.labels == label)[: options.images] for label in labels])
    images, own = scale_pixels(test.images[chosen]), test.labels[chosen]
    codes, _ = networks.encode(images)
    before = picture_style(networks.decode(codes))["slant"]
    for style in STYLES:
        for through in ("vectors", "averages"):
            pictures, targets, of = [], [], []
            for source in labels:
                rows = np.flatnonzero(own == source)
                for target in labels:
                    if target != source:
                        walk = set_out(
                            bundle.basis, PathSettings((source, target), False, style, through), codes[rows]
                        )
                        pictures.append(networks.decode(walk.at(1.0).codes))
                        targets.append(np.full(len(rows), target))
                        of.append(rows)
            turned, target, place = np.concatenate(pictures), np.concatenate(targets), np.concatenate(of)
            arrived = networks.classify(turned).argmax(axis=1) == target
            slant = picture_style(turned[arrived])["slant"]
            groups = own[place[arrived]] * len(labels) + target[arrived]
            kept = within_group_correlation(before[place[arrived]], slant, groups)
            print(
                f"style {style:4.2f} through {through:8}: {100 * arrived.mean():5.1f} % of {len(arrived)} turns, "
                f"slant r {kept.value:.2f}"
            )


if __name__ == "__main__":
    main()
