"""A third figure: the probability that each film acts, given what is known of i0.

The paper does not state the exchange current density. Its numbers imply 0.5 mA/cm^2, impedances
near 1 Ohm cm^2 some 26; as what is known, a lognormal distribution with 95 % between 0.1 and
100 mA/cm^2 is taken, which has both well inside.

A film acts where i0 is below that of onset, which is I W / w over the law at i0 = 1 where the
electrolyte does not matter; on the paper's map it does not, and solutions at onset say by how much.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.case.uncertain import Uncertain, read_uncertainty
from fem_island.experiments.sweeps.running import sweep
from fem_island.machine.arrays import Array
from fem_island.plots import map_lines, maps, style
from fem_island.plots.uncertainty import draw_probability_on
from fem_island.studies import onset
from fem_island.studies.figure6 import paper

KEY = "kinetics.exchange_current_density"
LOW, HIGH = "0.1 mA/cm^2", "100 mA/cm^2"

_PER_MA_CM2 = 0.1
"""What A/m^2 are multiplied with for mA/cm^2."""

_ONSET_COLOR = style.FILM_LINES["Au"][0]

_CHECKED = (0, 24, 48)
"""Rows and columns of the map where onset is solved."""


def known() -> Uncertain:
    """What is known of the exchange current density."""
    table = {KEY: {"distribution": "lognormal", "low": LOW, "high": HIGH}}
    return read_uncertainty(table).keys[0]


def compute() -> dict[str, xr.Dataset]:
    """The probability that each film acts, judged by the mean overpotential as in the paper."""
    return {film: _map(film) for film in paper.FILMS}


def _map(film: str) -> xr.Dataset:
    potential = paper.delithiation_potential(film)
    width = paper.CASE.cell.electrolyte.width
    # At i0 = 1 A/m^2 this is the size at onset; i0 at onset is inverse to the size.
    size = onset.closed_form_width(paper.CASE, potential, 1.0)
    applied = paper.CURRENT_DENSITIES / paper.CASE.operation.current_density
    at_onset = np.outer(size / paper.ISLAND_WIDTHS, applied)
    probability = known().distribution.cdf(at_onset)
    plane = ("island_width", "current_density")
    return xr.Dataset(
        {
            "probability": (plane, probability, {"units": "1"}),
            "exchange_current_density_at_onset": (plane, at_onset, {"units": "A m-2"}),
        },
        {
            "island_width": ("island_width", paper.ISLAND_WIDTHS, {"units": "m"}),
            "current_density": ("current_density", paper.CURRENT_DENSITIES, {"units": "A m-2"}),
        },
        {"film": film, "cell_width": width, "largest_error": _error(at_onset, potential)},
    )


def _error(at_onset: Array, potential: float) -> float:
    """By how much solutions at onset miss the potential [V], at places all over the map."""
    rows, columns = (part.ravel() for part in np.meshgrid(_CHECKED, _CHECKED))
    found = sweep(
        paper.CASE,
        island_width=paper.ISLAND_WIDTHS[rows],
        current_density=paper.CURRENT_DENSITIES[columns],
        exchange_current_density=at_onset[rows, columns],
        zip=True,
    )
    return float(np.abs(found.overpotential_mean.to_numpy() - potential).max())


@style.applied()
def draw(chances: dict[str, xr.Dataset]) -> Figure:
    """A panel for each film, with the line on which it acts at the i0 that the paper implies."""
    figure = style.new_figure(7.3, 3.4, gap=0.04)
    panels = figure.subplots(1, len(chances), sharey=True)
    for axes, letter, (film, data) in zip(panels, "ab", chances.items(), strict=True):
        draw_onset_on(axes, draw_probability_on(axes, data), data)
        potential = 1e3 * paper.delithiation_potential(film)
        axes.set_title(f"Li–{film}, {potential:g} mV")  # noqa: RUF001
        style.add_letter(axes, letter)
    panels[0].set_ylabel("stripping current density [mA/cm$^2$]")
    panels[-1].set_ylabel("")
    low, high = (text.partition(" ")[0] for text in (LOW, HIGH))
    figure.suptitle(
        f"probability that the film acts, $i_0$ lognormal, 95 % in {low} to {high} mA/cm$^2$",
        fontsize="medium",
    )
    return figure


def draw_onset_on(axes: Axes, probability: maps.Map, data: xr.Dataset) -> None:
    """The line of the paper's map, with ticks where the film acts, over the probability."""
    implied = _PER_MA_CM2 * paper.IMPLIED_EXCHANGE_CURRENT_DENSITY
    at_onset = data.exchange_current_density_at_onset.transpose("current_density", "island_width")
    reached = replace(probability, values=_PER_MA_CM2 * at_onset.to_numpy(), label="", limits=None)
    line = maps.Threshold(implied, f"$i_0$ = {implied:g} mA/cm$^2$", _ONSET_COLOR, "--")
    map_lines.draw_threshold(axes, reached, line)


def at_paper_current(chances: dict[str, xr.Dataset]) -> dict[str, dict[str, float]]:
    """Probabilities at 0.25 mA/cm^2 for islands of 5 and 20 um, by film.

    Beside them "closed_form_error" [V]: by how much solutions at onset miss the potential.
    """
    found = {}
    for film, data in chances.items():
        row = data.probability.interp(current_density=paper.CURRENT_DENSITY)
        sizes = {f"{1e6 * p.island_width:g} um": p.island_width for p in reversed(paper.PANELS)}
        found[film] = {name: float(row.interp(island_width=w)) for name, w in sizes.items()}
        found[film]["closed_form_error"] = float(data.attrs["largest_error"])
    return found
