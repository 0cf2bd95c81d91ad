"""The basis workspace: bases built, shown, audited, compared, used and saved, over the open bundle's networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsd_studio.engine.basis.audit import audit_basis, chance_cosine, repetition_sentence, twin_cosines
from lsd_studio.engine.basis.comparison import encode_images, measure_basis
from lsd_studio.engine.basis.labelled_frame import LARGEST_NUMBER_OF_STEPS, LabelledFrameProgress
from lsd_studio.engine.basis.latent_sets import LatentSets, LatentSetsProgress
from lsd_studio.engine.basis.orthogonalisation import CHOICES, orthogonalise, title
from lsd_studio.engine.basis.quasi_eigenbasis import QuasiEigenbasis
from lsd_studio.engine.basis.variant import (
    MadeBasis,
    basis_key,
    own_basis,
    save_with_basis,
    training_images,
    with_basis,
)
from lsd_studio.engine.bundle import Bundle
from lsd_studio.engine.datasets import LabelledImages
from lsd_studio.engine.errors import NotAtHandError, StudioError
from lsd_studio.engine.images.pictures import pictures
from lsd_studio.engine.latent.label_densities import label_latents, latent_densities
from lsd_studio.engine.messages.basis import (
    BasesCompared,
    BasisMeasured,
    BasisRepeated,
    BasisSaved,
    BasisShown,
    BasisUsed,
    BasisView,
    BuildBasis,
    CompareBases,
    DecodedVectors,
    FinishBasis,
    FrameTurned,
    Measures,
    OrthogonaliseAnew,
    RepeatBasis,
    SampleLabels,
    SamplesDrawn,
    SamplesShown,
    SaveBasis,
    SetsFilled,
    ShowBasis,
    UseBasis,
)
from lsd_studio.engine.messages.choices import Complement, SetOne
from lsd_studio.engine.messages.core import Event, Request, Stopped, Working
from lsd_studio.engine.models.inference import Networks
from lsd_studio.engine.operations.bundles import bundle_name, opened_bundle
from lsd_studio.engine.runs.profiles import override_profile
from lsd_studio.engine.session import Handler, Session, milliseconds_since
from lsd_studio.engine.steps import told

__all__ = ["HANDLERS"]

NOTE = "basis"


@dataclass(frozen=True, eq=False)
class Gathering:
    """Latent sets being gathered, and the basis that they are for."""

    sets: LatentSets
    set_one: SetOne
    complement: Complement
    seed: int


@dataclass(eq=False)
class Workbench:
    """All bases made over one bundle's networks. It outlives `UseBasis`, and goes when other networks are opened.

    Args:
        bundle: as it was opened, with the basis of its files, `own`.
        made: every basis, by its key.
        gathering: what is being gathered, or was when it was stopped.
    """

    bundle: Bundle
    made: dict[str, MadeBasis] = field(default_factory=dict)
    gathering: Gathering | None = None
    own: MadeBasis = field(init=False)
    _images: tuple[LabelledImages, LabelledImages] | None = None

    def __post_init__(self) -> None:
        self.own = self.keep(own_basis(self.bundle))

    @property
    def networks(self) -> Networks:
        """E, G and C."""
        return self.bundle.networks

    def keep(self, made: MadeBasis) -> MadeBasis:
        """Know this basis by its key from now on; the one that already has the key stays."""
        return self.made.setdefault(made.key, made)

    def basis(self, key: str) -> MadeBasis:
        """The basis of this key.

        Raises:
            NotAtHandError: there is none.
        """
        if key not in self.made:
            raise NotAtHandError("This basis is no longer at hand: build it again.")
        return self.made[key]

    def images(self) -> tuple[LabelledImages, LabelledImages]:
        """The training images and the held-out ones, read once."""
        if self._images is None:
            self._images = training_images(self.bundle)
        return self._images


def _workbench(session: Session) -> Workbench:
    bundle = session.open_bundle()
    bench: Workbench | None = session.notes.get(NOTE)
    if bench is None:
        bench = session.notes.setdefault(NOTE, Workbench(bundle))
    if bench.networks is not bundle.networks:
        bench = session.notes[NOTE] = Workbench(bundle)
    return bench


Work = Callable[[Session, Workbench, int, Any], Iterator[Event]]


def _while_open(work: Work) -> Handler:
    """The work on the open bundle's workbench, given up when other networks are opened meanwhile."""

    @wraps(work)
    def handler(session: Session, number: int, request: Request) -> Iterator[Event]:
        bench = _workbench(session)
        for event in work(session, bench, number, request):
            if session.bundle is None or session.bundle.networks is not bench.networks:
                yield Stopped(number, request.kind)
                return
            yield event

    return handler


def _show(session: Session, bench: Workbench, number: int, request: ShowBasis) -> Iterator[Event]:
    start = time.perf_counter()
    yield BasisShown(number, _view(session, bench, _chosen(session, bench, request.basis), start))


def _build(session: Session, bench: Workbench, number: int, request: BuildBasis) -> Iterator[Event]:
    bundle = session.open_bundle()
    asked = {name: getattr(request, name) for name in ("vectors", "set_one", "complement")}
    overrides = [f"basis.{name}={value}" for name, value in asked.items() if value is not None]
    settings = override_profile(bundle.profile, overrides).basis
    seed = bundle.manifest.seeds.get("basis", 0) if request.seed is None else _seed(request.seed)
    yield Working(number, "reading the training images")
    images, _ = bench.images()
    sets = LatentSets(bench.networks, images, settings.vectors, settings.max_draws, seed)
    bench.gathering = Gathering(sets, settings.set_one, settings.complement, seed)
    yield from _filling(number, sets)
    yield from _finish(session, bench, number, request)


def _finish(
    session: Session, bench: Workbench, number: int, request: BuildBasis | FinishBasis
) -> Iterator[Event]:
    start = time.perf_counter()
    if bench.gathering is None:
        raise StudioError("No basis is being built: start to build one first.")
    made = yield from _made(number, bench, bench.gathering)
    yield BasisShown(number, _view(session, bench, made, start))


def _orthogonalise_anew(
    session: Session, bench: Workbench, number: int, request: OrthogonaliseAnew
) -> Iterator[Event]:
    start = time.perf_counter()
    yield Working(number, title(request.set_one, request.complement))
    made = yield from _anew(
        number, bench, _chosen(session, bench, request.basis), request.set_one, request.complement
    )
    yield BasisShown(number, _view(session, bench, made, start))


def _compare(session: Session, bench: Workbench, number: int, request: CompareBases) -> Iterator[Event]:
    yield Working(number, "encoding held-out images")
    of = _chosen(session, bench, request.basis)
    _, held_out = bench.images()
    chosen = held_out.take(np.arange(max(0, min(request.images, len(held_out)))))
    images = encode_images(bench.networks, chosen, _seed(request.seed))
    rows: list[Measures] = []
    for set_one, complement in CHOICES:
        made = yield from _anew(number, bench, of, set_one, complement)
        rows.append(measure_basis(bench.networks, made, images))
        yield BasisMeasured(number, rows[-1], len(rows), len(CHOICES))
    yield BasesCompared(number, tuple(rows))


def _repeat(session: Session, bench: Workbench, number: int, request: RepeatBasis) -> Iterator[Event]:
    of = _chosen(session, bench, request.basis)
    seed = of.seed + 1 if request.seed is None else _seed(request.seed)
    vectors = of.vectors if request.vectors is None else request.vectors
    settings = override_profile(bench.bundle.profile, [f"basis.vectors={vectors}"]).basis
    yield Working(number, "reading the training images")
    images, _ = bench.images()
    sets = LatentSets(bench.networks, images, settings.vectors, settings.max_draws, seed)
    yield from _filling(number, sets)
    twin = yield from _made(number, bench, Gathering(sets, of.set_one, of.complement, seed))
    xi_cosines = twin_cosines(of.basis.xi_, twin.basis.xi_)
    yield BasisRepeated(
        number,
        key=of.key,
        twin=twin.key,
        seed=seed,
        vectors=vectors,
        eta_cosines=twin_cosines(of.basis.eta_, twin.basis.eta_),
        xi_cosines=xi_cosines,
        chance=chance_cosine(len(xi_cosines)),
        sentence=repetition_sentence(xi_cosines, bench.networks.number_of_labels, seed),
    )


def _sample(session: Session, bench: Workbench, number: int, request: SampleLabels) -> Iterator[Event]:
    yield Working(number, "reading the training images")
    images, _ = bench.images()
    labels = bench.networks.number_of_labels
    codes: list[NDArray[np.float32]] = []
    read: list[NDArray[np.int64]] = []
    counts, draws = np.zeros(labels, dtype=np.int64), 0
    for batch in label_latents(bench.networks, images, request.source, request.each, _seed(request.seed)):
        codes.append(batch.codes)
        read.append(batch.labels)
        counts, draws = batch.counts, batch.draws
        yield SamplesDrawn(
            number, request.source, pictures(batch.images), batch.labels, counts, request.each, draws
        )
    densities = latent_densities(np.concatenate(codes), np.concatenate(read), labels)
    yield SamplesShown(number, request.source, counts, request.each, draws, request.seed, densities)


def _use(session: Session, number: int, request: UseBasis) -> Iterator[Event]:
    bench = _workbench(session)
    made = bench.basis(request.basis)
    session.use(bench.bundle if made is bench.own else with_basis(bench.bundle, made))
    session.notes[NOTE] = bench
    yield BasisUsed(number, opened_bundle(session.open_bundle()))


def _save(session: Session, number: int, request: SaveBasis) -> Iterator[Event]:
    bench = _workbench(session)
    made = bench.basis(request.basis)
    if request.path.exists() and not (request.path.is_dir() and not any(request.path.iterdir())):
        raise StudioError(f"{request.path} is there already: choose a new folder to save to.")
    save_with_basis(bench.bundle, made, request.path)
    yield BasisSaved(number, request.path)


def _filling(number: int, sets: LatentSets) -> Iterator[Event]:
    start = time.perf_counter()
    for step in sets.fill():
        yield _filled(number, step, time.perf_counter() - start)


def _filled(number: int, step: LatentSetsProgress, seconds: float) -> SetsFilled:
    return SetsFilled(
        number,
        draws=step.draws,
        wanted=step.wanted,
        counts=step.counts,
        mean=step.mean.astype(np.float32),
        spread=step.spread.astype(np.float32),
        standard_error=step.standard_error.astype(np.float32),
        change=step.change.astype(np.float32),
        latents_per_second=sum(step.draws) / seconds,
        fraction=step.fraction,
    )


def _made(number: int, bench: Workbench, gathering: Gathering) -> Generator[Event, None, MadeBasis]:
    """The basis of what was gathered."""
    sets = gathering.sets
    images, _ = bench.images()
    ascent = orthogonalise(
        bench.networks, images, sets.eta(), gathering.set_one, gathering.complement, gathering.seed
    )
    basis = yield from _told(number, ascent)
    made = MadeBasis(basis, gathering.set_one, gathering.complement, sets.wanted, gathering.seed, sets.counts)
    return bench.keep(made)


def _anew(
    number: int, bench: Workbench, of: MadeBasis, set_one: SetOne, complement: Complement
) -> Generator[Event, None, MadeBasis]:
    """Another ξ of the same η; the one at hand where it was made before."""
    known = bench.made.get(basis_key(of.basis.eta_, set_one, complement, of.seed))
    if known is not None:
        return known
    images, _ = bench.images()
    ascent = orthogonalise(bench.networks, images, of.basis.eta_, set_one, complement, of.seed)
    basis = yield from _told(number, ascent)
    return bench.keep(MadeBasis(basis, set_one, complement, of.vectors, of.seed, of.counts))


def _told(
    number: int, ascent: Generator[LabelledFrameProgress, None, QuasiEigenbasis]
) -> Generator[Event, None, QuasiEigenbasis]:
    """The ascent with its progress as events."""

    def turned(step: LabelledFrameProgress) -> FrameTurned:
        return FrameTurned(
            number, step.step, LARGEST_NUMBER_OF_STEPS, step.held, step.vectors, step.least_probability
        )

    return (yield from told(ascent, turned))


def _view(session: Session, bench: Workbench, made: MadeBasis, start: float) -> BasisView:
    basis = made.basis
    eta, xi = (_decoded(bench.networks, vectors, basis.labels_) for vectors in (basis.eta_, basis.xi_))
    return BasisView(
        key=made.key,
        title=title(made.set_one, made.complement),
        bundle=bundle_name(bench.bundle),
        in_use=made is _in_use(session, bench),
        set_one=made.set_one,
        complement=made.complement,
        vectors=made.vectors,
        seed=made.seed,
        counts=made.counts,
        label_names=bench.bundle.manifest.label_names,
        eta_gram=basis.eta_ @ basis.eta_.T,
        xi_gram=basis.xi_ @ basis.xi_.T,
        overlap=basis.xi_ @ basis.eta_.T,
        eta=eta,
        xi=xi,
        audit=audit_basis(basis, made.counts, eta.kept, xi.kept, made.complement),
        milliseconds=milliseconds_since(start),
    )


def _chosen(session: Session, bench: Workbench, key: str | None) -> MadeBasis:
    return _in_use(session, bench) if key is None else bench.basis(key)


def _in_use(session: Session, bench: Workbench) -> MadeBasis:
    basis = session.open_bundle().basis
    return next((made for made in bench.made.values() if made.basis is basis), bench.own)


def _decoded(networks: Networks, vectors: NDArray[np.float64], labels: NDArray[np.int64]) -> DecodedVectors:
    pixels = networks.decode(vectors)
    probabilities = networks.classify(pixels)
    read = probabilities.argmax(axis=1)
    return DecodedVectors(
        pictures=pictures(pixels),
        labels=read,
        probabilities=probabilities.max(axis=1),
        own_probabilities=probabilities[np.arange(len(labels)), labels],
        kept=read == labels,
    )


def _seed(seed: int) -> int:
    if not 0 <= seed < 2**63:
        raise StudioError(
            f"A seed is a whole number from 0 to 2⁶³ − 1, not {seed}: choose one in this range."
        )
    return seed


HANDLERS: dict[type[Request], Handler] = {
    ShowBasis: _while_open(_show),
    BuildBasis: _while_open(_build),
    FinishBasis: _while_open(_finish),
    OrthogonaliseAnew: _while_open(_orthogonalise_anew),
    CompareBases: _while_open(_compare),
    RepeatBasis: _while_open(_repeat),
    SampleLabels: _while_open(_sample),
    UseBasis: _use,
    SaveBasis: _save,
}
