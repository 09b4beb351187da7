"""A picture of several stripping runs: their voltages against time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.plots import axis_units, given_look, picture_file, style
from fem_island.plots.stripping import Curve


@style.applied()
def plot_curves(
    runs: Mapping[str, Curve],
    path: Path | str | None = None,
    *,
    ax: Axes | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw the voltages of several runs against time, with dots where the lithium is gone.

    Args:
        runs: Stripping runs by the names that the legend gives them.
        path: Picture file to write, or None.
        ax: Axes of a figure of one's own to draw in, or None.
        size: Width and height of the figure in inches.

    Raises:
        InputError: A picture cannot be written there, or cannot look like that.
    """
    path = picture_file.prepared(path)
    figure, axes = given_look.axes_in(ax, (5.6, 3.8), size)
    unit, name = axis_units.time_unit(max(float(run.times[-1]) for run in runs.values()))
    gone = None
    for label, run in runs.items():
        (line,) = axes.plot(run.times / unit, 1e3 * run.voltage, linewidth=1.4, label=label)
        for event in run.events:
            if event.event == "lithium_gone":
                (gone,) = axes.plot(
                    event.time / unit, 1e3 * event.voltage, "o", color=line.get_color(), ms=4
                )
    if gone is not None:
        axes.plot([], [], "o", color="0.4", ms=4, label="lithium gone")
    top = max(1e3 * float(np.max(run.voltage)) for run in runs.values())
    bottom = min(1e3 * float(np.min(run.voltage)) for run in runs.values())
    axes.set_ylim(min(0.0, 1.05 * bottom), 1.08 * top)
    axes.set_xlabel(f"time [{name}]")
    axes.set_ylabel("voltage against lithium [mV]")
    axes.legend(loc="upper left", fontsize=style.SMALL, frameon=False)
    style.keep_tick_labels(axes)
    picture_file.save(figure, path)
    return figure
