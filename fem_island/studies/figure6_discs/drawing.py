"""The three maps beside each other, and the sections of two discs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from fem_island.plots import map_lines, maps, style
from fem_island.plots.field import add_legend, draw_field, scene_of
from fem_island.plots.rendering import images_of
from fem_island.studies.figure6 import paper
from fem_island.studies.figure6.drawing import MICRO, MILLI, overpotential_map, thresholds
from fem_island.studies.figure6_discs.cells import SHAPES

if TYPE_CHECKING:
    from fem_island.experiments.point.solution import Solution

_PIXELS = 1200
_AXES = ("width $w$ of stripes [µm]", "diameter of discs [µm]", "$w$ at the same coverage [µm]")


@style.applied()
def draw(datasets: Sequence[xr.Dataset], solutions: Sequence[Solution]) -> Figure:
    """Draw the study.

    Args:
        datasets: Maps of ``SHAPES``.
        solutions: Discs of the same width as the stripes of the paper's panels.
    """
    scenes = [scene_of(solution, pixels=_PIXELS) for solution in solutions]
    images = images_of(scenes)
    figure = style.new_figure(7.3, 5.2, gap=0.04)
    halves = figure.add_gridspec(2, 1, height_ratios=(1.5, 1.0))
    above, below = (figure.add_subfigure(halves[number]) for number in (0, 1))
    row = above.subplots(1, len(SHAPES), sharey=True)
    found = [overpotential_map(dataset) for dataset in datasets]
    limits = (
        float(min(np.nanmin(data.values) for data in found)),
        float(max(np.nanmax(data.values) for data in found)),
    )
    for axes, data, shape, label, letter in zip(row, found, SHAPES, _AXES, "abc", strict=True):
        x = replace(data.x, label=label)
        shown = replace(data, limits=limits, x=x)
        maps.draw_map(axes, shown)
        # In the middle there is no room for their names.
        for line in thresholds(labelled=letter != "b"):
            map_lines.draw_threshold(axes, shown, line, label_at=0.62)
        axes.set_xticks([1, 10, 20, 30, 40, 50])
        axes.set_title(shape.words)
        if letter != "a":
            axes.set_ylabel("")
        style.add_letter(axes, letter)
    maps.add_color_bar(row[-1], replace(found[0], limits=limits), thresholds(), beside=list(row))
    fields = below.subplots(1, len(solutions))
    for axes, panel, solution, scene, image, letter in zip(
        fields, paper.PANELS, solutions, scenes, images, "de", strict=True
    ):
        title = (
            f"disc of {panel.island_width * MICRO:g} µm: "
            f"{solution.result.overpotential_mean * MILLI:.1f} mV"
        )
        draw_field(axes, solution, scene, image, title=title, bar_label="φ vs. Li [mV]")
        style.add_letter(axes, letter)
    add_legend(below, solutions[-1].bottom)
    return figure
