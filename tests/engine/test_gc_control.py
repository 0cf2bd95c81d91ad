"""What is imported for good is left out of collections; garbage that others make later is not."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.small_run import environment

PROGRAM = """
import gc
import sys
import weakref
from lsd_studio.engine.platform.gc_control import import_for_good

class Node:
    pass

assert "xml.dom.minidom" not in sys.modules
before = gc.get_freeze_count()
import_for_good("xml.dom.minidom")
assert "xml.dom.minidom" in sys.modules and gc.isenabled()
frozen = gc.get_freeze_count()
assert frozen > before

node = Node()
node.itself = node
left = weakref.ref(node)
import_for_good("xml.dom.minidom")
assert gc.get_freeze_count() == frozen
del node
gc.collect()
assert left() is None
"""


def test_a_second_import_leaves_no_garbage_out_of_collections() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment(), check=True)
