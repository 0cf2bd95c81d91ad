"""Profiles: every setting of a run, validated, in files that a person can copy and edit.

Five ship (`paper`, `authors`, `studio`, and of autoencoders `autoencoder`, `variational-autoencoder`, in
`resources/profiles`); a path to a TOML file names any other. A profile's `notes` name each difference from the source
with its reason.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from lsd_studio.engine.autoencoders.tasks import Task
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.platform.resources import resource
from lsd_studio.engine.vocabulary import Complement, Halvings, Heads, Reading, SetOne, Trunk
from lsd_studio.files.json_text import expected
from lsd_studio.files.plain_files import read_plain
from lsd_studio.files.toml_text import LARGEST_TOML, parse_toml

Epochs = Annotated[int, Field(ge=1, le=100_000)]
BatchSize = Annotated[int, Field(ge=2, le=65_536)]
Rate = Annotated[float, Field(gt=0, le=1)]
Decay = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0, le=1e6)]
Width = Annotated[int, Field(ge=1, le=1024)]
Schedule = Literal["constant", "one-cycle"]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GanSettings(_Settings):
    """Training of generator and discriminator (R3–R5)."""

    epochs: Epochs = Field(500, description="Passes over the training images. Paper: 500 (R1).")
    batch_size: BatchSize = Field(25, description="Images a step. Paper: 25 (R1).")
    optimiser: Literal["adam", "optimistic-adam"] = Field(
        "adam", description="Text: Adam. Code: optimistic Adam (R4)."
    )
    learning_rate: Rate = Field(2e-4, description="Paper: 2e-4 (R4).")
    beta_1: Decay = Field(0.9, description="Decay of the first moment. Text: 0.9, code: 0.5 (R4).")
    beta_2: Decay = Field(0.999, description="Decay of the second moment. Text: 0.999, code: 0.99 (R4).")
    schedule: Literal["constant", "linear-decay"] = Field(
        "constant", description="Learning rate over the run: constant, or falling to 0 over the second half."
    )
    averaging: Decay = Field(
        0.0,
        description="Decay of the running average of G's weights that is kept; 0 keeps the last weights (paper).",
    )


class ClassifierSettings(_Settings):
    """Training of the classifier (R6)."""

    widths: tuple[Width, Width, Width] = Field(
        (16, 32, 32), description="Channels of the three convolutions (R6)."
    )
    epochs: Epochs = Field(500, description="Passes over the training images. Paper: 500 (R1).")
    batch_size: BatchSize = Field(25, description="Images a step. Paper: 25 (R1).")
    learning_rate: Rate = Field(
        3e-5, description="Paper: 3e-5 (R6); the peak where the schedule is one-cycle."
    )
    beta_1: Decay = Field(0.5, description="Text: 0.5, code: 0.9 (R6).")
    beta_2: Decay = Field(0.99, description="Text: 0.99, code: 0.999 (R6).")
    schedule: Schedule = Field("constant", description="Learning rate over the run.")
    input_noise: Weight = Field(
        0.0, description="σ of the noise added to the images. Text: 0, code: 0.1 (R6)."
    )
    shift: Annotated[int, Field(ge=0, le=8)] = Field(
        0, description="Largest random shift of a training image in pixels, each way. Paper: 0."
    )
    distortion: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0,
        description="Strength of random turns, shears, scales, stroke widths, blur and contrast of the training "
        "images. Paper: 0.",
    )
    averaging: Decay = Field(
        0.0, description="Decay of the running average of C's weights that is kept; 0: none."
    )


class JudgeSettings(ClassifierSettings):
    """Training of the judge, a second classifier of another architecture that no loss sees; ours."""

    widths: tuple[Width, Width, Width] = Field(
        (16, 32, 64), description="Channels at the whole, half and quarter size of the image."
    )
    epochs: Epochs = Field(5, description="Passes over the training images.")
    batch_size: BatchSize = Field(100, description="Images a step.")
    learning_rate: Rate = Field(4e-3, description="The peak where the schedule is one-cycle.")
    beta_1: Decay = Field(0.9, description="Decay of the first moment.")
    beta_2: Decay = Field(0.999, description="Decay of the second moment.")
    schedule: Schedule = Field("one-cycle", description="Learning rate over the run.")
    input_noise: Weight = Field(0.0, description="σ of the noise added to the images.")
    shift: Annotated[int, Field(ge=0, le=8)] = Field(
        1, description="Largest random shift of a training image in pixels, each way."
    )
    averaging: Decay = Field(
        0.99, description="Decay of the running average of the judge's weights that is kept; 0: none."
    )


class EncoderSettings(_Settings):
    """Training of the encoder, generator and classifier frozen (R7, R8)."""

    trunk: Trunk = Field("paper", description="Convolutions: R7's, a residual trunk, or a deeper one.")
    heads: Heads = Field("text", description="Shape of the heads μ and log σ (R7).")
    epochs: Epochs = Field(500, description="Passes over the training images. Paper: 500 (R1).")
    batch_size: BatchSize = Field(25, description="Images a step. Paper: 25 (R1).")
    learning_rate: Rate = Field(
        1e-4, description="Code: 1e-4 (R8); the peak where the schedule is one-cycle."
    )
    beta_1: Decay = Field(0.9, description="Code: 0.9 (R8).")
    beta_2: Decay = Field(0.8, description="Code: 0.8 (R8).")
    schedule: Schedule = Field("constant", description="Learning rate over the run.")
    gradient_clip: Weight = Field(0.0, description="Largest norm of the gradient; 0: no bound (paper).")
    hinge_weight: Weight = Field(1.0, description="Weight of the mean hinge max(0, 1 − x̂·x). Paper: 1 (R8).")
    squared_error_weight: Weight = Field(
        0.0,
        description="Weight of the mean squared error of the pixels, which keeps grey pixels grey. Paper: 0.",
    )
    label_weight: Weight = Field(
        100.0, description="λ, weight of C's cross-entropy on G(z). Paper: 100 (R8)."
    )
    kl_weight: Weight = Field(
        1.0, description="Weight of the divergence from N(0, I), in nats. Paper: 1 (R8)."
    )
    amplitude_weight: Weight = Field(
        0.0,
        description="Weight of a cross-entropy on the amplitudes of set 1, which keeps labels on axes. Paper: 0.",
    )
    axes: Literal["running", "random"] = Field(
        "running",
        description="Label axes of that loss and of the turns: of the running class means of the codes, or a random "
        "frame drawn beforehand, as a control.",
    )
    turn_weight: Weight = Field(
        0.0,
        description="Weight of C's cross-entropy on G(z) turned to another label (R21), for rotations that arrive. "
        "Paper: 0.",
    )
    averaging: Decay = Field(
        0.0, description="Decay of the running average of E's weights that is kept; 0: none."
    )


class JointSettings(_Settings):
    """Fine-tuning of generator and encoder together, after the encoder; ours, the paper has no such stage."""

    epochs: Epochs = Field(10, description="Passes over the training images.")
    batch_size: BatchSize = Field(100, description="Images a step; three codes are decoded for each.")
    generator_learning_rate: Rate = Field(2e-4, description="Of G.")
    encoder_learning_rate: Rate = Field(5e-4, description="Of E.")
    discriminator_learning_rate: Rate = Field(2e-4, description="Of D.")
    beta_1: Decay = Field(0.9, description="Decay of the first moment of all three.")
    beta_2: Decay = Field(0.99, description="Decay of the second moment of all three.")
    schedule: Literal["constant", "linear-decay"] = Field(
        "linear-decay",
        description="Learning rates over the stage: constant, or falling to 0 over the second half.",
    )
    gradient_clip: Weight = Field(100.0, description="Largest norm of the gradients; 0: no bound.")
    axes: Literal["fixed", "running"] = Field(
        "fixed", description="Label axes: those of the encoder stage, or of the running class means."
    )
    squared_error_weight: Weight = Field(450.0, description="Weight of the mean squared error of the pixels.")
    hinge_weight: Weight = Field(30.0, description="Weight of the mean hinge max(0, 1 − x̂·x) (R8).")
    label_weight: Weight = Field(60.0, description="λ, weight of C's cross-entropy on G(z) (R8).")
    kl_weight: Weight = Field(0.05, description="Weight of the divergence from N(0, I), in nats (R8).")
    amplitude_weight: Weight = Field(
        450.0, description="Weight of the cross-entropy on the amplitudes of set 1."
    )
    turn_weight: Weight = Field(
        180.0, description="Weight of C's cross-entropy on G(z) turned to another label (R21)."
    )
    cycle_weight: Weight = Field(
        60.0, description="Weight of the mean squared difference of E(G(z)) from z, turned to another label."
    )
    likeness_weight: Weight = Field(
        110.0,
        description="Weight of the mean squared difference of turned pictures from those they were turned from, both "
        "at 7 by 7 pixels.",
    )
    anchor_weight: Weight = Field(
        300.0,
        description="Weight of the mean squared error of random pictures, against what G drew of their codes before.",
    )
    certainty_weight: Weight = Field(
        40.0,
        description="Weight of C's uncertainty about random pictures and of how unevenly it reads them, in nats.",
    )
    features_weight: Weight = Field(
        100.0,
        description="Weight of the difference of C's features of random pictures from those of images, in moments.",
    )
    adversarial_weight: Weight = Field(
        20.0, description="Weight of D's verdict on turned and random pictures, non-saturating (R3)."
    )
    averaging: Decay = Field(
        0.998, description="Decay of the running averages of G's and E's weights that are kept; 0: none."
    )


class AutoencoderSettings(_Settings):
    """Training of an autoencoder (R24), encoder and decoder together."""

    latent_dimensions: Annotated[int, Field(ge=2, le=4096)] = Field(
        12,
        description="M. Posts: 2, 4, 12 for MNIST, 20 to 40 for Fashion-MNIST, 200 to 512 for faces (R24).",
    )
    widths: Annotated[tuple[Width, ...], Field(min_length=1, max_length=6)] = Field(
        (32, 64, 64, 64),
        description="Channels of the convolutions, each of which halves the edge; the decoder mirrors them. Posts: "
        "four layers (R24).",
    )
    batch_normalisation: bool = Field(
        True,
        description="Normalise over the batch after each convolution but the last; the posts do not (R24).",
    )
    kl_weight: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0,
        description="Weight of the divergence from N(0, I) against the cross-entropy of the picture, both in nats an "
        "image: 0 is a plain autoencoder, 1 the variational one; posts: 1e-6 (R24).",
    )
    task: Task = Field(
        "reconstruct",
        description="What the encoder is given, the clean image being asked for: the image, with noise, with pixels "
        "dropped, or its grey (R24).",
    )
    noise: Annotated[float, Field(ge=0, le=2)] = Field(
        1.0, description="denoise: σ of the noise, on the pixels' scale of [−1, 1]."
    )
    dropped: Annotated[float, Field(ge=0, le=0.95)] = Field(
        0.8, description="inpaint: share of the pixels that are turned black. Posts: 0.8."
    )
    epochs: Epochs = Field(25, description="Passes over the training images. Posts: 10 to 25.")
    batch_size: BatchSize = Field(100, description="Images a step.")
    learning_rate: Rate = Field(1e-3, description="Of Adam; the peak where the schedule is one-cycle.")
    schedule: Schedule = Field("one-cycle", description="Learning rate over the run.")
    averaging: Decay = Field(
        0.0, description="Decay of the running average of the weights that is kept; 0: none."
    )

    @property
    def is_variational(self) -> bool:
        """Whether codes are drawn from normal distributions that the encoder gives."""
        return self.kl_weight > 0


class BasisSettings(_Settings):
    """Building of η and ξ (R11–R14, R36, R40, R42)."""

    vectors: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        5000, description="V, latent vectors averaged for each set and label. Paper: 5000 (R11)."
    )
    set_one: SetOne = Field(
        "gram-schmidt",
        description="Orthogonalisation of set 1. Paper: Gram–Schmidt (R13); ours: symmetric (R40); pivoted: the "
        "largest residual first.",
    )
    complement: Complement = Field(
        "gram-schmidt",
        description="Sets 2…n. Paper: Gram–Schmidt of η (R13), or the largest residual first; ours: the labelled "
        "frame (R42), or labelled sets of what encoded images hold most of (R36).",
    )
    max_draws: Annotated[int, Field(ge=1)] = Field(
        20_000_000,
        description="Random latents tried at most before a label counts as one that cannot be filled (R12).",
    )


class Profile(_Settings):
    """Everything that names a run but its seed.

    Without more sections it trains all that the paper has: classifier, generator and discriminator, encoder, basis. The
    section `judge` adds a second classifier, for what the first was a loss of; `joint` fine-tunes generator and encoder
    together before the basis is built; either is as if it were not there where it has 0 epochs. With `autoencoder` a
    classifier and an autoencoder are all that is trained.
    """

    name: str = Field(min_length=1, max_length=80)
    description: str = ""
    notes: dict[str, str] = Field(
        default_factory=dict, description="Each difference from the paper and its reason."
    )
    data: str = Field("mnist", description="Data set: a name or a folder.")
    latent_dimensions: Annotated[int, Field(ge=2, le=4096)] = Field(100, description="M. Paper: 100 (R2).")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="Arithmetic of the forward passes; auto: bfloat16 where a short trial finds it faster.",
    )
    reading: Reading = Field(
        "absolute",
        description="How amplitudes name a label: largest |c| (paper, R16), or largest signed c of set 1.",
    )
    halvings: Halvings = Field(
        "paper",
        description="How often G, D and E halve an image: twice (R5–R7), or as often as leaves eight pixels of its "
        "edge at most, which differs above 32 pixels.",
    )
    gan: GanSettings = GanSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    encoder: EncoderSettings = EncoderSettings()
    joint: JointSettings | None = None
    judge: JudgeSettings | None = None
    basis: BasisSettings = BasisSettings()
    autoencoder: AutoencoderSettings | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_sections_of_no_epochs(cls, settings: Any) -> Any:
        if not isinstance(settings, Mapping):
            return settings
        return {
            name: value
            for name, value in settings.items()
            if name not in ("judge", "joint") or not isinstance(value, Mapping) or value.get("epochs") != 0
        }

    @property
    def needs_labels(self) -> bool:
        """Whether the images that it is trained on must have labels; an autoencoder needs none."""
        return self.autoencoder is None

    def settings(self, mode: Literal["json", "python"] = "json") -> dict[str, Any]:
        """All that it says, as JSON or Python values, without what its stages do not use."""
        unused = {"autoencoder"} if self.autoencoder is None else set(SETTINGS_OF_THE_METHOD)
        unused |= {name for name in ("joint", "judge") if getattr(self, name) is None}
        return self.model_dump(mode=mode, exclude=unused)


SETTINGS_OF_THE_METHOD = frozenset(
    {"latent_dimensions", "reading", "gan", "encoder", "joint", "judge", "basis"}
)
"""Settings of the paper's method, which the training of an autoencoder does not know."""

LONGEST_OVERRIDE = 2000
"""Characters of a setting with its value on the command line."""
LONGEST_VALUE = 100
"""Characters of a value that a refusal repeats."""


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that ship."""
    return tuple(sorted(path.stem for path in resource("profiles").glob("*.toml")))


def load_profile(name_or_path: str, overrides: Sequence[str] = ()) -> Profile:
    """The profile of that name or file, with settings such as `encoder.epochs=3` replaced.

    Raises:
        StudioError: no such profile or file, a file that is no TOML, an unknown key (with the nearest valid one), a
            value out of range.
    """
    path = _profile_file(name_or_path)
    if path is None:
        close = difflib.get_close_matches(name_or_path, shipped_profiles(), n=1)
        meant = f"did you mean {close[0]}? Choose" if close else "choose"
        raise StudioError(
            f"There is no profile {_shortened(name_or_path)}; {meant} {', '.join(shipped_profiles())}, or name a "
            "TOML file."
        )
    settings = parse_toml(read_plain(path, LARGEST_TOML, follow_links=True), path.name)
    for override in overrides:
        _apply(settings, override)
    return parse_profile(settings, path.name)


def override_profile(profile: Profile, overrides: Sequence[str]) -> Profile:
    """The profile with settings such as `encoder.epochs=3` replaced.

    Raises:
        StudioError: an unknown key (with the nearest valid one), or a value out of range.
    """
    settings = profile.settings()
    for override in overrides:
        _apply(settings, override)
    return parse_profile(settings, profile.name)


def parse_profile(settings: Mapping[str, Any], source: str) -> Profile:
    """Validate settings; `source` names the file in what is refused.

    Raises:
        StudioError: an unknown key or a value out of range.
    """
    try:
        return Profile.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise StudioError(f"{source} has an unknown setting {place!r}{_nearest(place)}.") from error
        if first["type"] == "missing" and isinstance(first["loc"][-1], str):
            raise StudioError(
                f"{source} lacks the setting {place!r}: add it, or copy a shipped profile."
            ) from error
        raise StudioError(
            f"{source}: {place} = {_shortened(first['input'])} is refused: {expected(first, 'a table of settings')}."
        ) from error
    except RecursionError as error:
        raise StudioError(f"{source} is nested too deeply for a profile.") from error


def _profile_file(name_or_path: str) -> Path | None:
    for path in (resource("profiles") / f"{name_or_path}.toml", Path(name_or_path)):
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):  # no such name can be on a disk
            continue
    return None


def _shortened(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "a number of too many digits"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _apply(settings: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise StudioError(f"--set takes key=value, such as encoder.epochs=3, not {override!r}.")
    if len(override) > LONGEST_OVERRIDE:
        raise StudioError(f"--set {override[:40]}… is too long for a setting: shorten it.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    except (RecursionError, ValueError) as error:
        raise StudioError(f"--set {override[:40]}… is nested too deeply, or too large a number.") from error
    *sections, last = key.strip().split(".")
    _check_belongs(key.strip(), settings)
    place = settings
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise StudioError(f"There is no setting {key!r}{_nearest(key)}.")
    place[last] = value


def _check_belongs(key: str, settings: Mapping[str, Any]) -> None:
    """Refuse a setting that the stages of this profile do not use, rather than let it do nothing."""
    first = key.partition(".")[0]
    if "autoencoder" in settings and first in SETTINGS_OF_THE_METHOD:
        raise StudioError(f"An autoencoder has no setting {key!r}{_nearest(key, SETTINGS_OF_THE_METHOD)}.")
    if "autoencoder" not in settings and first == "autoencoder":
        raise StudioError(
            f"This profile trains no autoencoder, so it has no setting {key!r}: choose the profile autoencoder or "
            "variational-autoencoder."
        )


def _nearest(key: str, without: Set[str] = frozenset()) -> str:
    known = [known for known in _keys(Profile) if known.partition(".")[0] not in without]
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
    return f": the nearest is {close[0]!r}" if close else ""


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        inner = section_model(field)
        if inner is not None:
            keys += _keys(inner, f"{prefix}{name}.")
        else:
            keys.append(prefix + name)
    return keys


def section_model(field: FieldInfo) -> type[BaseModel] | None:
    """The settings in a section of a profile, also of one that it need not have; None of a single setting."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
