"""A bundle made of networks that others trained: given as ONNX files, checked, what is missing trained here."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from lsd_studio.engine.basis.latent_sets import basis_in_steps
from lsd_studio.engine.bundle import save_bundle
from lsd_studio.engine.datasets import LabelledImages, hold_out, scale_pixels
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import input_of, parsed_model
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork, Role
from lsd_studio.engine.exchange.onnx_sources import read_model, with_float_output, with_scaled_output
from lsd_studio.engine.exchange.onnx_trial import OnnxFile, tried_networks
from lsd_studio.engine.exchange.standard_codes import StandardCodes, standard_codes
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.models.networks import validate_image_shape
from lsd_studio.engine.models.prior import stated_prior
from lsd_studio.engine.platform.seeds import derived_seed
from lsd_studio.engine.runs.files import events_file
from lsd_studio.engine.runs.journal import note_event, read_journal
from lsd_studio.engine.runs.manifest import SECONDS_BETWEEN_CHECKPOINTS
from lsd_studio.engine.runs.profiles import Profile
from lsd_studio.engine.steps import mapped
from lsd_studio.engine.training.bundle_facts import bundle_facts, stage_records
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.events import StageName, TrainingEvent
from lsd_studio.engine.training.loop import ImageTensors, run_stage
from lsd_studio.engine.training.memory_needed import available_bytes, check_memory
from lsd_studio.engine.training.run import make_fabric, stage_makers
from lsd_studio.engine.training.whole_run import basis_progress
from lsd_studio.files.folders import make_folder
from lsd_studio.percentages import percentage

CODES_LOOKED_AT = 64
IMAGES_MEASURED = 1000
LARGEST_PIXEL = 1.01
"""In place of 1, since not all exporters are exact."""

LEAST_OF_BYTES = 32.0
"""Pixels that go from 0 to 255 go beyond this."""

LEAST_ACCURACY = 0.5
"""Below it networks are taken for ones that do not belong together."""


@dataclass(frozen=True)
class Given:
    """ONNX files of others, see `OnnxNetwork` for what they take and give; what is None is trained here.

    `prior` is what the generator's codes were drawn from, see `standard_codes`.
    """

    generator: Path
    encoder: Path | None = None
    classifier: Path | None = None
    prior: str = "normal"

    @property
    def files(self) -> dict[Role, Path]:
        """Those that there are, by role."""
        named: dict[Role, Path | None] = {
            "generator": self.generator,
            "encoder": self.encoder,
            "classifier": self.classifier,
        }
        return {role: file for role, file in named.items() if file is not None}


@dataclass(frozen=True)
class Adopted:
    """A bundle made of given networks.

    Attributes:
        bundle: its folder.
        trained: the networks that were trained here.
        taken: how a file was taken in where it is not as bundles have it, a sentence each.
        images: held-out training images that were measured on.
        classifier_accuracy: share of them that C reads right; reconstruction_accuracy: that C reads right in G(E(x)).
        xi_label_rate: share of ξ that C∘G reads as their own label.
        notes: what a reader must know of the images, a sentence each.
        prior: that the generator was trained with, in words.
    """

    bundle: Path
    trained: tuple[str, ...]
    taken: tuple[str, ...]
    images: int
    classifier_accuracy: float
    reconstruction_accuracy: float
    xi_label_rate: float
    notes: tuple[str, ...] = ()
    prior: str = "N(0, I)"

    @property
    def doubts(self) -> tuple[str, ...]:
        """What looks as if the networks do not belong together, a sentence each."""
        if self.classifier_accuracy < LEAST_ACCURACY:
            return (
                f"C reads only {percentage(self.classifier_accuracy, 1)} of held-out images right: please check that "
                "it takes pixels in [−1, 1] and has the labels in the order of the data set.",
            )
        if self.reconstruction_accuracy < LEAST_ACCURACY:
            return (
                f"C reads only {percentage(self.reconstruction_accuracy, 1)} of held-out images right once they were "
                "encoded and decoded: please check that the encoder was trained with this generator.",
            )
        return ()


def adopt_models(
    given: Given, data: LabelledImages, profile: Profile, out: Path, *, seed: int
) -> Generator[TrainingEvent, None, Adopted]:
    """Make a bundle at `out` of a given generator and what else is given; yields what happens, returns what was made.

    A missing classifier is trained on the images, a missing encoder for the given generator (R6–R8), each as the
    profile says; then the quasi-eigenbasis is built. What was trained is kept beside `out` until the bundle is written,
    so that the same call goes on after it was cut off.

    Args:
        given: the ONNX files.
        data: training images, of which some are held out.
        profile: its classifier, encoder, basis and reading are used.
        out: the bundle's folder, not there yet or empty.
        seed: of all random draws.

    Raises:
        StudioError: a file does not pass its checks or does not fit the others or the images, `out` holds something, a
            gradient is needed and cannot be had, memory does not suffice for what is trained, a label cannot be
            filled, or the disk is full.
    """
    out = out.absolute()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StudioError(f"{out} is not empty: please name another folder for the bundle.")
    if profile.autoencoder is not None:
        raise StudioError(f"The profile {profile.name} is one of autoencoders: please choose another.")
    networks, taken, codes = _given_networks(given, data, seed)
    profile = _profile_of(profile, given, networks, taken, data)
    _check_gradients(networks, profile)
    used, held_out = hold_out(data)
    generator = networks["generator"]
    if given.classifier is not None:
        _check_logits(networks["classifier"], held_out, given.classifier)
    fabric = make_fabric(profile, "cpu")
    facts = bundle_facts(profile, data, seed, precision=str(fabric._precision.precision))
    stages: tuple[StageName, ...] = ("classifier", "encoder")
    missing = tuple(stage for stage in stages if stage not in networks)
    if missing:
        free = available_bytes(fabric.device)
        check_memory(profile, data.image_shape, data.number_of_labels, len(used), free, missing)
    work = out.with_name(f".{out.name}.adopting-{_key(networks, data, profile, seed)}")
    with _kept_until_done(work):
        trained: dict[str, nn.Module] = {"gan": generator}
        trained.update(networks.items())
        for stage in missing:
            trained[stage] = yield from _trained(stage, trained, used, held_out, profile, seed, fabric, work)
        whole = Networks(
            generator,
            trained["encoder"],
            trained["classifier"],
            data.image_shape,
            data.number_of_labels,
            profile.latent_dimensions,
            prior=codes.prior,
        )
        basis_seed = derived_seed(seed, "basis")
        building = basis_in_steps(whole, used, profile.basis, basis_seed)
        basis = yield from mapped(building, lambda step: basis_progress(step, profile))
        save_bundle(
            out,
            profile=profile,
            networks=whole,
            discriminator=None,
            basis=basis,
            facts=facts.model_copy(
                update={
                    "seeds": {"training": seed, "basis": basis_seed},
                    "stages": stage_records(read_journal(events_file(work))),
                    "prior": codes.prior.record,
                }
            ),
        )
    looked_at = held_out.take(np.arange(min(len(held_out), IMAGES_MEASURED)))
    pixels = scale_pixels(looked_at.images)
    again = whole.decode(whole.encode(pixels)[0])
    return Adopted(
        bundle=out,
        trained=missing,
        taken=taken,
        images=len(looked_at),
        classifier_accuracy=_accuracy(whole, pixels, looked_at.labels),
        reconstruction_accuracy=_accuracy(whole, again, looked_at.labels),
        xi_label_rate=_accuracy(whole, whole.decode(basis.xi_), basis.labels_),
        notes=data.notes,
        prior=stated_prior(codes.prior.record),
    )


@contextmanager
def _kept_until_done(work: Path) -> Iterator[None]:
    """A folder that goes when the block is done, and where it fails before a checkpoint is in it."""
    make_folder(work)
    try:
        yield
    except BaseException as error:
        if not any(work.rglob("*.safetensors")):
            shutil.rmtree(work, ignore_errors=True)
        elif isinstance(error, StudioError):
            raise StudioError(f"{error} What was trained is kept in {work} for another try.") from error
        raise
    shutil.rmtree(work, ignore_errors=True)


def _given_networks(
    given: Given, data: LabelledImages, seed: int
) -> tuple[dict[Role, OnnxNetwork], tuple[str, ...], StandardCodes]:
    """The given files as networks of standard codes, by role, how they were taken in, and what their codes were."""
    validate_image_shape(data.image_shape)
    files: dict[Role, OnnxFile] = {role: (read_model(file), str(file)) for role, file in given.files.items()}
    content, where = files["generator"]
    _, shape = input_of(parsed_model(content, where), where)
    latent_dimensions = int(np.prod(shape))
    sets, rest = divmod(latent_dimensions, data.number_of_labels)
    if rest or not 2 <= latent_dimensions <= 4096:
        near = ", ".join(str(data.number_of_labels * n) for n in (sets, sets + 1) if n)
        raise StudioError(
            f"{given.generator} takes codes of {latent_dimensions} numbers, and a quasi-eigenbasis needs a multiple of "
            f"the {data.number_of_labels} labels up to 4096: please give a generator with {near} latent dimensions."
        )
    codes = standard_codes(given.prior, latent_dimensions, seed)
    content = codes.generator(with_float_output(content, where), latent_dimensions, where)
    files["generator"] = content, where
    if "encoder" in files:
        theirs, place = files["encoder"]
        parsed_model(theirs, place)
        files["encoder"] = codes.encoder(theirs, latent_dimensions, place), place
    sizes: dict[str, Any] = {
        "image_shape": data.image_shape,
        "number_of_labels": data.number_of_labels,
        "latent_dimensions": latent_dimensions,
    }
    networks = tried_networks(files, **sizes)
    taken: list[str] = []
    if codes.prior.record is not None:
        taken.append(
            f"The codes of {given.generator.name} are {codes.prior.record.in_words}: they are counted as z here, "
            "with N(0, I), which is turned into them before the network."
        )
    highest = _highest_pixel(networks["generator"], given.generator)
    if highest is not None:
        scaled = with_scaled_output(files["generator"][0], highest, where)
        networks |= tried_networks({"generator": (scaled, where)}, **sizes)
        taken.append(
            f"{given.generator.name} gives pixels from 0 to {highest:g}, which are scaled to [−1, 1] here; an encoder "
            "and a classifier must take pixels in [−1, 1]."
        )
    taken += [
        f"{file.name} takes {networks[role].batch} at a time, and is given so many; a file with a free (dynamic) batch "
        "is faster."
        for role, file in given.files.items()
        if networks[role].batch is not None
    ]
    return networks, tuple(taken), codes


def _profile_of(
    profile: Profile,
    given: Given,
    networks: Mapping[Role, OnnxNetwork],
    taken: Sequence[str],
    data: LabelledImages,
) -> Profile:
    """The profile as the bundle will hold it: what was given is said in its notes."""
    notes: dict[str, str] = {
        role: f"Given as {file.name}, kept with SHA-256 {_sha256(networks[role])}; its settings here were not used."
        for role, file in given.files.items()
    }
    return profile.model_copy(
        update={
            "name": "adopted",
            "description": f"Networks of others with the basis of the profile {profile.name}.",
            "notes": notes | ({"taken": " ".join(taken)} if taken else {}),
            "data": data.name,
            "latent_dimensions": networks["generator"].latent_dimensions,
        }
    )


def _check_gradients(networks: Mapping[Role, OnnxNetwork], profile: Profile) -> None:
    """Refuse before any work what needs a gradient that cannot be had."""
    obstacles = [network.obstacle for role, network in networks.items() if role != "encoder"]
    obstacle = next(filter(None, obstacles), "")
    if obstacle and "encoder" not in networks:
        raise StudioError(f"An encoder cannot be trained for this generator: {obstacle}")
    if obstacle and profile.basis.complement in ("labelled", "informative"):
        raise StudioError(
            f"{obstacle.removesuffix('.')}; for the basis that is --set basis.complement=gram-schmidt."
        )


def _highest_pixel(generator: OnnxNetwork, file: Path) -> float | None:
    """The highest pixel, 1 or 255, of a generator whose lowest is 0; None where its pixels lie in [−1, 1]."""
    random = torch.Generator().manual_seed(0)
    codes = torch.randn(CODES_LOOKED_AT, generator.latent_dimensions, generator=random)
    with torch.inference_mode():
        pixels = generator(codes)
    lowest, highest = float(pixels.min()), float(pixels.max())
    if -LARGEST_PIXEL <= lowest < 1 - LARGEST_PIXEL and highest <= LARGEST_PIXEL:
        return None
    for white, least in ((1.0, 0.0), (255.0, LEAST_OF_BYTES)):
        if white * (1 - LARGEST_PIXEL) <= lowest and least < highest <= white * LARGEST_PIXEL:
            return white
    raise StudioError(
        f"{file} gives pixels from {lowest:.3g} to {highest:.3g}, and they must lie in [−1, 1], [0, 1] or [0, 255], "
        "black at the lowest: please end the network with torch.tanh or torch.sigmoid, or scale its pixels, and "
        "export it again."
    )


def _check_logits(classifier: OnnxNetwork, held_out: LabelledImages, file: Path) -> None:
    with torch.inference_mode():
        logits = classifier(torch.from_numpy(scale_pixels(held_out.images[:CODES_LOOKED_AT])))
    if bool((logits >= 0).all()) and bool(((logits.sum(dim=1) - 1).abs() < 1e-3).all()):
        raise StudioError(
            f"{file} gives probabilities: please export the classifier without its last softmax, to give logits."
        )


def _trained(
    name: StageName,
    trained: dict[str, Any],
    used: LabelledImages,
    held_out: LabelledImages,
    profile: Profile,
    seed: int,
    fabric: Fabric,
    work: Path,
) -> Generator[TrainingEvent, None, nn.Module]:
    """Train one network as a run does; its state and its journal are kept in `work`."""
    stage = stage_makers(profile, used, seed)[name](trained, fabric.device)
    for event in run_stage(
        stage,
        profile,
        work,
        training=ImageTensors(used.images, used.labels, fabric.device),
        held_out=ImageTensors(held_out.images, held_out.labels, fabric.device),
        seed=seed,
        fabric=fabric,
        checkpoint_seconds=SECONDS_BETWEEN_CHECKPOINTS,
        resume=True,
        control=Control(),
    ):
        note_event(events_file(work), event)
        yield event
    return stage.trained()


def _key(networks: Mapping[Role, OnnxNetwork], data: LabelledImages, profile: Profile, seed: int) -> str:
    """The same for the same work, another for any other."""
    stated = {
        "given": {role: _sha256(network) for role, network in networks.items()},
        "data": data.checksum,
        "classifier": profile.classifier.model_dump(mode="json"),
        "encoder": profile.encoder.model_dump(mode="json"),
        "seed": seed,
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:12]


def _sha256(network: OnnxNetwork) -> str:
    return hashlib.sha256(network.content).hexdigest()


def _accuracy(networks: Networks, pixels: np.ndarray, labels: np.ndarray) -> float:
    return float((networks.classify(pixels).argmax(axis=1) == labels).mean())
