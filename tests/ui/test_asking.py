"""What a workspace asks of the real engine is answered, also right after a stop."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from lsd_studio.engine.door import Engine
from lsd_studio.engine.messages.core import Event, Failed
from lsd_studio.engine.messages.latent import CompareSamplers, Sampler
from lsd_studio.ui.shell.asking import Asking
from lsd_studio.ui.shell.bridge import EngineBridge


def test_a_stop_ends_only_what_was_asked_before_it(qtbot: QtBot, engine: Engine) -> None:
    bridge = EngineBridge(engine)
    asking = Asking(bridge)
    request = CompareSamplers((Sampler("codes"),))
    answers: list[Event] = []
    asking.heard.connect(lambda _, answer: answers.append(answer))
    asking.stop(request.kind)
    asking.ask(request)
    qtbot.waitUntil(lambda: not asking.under_way, timeout=120_000)
    assert isinstance(answers[-1], Failed), "no latent space is open"
    bridge.detach()
