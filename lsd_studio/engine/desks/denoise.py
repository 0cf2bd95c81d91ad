"""One image noised and denoised while a hand moves the controls, descents, curves, and Figure 7."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import hold_out, load_fitting, scale_pixels
from lsd_studio.engine.denoising.baselines import Parameters
from lsd_studio.engine.denoising.curves import (
    HELD_OUT_IMAGES,
    MEASURES,
    Curve,
    Curves,
    CurvesProgress,
    KindCurves,
    Measure,
    measure_curves,
    nearest_measured,
)
from lsd_studio.engine.denoising.descent import descend
from lsd_studio.engine.denoising.kept_curves import kept_curves
from lsd_studio.engine.denoising.kit import Kit, find_kit, nearest_parameters, shipped_parameters
from lsd_studio.engine.denoising.latent import DRAWS, automatic_terms, random_basis, truncate_codes
from lsd_studio.engine.denoising.likelihood import Likelihood
from lsd_studio.engine.denoising.linear_regression import LinearRegression, fit_linear_regression
from lsd_studio.engine.denoising.methods import MASKED_KINDS, methods
from lsd_studio.engine.denoising.noise import LARGEST_LEVEL, Array, Corrupted, Noise, corrupt
from lsd_studio.engine.denoising.noise_guess import Guess, NoiseExamples
from lsd_studio.engine.denoising.own_image import prepare_noisy
from lsd_studio.engine.denoising.posterior import averaged_pictures, descend_apart
from lsd_studio.engine.desks.scope import while_open
from lsd_studio.engine.errors import NotAtHandError, StudioError
from lsd_studio.engine.evaluation.fidelity import fidelity
from lsd_studio.engine.images.files import decode_png
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.images.preparation import PreparedImage, prepare_image, read_image
from lsd_studio.engine.messages.choices import PAPER_TERMS
from lsd_studio.engine.messages.core import Event, Request, Working
from lsd_studio.engine.messages.denoise import (
    CurveShown,
    Denoise,
    Denoised,
    DenoiseSettings,
    DenoisingMeasured,
    Descend,
    Descended,
    Descending,
    FitLinearRegression,
    Judged,
    LinearRegressionFitted,
    MeasureDenoising,
    MeasuringDenoising,
    NoKeptCurves,
    ShowKeptCurves,
)
from lsd_studio.engine.messages.pixels import EncodedPixels
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.operations.bundles import bundle_name
from lsd_studio.engine.platform.seeds import random_numbers
from lsd_studio.engine.session import Handler, Session, milliseconds_since
from lsd_studio.engine.steps import told

__all__ = ["HANDLERS"]

DESCENTS_SHOWN = 10
"""Pictures of a descent under way, so that it is told in steps that an eye can follow."""

NAMES = {
    "gaussian": "Gaussian",
    "salt_and_pepper": "salt and pepper",
    "dropped": "dropped pixels",
    "rectangles": "rectangles",
}


@dataclass(frozen=True, eq=False)
class _Subject:
    """The image at hand: where it came from, whether its noise is its own, and what was made of it."""

    source: object
    own: bool
    prepared: PreparedImage


@dataclass(frozen=True, eq=False)
class _Bench:
    """What a descent goes on from: the noisy image, its noise, its original, the networks and the code to start at.

    `number` is that of the request that put it here.
    """

    number: int
    noisy: Corrupted
    noise: Noise
    original: Array | None
    networks: Networks
    code: Array
    settings: DenoiseSettings


def _denoise(session: Session, number: int, request: Denoise) -> Iterator[Event]:
    start = time.perf_counter()
    bundle = session.open_bundle()
    if "denoise.kit" not in session.notes:
        yield Working(number, "loading the denoisers")
    kit = _kit(session)
    own = request.settings.noise == "own"
    prepared = _prepared(session, request.source, own)
    settings = _within(request.settings, bundle, kit)
    saw_noise = None if kit is None else kit.networks
    networks = saw_noise if settings.start == "saw_noise" and saw_noise is not None else bundle.networks
    guess: Guess | None = None
    if settings.noise == "own":
        if settings.assumed is None:
            guess = _examples(session).guess(prepared.pixels)
            noise = guess.noise
        else:
            noise = Noise(settings.assumed, settings.level)
        noisy = Corrupted(prepared.pixels[None], np.ones((1, 1, *prepared.pixels.shape[1:]), dtype=bool))
    else:
        noise = Noise(settings.noise, settings.level)
        noisy = corrupt(prepared.pixels[None], noise, settings.seed)
    original = None if own else prepared.pixels[None]
    parameters = nearest_parameters(shipped_parameters() if kit is None else kit.manifest.parameters, noise)
    mean, log_sigma = networks.encode(noisy.images)
    session.notes["denoise.bench"] = _Bench(number, noisy, noise, original, networks, mean, settings)
    dimensions = networks.latent_dimensions
    automatic = int(automatic_terms(bundle.basis, mean, log_sigma)[0])
    terms = automatic if settings.terms is None else settings.terms
    shown = (*(n for n in PAPER_TERMS if n < dimensions), dimensions)
    codes = mean
    if settings.draws:
        random = random_numbers(settings.seed, "draws")
        codes = np.concatenate([networks.sample(mean, log_sigma, random) for _ in range(DRAWS)])
    control = random_basis(bundle.basis, settings.seed)
    cut = np.stack(
        [
            *(truncate_codes(bundle.basis, codes, n, rescale=settings.rescale) for n in (*shown, terms)),
            truncate_codes(control, codes, terms, rescale=settings.rescale),
        ]
    )
    decoded = networks.decode(cut.reshape(-1, dimensions)).reshape(*cut.shape[:2], *prepared.pixels.shape)
    known = settings.told_where and noise.kind in MASKED_KINDS
    regression = _regressions(session).get((bundle.hash, nearest_measured(noise)))
    others = [
        method
        for method in methods(
            bundle,
            kit,
            None if kit is None else kit.components,
            {noise: parameters},
            settings.seed,
            None if regression is None else {noise: regression},
        )
        if method.family in ("classical", "learned")
        and (not method.knows_where or known)
        and not (known and method.name == "principal_components")
    ]
    images = np.concatenate(
        [noisy.images, decoded.mean(axis=1), *(method.run(noisy, noise) for method in others)]
        + ([] if original is None else [original])
    )
    names = [
        "noisy",
        *(f"terms_{n}" for n in shown),
        "chosen",
        "control",
        *(method.name for method in others),
        "original",
    ]
    titles = [
        "Noisy", *("n = M" if n == dimensions else f"n = {n}" for n in shown), f"n = {terms}",
        f"Random basis, n = {terms}", *(method.title for method in others), "Original",
    ]  # fmt: skip
    judged = _judged(bundle.networks, images, original, names, titles)
    yield Denoised(
        number,
        bundle=bundle_name(bundle),
        title=request.title,
        steps=prepared.steps,
        settings=settings,
        noise=_noise_in_words(noise, own=own, guess=guess),
        kind=noise.kind,
        level=noise.level,
        certainty=None if guess is None else guess.certainty,
        parameters=_parameters_in_words(parameters, kit),
        original=None if own else judged[-1],
        noisy=judged[0],
        truncations=tuple(zip(shown, judged[1 : 1 + len(shown)], strict=True)),
        chosen=judged[1 + len(shown)],
        control=judged[2 + len(shown)],
        terms=terms,
        baselines=tuple(judged[3 + len(shown) : 3 + len(shown) + len(others)]),
        regression=regression is not None,
        has_saw_noise=saw_noise is not None,
        milliseconds=milliseconds_since(start),
    )


def _descend(session: Session, number: int, request: Descend) -> Iterator[Event]:
    start = time.perf_counter()
    bundle, bench = session.open_bundle(), _bench(session)
    known = bench.noisy.known if bench.settings.told_where and bench.noise.kind in MASKED_KINDS else None
    likelihood = Likelihood.of(bench.noise if known is None else Noise(bench.noise.kind, 0))
    averaged = bench.settings.draws
    if averaged:
        seed = bench.settings.seed
        steps = descend_apart(bench.networks, bench.noisy.images, likelihood, known=known, seed=seed)
    else:
        steps = descend(bench.networks, bench.noisy.images, bench.code, likelihood, known=known)
    name, title = ("lsd_posterior", "Descents averaged") if averaged else ("lsd_descent", "Descent on z")
    for found in steps:
        is_last = found.step == found.steps
        if found.step % max(1, found.steps // DESCENTS_SHOWN) and not is_last:
            continue
        image = (averaged_pictures if averaged else Networks.decode)(bundle.networks, found.codes)
        energy = float(found.energies.mean())
        (judged,) = _judged(bundle.networks, image, bench.original, [name], [title])
        if is_last:
            yield Descended(number, judged, energy, found.steps, milliseconds_since(start))
        else:
            yield Descending(number, found.step, found.steps, judged, energy)


def _fit_regression(session: Session, number: int, request: FitLinearRegression) -> Iterator[Event]:
    bundle, bench, kept = session.open_bundle(), _bench(session), _regressions(session)
    noise = nearest_measured(bench.noise)
    key = bundle.hash, noise
    if key not in kept:
        yield Working(number, "reading the training images")
        try:
            training, held_out = hold_out(load_fitting(bundle.manifest.trained_on, None, "train"))
        except StudioError as error:
            yield LinearRegressionFitted(number, bench.number, None, str(error))
            return
        samples = scale_pixels(held_out.images[:HELD_OUT_IMAGES])
        fit = fit_linear_regression(training, samples, noise, seed=0)
        kept[key] = yield from told(fit, lambda _: Working(number, "fitting linear regression"))
    regression = kept[key]
    if regression is None:
        yield LinearRegressionFitted(
            number, bench.number, None, "images of this size have too many pixels for it"
        )
        return
    name, title = "linear_regression", "Linear regression"
    image = regression.restore(bench.noisy.images)
    (found,) = _judged(bundle.networks, image, bench.original, [name], [title])
    yield LinearRegressionFitted(number, bench.number, found)


def _measure(session: Session, number: int, request: MeasureDenoising) -> Iterator[Event]:
    bundle = session.open_bundle()
    yield MeasuringDenoising(number, "loading images", 0.0)
    trained_on = bundle.manifest.trained_on
    training, held_out = hold_out(load_fitting(trained_on, None, "train"))
    steps = measure_curves(
        bundle,
        find_kit(bundle),
        load_fitting(trained_on, None, "test"),
        training,
        held_out,
        images=request.images,
        kinds=request.kinds,
        seed=request.seed,
    )
    for step in steps:
        if isinstance(step, CurvesProgress):
            yield MeasuringDenoising(number, step.doing, step.fraction)
        else:
            yield _measured(number, bundle, step, kept=False)


def _show_kept(session: Session, number: int, request: ShowKeptCurves) -> Iterator[Event]:
    bundle = session.open_bundle()
    curves = kept_curves(bundle)
    yield NoKeptCurves(number) if curves is None else _measured(number, bundle, curves, kept=True)


def _kit(session: Session) -> Kit | None:
    if "denoise.kit" not in session.notes:
        session.notes["denoise.kit"] = find_kit(session.open_bundle())
    kit: Kit | None = session.notes["denoise.kit"]
    return kit


def _bench(session: Session) -> _Bench:
    """What Denoised last showed.

    Raises:
        NotAtHandError: nothing yet.
    """
    bench = session.notes.get("denoise.bench")
    if not isinstance(bench, _Bench):
        raise NotAtHandError("There is no noisy image yet; pick a test image or open one.")
    return bench


def _examples(session: Session) -> NoiseExamples:
    """What pictures of the bundle's generator look like under noise that is known, made once for each bundle."""
    if "denoise.examples" not in session.notes:
        session.notes["denoise.examples"] = NoiseExamples.of(session.open_bundle().networks)
    examples: NoiseExamples = session.notes["denoise.examples"]
    return examples


def _regressions(session: Session) -> dict[tuple[str, Noise], LinearRegression | None]:
    """The linear regressions fitted so far, by bundle and noise; None where none can be fitted."""
    found: dict[tuple[str, Noise], LinearRegression | None]
    found = session.notes.setdefault("denoise.regressions", {})
    return found


def _prepared(
    session: Session, source: np.ndarray | EncodedPixels | Path | bytes | None, own: bool
) -> PreparedImage:
    """The image at hand in [−1, 1]; a file is read once for as long as it is looked at."""
    bundle = session.open_bundle()
    shape = bundle.networks.image_shape
    if source is None:
        glass = session.under_glass()
        return PreparedImage(glass.pixels, glass.steps)
    if isinstance(source, EncodedPixels):
        source = decode_png(source.png, shape)
    if isinstance(source, np.ndarray):
        if source.shape != shape:
            raise StudioError(
                f"This image has the shape {source.shape} and the bundle's networks take {shape}; "
                "choose an image of that shape or another bundle."
            )
        return PreparedImage(scale_pixels(source), ())
    subject = session.notes.get("denoise.subject")
    if isinstance(subject, _Subject) and subject.source == source and subject.own == own:
        return subject.prepared
    prepare = prepare_noisy if own else prepare_image
    rule = bundle.pixel_rule
    prepared = prepare(read_image(source, rule), shape, like_mnist=bundle.made_from_ink, rule=rule)
    session.notes["denoise.subject"] = _Subject(source, own, prepared)
    return prepared


def _within(settings: DenoiseSettings, bundle: Bundle, kit: Kit | None) -> DenoiseSettings:
    """The settings, brought into what this bundle and this kind of noise allow."""
    dimensions = bundle.networks.latent_dimensions
    kind = settings.assumed if settings.noise == "own" else settings.noise
    largest = 0.0 if kind is None else LARGEST_LEVEL[kind]
    return replace(
        settings,
        level=float(np.clip(settings.level, 0, largest)),
        terms=None if settings.terms is None else min(max(settings.terms, 1), dimensions),
        start="bundle" if kit is None or kit.networks is None else settings.start,
    )


def _judged(
    networks: Networks, images: Array, original: Array | None, names: list[str], titles: list[str]
) -> list[Judged]:
    probabilities = networks.classify(images)
    shown = pictures(images)
    if original is None:
        fidelities: list[tuple[float | None, float | None]] = [(None, None)] * len(images)
    else:
        psnr, ssim = fidelity(images, np.broadcast_to(original, images.shape))
        same = (images == original).all(axis=(1, 2, 3))
        fidelities = [
            (None if equal else float(ratio), float(likeness))
            for equal, ratio, likeness in zip(same, psnr, ssim, strict=True)
        ]
    return [
        Judged(
            names[place],
            titles[place],
            shown[place],
            int(probabilities[place].argmax()),
            float(probabilities[place].max()),
            *fidelities[place],
        )
        for place in range(len(images))
    ]


def _noise_in_words(noise: Noise, *, own: bool, guess: Guess | None) -> str:
    amount = f"σ = {noise.level:.2f}" if noise.kind == "gaussian" else f"{noise.level:.0%}"
    words = f"{NAMES[noise.kind]}, {amount}"
    if guess is not None:
        found = words if noise.level else "none"
        return f"its own noise, guessed: {found} (certainty {guess.certainty:.0%})"
    return f"its own noise, taken as {words}" if own else words


def _parameters_in_words(parameters: Parameters, kit: Kit | None) -> str:
    chosen = "held-out training images" if kit is not None else "another data set's training images"
    return (
        f"total variation weight {parameters.weight:g}, non-local means h = {parameters.strength:g}, "
        f"σ = {parameters.deviation:g}, PCA {parameters.terms} components: best of a grid on {chosen}"
    )


def _measured(number: int, bundle: Bundle, curves: Curves, *, kept: bool) -> DenoisingMeasured:
    def shown(name: str, curve: Curve) -> CurveShown:
        return CurveShown(name, curves.titles[name], curves.families[name], curve.values, *curve.drawn_ends())

    over_levels: dict[tuple[str, str], tuple[CurveShown, ...]] = {}
    over_terms: dict[tuple[str, int, str], tuple[CurveShown, ...]] = {}
    for kind in curves.kinds:
        for measure in MEASURES:
            over_levels[kind.kind, measure] = tuple(
                shown(name, measured[measure]) for name, measured in kind.methods.items()
            )
            for place in range(len(kind.levels)):
                over_terms[kind.kind, place, measure] = tuple(_over_terms(kind, place, measure))
    return DenoisingMeasured(
        number,
        bundle=bundle_name(bundle),
        data_set=bundle.manifest.data.name,
        images=curves.images,
        seed=curves.seed,
        levels={kind.kind: kind.levels for kind in curves.kinds},
        terms=curves.kinds[0].terms,
        over_levels=over_levels,
        over_terms=over_terms,
        verdicts={kind.kind: kind.verdict for kind in curves.kinds},
        kept=kept,
    )


def _over_terms(kind: KindCurves, place: int, measure: Measure) -> Iterator[CurveShown]:
    titles = {
        "bundle": "The bundle's E, in ξ",
        "bundle_random": "The bundle's E, in a random basis",
        "saw_noise": "E saw noise, in ξ",
        "saw_noise_random": "E saw noise, in a random basis",
    }
    for name, levels in kind.by_terms.items():
        curve = levels[place][measure]
        family = "control" if name.endswith("_random") else "lsd"
        yield CurveShown(name, titles[name], family, curve.values, *curve.drawn_ends())


HANDLERS: dict[type[Request], Handler] = {
    Denoise: _denoise,
    Descend: _descend,
    FitLinearRegression: while_open(_fit_regression),
    MeasureDenoising: while_open(_measure),
    ShowKeptCurves: while_open(_show_kept),
}
