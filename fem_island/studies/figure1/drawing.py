"""The tails as a picture: a panel for every i0, with what the paper's figure says."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from fem_island.plots import style
from fem_island.studies.figure1 import paper
from fem_island.studies.figure1.computing import Tail

_HOUR = 3600.0
_SHOWN = (7.4, 8.1)
"""Hours."""

_HIGHEST = 250.0
"""mV."""

_COLORS = {
    "Cu": style.COLLECTOR_COLOR,
    **{name: mark[0] for name, mark in style.FILM_MARKS.items()},
}
_PAPER = "0.55"


@style.applied()
def draw(tails: Sequence[Tail]) -> Figure:
    """Voltage against time since the beginning of plating.

    Args:
        tails: All that were computed.
    """
    densities = paper.EXCHANGE_CURRENT_DENSITIES
    figure = style.new_figure(9.4, 3.2, gap=0.03)
    panels = figure.subplots(1, len(densities), sharex=True, sharey=True)
    for axes, density in zip(panels, densities, strict=True):
        axes.axhspan(1e3 * paper.FLAT[0], 1e3 * paper.FLAT[1], color="0.92", zorder=0)
        for collector in paper.COLLECTORS:
            color = _COLORS[collector.name]
            for voltage in collector.plateaus:
                axes.axhline(1e3 * voltage, color=color, linewidth=0.8, linestyle=":", zorder=0)
            end = paper.STRIPPING_STARTS * (1 + collector.efficiency)
            axes.plot(end / _HOUR, _HIGHEST, "v", color=color, markersize=6, clip_on=False)
        for tail in (each for each in tails if each.exchange_current_density == density):
            whole = tail.efficiency == 1.0
            axes.plot(
                (paper.STRIPPING_STARTS + tail.run.times) / _HOUR,
                1e3 * tail.voltage,
                color=_COLORS[tail.collector.name],
                linewidth=1.4 if whole else 1.0,
                linestyle="-" if whole else "--",
                label=tail.collector.name if whole else None,
            )
        axes.set_title(f"$i_0$ = {0.1 * density:g} mA/cm$^2$")
        axes.set_xlabel("time since plating began [h]")
        axes.set_xlim(*_SHOWN)
        axes.set_ylim(0.0, _HIGHEST)
        style.keep_tick_labels(axes)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("voltage [mV]")
    panels[0].plot([], [], "--", color=_PAPER, label="with inactive lithium")
    panels[0].plot([], [], ":", color=_PAPER, label="plateaus, paper")
    panels[0].plot([], [], "v", color=_PAPER, label="ends, paper")
    panels[0].fill_between([], [], color="0.92", label="flat part, paper")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, loc="outside right upper")
    return figure
