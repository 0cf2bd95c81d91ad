"""Opening the bundle in use, and reading test images."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from lsd_studio.engine.bundle import Bundle, open_bundle, shipped_bundles, ships
from lsd_studio.engine.datasets import load_fitting
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.made_basis import UnsavedBundle
from lsd_studio.engine.messages.bundles import BundleOpened, LoadTestImages, OpenBundle, TestImagesLoaded
from lsd_studio.engine.messages.core import Event, Request, Working
from lsd_studio.engine.pictures import pictures
from lsd_studio.engine.session import Handler, Session, milliseconds_since

__all__ = ["HANDLERS", "bundle_name", "bundle_opened"]


def _open(session: Session, number: int, request: OpenBundle) -> Iterator[Event]:
    start = time.perf_counter()
    yield Working(number, "opening the bundle")
    session.use(open_bundle(_path_or_shipped(request.path)))
    yield bundle_opened(session.open_bundle(), number, start)


def bundle_opened(bundle: Bundle, number: int, start: float) -> BundleOpened:
    """What the window needs to know of the bundle now in use; `start` is when the request was taken up."""
    pixels = bundle.networks.decode(bundle.basis.xi_)
    probabilities = bundle.networks.classify(pixels)
    return BundleOpened(
        number,
        path=bundle.path,
        name=bundle_name(bundle),
        profile=bundle.profile.name,
        data_set=bundle.manifest.data.name,
        label_names=bundle.manifest.label_names,
        image_shape=bundle.networks.image_shape,
        latent_dimensions=bundle.networks.latent_dimensions,
        reading=bundle.profile.reading,
        vector_pictures=pictures(pixels),
        vector_labels=probabilities.argmax(axis=1),
        vector_probabilities=probabilities.max(axis=1),
        shipped=shipped_bundles(),
        ships=ships(bundle.path) and not isinstance(bundle, UnsavedBundle),
        milliseconds=milliseconds_since(start),
    )


def bundle_name(bundle: Bundle) -> str:
    """The name that a person knows the bundle by: its folder's, or its run's, and whether its basis is unsaved."""
    name = bundle.path.parent.name if bundle.path.name == "bundle" else bundle.path.name
    return f"{name} (unsaved basis)" if isinstance(bundle, UnsavedBundle) else name


def _path_or_shipped(path: Path | None) -> str | Path:
    if path is not None:
        return path
    shipped = shipped_bundles()
    if not shipped:
        raise StudioError(
            "No bundle comes with this installation; open a bundle's folder, or train one first."
        )
    return shipped[0]


def _load_test_images(session: Session, number: int, request: LoadTestImages) -> Iterator[Event]:
    images = load_fitting(session.open_bundle().manifest.trained_on, request.source, "test")
    yield TestImagesLoaded(
        number, images.name, images.images, images.labels, images.label_names, images.notes
    )


HANDLERS: dict[type[Request], Handler] = {OpenBundle: _open, LoadTestImages: _load_test_images}
