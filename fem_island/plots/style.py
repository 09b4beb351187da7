"""One look for all pictures: fonts, colours of materials, and how a figure is saved."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from fem_island.bottom import Stretch, Tag

ISLAND_COLOR = "#5b6770"
FILM_COLOR = "#d9a441"
COLLECTOR_COLOR = "#b87333"
POTENTIAL_MAP = "viridis"
PRINT_RESOLUTION = 300

_FONT_SIZE = 9.0


def new_figure(width: float, height: float) -> Figure:
    """An empty figure; sizes in inches. It belongs to no window and needs no closing."""
    import matplotlib as mpl

    settings = {
        "font.size": _FONT_SIZE,
        "axes.titlesize": _FONT_SIZE,
        "axes.labelsize": _FONT_SIZE,
        "legend.fontsize": _FONT_SIZE - 1,
        "pdf.fonttype": 42,
    }
    mpl.rcParams.update(settings)
    return Figure(figsize=(width, height), layout="constrained")


def color_of(stretch: Stretch) -> str:
    """The colour of what lies on a stretch of the bottom."""
    return {Tag.ISLAND: ISLAND_COLOR, Tag.FILM: FILM_COLOR}.get(stretch.tag, COLLECTOR_COLOR)


def name_of(stretch: Stretch) -> str:
    """What lies on a stretch of the bottom, for a legend."""
    return {Tag.ISLAND: "lithium island", Tag.FILM: "film"}.get(stretch.tag, "bare collector")


def save(figure: Figure, path: Path | str | None) -> None:
    """Write a figure; the ending of the name says in which format."""
    if path is not None:
        figure.savefig(path, dpi=PRINT_RESOLUTION)
