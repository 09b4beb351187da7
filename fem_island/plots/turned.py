"""The potential in a cylinder as a body with a quarter cut away, with its colour bar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from fem_island.case.geometry import require_geometry
from fem_island.plots import axis_units, picture_file, style, turned_scene
from fem_island.plots.field import PIXELS, add_legend, scene_of
from fem_island.plots.rendering import rendered
from fem_island.plots.turned_scene import TurnedScene

if TYPE_CHECKING:
    from fem_island.solvers.solved import SolvedPoint


@style.applied()
def plot_turned(solution: SolvedPoint, path: Path | str | None = None) -> Figure | None:
    """Draw a solution turned about its axis; only the first of the ranks that solved it does.

    Args:
        solution: What to draw.
        path: Picture file to write, or None.

    Returns:
        The figure; None on other ranks.

    Raises:
        InputError: The cell has no axis, or a picture cannot be written there.
        RenderingError: Pyvista is missing, or there is no OpenGL context.
        MissingSystemLibraryError: There is no OpenGL library.
    """
    electrolyte = solution.case.cell.electrolyte
    require_geometry(electrolyte.geometry, "a body turned about an axis", among=("axisymmetric",))
    if solution.rank > 0:
        return None
    path = picture_file.prepared(path)
    (image,) = rendered([turned_scene_of(solution)], program=turned_scene)
    ratio = image.shape[0] / image.shape[1]
    figure = style.new_figure(5.2, 5.2 * ratio * 0.85 + 0.9)
    axes = figure.add_subplot()
    axes.imshow(image)
    axes.set_axis_off()
    radius = axis_units.length_unit(electrolyte.span)
    axes.set_title(
        f"{electrolyte.span / radius.metres:g} {radius.name} around the axis: mean overpotential "
        f"{1e3 * solution.result.overpotential_mean:.2f} mV"
    )
    low, high = scene_of(solution).limits
    colors = ScalarMappable(Normalize(1e3 * low, 1e3 * high), cmap=style.POTENTIAL_MAP)
    bar = figure.colorbar(colors, ax=axes, shrink=0.8, aspect=25, pad=0.01)
    bar.set_label("potential vs. lithium [mV]")
    bar.formatter = ScalarFormatter(useOffset=False)
    bar.locator = MaxNLocator(5, steps=(1, 2, 2.5, 5, 10))
    style.keep_tick_labels(bar.ax)
    add_legend(figure, solution.bottom)
    picture_file.save(figure, path)
    return figure


def turned_scene_of(solution: SolvedPoint, *, pixels: int = PIXELS) -> TurnedScene:
    """Sample a solution in a cylinder where the field is fine.

    Args:
        solution: What to draw.
        pixels: Of the longer side of the picture.
    """
    flat = scene_of(solution)
    right = flat.x >= 0
    return TurnedScene(
        r=flat.x[right],
        z=flat.y,
        potential=flat.potential[:, right],
        limits=flat.limits,
        colors=flat.colors,
        rings=tuple((part.start, part.end, style.color_of(part)) for part in solution.bottom),
        thickness=flat.strip,
        pixels=pixels,
    )
