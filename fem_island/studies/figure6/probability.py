"""A third figure: the probability that each film acts, given what is known of i0.

The paper does not state the exchange current density. Its numbers imply 0.5 mA/cm^2, impedances
near 1 Ohm cm^2 some 26; as what is known, a lognormal distribution with 95 % between 0.1 and
100 mA/cm^2 is taken, which has both well inside.
"""

from __future__ import annotations

import xarray as xr
from matplotlib.figure import Figure

from fem_island.case.uncertain import Uncertainty, read_uncertainty
from fem_island.fitting.uncertainty.maps import probability_map
from fem_island.plots import style
from fem_island.plots.uncertainty import draw_probability_on
from fem_island.studies.figure6 import paper

KEY = "kinetics.exchange_current_density"
LOW, HIGH = "0.1 mA/cm^2", "100 mA/cm^2"

_EVERY = 2
"""Of the sizes of the paper's map, those that are computed here: probabilities change slowly."""


def known() -> Uncertainty:
    """What is known of the exchange current density."""
    return read_uncertainty({KEY: {"distribution": "lognormal", "low": LOW, "high": HIGH}})


def compute() -> dict[str, xr.Dataset]:
    """The probability that each film acts, judged by the mean overpotential as in the paper."""
    return {
        film: probability_map(
            paper.CASE,
            known(),
            island_widths=paper.ISLAND_WIDTHS[::_EVERY],
            current_densities=paper.CURRENT_DENSITIES,
            film=film,
            judged="overpotential_mean",
        )
        for film in paper.FILMS
    }


@style.applied()
def draw(maps: dict[str, xr.Dataset]) -> Figure:
    """A panel for each film."""
    figure = style.new_figure(7.3, 3.2, gap=0.04)
    panels = figure.subplots(1, len(maps))
    for axes, letter, data in zip(panels, "ab", maps.values(), strict=True):
        draw_probability_on(axes, data)
        style.add_letter(axes, letter)
    return figure


def at_paper_current(maps: dict[str, xr.Dataset]) -> dict[str, dict[str, float]]:
    """Probabilities at 0.25 mA/cm^2 for islands of about 5 and 20 um, by film."""
    found = {}
    for film, data in maps.items():
        row = data.probability.interp(current_density=paper.CURRENT_DENSITY)
        sizes = {f"{1e6 * p.island_width:g} um": p.island_width for p in reversed(paper.PANELS)}
        found[film] = {name: float(row.interp(island_width=w)) for name, w in sizes.items()}
    return found
