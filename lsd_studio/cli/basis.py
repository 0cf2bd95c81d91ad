"""`lsd-studio basis`: gather the latent sets again and make a new quasi-eigenbasis of them."""

from __future__ import annotations

import argparse

from lsd_studio.cli.answers import answer, bars, check_destination, print_table
from lsd_studio.cli.exit_codes import EXIT_DONE
from lsd_studio.engine.bundle import DataRecord, Facts, is_shipped_name, open_bundle, save_bundle
from lsd_studio.engine.datasets import hold_out, load_data_set
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.latent_sets import BasisProgress, LatentSetsProgress, build_basis
from lsd_studio.engine.profiles import override_profile


def run(options: argparse.Namespace) -> int:
    """Build the basis with the run's own networks and images, put it in place of the old, answer with its measures."""
    check_destination(options.json)
    if is_shipped_name(options.bundle):
        raise StudioError(
            f"{options.bundle} ships with LSD Studio: please copy its folder and name the copy."
        )
    with bars() as shown:
        shown.show("opening the bundle", 0.0)
        bundle = open_bundle(options.bundle)
        profile = bundle.profile
        if options.vectors is not None:
            profile = override_profile(profile, [f"basis.vectors={options.vectors}"])
        data = load_data_set(bundle.manifest.data.name, "train", shown.show)
        if data.checksum != bundle.manifest.data.checksum:
            raise StudioError(
                f"{bundle.manifest.data.name} is not the data set that this bundle was trained on (its checksum "
                "differs): please put the original images back."
            )

        def tell(step: BasisProgress) -> None:
            task = "latent sets" if isinstance(step, LatentSetsProgress) else "labelled frame"
            shown.show(task, step.fraction)

        images, _ = hold_out(data)
        seed = bundle.manifest.seeds.get("basis", 0) if options.seed is None else options.seed
        basis = build_basis(bundle.networks, images, profile.basis, seed, tell)
        manifest = save_bundle(
            bundle.path,
            profile=profile,
            networks=bundle.networks,
            discriminator=bundle.discriminator(),
            basis=basis,
            facts=Facts(
                data=DataRecord(**dict(bundle.manifest.data)),
                label_names=bundle.manifest.label_names,
                seeds={**bundle.manifest.seeds, "basis": seed},
                device=bundle.manifest.device,
                precision=bundle.manifest.precision,
                stages=bundle.manifest.stages,
                parents=(*bundle.manifest.parents, bundle.hash),
            ),
        )
    kept = bundle.networks.classify(bundle.networks.decode(basis.xi_)).argmax(axis=1) == basis.labels_
    measures = {
        "vectors": profile.basis.vectors,
        "orthogonality_error": basis.orthogonality_error_,
        "condition_number": basis.condition_number_,
        "xi_label_rate": float(kept.mean()),
    }
    print_table(
        ("measure", "value"), [(name, f"{value:.6g}") for name, value in measures.items()], options.json
    )
    result = {"bundle": str(bundle.path), "parents": list(manifest.parents), "basis": measures}
    answer(result, options.json)
    return EXIT_DONE
