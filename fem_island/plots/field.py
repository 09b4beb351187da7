"""The potential in the electrolyte with the paths of the current, on axes with units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from matplotlib.transforms import ScaledTranslation

from fem_island.machine.collective import on_first_rank
from fem_island.plots import style
from fem_island.plots.scene import PIXELS, SampledField, render_field, sample_field
from fem_island.surface.bottom import Bottom

if TYPE_CHECKING:
    from fem_island.solvers.solved import SolvedPoint

_FLAT = 0.15
"""Height over width below which the colour bar lies below the field, and that of stretched ones."""

_VERY_FLAT = 0.03
"""Height over width below which y is stretched: to scale, there would be little to see."""


@style.applied()
def plot_field(solution: SolvedPoint, path: Path | str | None = None) -> Figure | None:
    """Draw one solution. Collective; only rank 0 draws and returns the figure.

    Args:
        solution: What to draw.
        path: Picture file to write, or None.

    Raises:
        InputError: A picture cannot be written there.
    """
    style.prepare(path, solution.domain.mesh.comm)
    field = sample_field(solution)
    return on_first_rank(solution.domain.mesh.comm, lambda: _figure(solution, field, path))


def _figure(solution: SolvedPoint, field: SampledField, path: Path | str | None) -> Figure:
    ratio = _exaggeration(solution) * solution.domain.height / solution.domain.width
    picture = min(6.0, 7.0 / ratio)
    room = 1.9 if _is_flat(solution) else 1.2
    figure = style.new_figure(max(picture + 1.2, 4.0), max(picture * ratio, 0.6) + room)
    draw_field(figure.add_subplot(), solution, field)
    add_legend(figure, solution.domain.bottom)
    style.save(figure, path)
    return figure


def draw_field(
    axes: Axes,
    solution: SolvedPoint,
    field: SampledField,
    *,
    title: str | None = None,
    bar_label: str = "potential vs. lithium [mV]",
    pixels: int = PIXELS,
) -> None:
    """Draw a sampled solution on axes of a figure, with its colour bar.

    Args:
        axes: Where to draw.
        solution: What to draw.
        field: Its samples.
        title: Above the picture; None says which island, current and mean overpotential.
        bar_label: Beside the colour bar.
        pixels: Of the longer side of the picture.
    """
    case, result = solution.case, solution.result
    low, high = float(field.potential.min()), float(field.potential.max())
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-12):
        low, high = low - 1e-6, high + 1e-6
    exaggeration = _exaggeration(solution)
    image, strip = render_field(
        field,
        solution.domain.bottom,
        conductivity=case.cell.electrolyte.conductivity,
        current_density=case.operation.current_density,
        limits=(low, high),
        exaggeration=exaggeration,
        pixels=pixels,
    )
    unit = style.length_unit(solution.domain.width)
    width, height = solution.domain.width / unit.metres, solution.domain.height / unit.metres
    extent = (0.0, width, -strip / unit.metres, height)
    axes.imshow(image, extent=extent, aspect=exaggeration, zorder=0)
    axes.set_xlabel(f"x [{unit.name}]")
    axes.set_ylabel(f"y [{unit.name}]" + (",\nstretched" if exaggeration > 1 else ""))
    style.keep_tick_labels(axes)
    axes.locator_params(axis="y", nbins=4)
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= height * (1 + 1e-9)])
    if title is None:
        title = (
            f"{_islands(solution)}, {case.operation.current_density / 10:.4g} mA/cm$^2$: "
            f"mean overpotential {1e3 * result.overpotential_mean:.2f} mV"
        )
    axes.set_title(title)
    colors = ScalarMappable(Normalize(1e3 * low, 1e3 * high), cmap=style.POTENTIAL_MAP)
    if _is_flat(solution):
        bar = axes.figure.colorbar(colors, ax=axes, location="bottom", aspect=40)
    else:
        bar = axes.figure.colorbar(colors, cax=axes.inset_axes((1.02, 0.0, 0.025, 1.0)))
    bar.set_label(bar_label)
    bar.formatter = ScalarFormatter(useOffset=False)
    bar.locator = MaxNLocator(5, steps=(1, 2, 2.5, 5, 10))
    style.keep_tick_labels(bar.ax)


def _is_flat(solution: SolvedPoint) -> bool:
    return solution.domain.height / solution.domain.width < _FLAT


def _exaggeration(solution: SolvedPoint) -> float:
    """How much longer a length is drawn along y than along x."""
    ratio = solution.domain.height / solution.domain.width
    return _FLAT / ratio if ratio < _VERY_FLAT else 1.0


def _islands(solution: SolvedPoint) -> str:
    islands = solution.case.cell.islands
    if len(islands) == 1:
        unit = style.length_unit(islands[0].width)
        return f"{islands[0].width / unit.metres:g} {unit.name} island"
    return f"{len(islands)} islands"


def add_legend(place: Figure | Axes, bottom: Bottom) -> None:
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
