"""Where a film gives its lithium, and how much each film gives, as curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fem_island.case.case import Case
from fem_island.case.variants import BARE
from fem_island.experiments.point.solution import Solution
from fem_island.plots import style
from fem_island.plots.materials import color_of_film
from fem_island.results.profile import along
from fem_island.studies.film_map.answers import Answer, Side
from fem_island.studies.film_map.drawing import MICRO, MILLI, PER_MA_CM2
from fem_island.studies.film_map.grids import COMPARED_OVERPOTENTIAL, WHERE_FILM
from fem_island.studies.film_map.sizes import Sizes
from fem_island.surface.bottom import Tag
from fem_island.surface.kinetics import wagner_number

_SHADES = ("#16425b", "#2f7f9e", "#d08c2a", "#a3322b")
_RATIO_COLORS = {0.1: "#2f7f9e", 1.0: "#30363d", 10.0: "#a3322b"}
_LARGEST_RATIO = 20.0
_LINES = ("-", "--")
_QUIET = "#808080"
_LABEL_GAP = 0.055
"""Between two names beside the axes, as a share of their height."""


@style.applied()
def draw_where(profiles: Sequence[Solution], found: Sequence[Side], sizes: Sizes) -> Figure:
    """Left the release along the film, right the two ends of the film against each other.

    Args:
        profiles: Solutions with one film at falling conductivity.
        found: Which side of a film gives more.
        sizes: What sizes are.
    """
    figure = style.new_figure(7.3, 3.3, gap=0.05)
    left, right = figure.subplots(1, 2)
    for solution, color in zip(profiles, _SHADES, strict=False):
        _draw_release(left, solution, color)
    left.set_xlabel("distance from the island's edge [µm]")
    left.set_ylabel("release of the film [mA/cm$^2$]")
    left.set_ylim(bottom=0)
    left.set_xlim(left=0)
    left.legend(title="Wagner number", frameon=False, loc="lower right")
    if profiles:
        left.set_title(_title(profiles[0].case))
    currents = sorted({side.current_density for side in found})
    for side in found:
        _draw_side(right, side, _LINES[currents.index(side.current_density)])
    right.axhline(1.0, color="black", lw=0.7)
    right.set(xscale="log", yscale="log", ylim=(0.5, _LARGEST_RATIO))
    right.invert_xaxis()
    right.set_yticks([0.5, 1, 2, 5, 10, 20], labels=["0.5", "1", "2", "5", "10", "20"])
    right.tick_params(axis="y", which="minor", labelleft=False)
    length = sizes.length if len(sizes.length) == 1 else f"\\,\\mathrm{{{sizes.length}}}"
    right.set_xlabel(f"Wagner number $\\kappa R T / (F i_0 {length})$")
    right.set_ylabel("release, far field over island's edge")
    for text, height in (("edge leads", 0.5**0.5), ("far field leads", _LARGEST_RATIO**0.5)):
        right.text(
            1.02,
            height,
            text,
            transform=right.get_yaxis_transform(),
            rotation=270,
            va="center",
            fontsize=style.SMALL,
        )
    right.legend(handles=_entries(currents), frameon=False, loc="upper left")
    for axes, letter in ((left, "a"), (right, "b")):
        style.keep_tick_labels(axes)
        axes.spines[["top", "right"]].set_visible(False)
        style.add_letter(axes, letter)
    return figure


def _draw_release(axes: Axes, solution: Solution, color: str) -> None:
    """The film on that side of the island where there is more of it."""
    state, case = solution.bottom_state, solution.case
    (island,) = (stretch for stretch in state.bottom if stretch.tag is Tag.ISLAND)
    on_left = island.start >= state.bottom[-1].end - island.end
    edge = island.start if on_left else island.end
    distances, currents = [], []
    for stretch, x, _, current in along(state):
        if stretch.tag is Tag.FILM and (stretch.start < island.start) == on_left:
            order = np.argsort(np.abs(edge - x))
            distances.append(np.abs(edge - x)[order])
            currents.append(current[order])
    if on_left:
        distances, currents = distances[::-1], currents[::-1]
    electrolyte = case.cell.electrolyte
    number = wagner_number(
        case.conductivity,
        case.cell.kinetics.exchange_current_density_at(case.operation.temperature),
        electrolyte.span,
        temperature=case.operation.temperature,
    )
    axes.plot(
        MICRO * np.concatenate(distances),
        PER_MA_CM2 * np.concatenate(currents),
        color=color,
        label=f"{float(number):.3g}",
    )


def _title(case: Case) -> str:
    current = PER_MA_CM2 * case.operation.current_density
    film, i0 = case.cell.interlayer, case.cell.kinetics.exchange_current_density
    own = None if film is None else film.kinetics_beside(case.cell.kinetics)
    ratio = 1.0 if own is None else own.exchange_current_density / i0
    return f"Li–{WHERE_FILM}, {current:g} mA/cm$^2$, film $i_0$ × {ratio:g}"  # noqa: RUF001


def _draw_side(axes: Axes, side: Side, line: str) -> None:
    shown = np.minimum(side.ratios, 2 * _LARGEST_RATIO)
    color = _RATIO_COLORS.get(side.film_ratio, _QUIET)
    axes.plot(side.wagner_numbers, shown, color=color, ls=line)


def _entries(currents: Sequence[float]) -> list[Line2D]:
    """What colours and kinds of line mean."""
    entries = [
        Line2D([], [], color=color, label=f"film $i_0$ × {ratio:g}")  # noqa: RUF001
        for ratio, color in _RATIO_COLORS.items()
    ]
    for current, line in zip(currents, _LINES, strict=True):
        label = f"{current * PER_MA_CM2:g} mA/cm$^2$"
        entries.append(Line2D([], [], color=_QUIET, ls=line, label=label))
    return entries


@style.applied()
def draw_answer(curves: xarray.Dataset, found: Sequence[Answer], sizes: Sizes) -> Figure:
    """Share of the current and relief of every film, against the overpotential on bare copper.

    Args:
        curves: Results along film and the island's size at one current.
        found: Answers for the films.
        sizes: What sizes are.
    """
    figure = style.new_figure(7.3, 3.4, gap=0.05)
    left, right = figure.subplots(1, 2)
    bare = MILLI * curves["overpotential_mean"].sel(film=BARE).to_numpy()
    limit = MILLI * COMPARED_OVERPOTENTIAL
    for axes, values in (
        (left, 100 * curves["interlayer_current_fraction"]),
        (right, curves["relief"]),
    ):
        acting = [answer.film for answer in found if answer.acts]
        for film in acting:
            axes.plot(bare, values.sel(film=film).to_numpy(), color=color_of_film(film))
        axes.set_xlim(0, limit)
        axes.set_xlabel("mean overpotential on bare copper [mV]")
        axes.spines[["top", "right"]].set_visible(False)
        style.keep_tick_labels(axes)
        _add_sizes(axes, MICRO * curves[sizes.island].to_numpy(), bare, sizes.island_words)
    left.set_ylim(0, 100)
    left.set_ylabel("share of the current\nthat the film carries [%]")
    right.set(yscale="log", ylim=(0.95, 12))
    right.set_yticks([1, 2, 5, 10], labels=["1", "2", "5", "10"])
    right.tick_params(axis="y", which="minor", labelleft=False)
    right.set_ylabel("peak current density on lithium,\nwithout over with film")
    quiet = ", ".join(answer.film for answer in found if not answer.acts)
    if quiet:
        left.text(0.03, 0.95, f"{quiet}: nothing", transform=left.transAxes, va="top", fontsize=8)
    for axes, letter, values in (
        (left, "a", 100 * curves["interlayer_current_fraction"]),
        (right, "b", curves["relief"]),
    ):
        style.add_letter(axes, letter)
        ends = {
            f: np.interp(limit, bare[::-1], values.sel(film=f).to_numpy()[::-1]) for f in acting
        }
        _name_lines(axes, limit, ends)
    return figure


def _name_lines(axes: Axes, place: float, ends: dict[str, float]) -> None:
    """Write the films' symbols beside the ends of their lines, apart from each other."""
    below = -np.inf
    for film, height in sorted(ends.items(), key=lambda item: item[1]):
        share = axes.transAxes.inverted().transform(axes.transData.transform((place, height)))[1]
        below = max(float(share), below + _LABEL_GAP)
        axes.text(
            1.01,
            below,
            film,
            transform=axes.transAxes,
            va="center",
            color=color_of_film(film),
            fontweight="bold",
        )


def _add_sizes(axes: Axes, widths: np.ndarray, bare: np.ndarray, words: str) -> None:
    """An axis on top with the island size that goes with each overpotential."""
    top = axes.secondary_xaxis("top")
    marks = [width for width in (50, 30, 20, 15, 10, 7, 5, 4) if widths[0] <= width <= widths[-1]]
    top.set_xticks(np.interp(marks, widths, bare), labels=[f"{mark:g}" for mark in marks])
    top.set_xlabel(f"{words} [µm]")
