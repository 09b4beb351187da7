"""Overpotential and local current density along the bottom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from fem_island.plots import style
from fem_island.results.profile import along
from fem_island.surface.bottom import Tag

if TYPE_CHECKING:
    from fem_island.solvers.solved import SolvedPoint


@style.applied()
def plot_profile(solution: SolvedPoint, path: Path | str | None = None) -> Figure | None:
    """Draw the bottom of a solution; only the first of the ranks that solved it does.

    Args:
        solution: What to draw.
        path: Picture file to write, or None.

    Returns:
        The figure; None on other ranks.

    Raises:
        InputError: A picture cannot be written there.
    """
    if solution.rank > 0:
        return None
    path = style.prepared(path)
    case = solution.case
    unit = style.length_unit(case.cell.electrolyte.span)
    figure = style.new_figure(6.0, 5.0)
    above, below = figure.subplots(2, 1, sharex=True)
    seen: set[str] = set()
    for stretch, positions, drive, current in along(solution.bottom_state):
        name, color = style.name_of(stretch), style.color_of(stretch)
        label = None if name in seen else name
        seen.add(name)
        x = positions / unit.metres
        above.plot(x, 1e3 * drive, color=color, label=label)
        below.plot(x, current / 10, color=color)
        if stretch.tag is Tag.ISLAND:
            for axes in (above, below):
                axes.axvspan(x[0], x[-1], color=style.ISLAND_COLOR, alpha=0.12, linewidth=0)
    film = case.cell.interlayer
    low, high = above.get_ylim()
    if film is not None:
        level = 1e3 * film.potential
        if low - (high - low) <= level <= high + (high - low):
            above.axhline(level, color=style.FILM_COLOR, linestyle="--", linewidth=1)
            above.annotate(
                f"{film.material or 'film'} gives up lithium above {level:g} mV",
                (0.01, level),
                xycoords=("axes fraction", "data"),
                va="bottom",
                fontsize=7,
            )
    above.set_ylabel("driving potential\nphi(Li) - phi [mV]")
    above.legend(loc="best", frameon=False)
    below.set_ylabel("local current density\n[mA/cm$^2$]")
    below.set_xlabel(f"position along the bottom [{unit.name}]")
    below.axhline(0.0, color="black", linewidth=0.5)
    below.set_xlim(0.0, case.cell.electrolyte.span / unit.metres)
    for axes in (above, below):
        style.keep_tick_labels(axes)
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.spines[["top", "right"]].set_visible(False)
    above.set_title(
        "on lithium the driving potential is the overpotential: "
        f"mean {1e3 * solution.result.overpotential_mean:.3f} mV"
    )
    style.save(figure, path)
    return figure
