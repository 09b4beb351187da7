"""Distributions of numbers with their Sobol indices, and maps of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.machine.arrays import Array
from fem_island.plots import given_look, map_lines, maps, style
from fem_island.plots.axis_units import in_print

_COLOR = "#20639b"
_MICRO, _PER_MA_CM2, _PERCENT = 1e6, 0.1, 100.0
_LEVELS = {5.0: 0.8, 50.0: 0.3, 95.0: 0.2}
"""Lines on maps [%], and where their labels are along the width."""

_CORNER = 0.08
"""Share of a map that a line cuts off without room for its label; the colour bar has it as well."""

_DASHED = (0.025, 0.5, 0.975)
_DASHED_WORDS = "dashed: 2.5, 50 and 97.5 %"
_BAR = 0.4
"""Height of a bar, over the distance of two."""


@dataclass(frozen=True)
class Panel:
    """What is drawn of a number.

    Attributes:
        name: Of the number.
        unit: Of its values; empty where it has none.
        values: Of all samples, shape (n,).
        indices: Paths of keys and their total Sobol indices.
    """

    name: str
    unit: str
    values: Array
    indices: Sequence[tuple[str, float]]


@style.applied()
def draw_uncertainty(
    panels: Sequence[Panel],
    *,
    ax: Sequence[Axes] | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """A column for each number: its distribution above, its Sobol indices below.

    Args:
        panels: The numbers.
        ax: Two axes for each number to draw in, the upper one first, or None.
        size: Width and height of the figure in inches.

    Raises:
        InputError: They are not as many axes, or no size.
    """
    usual = max(3.4, 2.6 * len(panels)), 3.8
    columns = given_look.columns_in(ax, len(panels), usual, size, height_ratios=(3, 2))
    for panel, (above, below) in zip(panels, columns, strict=True):
        known = panel.values[np.isfinite(panel.values)]
        above.hist(known, bins=40, color=_COLOR, density=True)
        for probability in _DASHED:
            if len(known):
                above.axvline(np.quantile(known, probability), color=style.HALO, lw=0.8, ls="--")
        name = panel.name.replace("_", " ").replace(".", " ")
        above.set_xlabel("\n".join([name, f"[{in_print(panel.unit)}]"] if panel.unit else [name]))
        above.set_title(_DASHED_WORDS, fontsize=style.SMALL)
        above.set_yticks([])
        above.set_ylabel("density")
        _draw_indices(below, panel.indices)
        below.set_xlabel("total Sobol index")
        style.keep_tick_labels(above)
    return columns[0][0].figure.figure


def _draw_indices(axes: Axes, indices: Sequence[tuple[str, float]]) -> None:
    """A bar for each key, below its name: beside the bars names would take most of the width."""
    for number, (key, index) in enumerate(indices):
        axes.barh(number, index, height=_BAR, color=_COLOR)
        name = key.rpartition(".")[2].replace("_", " ")
        axes.text(0.02, number - _BAR / 2, name, va="bottom", fontsize=style.SMALL)
    if not indices:
        axes.text(0.02, 0.0, "not computed", fontsize=style.SMALL)
    axes.set_yticks([])
    axes.set(xlim=(0, 1.05), ylim=(max(len(indices), 1) - 1 + _BAR, -2 * _BAR))


@style.applied()
def draw_probability(data: xarray.Dataset) -> Figure:
    """The probability that a film acts over island size and current density."""
    figure = style.new_figure(3.9, 3.2)
    axes = figure.subplots()
    draw_probability_on(axes, data)
    axes.set_title(f"probability that Li–{data.attrs['film']} acts")  # noqa: RUF001
    return figure


def draw_probability_on(axes: Axes, data: xarray.Dataset) -> maps.Map:
    """The map of ``probability_map`` with lines at 5, 50 and 95 %.

    Returns:
        The map that was drawn [%].
    """
    probability = data.probability.transpose("current_density", "island_width").to_numpy()
    drawn = maps.Map(
        x=maps.Scale(_MICRO * data.island_width.to_numpy(), "island size [µm]"),
        y=maps.Scale(
            _PER_MA_CM2 * data.current_density.to_numpy(), "current density [mA/cm$^2$]", "log"
        ),
        values=_PERCENT * probability,
        label="probability [%]",
        limits=(0.0, _PERCENT),
        colors=style.SHARE_MAP,
    )
    maps.draw_map(axes, drawn)
    maps.add_color_bar(axes, drawn, [maps.Threshold(level, "", "white") for level in _LEVELS])
    for level, place in _LEVELS.items():
        above = float(np.mean(drawn.values[drawn.known] > level)) if drawn.known.any() else 0.0
        label = f"{level:g} %" if _CORNER < above < 1 - _CORNER else ""
        line = maps.Threshold(level, label, "white")
        map_lines.draw_threshold(axes, drawn, line, ticked=False, label_at=place)
    missing = maps.entry_of_missing(drawn)
    if missing:
        axes.legend(handles=missing, loc="lower right", framealpha=0.9)
    return drawn
