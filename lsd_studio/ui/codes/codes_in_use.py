"""The codes that are in use in place of a bundle, and what each workspace does with them."""

from __future__ import annotations

from dataclasses import dataclass

from lsd_studio.bidirectional import isolated
from lsd_studio.engine.spaces.latent_space import LatentSpace
from lsd_studio.ui.widgets.number_formatting import counted

ADOPT = "adopt the model's networks with File ▸ Import ▸ Adopt networks of your own…"

MISSING = {
    "Decompose": f"Decompose needs an encoder, a generator and a classifier, and there are codes alone: {ADOPT}",
    "Denoise": f"Denoise needs an encoder, a generator and a classifier, and there are codes alone: {ADOPT}",
}
"""Workspaces that codes alone are too little for, and what would bring the rest, in a sentence."""

NO_LABELS = "needs a column of labels, or of yes and no: save one in the same file"


@dataclass(frozen=True, eq=False)
class CodesInUse:
    """A latent space, and the column that tells its codes apart; None for none."""

    space: LatentSpace
    column: str | None

    @property
    def words(self) -> str:
        """Such as "2 000 codes × 100 components · labels of kind"."""
        space = self.space
        labels = f"labels of {isolated(self.column)}" if self.column else "no labels"
        return f"{counted(len(space))} codes × {space.components} components · {labels}"


WORKSPACES_OF_CODES = ("Latent space", "Basis", "Evaluate", "Operate", "Decompose", "Denoise", "Train")
"""Those that can do most with codes alone come first."""


def what_workspaces_do(codes: CodesInUse) -> dict[str, str]:
    """What each workspace does with these codes, or what it lacks, by its name."""
    column = isolated(codes.column) if codes.column else None
    colours = f", in the colours of {column}" if column else ""
    labelled = {
        "Basis": f"averages the codes of each {column}, and says what of the averages is signal",
        "Evaluate": f"reads {column} in held-out codes by LSD and by common classifiers",
        "Operate": f"moves held-out codes from one {column} to another, and has a probe read them",
    }
    needs_labels = "choose a column of labels for it" if codes.space.label_columns else NO_LABELS
    return {
        "Latent space": f"shows where the codes lie, and how they differ from a Gaussian{colours}",
        **{name: words if column else needs_labels for name, words in labelled.items()},
        **{name: sentence.partition(" ")[2] for name, sentence in MISSING.items()},
        "Train": "trains networks on images, whatever codes are in use",
    }
