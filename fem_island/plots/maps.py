"""A quantity over two others as a map, with lines where it passes thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm, Normalize
from matplotlib.contour import ContourSet
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from matplotlib.transforms import ScaledTranslation

from fem_island.machine.arrays import Array
from fem_island.plots import style

_BANDS = 160
"""Shades of the map: too many to be told apart."""

_EDGE = 0.09
"""Share of a map's width and height along its edges where no line is labelled."""

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
    if _can_be_filled(data):
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
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
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


def draw_threshold(
    axes: Axes, data: Map, threshold: Threshold, *, ticked: bool = True, label_at: float = 0.75
) -> ContourSet | None:
    """Draw the line on which a map passes a threshold.

    Args:
        axes: Those of the map.
        data: The map.
        threshold: The value, and how to draw it.
        ticked: Whether ticks show the side on which the values are larger.
        label_at: Where the label hangs below the line, as a share of the width of the axes.

    Returns:
        The line, or None where the map does not pass the threshold.
    """
    if not _can_be_filled(data):
        return None
    known = data.values[data.known]
    if not known.min() < threshold.value < known.max():
        return None
    line = axes.contour(
        data.x.values,
        data.y.values,
        np.ma.masked_invalid(data.values),
        levels=[threshold.value],
        colors=[threshold.color],
        linestyles=[threshold.linestyle],
        linewidths=1.4,
        zorder=3,
    )
    effects: list[patheffects.AbstractPathEffect] = [*style.halo(3.0)]
    if ticked:
        # Matplotlib draws contours with the larger values on their left, and so these ticks.
        effects.append(
            patheffects.withTickedStroke(
                spacing=style.TICK_SPACING, length=style.TICK_LENGTH, angle=90, linewidth=0.9
            )
        )
    line.set_path_effects([*effects, patheffects.Normal()])
    if threshold.label:
        _write_along(axes, line, threshold, label_at)
    return line


def draw_levels(
    axes: Axes,
    data: Map,
    levels: Sequence[float],
    words: Callable[[float], str],
    *,
    color: str = "white",
) -> list[Text]:
    """Draw lines at several values of a map, with the value on each.

    Args:
        axes: Those of the map.
        data: The map.
        levels: The values, rising, in the unit of the map.
        words: What to write on the line of a value.
        color: Of the lines.

    Returns:
        The labels; a map that passes none of the values has none.
    """
    known = data.values[data.known]
    passed = [level for level in levels if known.size and known.min() < level < known.max()]
    if not passed or not _can_be_filled(data):
        return []
    at = np.atleast_1d(data.interpolated(passed))
    lines = axes.contour(
        data.x.values,
        data.y.values,
        np.ma.masked_invalid(data.interpolated(data.values)),
        levels=at,
        colors=[color],
        linewidths=0.8,
        zorder=3,
    )
    texts = {float(each): words(level) for each, level in zip(at, passed, strict=True)}
    labels = list(axes.clabel(lines, fmt=texts, fontsize=style.SMALL - 1))
    inside = axes.transData - axes.transAxes
    for label in labels:
        # On an edge of the map half of it would be missing.
        place = inside.transform(label.get_position())
        label.set_visible(bool(np.all((place > _EDGE) & (place < 1 - _EDGE))))
    return labels


def _write_along(axes: Axes, line: ContourSet, threshold: Threshold, share: float) -> None:
    """The label of a line, turned along it, just below it."""
    pieces = [np.asarray(piece) for piece in line.get_paths()[0].to_polygons(closed_only=False)]
    longest = max(pieces, key=len, default=np.empty((0, 2)))
    if len(longest) < 3:
        return
    to_axes = axes.transData - axes.transAxes
    vertices = to_axes.transform(longest)
    place = int(np.clip(np.argmin(np.abs(vertices[:, 0] - share)), 1, len(longest) - 2))
    x, y = longest[place]
    step = longest[place + 1] - longest[place - 1]
    step *= np.copysign(1.0, step[0])  # or the label would be upside down
    below = ScaledTranslation(1.5 / 72, -3.5 / 72, axes.figure.dpi_scale_trans)
    axes.text(
        float(x),
        float(y),
        threshold.label,
        color=threshold.color,
        fontsize=style.SMALL,
        fontweight="bold",
        rotation=float(np.degrees(np.arctan2(step[1], step[0]))),
        rotation_mode="anchor",
        transform_rotates_text=True,
        transform=axes.transData + below,
        horizontalalignment="center",
        verticalalignment="top",
        path_effects=style.halo(1.8),
        zorder=5,
    )


def _can_be_filled(data: Map) -> bool:
    """Is there a cell with values at all its corners?"""
    known = data.known
    return bool((known[1:, 1:] & known[:-1, 1:] & known[1:, :-1] & known[:-1, :-1]).any())


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
