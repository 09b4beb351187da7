"""The maps as a picture: lines of equal total resistance, and the apex as colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from fem_island.plots import style
from fem_island.plots.spectra import Curve, draw_nyquist
from fem_island.studies.figure5 import paper
from fem_island.studies.figure5.geometry import PERIODS, SHARES, Map
from fem_island.studies.figure5.in_time import MARKED, Cycle

_LEVELS = (1.0, 3.5, 8.0, 27.0, 100.0)
"""Ohm cm^2: the paper's numbers among them."""

_SHARES_SHOWN = (2, 5, 10, 20, 50)


@style.applied()
def draw_in_time(cycles: Sequence[Cycle]) -> Figure:
    """R_tot over plating and stripping, and the spectra of copper and gold at three times.

    Args:
        cycles: Of all collectors.
    """
    figure = style.new_figure(8.4, 3.3, gap=0.05)
    axes, *panels = figure.subplots(1, 3, width_ratios=(1.4, 1.0, 1.0))
    colors = {"Cu": style.COLLECTOR_COLOR, **{n: m[0] for n, m in style.FILM_MARKS.items()}}
    for cycle in cycles:
        axes.plot(
            cycle.times / 3600,
            1e4 * cycle.resistances,
            "o-",
            color=colors[cycle.name],
            markersize=3,
            linewidth=1.0,
            label=cycle.name,
        )
    low, high = (1e4 * r for r in paper.COPPER_R2)
    axes.axhspan(low, high, color="0.88", zorder=0)
    axes.annotate(
        "R2 on Cu, paper",
        (0.03, low),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        fontsize=style.SMALL,
    )
    axes.set_yscale("log")
    axes.set_xlabel("time since plating began [h]")
    axes.set_ylabel(r"$R_{tot}$ [$\Omega$ cm$^2$]")
    axes.legend(frameon=False, loc="upper left")
    for panel, name in zip(panels, ("Cu", "Au"), strict=True):
        cycle = next(one for one in cycles if one.name == name)
        marked = [(mark, cycle.at(left)) for mark, left in MARKED.items()]
        draw_nyquist(panel, [Curve(mark, one.frequencies, one.impedance) for mark, one in marked])
        panel.set_title(name)
    for each in (axes, *panels):
        each.spines[["top", "right"]].set_visible(False)
        style.keep_tick_labels(each)
    return figure


@style.applied()
def draw(maps: Sequence[Map]) -> Figure:
    """A panel for what the copper does in each map.

    Args:
        maps: The maps.
    """
    figure = style.new_figure(7.6, 3.3, gap=0.04)
    panels = figure.subplots(1, len(maps), sharex=True, sharey=True)
    lowest = min(np.nanmin(one.apex) for one in maps)
    highest = max(np.nanmax(one.apex) for one in maps)
    for axes, one in zip(panels, maps, strict=True):
        image = axes.pcolormesh(
            1e6 * PERIODS,
            100 * SHARES,
            one.apex.T,
            norm=LogNorm(lowest, highest),
            cmap=style.SHARE_MAP,
            shading="nearest",
        )
        lines = axes.contour(
            1e6 * PERIODS, 100 * SHARES, 1e4 * one.resistance.T, _LEVELS, colors="white"
        )
        labels = axes.clabel(lines, fmt=lambda level: f"{level:g}", fontsize=style.SMALL)
        for label in labels:
            label.set_path_effects(style.halo(1.5))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_yticks(_SHARES_SHOWN, [f"{share} %" for share in _SHARES_SHOWN])
        axes.set_yticks([], minor=True)
        axes.set_title(f"{one.name}: $R_{{tot}}$ [$\\Omega$ cm$^2$]")
        axes.set_xlabel("from contact to contact [µm]")
        style.keep_tick_labels(axes)
    panels[0].set_ylabel("copper in contact with lithium")
    bar = figure.colorbar(image, ax=panels)
    bar.set_label("apex [Hz]")
    bar.ax.axhline(paper.FEATURE, color="white")
    return figure
