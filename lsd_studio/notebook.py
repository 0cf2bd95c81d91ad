"""What a script or a notebook asks of the program with one call: the window on codes, a bundle of live networks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from torch import Tensor, nn

    from lsd_studio.engine.exchange.adoption import Adopted
    from lsd_studio.engine.exchange.onnx_networks import Role

__all__ = ["adopt", "open"]


def open(
    codes: ArrayLike | str | os.PathLike[str],
    *,
    labels: ArrayLike | Mapping[str, ArrayLike] | str | None = None,
    images: ArrayLike | None = None,
) -> subprocess.Popen[bytes]:
    """Show the window with codes, in a process of its own, so that a notebook goes on and no event loop is needed.

    Args:
        codes: [N, M], as NumPy, PyTorch or a list has it; or a file of codes, a bundle or a run.
        labels: [N] whole numbers or texts; several columns by name; or, of a file, the name of its column.
        images: uint8 [N, H, W] or [N, H, W, C], named beside the codes.

    Returns:
        The process of the window: `wait()` waits until it is closed, `terminate()` closes it.

    Raises:
        StudioError: labels or images are not one for each code, or no window can be shown.
    """
    from lsd_studio.cli.display import why_no_window
    from lsd_studio.engine.errors import StudioError

    if (reason := why_no_window()) is not None:
        raise StudioError(f"No window can be shown, because {reason}.")
    if isinstance(codes, str | os.PathLike):
        if images is not None or not isinstance(labels, str | None):
            raise StudioError("Of a file, labels are the name of its column, and images are in the file.")
        return _window(Path(codes), labels)
    folder = Path(tempfile.mkdtemp(prefix="lsd-studio-"))
    file, column = folder / "codes.npz", None
    try:
        column = _written(file, codes, labels, images)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    process = _window(file, column, "codes")
    threading.Thread(target=_clear_after, args=(process, folder), daemon=True).start()
    return process


def adopt(
    generator: nn.Module,
    data: str,
    out: str | os.PathLike[str],
    *,
    codes: int | Sequence[int],
    encoder: nn.Module | None = None,
    classifier: nn.Module | None = None,
    pixels: tuple[float, float] = (-1.0, 1.0),
    channels_last: bool = False,
    condition: Tensor | None = None,
    log_variance: bool = False,
    prior: str | ArrayLike = "normal",
    profile: str = "studio",
    overrides: Sequence[str] = (),
    seed: int = 0,
) -> Adopted:
    """Make a bundle of networks that are in memory; what is missing is trained, as `lsd-studio adopt` does.

    Args:
        generator: takes codes, and `condition` beside them where it is given; gives images.
        data: data set or folder with one subfolder per label, whose images the networks know.
        out: folder of the new bundle.
        codes: M, or the shape of one code, such as (100, 1, 1).
        encoder: takes images, gives mean and log σ, each [N, M]; None trains one.
        classifier: takes images, gives logits [N, l]; None trains one.
        pixels: darkest and brightest value of images, for all three.
        channels_last: whether images are [N, H, W, C].
        condition: of one item, such as a one-hot label [l]; the same for every code.
        log_variance: whether the encoder's second output is log σ².
        prior: what codes were drawn from: "normal", "uniform" on [−1, 1] or as "uniform:0,1", "sphere" of radius √M or
            as "sphere:1"; or many such codes [S, M], as of a W space.
        profile, overrides, seed: as for `lsd-studio adopt`.

    Raises:
        StudioError: a network does not take what is said, cannot be written as ONNX, or does not fit the others or the
            images.
    """
    import numpy as np

    from lsd_studio.engine.api import Engine
    from lsd_studio.engine.exchange.live_networks import Conventions, code_shape, write_live_networks

    conventions = Conventions(code_shape(codes), pixels, channels_last, condition, log_variance)
    networks: dict[Role, nn.Module | None] = {
        "generator": generator, "encoder": encoder, "classifier": classifier,
    }  # fmt: skip
    given = {role: network for role, network in networks.items() if network is not None}
    with tempfile.TemporaryDirectory(prefix="lsd-studio-") as folder, Engine() as engine:
        files = write_live_networks(Path(folder), given, conventions)
        if not isinstance(prior, str):
            np.save(Path(folder) / "prior.npy", _array(prior))
            prior = str(Path(folder) / "prior.npy")
        call = engine.exchange.adopt(
            files.generator,
            data,
            Path(out),
            files.encoder,
            files.classifier,
            profile,
            tuple(overrides),
            seed,
            prior,
        )
        return call.result()


def _written(
    file: Path,
    codes: ArrayLike,
    labels: ArrayLike | Mapping[str, ArrayLike] | str | None,
    images: ArrayLike | None,
) -> str | None:
    """Write arrays as a file of codes; returns the name of the first column that tells codes apart."""
    import numpy as np

    from lsd_studio.engine.data_files.columns import column_of
    from lsd_studio.engine.errors import StudioError

    table = _array(codes)
    if table.ndim != 2:
        raise StudioError(f"Codes are a table [N, M], a row for each, not {list(table.shape)}.")
    if isinstance(labels, str):
        raise StudioError("Labels of codes in memory are one for each of them, not the name of a column.")
    named: dict[str, Any] = dict(labels) if isinstance(labels, Mapping) else {}
    if labels is not None and not isinstance(labels, Mapping):
        named["labels"] = labels
    arrays = {name: _array(values) for name, values in named.items()}
    column = next((name for name, values in arrays.items() if column_of(name, values).is_label), None)
    if images is not None:
        arrays["images"] = _array(images).astype(np.uint8)
    for name, values in arrays.items():
        if len(values) != len(table):
            raise StudioError(
                f"There are {len(table)} codes and {len(values)} {name}: give one for each code."
            )
    if "codes" in arrays:
        raise StudioError("A column cannot be called codes: give it another name.")
    np.savez(file, allow_pickle=False, codes=table, **arrays)
    return column


def _array(values: Any) -> NDArray[Any]:
    """Values as NumPy has them, from wherever PyTorch has them."""
    import numpy as np

    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)


def _window(file: Path, labels: str | None, array: str | None = None) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "lsd_studio.cli", "open", str(file)]
    words += ["--labels", labels] if labels is not None else []
    words += ["--codes", array] if array is not None else []
    return subprocess.Popen(words, stdin=subprocess.DEVNULL)


def _clear_after(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
