"""ONNX files that would end the process, take all memory or all time: refused in a sentence, and all else lives on."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lsd_studio.engine.errors import StudioError
from lsd_studio.engine.exchange.onnx_files import checked_model
from lsd_studio.engine.exchange.onnx_networks import OnnxNetwork
from lsd_studio.engine.exchange.onnx_trial import tried_networks
from lsd_studio.engine.platform.limited_process import Limits, run_limited
from lsd_studio.engine.scheduler import Call, Turn, WorkerQueue

node = helper.make_node


def network(
    nodes: Sequence[onnx.NodeProto], weights: dict[str, Any], opset: int = 18, batch: str | int = "N"
) -> bytes:
    """A generator of images [1, 1, 10] from codes [10]; `nodes` make y of z."""
    shape = [batch, 10]
    graph = helper.make_graph(
        nodes,
        "hostile",
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    content: bytes = model.SerializeToString()
    return content


def tried(content: bytes, limits: Limits | None = None) -> OnnxNetwork:
    found = tried_networks(
        {"generator": (content, "small.onnx")},
        image_shape=(1, 1, 10),
        number_of_labels=2,
        latent_dimensions=10,
        limits=limits or Limits(),
    )
    return found["generator"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def adds(value: str) -> list[onnx.NodeProto]:
    """y = z + the largest of a value."""
    return [
        node("Cast", [value], ["as_float"], to=TensorProto.FLOAT),
        node("ReduceMax", ["as_float"], ["largest"], keepdims=0),
        node("Add", ["z", "largest"], ["y"]),
    ]


DIVISION = network(
    [node("Div", ["least", "minus_one"], ["quotient"]), *adds("quotient")],
    {"least": whole(-(2**63)), "minus_one": whole(-1)},
)
SQUARE = {"one": np.ones((1, 1), np.float32), "far": whole(4096, 4096)}
EXPANDED = [node("Expand", ["one", "far"], [f"part_{place}"]) for place in range(200)]
IMAGES = {
    "one": np.ones((1, 1, 1, 1), np.float32),
    "kernel": whole(64, 64, 63, 63),
    "image": whole(1, 64, 200, 200),
}

REFUSED = {
    "divides": (DIVISION, "divides whole numbers by what may be 0 or −1"),
    "divides-by-codes": (
        network(
            [node("Cast", ["z"], ["codes"], to=TensorProto.INT64), node("Div", ["least", "codes"], ["quotient"]),
             node("Cast", ["quotient"], ["y"], to=TensorProto.FLOAT)],
            {"least": whole(-(2**63))},
        ),
        "divides whole numbers by what may be 0 or −1",
    ),
    "divides-by-a-sum": (
        network(
            [node("Add", ["minus_one", "zero"], ["hidden"]), node("Div", ["least", "hidden"], ["quotient"]),
             *adds("quotient")],
            {"least": whole(-(2**63)), "minus_one": whole(-1), "zero": whole(0)},
        ),
        "divides whole numbers by what may be 0 or −1",
    ),
    "many-values": (
        network([*EXPANDED, node("Sum", [f"part_{place}" for place in range(200)], ["sum"]), *adds("sum")], SQUARE),
        "would take 12,[0-9]+ MiB for one image",
    ),
    "products": (
        network(
            [node("Expand", ["one", "far"], ["e"]), node("MatMul", ["e", "e"], ["p"]), *adds("p")], SQUARE
        ),
        r"would take 6\.9e\+10 operations for one image",
    ),
    "convolution": (
        network(
            [node("Expand", ["one", "kernel"], ["weight"]), node("Expand", ["one", "image"], ["given"]),
             node("Conv", ["given", "weight"], ["convolved"]), *adds("convolved")],
            IMAGES,
        ),
        "would take .* for one image",
    ),
    "equation": (network([node("Einsum", ["z"], ["y"], equation="...9")], {}), "an equation of Einsum cannot be read"),
    "equation-of-many": (
        network(
            [node("Einsum", ["e", "e", "e"], ["p"], equation="ab,cd,ef->"), *adds("p")],
            {"e": np.ones((200, 200), np.float32)},
        ),
        "would take .* MiB for one image",
    ),
    "names": (
        network(
            [node("Concat", ["z"] * 60_000, ["wide"], axis=1), node("Slice", ["wide", "from", "to", "axis"], ["y"])],
            {"from": whole(0), "to": whole(10), "axis": whole(1)},
        ),
        "expected at most 50000 inputs, outputs and weights",
    ),
    "trains": (
        network(
            [node("BatchNormalization", ["z", "v", "v", "v", "v"], ["y", "m", "n"], training_mode=1)],
            {"v": np.ones(10, np.float32)},
        ),
        r"please call model\.eval\(\) before torch\.onnx\.export",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_small_files_that_ask_for_much_are_refused_from_their_shapes(name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(StudioError, match=sentence) as refused:
        checked_model(content, "small.onnx")
    assert "\n" not in str(refused.value)


def test_division_by_safe_weights_is_taken() -> None:
    """The arithmetic of shapes divides by 2."""
    content = network(
        [node("Div", ["ten", "two"], ["five"]), *adds("five")], {"ten": whole(10), "two": whole(2)}
    )
    assert checked_model(content, "small.onnx").cost.operations < 1000


def test_what_ends_its_process_ends_no_other() -> None:
    """ONNX Runtime divides as it makes the session: SIGFPE."""
    ended = run_limited("tests.engine.make_session", DIVISION, Limits())
    if platform.machine() in ("x86_64", "AMD64"):  # other processors give a number
        assert ended.code == -signal.SIGFPE
    assert ended.code == 0 or b"made" not in ended.output


def test_more_memory_than_the_limit_is_a_sentence() -> None:
    content = network(
        [node("Expand", ["one", "far"], ["e"]), *adds("e")],
        {"one": np.ones((1, 1), np.float32), "far": whole(4096, 4096)},
    )
    if sys.platform == "linux":
        with pytest.raises(StudioError, match=r"small\.onnx (takes more memory than|ended the process)"):
            tried(content, Limits(memory=2**25))


def test_more_time_than_the_limit_is_a_sentence(cache: Path) -> None:
    with pytest.raises(StudioError, match=r"small\.onnx takes more than 60 s to be made and run"):
        tried(network([node("Neg", ["z"], ["y"])], {}), Limits(seconds=0))
    assert not list(cache.rglob("*"))


def test_a_network_is_tried_once(cache: Path) -> None:
    content = network([node("Neg", ["z"], ["y"])], {})
    tried(content)
    (mark,) = (cache / "lsd-studio" / "tried-networks").iterdir()
    assert mark.stat().st_size == 0
    assert tried(content, Limits(seconds=0)).obstacle == ""
    with pytest.raises(StudioError, match="takes more than"):
        tried(network([node("Abs", ["z"], ["y"])], {}), Limits(seconds=0))


def test_onnx_runtime_keeps_no_device_and_opens_no_socket(tmp_path: Path) -> None:
    """Nothing is written at home but the marks of what was tried, and no internet socket is ever made (issue 18)."""
    (tmp_path / "g.onnx").write_bytes(network([node("Neg", ["z"], ["y"])], {}))
    told = subprocess.run(
        [sys.executable, "-c", LOOKING, str(tmp_path / "g.onnx")],
        env={
            **{name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"},
            "HOME": str(tmp_path / "home"),
            "XDG_CACHE_HOME": str(tmp_path / "home" / "cache"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == ["opened"]
    written = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
    assert [file.parent.name for file in written] == ["tried-networks"]


LOOKING = """
import os, sys
heard = []
sys.addaudithook(lambda event, given: heard.append(event) if event.startswith("socket.") else None)
from lsd_studio.engine.exchange.onnx_trial import tried_networks
from pathlib import Path
file = Path(sys.argv[1])
sizes = dict(image_shape=(1, 1, 10), number_of_labels=2, latent_dimensions=10)
network = tried_networks({"generator": (file.read_bytes(), file.name)}, **sizes)["generator"]
folder = Path("/proc/self/fd")
open_ones = [os.readlink(entry) for entry in folder.iterdir() if entry.is_symlink()] if folder.exists() else []
print("opened", *heard, *(name for name in open_ones if name.startswith("socket:")))
"""


def test_closing_a_queue_ends_what_is_being_tried() -> None:
    """A window that opens a bundle of others can be quit at once (issue 18)."""
    begun, call = threading.Event(), Call[object, OnnxNetwork]()

    def work() -> OnnxNetwork:
        begun.set()
        return tried(network([node("Neg", ["z"], ["y"])], {}))

    worker = WorkerQueue("opening")
    worker.submit(Turn(call, work, "open"))
    begun.wait()
    worker.close()
    worker.join()
    with pytest.raises(StudioError, match=r"small\.onnx was not opened: the program was closed meanwhile"):
        call.result()
