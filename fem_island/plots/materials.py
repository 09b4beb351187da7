"""The potential at which films give up lithium, against how much they have given up."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.machine.collective import on_first_rank
from fem_island.machine.communicator import Communicator
from fem_island.materials import library as materials
from fem_island.materials.library import REFERENCE_THICKNESS, FilmMaterial
from fem_island.plots import picture_file, style
from fem_island.quantities import AREAL_CAPACITY, LENGTH, POTENTIAL, in_unit

LOW = 0.2
"""Where the second panel ends, which shows what the first one has too close together [V]."""

ISLAND_DRIVE = 0.085
"""Overpotential that the paper quotes for a 5 um island at 0.25 mA/cm^2 [V]."""

COLORS = {
    "Ag": style.FILM_MARKS["Ag"][0],
    "Au": style.FILM_MARKS["Au"][0],
    "Mg": "#2a7f62",
    "Sn": "#7b4fa3",
    "Zn": "#2f6fb5",
    "In": "#c2185b",
    "Al": "#4a9fbf",
    "Si": "#8a4b2a",
    "Cd": "#c0392b",
}
"""Of the lines, on white paper."""

_OTHER_COLOR = "black"

_BESIDE: dict[str, Any] = {"xytext": (5, 0), "ha": "left", "va": "center"}
_PLACES: dict[str, dict[str, Any]] = {
    "Ag": {"xytext": (5, 0), "ha": "left", "va": "top"},
    "Cd": {"xytext": (0, 4), "ha": "center", "va": "bottom"},
}
"""Of the symbols whose place beside the end of the line is taken by another line."""


def color_of_film(symbol: str) -> str:
    """The colour of a film's line on white paper."""
    return COLORS.get(symbol, _OTHER_COLOR)


@style.applied()
def plot_films(path: Path | str | None, comm: Communicator) -> Figure | None:
    """Draw all films. Collective; only rank 0 draws and returns the figure.

    Args:
        path: Picture file to write, or None.
        comm: Who draws.

    Raises:
        InputError: A picture cannot be written there.
    """
    path = picture_file.prepare(path, comm)
    return on_first_rank(comm, lambda: _figure(path))


def steps(film: FilmMaterial) -> tuple[list[float], list[float]]:
    """Corners of a film's line: given up [uAh/cm^2] and potential [mV].

    Example:
        >>> given_up, potentials = steps(materials.films()["Au"])
        >>> potentials
        [70.0, 70.0, 160.0, 160.0]
    """
    charges = film.plateau_capacities(REFERENCE_THICKNESS)
    given_up, potentials, so_far = [], [], 0.0
    for plateau, charge in zip(film.plateaus, charges, strict=True):
        for corner in (so_far, so_far + charge):
            given_up.append(in_unit(corner, AREAL_CAPACITY))
            potentials.append(in_unit(plateau.potential.value, POTENTIAL))
        so_far += charge
    return given_up, potentials


def _figure(path: Path | str | None) -> Figure:
    films = materials.films().values()
    figure = style.new_figure(8.6, 4.4, gap=0.06)
    everything, low = figure.subplots(1, 2, sharex=True)
    _draw(everything, list(films))
    _draw(low, [film for film in films if film.delithiation_potential.value < LOW], top=LOW)
    everything.set_ylabel("potential vs. lithium [mV]")
    everything.set_xlim(0.0, 1.08 * everything.dataLim.x1)
    style.add_letter(everything, "a")
    style.add_letter(low, "b")
    level = in_unit(ISLAND_DRIVE, POTENTIAL)
    low.annotate(
        f"{level:.0f} mV: overpotential\nabove a 5 µm island\nat 0.25 mA/cm² (paper)",
        (1.0, level),
        xycoords=("axes fraction", "data"),
        xytext=(0, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=style.SMALL,
    )
    picture_file.save(figure, path)
    return figure


def _draw(axes: Axes, films: list[FilmMaterial], top: float = math.inf) -> None:
    """Draw films up to a potential [V], each with its symbol where its line ends or leaves."""
    limit = in_unit(top, POTENTIAL)
    level = in_unit(ISLAND_DRIVE, POTENTIAL)
    axes.axhline(level, color="black", linestyle=(0, (4, 3)), linewidth=0.8, zorder=1)
    for film in films:
        given_up, potentials = steps(film)
        color = color_of_film(film.symbol)
        axes.plot(given_up, potentials, color=color, linewidth=1.6)
        if potentials[-1] < limit:
            end = (given_up[-1], potentials[-1])
            place = _PLACES.get(film.symbol, _BESIDE)
            axes.plot(*end, "o", color=color, markersize=3.5)
        else:
            left = next(x for x, y in zip(given_up, potentials, strict=True) if y >= limit)
            end, place = (left, limit), {"xytext": (4, 0), "ha": "left", "va": "top"}
        axes.annotate(
            film.symbol,
            end,
            textcoords="offset points",
            color=color,
            fontweight="bold",
            **place,
        )
    axes.set_ylim(0.0, limit if math.isfinite(limit) else 1.05 * axes.dataLim.y1)
    thickness = in_unit(REFERENCE_THICKNESS, LENGTH, "nm")
    axes.set_xlabel(f"given up by {thickness:.0f} nm of metal [µAh/cm²]")
    style.keep_tick_labels(axes)
    axes.spines[["top", "right"]].set_visible(False)
