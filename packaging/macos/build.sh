#!/usr/bin/env bash
# Build "LSD Studio.app" for macOS, check it, and pack it: packaging/macos/build.sh [FOLDER]
# Sign and notarise afterwards, with your own certificate, or macOS will refuse it on other machines.
set -euo pipefail
cd "$(dirname "$0")/../.."
out="${1:-dist}"
mkdir -p "$out"
out="$(cd "$out" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
PATH="$work/venv/bin:$PATH"
pip install --quiet -c constraints.txt '.[film,onnx,faces]' 'pyinstaller>=6.22' # PyTorch for macOS has no CUDA build
pyinstaller --noconfirm --distpath "$work/dist" --workpath "$work/build" packaging/lsd-studio.spec

python3 packaging/check_program.py "$work/dist/lsd-studio"

ditto -c -k --keepParent "$work/dist/LSD Studio.app" "$out/lsd-studio-macos-$(uname -m).zip"
