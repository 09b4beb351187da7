"""A field drawn by matplotlib alone, where pyvista cannot draw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fem_island.machine.arrays import Array
from fem_island.plots.axis_units import LengthUnit
from fem_island.plots.scene import ARROW_HEIGHT, Scene

_EVEN = 400
"""Columns of the even grid on which matplotlib follows the current."""


def draw_scene(
    axes: Axes, scene: Scene, unit: LengthUnit, current_density: Callable[[Array], Array]
) -> None:
    """Fill axes with the colours of the potential, the paths of the current and the bottom.

    Args:
        axes: Where to draw; their limits are left to the caller.
        scene: What to draw.
        unit: Of the axes.
        current_density: At points [A/m^2].
    """
    filling = axes.pcolormesh(
        scene.x / unit.metres,
        scene.y / unit.metres,
        scene.potential,
        shading="gouraud",
        cmap=scene.colors,
        vmin=scene.limits[0],
        vmax=scene.limits[1],
        zorder=0,
    )
    filling.set_rasterized(True)
    for start, end, color in scene.boxes:
        corner, length = (start / unit.metres, -scene.strip / unit.metres), end - start
        box = (length / unit.metres, scene.strip / unit.metres)
        axes.add_patch(Rectangle(corner, *box, color=color, linewidth=0, zorder=1))
    if scene.has_current:
        _add_paths(axes, scene, unit, current_density)


def _add_paths(
    axes: Axes, scene: Scene, unit: LengthUnit, current_density: Callable[[Array], Array]
) -> None:
    height = float(scene.y[-1])
    rows = max(60, round(_EVEN * scene.exaggeration * height / scene.width))
    x = np.linspace(scene.x[0], scene.x[-1], _EVEN)
    y = np.linspace(0.0, height, min(rows, 2 * _EVEN))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    current = current_density(points).reshape(len(y), len(x), 2)
    starts = scene.starts
    inches = axes.get_position().width * axes.figure.bbox.width / axes.figure.dpi
    paths = axes.streamplot(
        x / unit.metres,
        y / unit.metres,
        current[..., 0],
        current[..., 1],
        start_points=np.column_stack([starts, np.full(len(starts), 0.995 * height)]) / unit.metres,
        density=10,
        maxlength=20.0,
        color="white",
        linewidth=0.1 * inches,
        arrowstyle="-",
        broken_streamlines=False,
        zorder=0.5,
    )
    level = ARROW_HEIGHT * height / unit.metres
    for line in paths.lines.get_segments():
        above = line[:, 1] > level
        crossing = np.flatnonzero(above[1:] != above[:-1])
        if len(crossing):
            start, end = line[crossing[0]], line[crossing[0] + 1]
            axes.annotate(
                "",
                end + 1e-3 * (end - start),
                start,
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": "white",
                    "mutation_scale": 2 * inches,
                    "lw": 0,
                },
                zorder=0.6,
            )
