"""Started by torchrun from test_training: train the classifier on a slice of MNIST, then compare all processes."""

import sys
from pathlib import Path

import torch

from lsd_studio.engine.datasets import load_data_set
from lsd_studio.engine.runs.profiles import load_profile
from lsd_studio.engine.training.control import Control
from lsd_studio.engine.training.plan import Plan
from lsd_studio.engine.training.run import make_fabric, train_networks

profile = load_profile(
    "studio",
    (
        "classifier.epochs=2",
        "classifier.shift=0",
        "classifier.distortion=0",
        "classifier.batch_size=50",
        "precision=float32",
    ),
)
fabric = make_fabric(profile, "cpu")
plan = Plan(profile, "mnist", seed=0, stages=("classifier",))
images = load_data_set("mnist", "train").take(range(600))
events = train_networks(plan, Path(sys.argv[1]), images, Control(), fabric)
while True:
    try:
        next(events)
    except StopIteration as finished:
        classifier = finished.value["classifier"]
        break
flat = torch.cat([parameter.detach().flatten() for parameter in classifier.parameters()])
assert torch.equal(fabric.all_reduce(flat.clone(), reduce_op="mean"), flat)
