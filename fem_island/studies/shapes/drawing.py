"""The shapes, and what drives a film beside each over the current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.colors import ListedColormap

from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, picture_file, style
from fem_island.studies.shapes.images import Pixels

_LINES = {"stripe": "-", "disc": "--", "lattice": ":", "blobs": "-."}
_COLORS = {"stripe": "#1f2937", "disc": "#0f766e", "lattice": "#2563eb", "blobs": "#c2410c"}


@style.applied()
def draw_shapes(
    names: Sequence[str],
    images: Sequence[Pixels],
    currents: Array,
    drives: Array,
    thresholds: Mapping[str, float],
    side: float,
    path: Path,
) -> None:
    """Draw the study.

    Args:
        names: Of the shapes.
        images: Their contact maps.
        currents: [A/m^2], shape (n,).
        drives: Largest drive beside lithium [V], shape (shapes, n).
        thresholds: Potential of each film [V].
        side: Of the box [m].
        path: Picture file to write.
    """
    figure = style.new_figure(7.2, 3.4, gap=0.05)
    grid = figure.add_gridspec(2, 3, width_ratios=(1.0, 1.0, 3.0))
    unit = axis_units.length_unit(side)
    colors = ListedColormap(["#efe9e2", style.ISLAND_COLOR])
    for number, (name, image) in enumerate(zip(names, images, strict=True)):
        axes = figure.add_subplot(grid[divmod(number, 2)])
        axes.imshow(image, origin="lower", cmap=colors, extent=(0, side / unit.metres) * 2)
        axes.set_title(name, color=_COLORS[name])
        axes.set_xticks([])
        axes.set_yticks([])
    axes = figure.add_subplot(grid[:, 2])
    for name, drive in zip(names, drives, strict=True):
        axes.semilogx(0.1 * currents, 1e3 * drive, _LINES[name], color=_COLORS[name], label=name)
    for film, level in thresholds.items():
        color, _ = style.FILM_MARKS[film]
        axes.axhline(1e3 * level, color=color, linewidth=1)
        axes.annotate(
            f"{film} acts above {1e3 * level:g} mV",
            (0.98, 1e3 * level),
            xycoords=("axes fraction", "data"),
            va="bottom",
            ha="right",
            color=color,
            fontsize=style.SMALL,
        )
    axes.set_xlabel("current density [mA/cm$^2$]")
    axes.set_ylabel("largest drive beside lithium [mV]")
    axes.legend(frameon=False)
    axes.set_ylim(0, None)
    style.keep_tick_labels(axes)
    picture_file.save(figure, path)
