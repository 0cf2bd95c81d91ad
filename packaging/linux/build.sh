#!/usr/bin/env bash
# Build the one-folder program for Linux, check it, and pack it with its menu entry: packaging/linux/build.sh [FOLDER]
# TORCH_INDEX names where PyTorch comes from; the default is its CPU build.
set -euo pipefail
cd "$(dirname "$0")/../.."
out="$(realpath -m "${1:-dist}")"
index="${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
PATH="$work/venv/bin:$PATH"
pip install --quiet torch torchvision --index-url "$index"
pip install --quiet -c constraints.txt '.[film,onnx,faces]' 'pyinstaller>=6.22'
pyinstaller --noconfirm --distpath "$work/dist" --workpath "$work/build" packaging/lsd-studio.spec

mkdir -p "$work/lsd-studio"/{bin,lib,share/{applications,metainfo}}
mv "$work/dist/lsd-studio" "$work/lsd-studio/lib/lsd-studio"
ln -s ../lib/lsd-studio/lsd-studio "$work/lsd-studio/bin/lsd-studio"
cp packaging/linux/lsd-studio.desktop "$work/lsd-studio/share/applications/"
cp packaging/linux/org.lsd_studio.LSDStudio.metainfo.xml "$work/lsd-studio/share/metainfo/"
for icon in packaging/icons/lsd-studio-*.png; do
    edge="${icon##*-}" edge="${edge%.png}"
    install -D -m 644 "$icon" "$work/lsd-studio/share/icons/hicolor/${edge}x$edge/apps/lsd-studio.png"
done
install -D -m 644 lsd_studio/ui/app/lsd-studio.svg "$work/lsd-studio/share/icons/hicolor/scalable/apps/lsd-studio.svg"

python3 packaging/check_program.py "$work/lsd-studio/lib/lsd-studio"

mkdir -p "$out"
XZ_OPT="${XZ_OPT:--T0}" tar --directory "$work" --create --xz --file "$out/lsd-studio-linux-$(uname -m).tar.xz" lsd-studio
echo "Unpack $out/lsd-studio-linux-$(uname -m).tar.xz into ~/.local or /usr/local: tar --strip-components=1 -xf … -C ~/.local"
