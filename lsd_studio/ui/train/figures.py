"""The curves of the Train workspace, as figures for publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsd_studio.engine.figures.spec import Axis, Dash, Ink, Line, Panel, PlotFigure
from lsd_studio.ui.plots.live_panel import DASHES, CurvePanel

INKS: tuple[Ink, ...] = ("blue", "orange", "teal", "purple", "red", "grey")
LINES: dict[tuple[int, int], Dash] = dict(zip(DASHES, ("solid", "dashed", "dotted", "dashdot"), strict=True))


def curve_figures(
    name: str, title: str, panels: Sequence[CurvePanel], source: str, settings: Mapping[str, object]
) -> tuple[PlotFigure, ...]:
    """All axes of a stage together, then each alone; axes without a curve are left out.

    Args:
        name: of the files; title: of the stage.
        panels: as they are drawn in the window.
        source: whose curves they are, in words; settings: the same by name, for the JSON file.
    """
    drawn = [_panel(panel) for panel in panels if panel.traces.traces]
    if not drawn:
        return ()
    whole = PlotFigure(
        name,
        title,
        tuple(drawn),
        source,
        columns=min(2, len(drawn)),
        wide=len(drawn) > 1,
        settings=settings,
        of="run",
    )
    singles = (
        PlotFigure(f"{name}-{place}", panel.title, (panel,), source, settings=settings, of="run")
        for place, panel in enumerate(drawn, start=1)
    )
    return (whole, *singles)


def _panel(panel: CurvePanel) -> Panel:
    traces = panel.traces.traces
    colours = list(dict.fromkeys(trace.colour for trace in traces))
    several = len({trace.run for trace in traces}) > 1
    lines = tuple(
        Line(
            f"{trace.run}: {trace.name}" if several else trace.name,
            trace.steps,
            trace.mean,
            INKS[colours.index(trace.colour) % len(INKS)],
            None if trace.points else trace.lowest,
            None if trace.points else trace.highest,
            LINES[trace.dash],
            "dot" if trace.points else "",
        )
        for trace in traces
    )
    left = Axis(panel.plan.title, panel.plan.unit, logarithmic=panel.logarithmic)
    return Panel(lines, Axis("step"), left, title=panel.plan.title)
