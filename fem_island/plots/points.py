"""A reported number of arbitrary points over each of the keys that were varied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.case.axes import Axis
from fem_island.machine.arrays import Array
from fem_island.plots import given_look, style
from fem_island.plots.axis_units import in_print
from fem_island.quantities import Dimension, in_unit
from fem_island.results.variables import Variable

_MOST_PANELS, _PANELS_IN_A_ROW = 12, 3
_MOST_MARKS = 20_000
"""Points that are drawn; of more of them, these many, evenly."""

_WIDE = 20.0
"""Largest over smallest value from which on an axis is logarithmic."""


@style.applied()
def draw_points(
    axes: Sequence[Axis],
    variable: Variable,
    values: npt.NDArray[np.float64],
    *,
    ax: Axes | Sequence[Axes] | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """A panel for every key, with a mark for every point.

    Args:
        axes: The keys and their values, shapes (n,).
        variable: What is drawn.
        values: Of the variable, SI, shape (n,); NaN where there is none.
        ax: Axes for each key to draw in, or None.
        size: Width and height of the figure in inches.

    Raises:
        InputError: They are not as many axes, or no size.
    """
    shown = axes[:_MOST_PANELS]
    panels = given_look.panels_in(ax, len(shown), size) or _new_panels(len(shown), size)
    chosen = np.linspace(0, len(values) - 1, min(len(values), _MOST_MARKS)).astype(int)
    drawn, label = _in_unit(values[chosen], variable.quantity), _label(variable)
    mark = float(np.clip(400 / np.sqrt(len(chosen)), 3, 25))
    for panel, axis in zip(panels, shown, strict=False):
        along = _in_unit(axis.values[chosen], axis.dimension)
        panel.scatter(along, drawn, s=mark, color=style.ISLAND_COLOR, alpha=0.7, linewidths=0)
        panel.set_xlabel(f"{axis.name.replace('_', ' ')}{_bracketed(axis.dimension)}")
        if _is_wide(along):
            panel.set_xscale("log")
        if _is_wide(drawn):
            panel.set_yscale("log")
        style.keep_tick_labels(panel)
    for panel in panels[len(shown) :]:
        panel.set_axis_off()
    figure = panels[0].figure.figure
    if ax is None:
        figure.supylabel(label, fontsize=panels[0].xaxis.label.get_fontsize())
    else:
        panels[0].set_ylabel(label)
    return figure


def _new_panels(number: int, size: tuple[float, float] | None) -> list[Axes]:
    """Rows of panels, of which the last may have more than are needed."""
    columns = min(number, _PANELS_IN_A_ROW)
    rows = -(-number // columns)
    usual = 0.6 + 2.5 * columns, 0.3 + 2.2 * rows
    figure = style.new_figure(*(size or usual), gap=0.05)
    return list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)


def _in_unit(values: Array, dimension: Dimension) -> Array:
    if not dimension.unit:
        return values
    none, one = (in_unit(number, dimension) for number in (0.0, 1.0))
    return np.asarray(none + (one - none) * values)


def _label(variable: Variable) -> str:
    words = variable.words.replace(", ", ",\n", 1)
    return f"{words}{_bracketed(variable.quantity)}"


def _bracketed(dimension: Dimension) -> str:
    return f" [{in_print(dimension.shown_in)}]" if dimension.shown_in else ""


def _is_wide(values: Array) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() > _WIDE * known.min())
