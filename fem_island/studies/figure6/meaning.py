"""A second figure: what the map means, and the number that its conclusion hangs on.

Left the map in the two ratios that alone matter where the electrolyte's resistance does not, with
the closed form over the computed lines; right the island size at onset against the exchange current
density, which the paper does not state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib import patheffects
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from fem_island.plots import map_lines, maps, style
from fem_island.studies import onset
from fem_island.studies.figure6 import paper
from fem_island.studies.figure6.drawing import MICRO, PER_MA_CM2, overpotential_map, thresholds
from fem_island.studies.figure6.scan import Trial

_QUIET = "#6f7780"
_IMPLIED, _MEASURED = "#20639b", "#a3322b"


@style.applied()
def draw(dataset: xr.Dataset, planned: Sequence[Trial], computed: Sequence[float | None]) -> Figure:
    """Both panels.

    Args:
        dataset: Overpotentials over island width and current density.
        planned: Films and exchange current densities for which the size at onset was computed.
        computed: Those sizes [m]; None where there is none.
    """
    figure = style.new_figure(7.3, 3.5, gap=0.04)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.0))
    draw_ratios(left, dataset)
    draw_onset(right, planned, computed)
    style.add_letter(left, "a")
    style.add_letter(right, "b")
    return figure


def draw_ratios(axes: Axes, dataset: xr.Dataset) -> None:
    """The map over coverage and applied over exchange current density, with the closed form."""
    data = _in_ratios(overpotential_map(dataset))
    lines = thresholds()
    maps.draw_map(axes, data)
    maps.add_color_bar(axes, data, lines)
    for line in lines:
        map_lines.draw_threshold(axes, data, line, ticked=False)
    case = paper.CASE
    width, current = case.cell.electrolyte.width, case.operation.current_density
    i0 = case.cell.kinetics.exchange_current_density
    for film in paper.FILMS:
        potential = paper.delithiation_potential(film)
        slope = onset.closed_form_width(case, potential) / width / (current / i0)
        ratios = np.geomspace(data.y.values[0], data.y.values[-1], 200)
        axes.plot(slope * ratios, ratios, color=style.HALO, linestyle=(0, (3, 3)), lw=1.1, zorder=4)
    handles: list[Artist] = [
        Line2D([], [], color="white", lw=1.4, path_effects=style.halo(3.0), label="computed"),
        Line2D([], [], color=style.HALO, linestyle=(0, (3, 2)), lw=1.1, label="closed form"),
        *maps.entry_of_missing(data),
    ]
    axes.legend(handles=handles, loc="lower right", framealpha=0.85, handlelength=2.4)
    axes.set_title(r"$w^*/W = (I/i_0)\;/\;2\,\sinh(FU/2RT)$")


def _in_ratios(data: maps.Map) -> maps.Map:
    case = paper.CASE
    width = case.cell.electrolyte.width * MICRO
    i0 = case.cell.kinetics.exchange_current_density * PER_MA_CM2
    x = replace(data.x, values=data.x.values / width, label="coverage $w/W$")
    y = replace(
        data.y,
        values=data.y.values / i0,
        label="applied / exchange current density $I/i_0$",
    )
    return replace(data, x=x, y=y)


def draw_onset(axes: Axes, planned: Sequence[Trial], computed: Sequence[float | None]) -> None:
    """Island size at onset against the exchange current density, on logarithmic axes."""
    axes.set(xscale="log", yscale="log", xlim=(0.1, 100.0), ylim=(0.02, 300.0))
    for film in paper.FILMS:
        _draw_film(axes, film)
        color, marker = style.FILM_MARKS[film]
        points = [
            (trial.exchange_current_density * PER_MA_CM2, width * MICRO)
            for trial, width in zip(planned, computed, strict=True)
            if trial.film == film and width is not None
        ]
        for x, y in points:
            axes.plot(x, y, marker, color=color, ms=4.5, mfc="white", zorder=4, clip_on=False)
    cell_width = paper.CASE.cell.electrolyte.width * MICRO
    axes.axhline(cell_width, color=_QUIET, linestyle=":", lw=1.0, zorder=1)
    _note(axes, (3.6, 1.15 * cell_width), f"cell width {cell_width:g} µm", _QUIET, "center")

    implied = paper.IMPLIED_EXCHANGE_CURRENT_DENSITY
    place = _mark(axes, implied, _IMPLIED)
    text = f"implied by the paper:\n$i_0$ = {place:.3g}\n{_sizes(implied)}"
    _note(axes, (1.12 * place, 10.5), text, _IMPLIED, "left")
    measured = paper.exchange_current_density_of_impedance()
    place = _mark(axes, measured, _MEASURED)
    resistance = paper.interface_resistance().value * 1e4
    text = f"impedance, near\n{resistance:g} Ω cm$^2$: $i_0$ = {place:.3g}\n{_sizes(measured)}"
    _note(axes, (place / 1.12, 0.023), text, _MEASURED, "right")

    handles = [
        Line2D([], [], color=_QUIET, lw=1.3, label="closed form"),
        Line2D([], [], color=_QUIET, marker="o", ms=4.5, mfc="white", ls="", label="computed"),
    ]
    over_lines = {"framealpha": 1.0, "edgecolor": "none", "borderpad": 0.2}
    axes.legend(handles=handles, loc="upper center", ncols=2, columnspacing=1.2, **over_lines)
    axes.set_xlabel("exchange current density $i_0$ [mA/cm$^2$]")
    axes.set_ylabel("island size at onset [µm]")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    style.keep_tick_labels(axes)
    applied = paper.CURRENT_DENSITY * PER_MA_CM2
    axes.set_title(f"{applied:g} mA/cm$^2$: films act below their lines")


def _draw_film(axes: Axes, film: str) -> None:
    """The closed form as a line with ticks where the film acts, and the film's name along it."""
    potential, (color, _) = paper.delithiation_potential(film), style.FILM_MARKS[film]
    exchange = np.array([1.0, 1000.0])
    widths = np.array([onset.closed_form_width(paper.CASE, potential, i0) for i0 in exchange])
    ticks = patheffects.withTickedStroke(
        spacing=style.TICK_SPACING, length=style.TICK_LENGTH, angle=-90, linewidth=0.8
    )
    x, y = exchange * PER_MA_CM2, widths * MICRO
    axes.plot(x, y, color=color, lw=1.3, zorder=3, path_effects=[ticks])
    upper = film == "Ag"
    place, gap = (3.3, 1.3) if upper else (2.7, 0.6)
    height = y[0] * x[0] / place * gap
    axes.text(
        place,
        height,
        f"Li–{film}, {potential * 1e3:g} mV",  # noqa: RUF001
        color=color,
        fontsize=style.SMALL,
        fontweight="bold",
        rotation=float(np.degrees(np.arctan2(-height, place))),
        rotation_mode="anchor",
        transform_rotates_text=True,
        ha="center",
        va="bottom" if upper else "top",
    )


def _mark(axes: Axes, exchange_current_density: float, color: str) -> float:
    """Draw a vertical line, and return where [mA/cm^2]."""
    place = exchange_current_density * PER_MA_CM2
    axes.axvline(place, color=color, linestyle="--", lw=1.0, zorder=2)
    return place


def _sizes(exchange_current_density: float) -> str:
    """The films' sizes at onset [um]."""
    widths = paper.closed_form_widths(exchange_current_density)
    named = zip(paper.FILMS, widths, strict=True)
    return ", ".join(f"{film} {width * MICRO:.2g}" for film, width in named) + " µm"


def _note(axes: Axes, place: tuple[float, float], text: str, color: str, side: str) -> None:
    axes.text(*place, text, color=color, fontsize=style.SMALL, ha=side, va="bottom")
