"""Lines on maps: where a quantity passes a threshold, and where it has given values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from fem_island.plots import style
from fem_island.plots.maps import Map, Threshold

_EDGE = 0.09
"""Share of a map's width and height along its edges where no line is labelled."""


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
    if not data.can_be_filled:
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
    if not passed or not data.can_be_filled:
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
