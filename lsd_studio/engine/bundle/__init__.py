"""A bundle: trained networks and their quasi-eigenbasis in one folder, safe to open whoever sent it.

A folder with `manifest.json`, one `.safetensors` file a network, `basis.safetensors` (η and ξ), `profile.toml`
and, once measured, `evaluation.json`, `evaluations/` and `steering.json`. It is written all or nothing, checked as a
whole when it is opened, and nothing in it is ever unpickled or executed.
"""

from lsd_studio.engine.bundle.manifest import (
    EVALUATIONS,
    FORMAT_VERSION,
    DataRecord,
    Facts,
    FileRecord,
    Manifest,
    StageRecord,
    library_versions,
)
from lsd_studio.engine.bundle.reading import (
    Bundle,
    find_bundle,
    known_name,
    open_bundle,
    read_evaluation,
    read_manifest,
    shipped_bundles,
    ships,
)
from lsd_studio.engine.bundle.writing import keep_evaluation, keep_steering, save_bundle

__all__ = [
    "EVALUATIONS",
    "FORMAT_VERSION",
    "Bundle",
    "DataRecord",
    "Facts",
    "FileRecord",
    "Manifest",
    "StageRecord",
    "find_bundle",
    "keep_evaluation",
    "keep_steering",
    "known_name",
    "library_versions",
    "open_bundle",
    "read_evaluation",
    "read_manifest",
    "save_bundle",
    "shipped_bundles",
    "ships",
]
