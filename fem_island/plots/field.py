"""The potential in the electrolyte with the paths of the current, on axes with units."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from matplotlib.transforms import ScaledTranslation

from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, given_look, picture_file, style
from fem_island.plots.plain_field import draw_scene
from fem_island.plots.rendering import images_of
from fem_island.plots.scene import Scene
from fem_island.quantities import POTENTIAL
from fem_island.surface.bottom import Bottom

if TYPE_CHECKING:
    from fem_island.solvers.solved import SolvedPoint

PIXELS = 2000
"""Of the longer side of a field, where it is a picture by itself."""

_COLUMNS, _ROWS, _EDGE_POINTS = 200, 100, 16
_MOST_COLUMNS = 4000
_STRIP = 0.035

_PATHS = 20
"""Paths of the current that are drawn; each stands for the same part of the current, so that they
start evenly spaced in a planar cell, and with rings of equal area between them in a cylinder."""

_BAR_LABEL = "potential vs. lithium [mV]"

_FLAT = 0.15
"""Height over width below which the colour bar lies below the field, and that of stretched ones."""

_VERY_FLAT = 0.03
"""Height over width below which y is stretched: to scale, there would be little to see."""

_VERY_TALL = 3.0
"""Height over width above which y is compressed, for the same reason."""


@style.applied()
def plot_field(
    solution: SolvedPoint,
    path: Path | str | None = None,
    *,
    ax: Axes | None = None,
    size: tuple[float, float] | None = None,
    colors: str = style.POTENTIAL_MAP,
    limits: tuple[float | str, float | str] | None = None,
) -> Figure | None:
    """Draw one solution; only the first of the ranks that solved it draws and returns the figure.

    Args:
        solution: What to draw.
        path: Picture file to write, or None.
        ax: Axes of a figure of one's own to draw in, or None.
        size: Width and height of the figure in inches; None suits the cell.
        colors: Name of matplotlib's colour map.
        limits: Potentials of the first and the last colour [V]; None takes those of the solution.

    Raises:
        InputError: A picture cannot be written there, or there are no such colours or limits.
    """
    if solution.rank > 0:
        return None
    path = picture_file.prepared(path)
    given_look.check_look(ax=ax, size=size, colors=colors)
    scene = scene_of(solution, colors=colors, limits=given_look.ends_of(limits, POTENTIAL))
    (image,) = images_of([scene])
    if ax is not None:
        draw_field(ax, solution, scene, image)
        add_legend(ax, solution.bottom)
        figure = ax.figure.figure
    else:
        ratio = _exaggeration(solution) * _ratio(solution)
        picture = min(6.0, 7.0 / ratio)
        room = 1.9 if _is_flat(solution) else 1.2
        # The title is wider than a narrow cell, in whose middle it is.
        width, height = max(picture + 1.2, 5.2), max(picture * ratio, 0.6) + room
        figure = style.new_figure(*(size or (width, height)))
        label = _BAR_LABEL
        if size is not None and not _is_flat(solution):
            label = style.wrapped(label, min(size[1] - room, (size[0] - 1.2) * ratio))
        draw_field(figure.add_subplot(), solution, scene, image, bar_label=label)
        add_legend(figure, solution.bottom)
    picture_file.save(figure, path)
    return figure


def scene_of(
    solution: SolvedPoint,
    *,
    pixels: int = PIXELS,
    colors: str = style.POTENTIAL_MAP,
    limits: tuple[float, float] | None = None,
) -> Scene:
    """Sample a solution on a rectangular grid that is fine where the field is.

    Args:
        solution: What to draw.
        pixels: Of the longer side of the picture.
        colors: Name of matplotlib's colour map.
        limits: Potentials of the first and the last colour [V]; None takes those of the solution.
    """
    case, electrolyte = solution.case, solution.case.cell.electrolyte
    x = [np.linspace(0.0, electrolyte.span, _COLUMNS)]
    near = np.geomspace(1e-4, 0.5, _EDGE_POINTS)
    for stretch in solution.bottom:
        x += [stretch.start + stretch.length * near, stretch.end - stretch.length * near]
    columns = np.unique(np.clip(np.concatenate(x), 0.0, electrolyte.span).round(14))
    if len(columns) > _MOST_COLUMNS:
        # More than the picture has: of those in one place the last.
        places = (columns / electrolyte.span * _MOST_COLUMNS).astype(int)
        columns = columns[np.append(np.diff(places) > 0, True)]
    rows = electrolyte.height * np.concatenate(
        [[0.0], np.geomspace(1e-4, 0.02, 12), np.linspace(0.03, 1.0, _ROWS)]
    )
    points = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    values = solution.potential(points).reshape(len(rows), len(columns))
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-12):
        low, high = low - 1e-6, high + 1e-6
    boxes = [(part.start, part.end, style.color_of(part)) for part in solution.bottom]
    starts = (np.arange(_PATHS) + 0.5) / _PATHS * electrolyte.span
    if _has_axis(solution):
        # The whole section, of which the half that was solved is the right one.
        columns = np.concatenate([-columns[:0:-1], columns])
        values = np.hstack([values[:, :0:-1], values])
        boxes += [(-end, -start, color) for start, end, color in boxes]
        rings = electrolyte.span * np.sqrt((np.arange(_PATHS // 2) + 0.5) / (_PATHS // 2))
        starts = np.concatenate([-rings[::-1], rings])
    exaggeration = _exaggeration(solution)
    width, height = _width(solution), exaggeration * electrolyte.height
    strip = max(_STRIP * min(height, 0.3 * width), 0.004 * max(height, width))
    return Scene(
        x=columns,
        y=rows,
        potential=values,
        conductivity=case.conductivity,
        has_current=case.operation.current_density != 0,
        limits=limits or (low, high),
        colors=colors,
        boxes=tuple(boxes),
        strip=strip / exaggeration,
        exaggeration=exaggeration,
        starts=starts,
        pixels=pixels,
    )


def draw_field(
    axes: Axes,
    solution: SolvedPoint,
    scene: Scene,
    image: npt.NDArray[np.uint8] | None,
    *,
    title: str | None = None,
    bar_label: str = _BAR_LABEL,
) -> None:
    """Draw a solution on axes of a figure, with its colour bar.

    Args:
        axes: Where to draw.
        solution: What to draw.
        scene: Its samples.
        image: The scene as pyvista draws it; None where it cannot, and matplotlib does.
        title: Above the picture; None says which island, current and mean overpotential.
        bar_label: Beside the colour bar.
    """
    case, result = solution.case, solution.result
    low, high = scene.limits
    electrolyte = case.cell.electrolyte
    unit = axis_units.length_unit(_width(solution))
    height = electrolyte.height / unit.metres
    ends = (scene.x[0] / unit.metres, scene.x[-1] / unit.metres)
    extent = (*ends, -scene.strip / unit.metres, height)
    if image is None:
        draw_scene(axes, scene, unit, partial(_current_density, solution))
        axes.set(xlim=extent[:2], ylim=extent[2:], aspect=scene.exaggeration)
    else:
        axes.imshow(image, extent=extent, aspect=scene.exaggeration, zorder=0)
    axes.set_xlabel(f"{electrolyte.naming.along} [{unit.name}]")
    axes.set_ylabel(
        f"{electrolyte.naming.up} [{unit.name}]"
        + (",\nstretched" if scene.exaggeration > 1 else "")
        + (", compressed" if scene.exaggeration < 1 else "")
    )
    style.keep_tick_labels(axes)
    axes.locator_params(axis="y", nbins=4)
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= height * (1 + 1e-9)])
    if title is None:
        title = (
            f"{_islands(solution)}, {case.operation.current_density / 10:.4g} mA/cm$^2$: "
            f"mean overpotential {1e3 * result.overpotential_mean:.2f} mV"
        )
        title = style.wrapped(title, _room(axes))
    axes.set_title(title)
    colors = ScalarMappable(Normalize(1e3 * low, 1e3 * high), cmap=scene.colors)
    if _is_flat(solution):
        bar = axes.figure.colorbar(colors, ax=axes, location="bottom", aspect=40)
    else:
        # As wide on the paper beside a tall cell as beside a wide one.
        wide = max(1.0, scene.exaggeration * _ratio(solution))
        place = (1.0 + 0.02 * wide, 0.0, 0.025 * wide, 1.0)
        bar = axes.figure.colorbar(colors, cax=axes.inset_axes(place))
    bar.set_label(bar_label)
    bar.formatter = ScalarFormatter(useOffset=False)
    bar.locator = MaxNLocator(5, steps=(1, 2, 2.5, 5, 10))
    style.keep_tick_labels(bar.ax)


def _room(axes: Axes) -> float:
    """Width for a title [inch]: that of the figure, or of a column of it.

    Without what the colour bar takes on the right more than the ticks do on the left.
    """
    grid = axes.get_subplotspec()
    if grid is None:
        return style.size_of(axes)[0]
    columns = grid.get_gridspec().ncols
    return float(axes.figure.figure.get_figwidth() * len(grid.colspan) / columns - 0.6)


def _ratio(solution: SolvedPoint) -> float:
    """Height over width."""
    return solution.case.cell.electrolyte.height / _width(solution)


def _has_axis(solution: SolvedPoint) -> bool:
    return not solution.bottom.measure.is_uniform


def _width(solution: SolvedPoint) -> float:
    """Of the picture [m]: a cylinder is drawn from wall to wall."""
    return (2 if _has_axis(solution) else 1) * solution.case.cell.electrolyte.span


def _current_density(solution: SolvedPoint, points: Array) -> Array:
    """At points [A/m^2], also left of an axis."""
    sides = np.where(points[:, :1] < 0, -1.0, 1.0) * [1.0, 0.0] + [0.0, 1.0]
    return np.asarray(sides * solution.current_density(sides * points))


def _is_flat(solution: SolvedPoint) -> bool:
    return _ratio(solution) < _FLAT


def _exaggeration(solution: SolvedPoint) -> float:
    """How much longer a length is drawn along y than along x."""
    ratio = _ratio(solution)
    if ratio > _VERY_TALL:
        return _VERY_TALL / ratio
    return _FLAT / ratio if ratio < _VERY_FLAT else 1.0


def _islands(solution: SolvedPoint) -> str:
    islands = solution.case.cell.islands
    outer = islands[0].outer_radius if len(islands) == 1 else None
    if outer is not None:
        unit, inner = axis_units.length_unit(outer), islands[0].inner_radius or 0.0
        if inner > 0:
            return f"ring of {inner / unit.metres:g} to {outer / unit.metres:g} {unit.name}"
        return f"disc of radius {outer / unit.metres:g} {unit.name}"
    if len(islands) == 1:
        unit = axis_units.length_unit(islands[0].width)
        return f"{islands[0].width / unit.metres:g} {unit.name} island"
    return f"{len(islands)} islands"


def add_legend(place: Figure | SubFigure | Axes, bottom: Bottom) -> None:
    """Say at the foot of a figure, or below the axes, which colour of the strip is what."""
    present = {style.name_of(stretch): style.color_of(stretch) for stretch in bottom}
    handles = [Patch(color=color, label=name) for name, color in present.items()]
    if isinstance(place, Axes):
        below = ScaledTranslation(0.0, -0.4, place.figure.dpi_scale_trans)
        anchored: dict[str, Any] = {
            "loc": "upper center",
            "bbox_to_anchor": (0.5, 0.0),
            "bbox_transform": place.transAxes + below,
        }
    else:
        anchored = {"loc": "outside lower center"}
    place.legend(handles=handles, ncols=len(handles), frameon=False, **anchored)
