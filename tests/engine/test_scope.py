"""An answer belongs to the bundle that it was asked of, whichever workspace asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lsd_studio.engine.bundle import open_bundle
from lsd_studio.engine.desks import do_request
from lsd_studio.engine.desks.scope import while_open
from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.messages.core import Event, Request, Stopped, Working
from lsd_studio.engine.messages.operate import MeasurePath, PathSettings
from lsd_studio.engine.session import Session


@pytest.fixture
def session(save_small_bundle: Callable[[Path], Path], tmp_path: Path) -> Session:
    session = Session()
    session.use(open_bundle(save_small_bundle(tmp_path / "first")))
    return session


@pytest.mark.parametrize(
    "request_",
    [
        MeasurePath(PathSettings((0, 1)), "two-labels"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_what_is_under_way_stops_when_another_bundle_is_opened(
    session: Session, save_small_bundle: Callable[[Path], Path], tmp_path: Path, request_: Request
) -> None:
    events = do_request(session, lambda: False, 2, request_)
    first = next(events)

    session.use(open_bundle(save_small_bundle(tmp_path / "second")))

    assert not isinstance(first, Stopped)
    assert list(events) == [Stopped(2, request_.kind)]


def test_an_error_of_the_bundle_before_is_not_told(
    session: Session, save_small_bundle: Callable[[Path], Path], tmp_path: Path
) -> None:
    def work(session: Session, number: int, request: Request):  # type: ignore[no-untyped-def]
        yield Working(number, "working")
        raise StudioError("The data set is gone.")

    same, other = (
        while_open(work)(session, number, MeasurePath(PathSettings((0, 1)), "two-labels"))
        for number in (1, 2)
    )
    next(same)
    with pytest.raises(StudioError, match="gone"):
        next(same)
    next(other)
    session.use(open_bundle(save_small_bundle(tmp_path / "second")))
    rest: list[Event] = list(other)
    assert rest == [Stopped(2, "MeasurePath")]
