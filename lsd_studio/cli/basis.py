"""`lsd-studio basis`: gather the latent sets again and make a new basis of them, or audit the one that is there."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import numpy as np

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.basis.audit import audit_basis
from lsd_studio.engine.basis.latent_sets import build_basis
from lsd_studio.engine.basis.progress import BasisStep, LatentSetsProgress
from lsd_studio.engine.basis.variant import BasisVariant, own_basis, save_with_basis, training_images
from lsd_studio.engine.bundle import Bundle, is_shipped_name, open_bundle
from lsd_studio.engine.datasets import Progress
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.runs.profiles import override_profile

SETTINGS = ("vectors", "set_one", "complement")


def run(options: argparse.Namespace) -> int:
    """Build the basis with the run's own networks and images and put it in place of the old, or look at it alone.

    Answers with its measures and its audit.
    """
    check_destination(options.json)
    asked = [name for name in (*SETTINGS, "seed") if getattr(options, name) is not None]
    if options.audit and asked:
        raise StudioError(
            f"--audit looks at the basis that is there: leave out --{asked[0].replace('_', '-')}, or --audit."
        )
    if is_shipped_name(options.bundle) and not options.audit:
        raise StudioError(
            f"{options.bundle} ships with LSD Studio: please copy its folder and name the copy."
        )
    with bars() as shown:
        shown.show("opening the bundle", 0.0)
        bundle = open_bundle(options.bundle)
        if not options.audit:
            bundle = _built_anew(bundle, options, shown.show)
    audit = _audit(bundle)
    measures = {
        "vectors": bundle.profile.basis.vectors,
        "orthogonality_error": bundle.basis.orthogonality_error_,
        "condition_number": bundle.basis.condition_number_,
        "xi_label_rate": float(np.mean(audit["xi_kept"])),
    }
    rows = [(name, f"{value:.6g}") for name, value in measures.items()]
    print_table(("measure", "value"), [*rows, ("in words", audit["sentence"])], options.json)
    result = {
        "bundle": str(bundle.path),
        "parents": list(bundle.manifest.parents),
        "basis": {
            **measures,
            "set_one": bundle.profile.basis.set_one,
            "complement": bundle.profile.basis.complement,
        },
        "audit": audit,
    }
    answer(result, options.json)
    return EXIT_DONE


def _built_anew(bundle: Bundle, options: argparse.Namespace, show: Progress) -> Bundle:
    overrides = [
        f"basis.{name}={value}" for name in SETTINGS if (value := getattr(options, name)) is not None
    ]
    settings = override_profile(bundle.profile, overrides).basis
    own = own_basis(bundle)
    seed = own.seed if options.seed is None else options.seed

    def tell(step: BasisStep) -> None:
        show("latent sets" if isinstance(step, LatentSetsProgress) else "labelled frame", step.fraction)

    images, _ = training_images(bundle, show)
    made = BasisVariant(
        basis=build_basis(bundle.networks, images, settings, seed, tell),
        set_one=settings.set_one,
        complement=settings.complement,
        vectors=settings.vectors,
        seed=seed,
        counts=np.full_like(own.counts, settings.vectors),
    )
    return save_with_basis(bundle, made, bundle.path)


def _audit(bundle: Bundle) -> dict[str, Any]:
    """The audit as JSON's types, with the vectors that keep their label."""
    basis, networks, made = bundle.basis, bundle.networks, own_basis(bundle)
    vectors = np.concatenate([basis.eta_, basis.xi_])
    read = networks.classify(networks.decode(vectors)).argmax(axis=1).reshape(2, -1)
    eta_kept, xi_kept = read == basis.labels_
    audit = audit_basis(basis, made.counts, eta_kept, xi_kept, made.complement)
    found = {**asdict(audit), "eta_kept": eta_kept, "xi_kept": xi_kept}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in found.items()}
