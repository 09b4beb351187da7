"""A quantity over two others as a map in colours, with its colour bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patches import Patch

from fem_island.machine.arrays import Array
from fem_island.plots import style

_BANDS = 160
"""Shades of the map: too many to be told apart."""

_NO_VALUE: dict[str, Any] = {"facecolor": "#d0d0d0", "edgecolor": "#8a8a8a", "hatch": "//////"}


@dataclass(frozen=True)
class Scale:
    """One axis of a map.

    Attributes:
        values: Rising positions of the columns or rows, in the unit of the label, shape (n,).
        label: Quantity with its unit.
        spacing: "linear" or "log".
    """

    values: Array
    label: str
    spacing: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Map:
    """A quantity over two others.

    Attributes:
        x: Columns.
        y: Rows.
        values: Shape (rows, columns), in the unit of the label; NaN where there is none.
        label: Quantity with its unit.
        limits: Values of the first and the last colour; None takes the smallest and the largest.
        colors: Name of matplotlib's colour map.
        color_spacing: "linear" or "log".
    """

    x: Scale
    y: Scale
    values: Array
    label: str
    limits: tuple[float, float] | None = None
    colors: str = style.OVERPOTENTIAL_MAP
    color_spacing: Literal["linear", "log"] = "linear"

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where there are values."""
        return np.isfinite(self.values)

    @property
    def can_be_filled(self) -> bool:
        """Whether any cell of the map has values at all its corners."""
        known = self.known
        return bool((known[1:, 1:] & known[:-1, 1:] & known[1:, :-1] & known[:-1, :-1]).any())

    def interpolated(self, values: npt.ArrayLike) -> Array:
        """What runs evenly between two points of the map: values, or where colours do logarithms.

        Args:
            values: In the unit of the map.
        """
        given = np.asarray(values, dtype=np.float64)
        return np.asarray(np.log(given)) if self.color_spacing == "log" else given


@dataclass(frozen=True)
class Threshold:
    """A value of the mapped quantity at which something happens.

    Attributes:
        value: In the unit of the map.
        label: What to write along the line; nothing where empty.
        color: Of the line.
        linestyle: As matplotlib names it.
    """

    value: float
    label: str
    color: str
    linestyle: str = "-"


def draw_map(axes: Axes, data: Map) -> None:
    """Fill axes with the colours of a map; where there is no value, they are hatched."""
    axes.set_xscale(data.x.spacing)
    axes.set_yscale(data.y.spacing)
    axes.patch.set(**_NO_VALUE)
    if data.can_be_filled:
        low, high = (float(end) for end in data.interpolated(_ends(data)))
        filling = axes.contourf(
            data.x.values,
            data.y.values,
            np.ma.masked_invalid(data.interpolated(data.values)),
            levels=np.linspace(low, high, _BANDS + 1),
            cmap=data.colors,
            norm=Normalize(low, high),
            extend="both",
            zorder=1,
        )
        # Viewers show white seams between the many small polygons of a filling that is vectors.
        filling.set_rasterized(True)
    axes.set_xlim(data.x.values[0], data.x.values[-1])
    axes.set_ylim(data.y.values[0], data.y.values[-1])
    axes.set_xlabel(data.x.label)
    axes.set_ylabel(data.y.label)
    for scale, axis in ((data.x, axes.xaxis), (data.y, axes.yaxis)):
        if scale.spacing == "log":
            style.plain_decades(axis)
    style.keep_tick_labels(axes)


def entry_of_missing(data: Map) -> list[Patch]:
    """What a legend must say of the hatched places; nothing where all values are known."""
    missing = int((~data.known).sum())
    if missing == 0:
        return []
    return [Patch(label=f"no solution: {missing} of {data.values.size} points", **_NO_VALUE)]


def add_color_bar(
    axes: Axes, data: Map, marks: Iterable[Threshold] = (), *, beside: Sequence[Axes] = ()
) -> Colorbar | None:
    """Put the colour bar of a map beside its axes, with thresholds marked on it.

    Args:
        axes: Those of the map.
        data: The map.
        marks: The thresholds.
        beside: All axes that share the bar; by default those of the map.

    Returns:
        The bar, or None where the map has no values.
    """
    if not data.known.any():
        return None
    colors = ScalarMappable(_limits(data), cmap=data.colors)
    bar = axes.figure.colorbar(colors, ax=list(beside) or axes, aspect=30, pad=0.02)
    bar.set_label(data.label)
    for mark in marks:
        line = bar.ax.axhline(mark.value, color=mark.color, linestyle=mark.linestyle)
        line.set(linewidth=1.4, path_effects=style.halo(2.6))
    style.keep_tick_labels(bar.ax)
    return bar


def _limits(data: Map) -> Normalize:
    scale = LogNorm if data.color_spacing == "log" else Normalize
    return scale(*_ends(data))


def _ends(data: Map) -> tuple[float, float]:
    """Values of the first and the last colour."""
    if data.limits is not None:
        return data.limits
    known = data.values[data.known]
    low, high = float(known.min()), float(known.max())
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-9):
        low, high = low - 0.5, high + 0.5
    return low, high
