"""What can be written after `lsd-studio`, and what is answered to what cannot."""

from __future__ import annotations

import argparse
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TypeAlias, TypeVar, get_args

from lsd_studio import __version__
from lsd_studio.cli.interrupts import interrupts_held
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import FORMATS, LEAST_DPI, MOST_DPI, FigureStyle
from lsd_studio.engine.training.settings import DeviceName
from lsd_studio.engine.training.stage_settings import RUN_STAGES, STAGES
from lsd_studio.engine.vocabulary import NOISE_KINDS, Complement, FramingWay, Method, SetOne, Through

Command = Callable[[argparse.Namespace], int]
Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence each, with the nearest valid word where there is one."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse complains of as a StudioError."""
        raise StudioError(f"{message[0].lower()}{message[1:]}; see `{self.prog} --help`.")

    def options(self) -> list[str]:
        """All options that can be written, such as --data."""
        return [option for action in self._actions for option in action.option_strings]


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The chosen command with its options; `command` is None where the window is meant.

    Raises:
        StudioError: an unknown command or option, a missing argument, a value that is no number.

    """
    parser = Parser(
        prog="lsd-studio",
        description="Decompose images over labelled quasi-eigenvectors. Without a command, the window opens.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"LSD Studio {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    parsers = {
        "train": _add_train(commands),
        "basis": _add_basis(commands),
        "evaluate": _add_evaluate(commands),
        "decompose": _add_decompose(commands),
        "denoise": _add_denoise(commands),
        "operate": _add_operate(commands),
        "latent": _add_latent(commands),
        "figures": _add_figures(commands),
        "export": _add_export(commands),
        "import": _add_import(commands),
        "adopt": _add_adopt(commands),
        "faces": _add_faces(commands),
        "screenshots": _add_screenshots(commands),
    }
    _refuse_unknown_words(arguments, parser, parsers)
    return parser.parse_args(arguments)


def _refuse_unknown_words(arguments: Sequence[str], parser: Parser, parsers: Mapping[str, Parser]) -> None:
    """Name the nearest valid command or option, before argparse complains of what is missing because of it."""
    first = next((argument for argument in arguments if not argument.startswith("-")), None)
    if first is not None and first not in parsers:
        raise StudioError(
            f"there is no command {first}{_nearest(first, list(parsers))} See `{parser.prog} --help` for all."
        )
    chosen = parser if first is None else parsers[first]
    known = {*parser.options(), *chosen.options()}
    for argument in arguments:
        if argument == "--":
            break
        option = argument.partition("=")[0]
        if argument.startswith("--") and option not in known:
            raise StudioError(
                f"there is no option {option}{_nearest(option, chosen.options())} See `{chosen.prog} --help`."
            )


def _nearest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else "."


def _later(command: str) -> Command:
    """The command's function, imported when it is called: most of them need torch, which takes seconds."""

    def run(options: argparse.Namespace) -> int:
        with interrupts_held():
            function: Command = import_module(f"lsd_studio.cli.{command}").run
        return function(options)

    return run


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def _add(commands: Commands, name: str, summary: str) -> Parser:
    parser: Parser = commands.add_parser(name, help=summary, description=f"{summary}.", allow_abbrev=False)
    parser.add_argument(
        "--json", metavar="FILE", help="write the result as JSON to FILE, or to standard output for -"
    )
    parser.set_defaults(run=_later(name))
    return parser


def _add_bundle(parser: Parser) -> None:
    parser.add_argument(
        "bundle", metavar="BUNDLE", help="a bundle's or run's folder, or the name of a shipped one"
    )


def _add_train(commands: Commands) -> Parser:
    parser = _add(
        commands,
        "train",
        "train generator, classifier and encoder, then build the quasi-eigenbasis; or train an autoencoder",
    )
    parser.add_argument(
        "--out", metavar="RUN", type=Path,
        help="folder of the run (default: a new one in the user's data folder)",
    )  # fmt: skip
    parser.add_argument("--name", help="the run's name for people (default: its folder's)")
    parser.add_argument(
        "--data",
        help="mnist, fashion-mnist, kmnist, emnist-SPLIT, cifar10, celeba, stand-in-faces, or a folder with one "
        "sub-folder a label (default: the profile's)",
    )
    parser.add_argument(
        "--fit",
        choices=get_args(FramingWay),
        default="crop",
        help="how images of another size come to --size (default: crop)",
    )
    parser.add_argument(
        "--size",
        metavar="PIXELS",
        type=_positive,
        help="edge that all images of a folder come to (default: all have one size already)",
    )
    parser.add_argument(
        "--profile",
        help="paper, authors, studio, autoencoder, variational-autoencoder, or a TOML file "
        "(default: studio, or the resumed run's)",
    )
    parser.add_argument(
        "--seed", type=_count, help="seed of all random draws (default: 0, or the resumed run's)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run from its last checkpoint")
    parser.add_argument(
        "--stages", nargs="+", choices=RUN_STAGES, metavar="STAGE",
        help=f"train these only, of {', '.join(RUN_STAGES)} (default: all that the profile has and are not done)",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="parent", metavar="RUN", type=Path,
        help="branch: a new run with the settings of this one, which takes over the stages whose settings stay",
    )  # fmt: skip
    parser.add_argument(
        "--go-on", nargs="+", choices=STAGES, default=[], metavar="STAGE",
        help="stages of the branch that begin with the weights of --from at its step, instead of anew",
    )  # fmt: skip
    parser.add_argument("--device", choices=get_args(DeviceName), help="where to train (default: the best)")
    parser.add_argument(
        "--checkpoint-every", metavar="SECONDS", type=_seconds,
        help="longest time that a crash may cost (default: 60, or the resumed run's)",
    )  # fmt: skip
    parser.add_argument(
        "--estimate", action="store_true",
        help="try a few batches of each stage, tell what time and memory the training would take, and train nothing",
    )  # fmt: skip
    parser.add_argument(
        "--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], dest="overrides",
        help="replace settings of the profile, such as encoder.epochs=3",
    )  # fmt: skip
    return parser


def _add_basis(commands: Commands) -> Parser:
    parser = _add(commands, "basis", "build the quasi-eigenbasis of a trained run again, or audit it")
    parser.add_argument("bundle", metavar="RUN", help="a run's or a bundle's folder; its basis is replaced")
    parser.add_argument(
        "--vectors", type=_positive, metavar="V", help="latent vectors averaged for each set and label"
    )
    parser.add_argument(
        "--seed", type=_count, help="seed of the random draws (default: that of its basis now)"
    )
    parser.add_argument(
        "--set-one", choices=get_args(SetOne),
        help="how set 1 is made orthogonal (default: as the profile says)",
    )  # fmt: skip
    parser.add_argument(
        "--complement", choices=get_args(Complement),
        help="how the sets past the first are made (default: as the profile says)",
    )  # fmt: skip
    parser.add_argument(
        "--audit", action="store_true",
        help="say what of its basis is signal and what is noise, and build nothing",
    )  # fmt: skip
    return parser


def _add_evaluate(commands: Commands) -> Parser:
    parser = _add(commands, "evaluate", "measure a bundle on test images")
    _add_bundle(parser)
    parser.add_argument(
        "--data", help="data set or folder whose test images are used (default: the bundle's)"
    )
    parser.add_argument(
        "--images", metavar="N", type=_positive, help="use the first N test images (default: all of them)"
    )
    parser.add_argument(
        "--trials", type=_positive, default=20, help="draws of z from each image's posterior (default: 20)"
    )
    parser.add_argument("--seed", type=_count, default=0, help="seed of the random draws (default: 0)")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the result in the bundle too, as evaluation.json and in evaluations/",
    )
    return parser


def _add_decompose(commands: Commands) -> Parser:
    parser = _add(commands, "decompose", "decompose images over a bundle's quasi-eigenvectors")
    _add_bundle(parser)
    parser.add_argument(
        "images", metavar="IMAGE", nargs="+", type=Path, help="image files of any size, grey or colour"
    )
    parser.add_argument(
        "--sample",
        metavar="SEED",
        type=_count,
        help="decompose one draw from the posterior instead of its mean",
    )
    return parser


def _add_denoise(commands: Commands) -> Parser:
    parser = _add(commands, "denoise", "measure denoising beside its baselines, or denoise images")
    _add_bundle(parser)
    parser.add_argument(
        "images", metavar="IMAGE", nargs="*", type=Path,
        help="noisy images to denoise; without one, curves over noise are measured on test images",
    )  # fmt: skip
    parser.add_argument("--data", help="data set or folder that is measured on (default: the bundle's)")
    parser.add_argument(
        "--number", type=_positive, default=200, help="test images to measure on (default: 200)"
    )
    parser.add_argument("--seed", type=_count, default=0, help="seed of noise and draws (default: 0)")
    parser.add_argument(
        "--noise", metavar="KIND", choices=NOISE_KINDS,
        help="kind of the images' noise, with --level (default: both are guessed from each image): "
        + ", ".join(NOISE_KINDS),
    )  # fmt: skip
    parser.add_argument(
        "--level", metavar="LEVEL", type=float,
        help="σ of the images' noise, pixels going from -1 to 1, or the share of pixels that it hit",
    )  # fmt: skip
    parser.add_argument("--out", metavar="FILE", help="picture of the denoised images, a row for each")
    parser.add_argument("--figure", metavar="FILE", help="draw Figure 7b, 125 truncated test images, instead")
    parser.add_argument(
        "--train", metavar="DIR", type=Path,
        help="train this bundle's denoisers into DIR instead; as BUNDLE-denoisers beside it they are found",
    )  # fmt: skip
    parser.add_argument(
        "--keep", action="store_true", help="keep the curves beside the trained denoisers, for the window"
    )
    return parser


def _add_operate(commands: Commands) -> Parser:
    parser = _add(commands, "operate", "take an image along a path of labels, or put it under an operator")
    _add_bundle(parser)
    parser.add_argument("image", metavar="IMAGE", type=Path, help="image file of any size, grey or colour")
    parser.add_argument(
        "--path", metavar="LABELS", action="append",
        help="labels by name, in order, such as 0,1,2,3; LABEL:SET for another set than 1; repeated, a label each, "
        "so that names may hold commas",
    )  # fmt: skip
    parser.add_argument(
        "--step", metavar="DEGREES", type=_degrees, default=30.0,
        help="degrees from picture to picture, of 90 from label to label (default: 30)",
    )  # fmt: skip
    parser.add_argument(
        "--kind", choices=("rotation", "transport"),
        help="the rotation, which keeps every other component, or the paper's transport (default: see --style)",
    )  # fmt: skip
    parser.add_argument(
        "--style", metavar="SHARE", type=_share,
        help="between the two: how much of the rest of the code is kept (rotation 1, transport 0; default: 0.25)",
    )  # fmt: skip
    parser.add_argument(
        "--through", choices=get_args(Through),
        help="what a label stands for: its quasi-eigenvector, or where its images lie on average (default: averages, "
        "but vectors where a set other than 1 is visited)",
    )  # fmt: skip
    parser.add_argument("--loop", action="store_true", help="go on from the last label to the first")
    parser.add_argument(
        "--operator", metavar="NAME", help="an operator that the bundle keeps, in place of a path"
    )
    parser.add_argument(
        "--fit", metavar="PAIRS",
        help="an operator fitted now, in place of a path: on training images from thin to thick (thickness) or upright "
        "to slanted (slant), or on a folder, with subfolders before and after or with a sequence of images",
    )  # fmt: skip
    parser.add_argument(
        "--method", choices=get_args(Method), default="least squares",
        help="how it is fitted: any matrix, or an orthogonal one (default: least squares)",
    )  # fmt: skip
    parser.add_argument(
        "--power",
        metavar="T",
        type=_number,
        default=1.0,
        help="power of the operator, any number (default: 1)",
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="write the pictures: strip.png, animation.gif or film.mp4"
    )
    parser.add_argument(
        "--keep", metavar="NAME", help="keep what was done, from start to end, as an operator of the bundle"
    )
    return parser


def _add_latent(commands: Commands) -> Parser:
    parser = _add(
        commands, "latent", "measure where codes lie in a latent space, and what points drawn there decode to"
    )
    parser.add_argument(
        "bundle", metavar="BUNDLE", help="an autoencoder, bundle or run, by its folder or shipped name"
    )
    parser.add_argument("--data", help="data set or folder that is encoded (default: the bundle's)")
    parser.add_argument(
        "--split", choices=("train", "test"), default="test", help="which of its images (default: test)"
    )
    parser.add_argument("--number", type=_positive, default=200_000, help="images at most (default: 200000)")
    parser.add_argument(
        "--report", metavar="DIR", type=Path, help="write figures (PNG) and tables (CSV) to this folder"
    )
    parser.add_argument(
        "--width", type=_number, default=0.25, help="width of the densities' intervals (default: 0.25)"
    )
    parser.add_argument(
        "--points", type=_positive, default=1000, help="points drawn of each sampler (default: 1000)"
    )
    parser.add_argument(
        "--embed", metavar="N", type=_count, default=3000,
        help="codes that t-SNE lays out, 0 for none (default: 3000)",
    )  # fmt: skip
    parser.add_argument(
        "--twins", metavar="N", type=_positive, default=499,
        help="Gaussian twins that each test draws and measures (default: 499)",
    )  # fmt: skip
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="PART",
        help="these parts only: densities, radii, variance, planes, pairs, samplers, gaussian_twin, paths, embedding",
    )  # fmt: skip
    parser.add_argument("--seed", type=_count, default=0, help="seed of the random draws (default: 0)")
    return parser


def _add_figures(commands: Commands) -> Parser:
    parser = _add(commands, "figures", "draw the figures of the paper for a bundle, to be published")
    _add_bundle(parser)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True,
        help="folder for the figures, each with its data and a JSON file that says what it was computed from",
    )  # fmt: skip
    parser.add_argument(
        "--only",
        metavar="NUMBERS",
        type=_figures,
        help="figures to draw, such as 4,5c (default: all of them)",
    )
    parser.add_argument(
        "--format", metavar="FORMATS", type=_formats, default=FORMATS,
        help="of pdf, svg and png, comma-separated (default: all three)",
    )  # fmt: skip
    parser.add_argument(
        "--style", choices=get_args(FigureStyle),
        help="for a column of a journal, for two, or for a slide (default: what suits each figure)",
    )  # fmt: skip
    parser.add_argument("--dpi", type=_dpi, default=300, help="dots per inch of PNG (default: 300)")
    parser.add_argument(
        "--data", help="data set or folder whose test images are used (default: the bundle's)"
    )
    parser.add_argument(
        "--images", metavar="N", type=_positive, help="use the first N test images (default: all of them)"
    )
    parser.add_argument("--seed", type=_count, default=0, help="seed of the random draws (default: 0)")
    return parser


def _add_export(commands: Commands) -> Parser:
    parser = _add(commands, "export", "write a bundle as one file to share, as ONNX networks, or as tables")
    parser.add_argument(
        "bundle",
        metavar="BUNDLE",
        help="a bundle's or run's folder, or the name of a shipped or imported one",
    )
    parser.add_argument(
        "--archive",
        metavar="FILE.zip",
        type=Path,
        help="all of it in one file, which `lsd-studio import` takes in",
    )
    parser.add_argument(
        "--onnx", metavar="DIR", type=Path,
        help="generator.onnx, encoder.onnx and classifier.onnx, each compared with PyTorch",
    )  # fmt: skip
    parser.add_argument("--vectors", metavar="DIR", type=Path, help="η and ξ as NPZ and CSV")
    parser.add_argument(
        "--data", help="data set or folder whose test images' amplitudes are added to --vectors"
    )
    parser.add_argument(
        "--images",
        metavar="IMAGE",
        nargs="+",
        type=Path,
        help="image files whose amplitudes are added instead",
    )
    return parser


def _add_import(commands: Commands) -> Parser:
    parser = _add(commands, "import", "check a bundle that was shared as one file, and take it in")
    parser.add_argument(
        "file", metavar="FILE.zip", type=Path, help="what `lsd-studio export --archive` wrote"
    )
    parser.add_argument("--name", help="the name that opens it from now on (default: the file's)")
    parser.set_defaults(run=_later("import_bundle"))
    return parser


def _add_adopt(commands: Commands) -> Parser:
    parser = _add(commands, "adopt", "make a bundle of networks that others trained, given as ONNX files")
    parser.add_argument(
        "--generator", metavar="G.onnx", type=Path, required=True,
        help="takes codes [N, M], gives images [N, C, H, W] with pixels in [−1, 1], [0, 1] or 0…255",
    )  # fmt: skip
    parser.add_argument(
        "--encoder", metavar="E.onnx", type=Path,
        help="takes images, gives mean and log_sigma, each [N, M] (default: one is trained for the generator)",
    )  # fmt: skip
    parser.add_argument(
        "--classifier", metavar="C.onnx", type=Path,
        help="takes images, gives logits [N, l] (default: one is trained on the data)",
    )  # fmt: skip
    parser.add_argument(
        "--data", required=True, help="data set, or folder with one sub-folder a label, as for train"
    )
    parser.add_argument("--out", metavar="BUNDLE", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument(
        "--profile", default="studio",
        help="whose settings of classifier, encoder and basis are used (default: studio)",
    )  # fmt: skip
    parser.add_argument("--seed", type=_count, default=0, help="seed of all random draws (default: 0)")
    parser.add_argument(
        "--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], dest="overrides",
        help="replace settings of the profile, such as encoder.epochs=3",
    )  # fmt: skip
    return parser


def _add_faces(commands: Commands) -> Parser:
    parser = _add(commands, "faces", "draw colour faces 96×96, a stand-in for photographs, to train on")
    parser.add_argument(
        "--count", metavar="N", type=_positive, default=12_000,
        help="how many, every sixth of them for testing (default: 12000)",
    )  # fmt: skip
    parser.add_argument("--seed", type=_count, default=0, help="seed of the faces (default: 0)")
    parser.add_argument(
        "--out", metavar="DIR", type=Path,
        help="folder to keep them in (default: the user's cache, as data set stand-in-faces)",
    )  # fmt: skip
    return parser


def _add_screenshots(commands: Commands) -> Parser:
    parser = _add(commands, "screenshots", "render every workspace of the window to PNG, light and dark")
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder to write the pictures to")
    parser.add_argument(
        "--bundle", help="a bundle's or run's folder, or the name of a shipped one (default: the first)"
    )
    return parser


def _count(text: str) -> int:
    return _within(_integer(text), 0, 2**63 - 1, "a whole number of 0 or more")


def _positive(text: str) -> int:
    return _within(_integer(text), 1, 10_000_000, "a whole number from 1 to 10 million")


def _words(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise argparse.ArgumentTypeError("expected comma-separated words")
    return words


def _figures(text: str) -> tuple[str, ...]:
    from lsd_studio.engine.figures.choosing import chosen_numbers

    return chosen_numbers(_words(text.lower()))


def _formats(text: str) -> list[str]:
    for word in (words := _words(text.lower())):
        if word not in FORMATS:
            raise argparse.ArgumentTypeError(f"there is no format {word}{_nearest(word, FORMATS)}")
    return list(dict.fromkeys(words))


def _dpi(text: str) -> int:
    return _within(_integer(text), LEAST_DPI, MOST_DPI, f"{LEAST_DPI} to {MOST_DPI} dots per inch")


def _degrees(text: str) -> float:
    return _within(_number(text), 0.1, 90, "degrees from 0.1 to 90")


def _share(text: str) -> float:
    return _within(_number(text), 0, 1, "a share from 0 to 1")


def _seconds(text: str) -> float:
    return _within(_number(text), 0, 86_400, "0 to 86400 seconds")


def _within(value: Number, least: float, largest: float, words: str) -> Number:
    if not least <= value <= largest:
        raise argparse.ArgumentTypeError(f"expected {words}, not {value}")
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a number, not {text!r}") from error
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"expected a finite number, not {text!r}")
    return value


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a whole number, not {text!r}") from error
