"""The paper's figure: the map of overpotentials, and the two fields."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.plots import map_lines, maps, picture_file, style
from fem_island.plots.field import add_legend, draw_field, scene_of
from fem_island.plots.rendering import images_of
from fem_island.studies.figure6 import paper

if TYPE_CHECKING:
    from fem_island.experiments.point.solution import Solution

MICRO, MILLI, PER_MA_CM2 = 1e6, 1e3, 0.1
"""What SI numbers are multiplied with for um, mV and mA/cm^2."""

_PIXELS = 1200
"""Of a field: more than its 2.5 inches have in print."""

_ABOVE = "both films give up lithium"
_BELOW = "neither film\ngives up lithium"


def overpotential_map(dataset: xr.Dataset) -> maps.Map:
    """The map in um, mA/cm^2 and mV, from the dataset in SI units."""
    grid = dataset["overpotential_mean"].transpose("current_density", "island_width")
    return maps.Map(
        x=maps.Scale(grid["island_width"].to_numpy() * MICRO, "island size [µm]"),
        y=maps.Scale(
            grid["current_density"].to_numpy() * PER_MA_CM2,
            "stripping current density [mA/cm$^2$]",
            "log",
        ),
        values=grid.to_numpy() * MILLI,
        label="mean overpotential [mV]",
    )


def thresholds(*, labelled: bool = True) -> list[maps.Threshold]:
    """The films' delithiation potentials as lines on the map."""
    found = []
    for film in paper.FILMS:
        level = paper.delithiation_potential(film) * MILLI
        label = f"Li–{film}, {level:g} mV" if labelled else ""  # noqa: RUF001
        color, linestyle = style.FILM_LINES[film]
        found.append(maps.Threshold(level, label, color, linestyle))
    return found


@style.applied()
def draw(dataset: xr.Dataset, solutions: Sequence[Solution]) -> Figure:
    """Panels c, d and e.

    Args:
        dataset: Overpotentials over island width and current density.
        solutions: Of the panels d and e.
    """
    scenes = [scene_of(solution, pixels=_PIXELS) for solution in solutions]
    images = images_of(scenes)
    figure = style.new_figure(7.3, 3.6, gap=0.04)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.0, 1.12))
    draw_panel_c(figure.add_subplot(grid[:, 0]), dataset)
    for row, (panel, solution, scene, image) in enumerate(
        zip(paper.PANELS, solutions, scenes, images, strict=True)
    ):
        axes = figure.add_subplot(grid[row, 1])
        title = (
            f"{panel.island_width * MICRO:g} µm, {panel.current_density * PER_MA_CM2:g} "
            f"mA/cm$^2$: {solution.result.overpotential_mean * MILLI:.2f} mV"
        )
        label = "φ vs. Li [mV]"
        draw_field(axes, solution, scene, image, title=title, bar_label=label)
        style.add_letter(axes, panel.letter)
    add_legend(axes, solutions[-1].bottom)
    return figure


def draw_panel_c(axes: Axes, dataset: xr.Dataset) -> None:
    """The map with the films' lines and the points of the other panels."""
    data, lines = overpotential_map(dataset), thresholds()
    maps.draw_map(axes, data)
    maps.add_color_bar(axes, data, lines)
    for line in lines:
        map_lines.draw_threshold(axes, data, line)
    low, high = axes.get_xlim()
    axes.set_xticks([tick for tick in (1, 10, 20, 30, 40, 50) if low <= tick <= high])
    potentials = [line.value for line in lines]
    for text, (x, y), sign in ((_ABOVE, (0.5, 0.87), 1), (_BELOW, (0.62, 0.22), -1)):
        row, column = round(y * (len(data.y.values) - 1)), round(x * (len(data.x.values) - 1))
        value = data.values[row, column]
        if all(sign * (value - potential) > 0 for potential in potentials):
            _write(axes, text, (x, y))
    missing = maps.entry_of_missing(data)
    if missing:
        axes.legend(handles=missing, loc="lower right", framealpha=0.9)
    for panel in paper.PANELS:
        place = (panel.island_width * MICRO, panel.current_density * PER_MA_CM2)
        axes.plot(*place, "o", color="white", markeredgecolor=style.HALO, markersize=5, zorder=6)
        axes.annotate(
            panel.letter,
            place,
            xytext=(0, 4.5),
            textcoords="offset points",
            ha="center",
            color="white",
            fontweight="bold",
            path_effects=style.halo(2.0),
            zorder=6,
        )
    style.add_letter(axes, "c")


def _write(axes: Axes, text: str, place: tuple[float, float]) -> None:
    axes.text(
        *place,
        text,
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=style.SMALL,
        color="white",
        path_effects=style.halo(1.5),
        zorder=5,
    )


def write(figure: Figure, files: Sequence[Path]) -> None:
    """Save a figure in the formats that the endings of the files name."""
    with style.applied():
        picture_file.save(figure, *files)
