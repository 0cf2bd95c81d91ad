"""Commands and options of `lsd-studio`, and the errors of unknown ones."""

from __future__ import annotations

import argparse
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TypeAlias, TypeVar, get_args

from lsd_studio import __version__
from lsd_studio.cli.endings import interrupts_held
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.figures.spec import CODE_FIGURES, FORMATS, LEAST_DPI, MOST_DPI, FigureStyle
from lsd_studio.engine.training.settings import DeviceName
from lsd_studio.engine.training.stage_settings import RUN_STAGES, STAGES
from lsd_studio.engine.vocabulary import NOISE_KINDS, Complement, FramingWay, Method, SetOne, Split, Through

Command = Callable[[argparse.Namespace], int | None]
"""Returns an exit code where that is not 0."""

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
    for add in (
        _add_train, _add_study, _add_basis, _add_evaluate, _add_decompose, _add_denoise, _add_operate, _add_latent,
        _add_figures, _add_open, _add_export, _add_import, _add_adopt, _add_faces, _add_screenshots,
    ):  # fmt: skip
        add(commands)
    _refuse_unknown_words(arguments, parser, commands.choices)
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


def _later(module: str) -> Command:
    """The command in a module that is imported when it is called: most of them need torch, which takes seconds."""

    def run(options: argparse.Namespace) -> int | None:
        with interrupts_held():
            from lsd_studio.cli.answers import check_destination
            from lsd_studio.cli.codes.space import refuse_files_of_codes

            check_destination(options.json)
            if module not in FOR_CODES:
                refuse_files_of_codes(options)
            function: Command = import_module(f"lsd_studio.cli.{module}").run
        return function(options)

    return run


FOR_CODES = ("basis", "evaluate", "figures", "latent", "operate")
"""Commands that take a file of codes in place of a bundle."""

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def _command(commands: Commands, name: str, summary: str, module: str = "") -> Callable[..., object]:
    """Add a command; returns what adds an option to it."""
    parser = commands.add_parser(name, help=summary, description=f"{summary}.", allow_abbrev=False)
    parser.set_defaults(run=_later(module or name))
    parser.add_argument(
        "--json", metavar="FILE", help="write the result as JSON to FILE, or to standard output for -"
    )
    return parser.add_argument


# fmt: off
BUNDLE = {"metavar": "BUNDLE", "help": "a bundle's or run's folder, or the name of a shipped one"}
TEST_DATA = {"help": "data set, folder or file whose test images are used (default: the bundle's)"}
TEST_IMAGES = {"metavar": "N", "help": "use the first N test images (default: all of them)"}
CODES = "a file of codes: .npy, .npz, .safetensors, .csv, .tsv, .h5, .h5ad, .parquet, .arrow"
SEED = {"default": 0, "help": "seed of the random draws (default: 0)"}
SETTINGS = {
    "metavar": "KEY=VALUE", "nargs": "+", "action": "extend", "default": [], "dest": "overrides",
    "help": "replace settings of the profile, such as encoder.epochs=3",
}


def _add_train(commands: Commands) -> None:
    option = _command(
        commands, "train",
        "train generator, classifier and encoder, then build the quasi-eigenbasis; or train an autoencoder",
    )
    option("--out", metavar="RUN", type=Path,
           help="folder of the run (default: a new one in the user's data folder)")
    option("--name", help="the run's name for people (default: its folder's)")
    option("--data",
           help="mnist, fashion-mnist, kmnist, emnist-SPLIT, cifar10, celeba, stand-in-faces, a folder with one "
           "subfolder per label, or a file of labelled images: .npz, .h5, .parquet, .tif, IDX (default: the profile's)")
    option("--fit", choices=get_args(FramingWay), default="crop",
           help="how images of another size come to --size; digit makes ink such as MNIST's (default: crop)")
    option("--size", metavar="PIXELS", type=_positive,
           help="edge that all images of a folder come to (default: all have one size already)")
    option("--profile",
           help="paper, authors, studio, autoencoder, variational-autoencoder, or a TOML file "
           "(default: studio, or the resumed run's)")
    option("--seed", type=_count, help="seed of all random draws (default: 0, or the resumed run's)")
    option("--resume", action="store_true", help="go on with the run from its last checkpoint")
    option("--stages", nargs="+", choices=RUN_STAGES, metavar="STAGE",
           help=f"train these only, of {', '.join(RUN_STAGES)} (default: all that the profile has and are not done)")
    option("--from", dest="parent", metavar="RUN", type=Path,
           help="branch: a new run with the settings of this one, which takes over the stages whose settings stay")
    option("--go-on", nargs="+", choices=STAGES, default=[], metavar="STAGE",
           help="stages of the branch that begin with the weights of --from at its step, instead of anew")
    option("--device", choices=get_args(DeviceName), help="where to train (default: the best)")
    option("--checkpoint-every", metavar="SECONDS", type=_seconds,
           help="longest time that a crash may cost (default: 60, or the resumed run's)")
    option("--estimate", action="store_true",
           help="try a few batches of each stage, tell what time and memory the training would take, and train nothing")
    option("--set", **SETTINGS)


def _add_study(commands: Commands) -> None:
    option = _command(commands, "study", "train many runs that differ in settings, seeds and data, and compare them")
    option("study", metavar="STUDY", help="a TOML file, or the name of a shipped study")
    option("--out", metavar="DIR", type=Path, required=True,
           help="folder of all its runs; what is trained and measured there already is taken as it is")
    option("--jobs", metavar="N", type=_positive, help="trainings at once (default: the study's)")
    option("--backend", choices=("loky", "dask", "ray"), default="loky",
           help="where they are trained: on this machine, or on the cluster of dask or ray (default: loky)")


def _add_basis(commands: Commands) -> None:
    option = _command(commands, "basis", "build the quasi-eigenbasis of a trained run again, or audit it")
    option("bundle", metavar="RUN", help=f"a run's or a bundle's folder, whose basis is replaced; or {CODES}")
    _add_chosen_codes(option)
    option("--vectors", type=_positive, metavar="V", help="latent vectors averaged for each set and label")
    option("--seed", type=_count, help="seed of the random draws (default: that of its basis now)")
    option("--set-one", choices=get_args(SetOne),
           help="how set 1 is made orthogonal (default: as the profile says)")
    option("--complement", choices=get_args(Complement),
           help="how the sets past the first are made (default: as the profile says)")
    option("--audit", action="store_true", help="say what of its basis is signal and what is noise, and build nothing")


def _add_codes(option: Callable[..., object]) -> None:
    option("--labels", metavar="COLUMN", help="of a file of codes: the column that tells codes apart")
    option("--codes", metavar="NAME",
           help="of a file of several arrays: the one that holds the codes (default: the only one)")


def _add_chosen_codes(option: Callable[..., object]) -> None:
    _add_codes(option)
    option("--where", metavar="CONDITION",
           help='of a file of codes: only those that match, as in "kind = B cell and age > 40", or hold a text')


def _add_evaluate(commands: Commands) -> None:
    option = _command(commands, "evaluate", "measure a bundle on test images, or how well codes can be read")
    option("bundle", metavar="BUNDLE", help=f"{BUNDLE['help']}; or {CODES}")
    _add_chosen_codes(option)
    option("--data", **TEST_DATA)
    option("--images", type=_positive, **TEST_IMAGES)
    option("--trials", type=_positive,
           help="draws of z from each image's posterior (default: 20); with --steering, other labels that each image "
           "is turned to, drawn by the seed (default: all)")
    option("--seed", type=_count, **SEED)
    option("--steering", action="store_true",
           help="measure instead whether images turned to other labels are drawn as those, and what it costs")
    option("--generator", action="store_true",
           help="measure instead how good the generator is: distances of its samples from test images (drawn by the "
           "seed), precision and recall, paths, and whether it has memorised training images")
    option("--figure", metavar="FILE", help="draw what --generator measures to this PDF, SVG or PNG file too")
    option("--keep", action="store_true",
           help="keep the result in the bundle too, as evaluation.json and in evaluations/, as steering.json, or as "
           "evaluations/generator-….json")


def _add_decompose(commands: Commands) -> None:
    option = _command(commands, "decompose", "decompose images over a bundle's quasi-eigenvectors")
    option("bundle", **BUNDLE)
    option("images", metavar="IMAGE", nargs="+", type=Path, help="image files of any size, grey or colour")
    option("--sample", metavar="SEED", type=_count,
           help="decompose one draw from the posterior instead of its mean")


def _add_denoise(commands: Commands) -> None:
    option = _command(commands, "denoise", "measure denoising beside its baselines, or denoise images")
    option("bundle", **BUNDLE)
    option("images", metavar="IMAGE", nargs="*", type=Path,
           help="noisy images to denoise; without one, curves over noise are measured on test images")
    option("--data", help="data set, folder or file that is measured on (default: the bundle's)")
    option("--number", type=_positive, default=200, help="test images to measure on (default: 200)")
    option("--seed", type=_count, default=0, help="seed of noise and draws (default: 0)")
    option("--noise", metavar="KIND", choices=NOISE_KINDS,
           help="kind of the images' noise, with --level (default: both are guessed from each image): "
           + ", ".join(NOISE_KINDS))
    option("--level", metavar="LEVEL", type=float,
           help="σ of the images' noise, pixels going from -1 to 1, or the share of pixels that it hit")
    option("--out", metavar="FILE", help="picture of the denoised images, a row for each")
    option("--figure", metavar="FILE", help="draw Figure 7b, 125 truncated test images, instead")
    option("--train", metavar="DIR", type=Path,
           help="train this bundle's denoisers into DIR instead; as BUNDLE-denoisers beside it they are found")
    option("--keep", action="store_true", help="keep the curves beside the trained denoisers, for the window")


def _add_operate(commands: Commands) -> None:
    option = _command(
        commands, "operate", "take an image along a path of labels, put it under an operator, or compare operators"
    )
    option("bundle", metavar="BUNDLE", help=f"{BUNDLE['help']}; or {CODES}")
    _add_chosen_codes(option)
    option("image", metavar="IMAGE", type=Path, nargs="?",
           help="image file of any size, grey or colour; of a file of codes the number of a row, whose nearest rows "
           "are told on the way; not with --compare")
    option("--compare", action="store_true",
           help="compare every operator from label to label over test images, beside random ones, in place of an image")
    option("--data", help="data set, folder or file that --compare takes images of (default: the bundle's)")
    option("--pairs", metavar="N", type=_positive,
           help="compare over N pairs of labels, drawn by --seed (default: all of them)")
    option("--attributes", metavar="COLUMN", nargs="+", default=[],
           help="of a file of codes: columns of two values each; codes are moved along each, and all are read")
    option("--hold", metavar="COLUMN", nargs="+", default=[],
           help="of these, what is held while another is moved (default: all others)")
    option("--seed", type=_count, **SEED)
    option("--path", metavar="LABELS", action="append",
           help="labels by name, in order, such as 0,1,2,3; LABEL:SET for another set than 1; repeated, a label each, "
           "so that names may hold commas")
    option("--step", metavar="DEGREES", type=_degrees, default=30.0,
           help="degrees from picture to picture, of 90 from label to label (default: 30)")
    option("--kind", choices=("rotation", "transport"),
           help="the rotation, which keeps every other component, or the paper's transport (default: see --style)")
    option("--style", metavar="SHARE", type=_share,
           help="between the two: how much of the rest of the code is kept (rotation 1, transport 0; default: 1 "
           "where G and E were trained to be turned, else 0.25)")
    option("--through", choices=get_args(Through),
           help="what a label stands for: its quasi-eigenvector, or where its images lie on average (default: "
           "averages, but vectors where G and E were trained to be turned, or a set other than 1 is visited)")
    option("--loop", action="store_true", help="go on from the last label to the first")
    option("--operator", metavar="NAME",
           help="an operator that the bundle keeps, in place of a path; of a file of codes one of those that --compare "
           "compares, such as gaussian_transport, from the first to the second label of --path")
    option("--fit", metavar="PAIRS",
           help="an operator fitted now, in place of a path: on training images from thin to thick (thickness) or "
           "upright to slanted (slant), or on a folder, with subfolders before and after or with a sequence of images")
    option("--method", choices=get_args(Method), default="least squares",
           help="how it is fitted: any matrix, or an orthogonal one (default: least squares)")
    option("--power", metavar="T", type=_number, default=1.0,
           help="power of the operator, any number (default: 1)")
    option("--out", metavar="FILE", type=Path,
           help="write the pictures: strip.png, animation.gif or film.mp4; of --operator of codes its matrix "
           "and shift: name.safetensors")
    option("--keep", metavar="NAME", help="keep what was done, from start to end, as an operator of the bundle")


def _add_latent(commands: Commands) -> None:
    option = _command(
        commands, "latent", "measure where codes lie in a latent space, and what points drawn there decode to"
    )
    option("bundle", metavar="BUNDLE",
           help=f"an autoencoder, bundle or run, by its folder or shipped name; or {CODES}")
    _add_chosen_codes(option)
    option("--data", help="data set, folder or file that is encoded (default: the bundle's)")
    option("--split", choices=get_args(Split), help="which of its images (default: test)")
    option("--number", type=_positive, default=200_000, help="images or codes at most (default: 200000)")
    option("--groups", nargs="+", metavar="LABEL", default=(), help="compare two labels instead, or one and all others")
    option("--drawn-on", nargs="+", metavar="AXES", default=(), help="what --groups were drawn on, as in principal:0,1")
    option("--report", metavar="DIR", type=Path, help="write figures (PNG) and tables (CSV) to this folder")
    option("--width", type=_number, default=0.25, help="width of the densities' intervals (default: 0.25)")
    option("--points", type=_positive, default=1000, help="points drawn of each sampler (default: 1000)")
    option("--embed", metavar="N", type=_count, default=3000,
           help="codes that t-SNE lays out, 0 for none (default: 3000)")
    option("--island-twins", metavar="N", type=_count, default=19,
           help="Gaussian twins laid out to tell islands of t-SNE from noise, 0 for none (default: 19)")
    option("--twins", metavar="N", type=_positive, default=499,
           help="Gaussian twins that each test draws and measures (default: 499)")
    option("--only", nargs="+", default=[], metavar="PART",
           help="these parts only: densities, radii, variance, planes, pairs, samplers, gaussian_twin, paths, "
           "embedding")
    option("--seed", type=_count, **SEED)


def _add_figures(commands: Commands) -> None:
    option = _command(commands, "figures", "draw the figures of the paper for a bundle or of codes, to be published")
    option("bundle", metavar="BUNDLE", help=f"{BUNDLE['help']}; or {CODES}")
    _add_chosen_codes(option)
    option("--out", metavar="DIR", type=Path, required=True,
           help="folder for the figures, each with its data and a JSON file that says what it was computed from")
    option("--only", metavar="NUMBERS", type=_figures,
           help="figures to draw, such as 4,5c; of codes " + ", ".join(CODE_FIGURES) + " (default: all of them)")
    option("--format", metavar="FORMATS", type=_formats, default=FORMATS,
           help="of pdf, svg and png, comma-separated (default: all three)")
    option("--style", choices=get_args(FigureStyle),
           help="for a column of a journal, for two, or for a slide (default: what suits each figure)")
    option("--dpi", type=_dpi, default=300, help="dots per inch of PNG (default: 300)")
    option("--data", **TEST_DATA)
    option("--images", type=_positive, **TEST_IMAGES)
    option("--seed", type=_count, **SEED)


def _add_open(commands: Commands) -> None:
    option = _command(commands, "open", "open the window with a file or folder, such as codes", "window")
    option("file", metavar="FILE", type=Path,
           help=f"a bundle, a run, images, networks, or {CODES}; codes are shown first, and used at once with --labels")
    _add_codes(option)


def _add_export(commands: Commands) -> None:
    option = _command(commands, "export", "write a bundle as one file to share, as ONNX networks, or as tables")
    option("bundle", metavar="BUNDLE", help="a bundle's or run's folder, or the name of a shipped or imported one")
    option("--archive", metavar="FILE.zip", type=Path,
           help="all of it in one file, which `lsd-studio import` takes in")
    option("--onnx", metavar="DIR", type=Path,
           help="generator.onnx, encoder.onnx and classifier.onnx, each compared with PyTorch")
    option("--vectors", metavar="DIR", type=Path, help="η and ξ as NPZ and CSV")
    option("--data", help="data set, folder or file whose test images' amplitudes are added to --vectors")
    option("--images", metavar="IMAGE", nargs="+", type=Path,
           help="image files whose amplitudes are added instead")


def _add_import(commands: Commands) -> None:
    option = _command(
        commands, "import", "check a bundle that was shared as one file, and take it in", "import_bundle"
    )
    option("file", metavar="FILE.zip", type=Path, help="what `lsd-studio export --archive` wrote")
    option("--name", help="the name that opens it from now on (default: the file's)")


def _add_adopt(commands: Commands) -> None:
    option = _command(commands, "adopt", "make a bundle of networks that others trained")
    option("--generator", metavar="G.onnx", type=Path, required=True,
           help="takes codes [N, M], gives images [N, C, H, W] with pixels in [−1, 1], [0, 1] or 0…255; an ONNX file, "
           "or, as each network, a description in JSON with its weights beside it, or a safetensors file of weights "
           "for the profile's own architecture")
    option("--encoder", metavar="E.onnx", type=Path,
           help="takes images, gives mean and log_sigma, each [N, M] (default: one is trained for the generator)")
    option("--classifier", metavar="C.onnx", type=Path,
           help="takes images, gives logits [N, l] (default: one is trained on the data)")
    option("--prior", default="normal", metavar="PRIOR",
           help="what the generator's codes were drawn from: normal; uniform, which is on [-1, 1], or uniform:2 on "
           "[-2, 2], uniform:0,1 on [0, 1]; sphere, of radius √M, or sphere:1 of radius 1; or a file of such codes, as "
           "of a W space (default: normal, N(0, 1))")
    option("--data", required=True, help="data set, folder or file, as for train")
    option("--out", metavar="BUNDLE", type=Path, required=True, help="folder of the new bundle")
    option("--profile", default="studio",
           help="whose settings of classifier, encoder and basis are used (default: studio)")
    option("--seed", type=_count, default=0, help="seed of all random draws (default: 0)")
    option("--set", **SETTINGS)


def _add_faces(commands: Commands) -> None:
    option = _command(commands, "faces", "draw colour faces 96×96, a stand-in for photographs, to train on")
    option("--count", metavar="N", type=_positive, default=12_000,
           help="how many, every sixth of them for testing (default: 12000)")
    option("--seed", type=_count, default=0, help="seed of the faces (default: 0)")
    option("--out", metavar="DIR", type=Path,
           help="folder to keep them in (default: the user's cache, as data set stand-in-faces)")


def _add_screenshots(commands: Commands) -> None:
    option = _command(commands, "screenshots", "render every workspace of the window to PNG, light and dark")
    option("folder", metavar="DIR", type=Path, help="folder to write the pictures to")
    option("--bundle", help="a bundle's or run's folder, or the name of a shipped one (default: the first)")
# fmt: on


def _count(text: str) -> int:
    return _within(_integer(text), 0, 2**63 - 1, "a whole number of 0 or more")


def _positive(text: str) -> int:
    return _within(_integer(text), 1, 10_000_000, "a whole number from 1 to 10 million")


def _words(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise argparse.ArgumentTypeError("expected comma-separated words")
    return words


def _figures(text: str) -> list[str]:
    return _words(text.lower())


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
