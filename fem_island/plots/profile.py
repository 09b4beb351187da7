"""Overpotential and local current density along the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like
from matplotlib.figure import Figure

from fem_island.case.film import Interlayer
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, given_look, picture_file, style
from fem_island.quantities import LENGTH, POTENTIAL
from fem_island.results.profile import along
from fem_island.surface.bottom import Bottom, Tag

if TYPE_CHECKING:
    from fem_island.solvers.solved import SolvedPoint

_COLORS = {
    "island": (Tag.ISLAND, style.ISLAND_COLOR),
    "film": (Tag.FILM, style.FILM_COLOR),
    "collector": (Tag.EXPOSED, style.COLLECTOR_COLOR),
}
"""What lies on the bottom, and its usual colour."""

_FEW = 30
"""Stretches up to which there is a place for the legend between the lines."""

_SMALL = 4.0
"""Width or height of a picture below which there is none [inches]."""

_LABELS = 1.3
"""Height of an axis below which its whole label does not fit beside it [inches]."""


@style.applied()
def plot_profile(
    solution: SolvedPoint,
    path: Path | str | None = None,
    *,
    ax: Sequence[Axes] | None = None,
    size: tuple[float, float] | None = None,
    colors: Mapping[str, str] | None = None,
    limits: tuple[float | str, float | str] | None = None,
    extent: tuple[float | str, float | str] | None = None,
) -> Figure | None:
    """Draw the bottom of a solution; only the first of the ranks that solved it does.

    Args:
        solution: What to draw.
        path: Picture file to write, or None.
        ax: Two axes of a figure of one's own to draw in, the upper one first, or None.
        size: Width and height of the figure in inches.
        colors: Colours of what differs from the usual ones: "island", "film", "collector".
        limits: Smallest and largest driving potential [V]; None takes those of the solution.
        extent: First and last position along the bottom [m]; None takes all of it.

    Returns:
        The figure; None on other ranks.

    Raises:
        InputError: A picture cannot be written there, or cannot look like that.
    """
    if solution.rank > 0:
        return None
    path = picture_file.prepared(path)
    given_look.check_look(ax=ax, panels=2, size=size)
    shown, drives = (
        given_look.ends_of(extent, LENGTH, key="extent"),
        given_look.ends_of(limits, POTENTIAL),
    )
    painted = _painted(colors or {})
    case = solution.case
    inches = size or (6.0, 5.0)
    figure: Figure
    if ax is None:
        figure = style.new_figure(*inches)
        above, below = figure.subplots(2, 1, sharex=True)
    else:
        above, below = ax
        figure = above.figure.figure
    unit = axis_units.length_unit(case.cell.electrolyte.span)
    _draw_stretches(solution, above, below, unit, painted)
    film = case.cell.interlayer
    if drives is not None:
        above.set_ylim(1e3 * drives[0], 1e3 * drives[1])
    if film is not None:
        _draw_potentials_of(
            film, solution.bottom, above, unit, painted[Tag.FILM], fixed=drives is not None
        )
    width, height = style.size_of(above) if ax is not None else (inches[0], inches[1] / 2 - 0.5)
    short = height < _LABELS
    above.set_ylabel("drive [mV]" if short else "driving potential\nphi(Li) - phi [mV]")
    below.set_ylabel(f"{'current' if short else 'local current density'}\n[mA/cm$^2$]")
    if ax is None and min(inches[0], inches[1]) < _SMALL:
        named = above.get_legend_handles_labels()
        figure.legend(
            *named,
            loc="outside lower center",
            ncols=len(named[1]),
            frameon=False,
            columnspacing=1.0,
            handlelength=1.2,
        )
    else:
        few = len(solution.bottom) <= _FEW
        above.legend(loc="best" if few else "upper right", frameon=not few)
    planar = case.cell.electrolyte.geometry == "planar"
    place = "position along the bottom" if planar else "distance from the axis"
    below.set_xlabel(f"{place} [{unit.name}]")
    start, end = shown or (0.0, case.cell.electrolyte.span)
    for axes in (above, below):
        axes.set_xlim(start / unit.metres, end / unit.metres)
        style.keep_tick_labels(axes)
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.spines[["top", "right"]].set_visible(False)
    mean = f"{1e3 * solution.result.overpotential_mean:.3f} mV"
    words = "on lithium the driving potential is the overpotential: mean"
    title = f"{words if ax is None else 'mean overpotential'} {mean}"
    room = width - 1.0 if ax is None else width
    above.set_title(style.wrapped(title, room))
    picture_file.save(figure, path)
    return figure


def _painted(given: Mapping[str, str]) -> dict[Tag, str]:
    """The colour of everything on the bottom."""
    unknown = [name for name in given if name not in _COLORS]
    faults = [Fault("colors", name, f"is not one of {', '.join(_COLORS)}") for name in unknown]
    faults += [
        Fault(f"colors.{name}", color, "is not a colour of matplotlib, such as red or #b87333")
        for name, color in given.items()
        if name in _COLORS and not is_color_like(color)
    ]
    if faults:
        raise InputError(faults)
    return {tag: given.get(name, usual) for name, (tag, usual) in _COLORS.items()}


def _draw_stretches(
    solution: SolvedPoint,
    above: Axes,
    below: Axes,
    unit: axis_units.LengthUnit,
    colors: Mapping[Tag, str],
) -> None:
    """What lies where, above with its driving potential and below with its current."""
    # A line for all that is alike, broken where something else lies between: a thousand islands
    # would else be a thousand lines.
    pieces: dict[str, list[tuple[Array, Array, Array]]] = {}
    painted: dict[str, str] = {}
    spans = []
    gap = np.array([np.nan])
    for stretch, positions, drive, current in along(solution.bottom_state):
        name, x = style.name_of(stretch), positions / unit.metres
        painted[name] = colors.get(stretch.tag, colors[Tag.EXPOSED])
        pieces.setdefault(name, []).append((x, 1e3 * drive, current / 10))
        if stretch.tag is Tag.ISLAND:
            spans.append((float(x[0]), float(x[-1] - x[0])))
    for name, parts in pieces.items():
        x, drive, current = (
            np.concatenate([piece for part in column for piece in (part, gap)])
            for column in zip(*parts, strict=True)
        )
        above.plot(x, drive, color=painted[name], label=name)
        below.plot(x, current, color=painted[name])
    below.axhline(0.0, color="black", linewidth=0.5)
    for axes in (above, below):
        shown = axes.get_ylim()
        axes.broken_barh(
            spans,
            (0.0, 1.0),
            transform=axes.get_xaxis_transform(),
            color=colors[Tag.ISLAND],
            alpha=0.12,
            linewidth=0,
        )
        axes.set_ylim(shown)


def _draw_potentials_of(
    film: Interlayer,
    bottom: Bottom,
    axes: Axes,
    unit: axis_units.LengthUnit,
    color: str,
    *,
    fixed: bool,
) -> None:
    """Where the film gives up lithium, if that is near what the axes show.

    Args:
        film: The film.
        bottom: What lies where; parts of a film may be on different plateaus.
        axes: Of the driving potential.
        unit: Of positions.
        color: Of the film.
        fixed: Whether the limits of the axes were asked for.
    """
    low, high = axes.get_ylim()
    near = 0.0 if fixed else high - low
    parts = [part for part in bottom if part.tag is Tag.FILM]
    levels = {part.equilibrium_potential for part in parts}
    for potential in sorted(levels):
        level = 1e3 * potential
        if not low - near <= level <= high + near:
            continue
        words = f"{film.name} gives up lithium above {level:g} mV"
        place = 0.01
        if len(levels) == 1:
            axes.axhline(level, color=color, linestyle="--", linewidth=1)
        else:
            here = [part for part in parts if part.equilibrium_potential == potential]
            starts, ends = (
                [x / unit.metres for x in side]
                for side in zip(*((p.start, p.end) for p in here), strict=True)
            )
            axes.hlines([level] * len(here), starts, ends, color=color, linestyle="--", linewidth=1)
            words = f"gives lithium above {level:g} mV"
            place = starts[0] * unit.metres / bottom[-1].end
        axes.annotate(
            words,
            (place, level),
            xycoords=("axes fraction", "data"),
            va="bottom",
            fontsize=7,
        )
