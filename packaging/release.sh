#!/usr/bin/env bash
# What a release publishes, into a new folder: packaging/release.sh [FOLDER]. The sdist and both wheels are built twice and compared byte by byte;
# beside them lie a CycloneDX list of what they need and the hashes of all. Where GPG_KEY names a key, it signs the hashes.
set -euo pipefail
cd "$(dirname "$0")/.."
out="$(realpath -m "${1:-dist}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
PATH="$work/venv/bin:$PATH"
pip install --quiet 'build>=1.6' 'hatchling>=1.27' 'twine>=6.2' 'cyclonedx-bom>=7.5' 'uv>=0.9'
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
export SOURCE_DATE_EPOCH

build_from_commit() { # FOLDER: the files of the commit with the times and the permissions of now
    mkdir -p "$1/tree"
    git archive HEAD | tar --extract --touch --directory "$1/tree"
    python -m build --no-isolation --outdir "$1/dist" "$1/tree" >"$1/log"
    python -m build --no-isolation --wheel --outdir "$1/dist" "$1/tree/packaging/headless" >>"$1/log"
}
build_from_commit "$work/first"
(umask 077 && build_from_commit "$work/second")
diff --recursive "$work/first/dist" "$work/second/dist"
twine check --strict "$work"/first/dist/*

mkdir "$out"
cp "$work"/first/dist/* "$out"
uv pip compile --quiet --python-version 3.11 --constraint constraints.txt --generate-hashes --no-annotate pyproject.toml \
    --output-file "$work/requirements.txt"
version="$(sed -n 's/^__version__ = "\(.*\)"/\1/p' lsd_studio/__init__.py)"
sed "s/^dynamic = \[\"version\"\]/version = \"$version\"/" pyproject.toml >"$work/pyproject.toml"
cyclonedx-py requirements --pyproject "$work/pyproject.toml" --mc-type application --output-reproducible \
    --output-format JSON --output-file "$out/lsd_studio-$version.cdx.json" "$work/requirements.txt"

cd "$out"
sha256sum -- * >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" .
if [ -n "${GPG_KEY:-}" ]; then
    gpg --local-user "$GPG_KEY" --armor --detach-sign SHA256SUMS
fi
cat SHA256SUMS
