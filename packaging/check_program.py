"""Check a packaged program: `python packaging/check_program.py dist/lsd-studio`. Needs Python alone, no library.

It must tell its version, decompose an image file, do whatever needs a library that is imported late, and show its
window offscreen, all without this checkout, without the environment that built it, and without a display.
"""

from __future__ import annotations

import gzip
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

SECONDS_TO_ANSWER = 600
SECONDS_OF_WINDOW = 20
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
LATE = (
    "operate mnist-studio seven.png --path 7,8 --out film.mp4",
    "denoise mnist-studio seven.png --out clean.png",
    "figures mnist-studio --only 4a,4b --dpi 50 --out figures",
    "latent mnist-autoencoder --data mnist --number 200 --only embedding --report report",
    "export mnist-studio --onnx networks",
    "adopt --generator networks/generator.onnx --encoder networks/encoder.onnx --classifier networks/classifier.onnx "
    "--data mnist --set basis.vectors=5 basis.set_one=gram-schmidt basis.complement=gram-schmidt --out own",
    "faces --count 12 --out faces",
    "train --profile studio --estimate",
)
"""Commands whose libraries are imported when they are first needed."""
WRITTEN = ("film.mp4", "clean.png", "figures/figure-4a.pdf", "figures/figure-4b.svg", "own/manifest.json")


def main() -> None:
    """Run all checks; ends with a sentence where one fails."""
    folder = Path(sys.argv[1]).resolve()
    program = folder / ("lsd-studio.exe" if sys.platform == "win32" else "lsd-studio")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{folder}: {size / 1e6:.0f} MB")
    with TemporaryDirectory() as empty:
        surroundings = _surroundings(Path(empty))
        print(_answer([program, "--version"], empty, surroundings).strip())
        image = Path(empty) / "seven.png"
        image.write_bytes(_png(_first_test_image(folder)))
        (said,) = json.loads(
            _answer([program, "decompose", "mnist-studio", image, "--json", "-"], empty, surroundings)
        )
        if (said["label"], said["lsd_label"]) != (7, 7):
            sys.exit(f"The first test image, a 7, is read as {said['label']} and {said['lsd_label']}.")
        for command in LATE:
            _answer([program, *command.split()], empty, surroundings)
        for name in WRITTEN:
            if not (Path(empty) / name).is_file():
                sys.exit(f"{name} was not written.")
        _show_window(program, empty, surroundings)
    print("The packaged program works.")


def _surroundings(empty: Path) -> dict[str, str]:
    """The environment without anything of Python's or of a display, with data and settings in a folder of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "DISPLAY", "WAYLAND", "QT_", "LD_LIBRARY_PATH"))
    }
    own = {
        name: str(empty) for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LSD_STUDIO_DATA")
    }
    return kept | own | {"QT_QPA_PLATFORM": "offscreen"}


def _answer(command: list[str | Path], folder: str, surroundings: dict[str, str]) -> str:
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, encoding="utf-8",
        timeout=SECONDS_TO_ANSWER, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{command[1]} ends with {done.returncode}: {done.stderr[-2000:]}")
    print(f"{command[1]}: {time.perf_counter() - start:.1f} s")
    return done.stdout


def _show_window(program: Path, folder: str, surroundings: dict[str, str]) -> None:
    """The window must still be there after a while, and end when it is asked to."""
    with (Path(folder) / "window.log").open("w+b") as log:
        window = subprocess.Popen([program], cwd=folder, env=surroundings, stdout=log, stderr=log)
        try:
            code = window.wait(SECONDS_OF_WINDOW)
        except subprocess.TimeoutExpired:
            window.terminate()
            window.wait(SECONDS_TO_ANSWER)
            print(f"window: open for {SECONDS_OF_WINDOW} s")
            return
        log.seek(0)
        sys.exit(f"The window ended by itself with {code}: {log.read().decode(errors='replace')[-2000:]}")


def _first_test_image(folder: Path) -> bytes:
    """Its 28 × 28 pixels, from the data set in the package."""
    (packed,) = folder.rglob(TEST_IMAGES)
    return gzip.decompress(packed.read_bytes())[16 : 16 + 28 * 28]


def _png(pixels: bytes, edge: int = 28) -> bytes:
    """A grey PNG file of edge × edge pixels."""
    rows = b"".join(b"\0" + pixels[start : start + edge] for start in range(0, len(pixels), edge))
    header = struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    main()
