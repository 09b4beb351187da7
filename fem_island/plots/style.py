"""One look for all pictures: fonts, colours of materials, and how a figure is saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.bottom import Stretch, Tag

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

ISLAND_COLOR = "#5b6770"
FILM_COLOR = "#d9a441"
COLLECTOR_COLOR = "#b87333"
POTENTIAL_MAP = "viridis"
PRINT_RESOLUTION = 300

_FONT_SIZE = 9.0
_SETTINGS: dict[RcKeyType, Any] = {
    "font.size": _FONT_SIZE,
    "axes.titlesize": _FONT_SIZE,
    "axes.labelsize": _FONT_SIZE,
    "legend.fontsize": _FONT_SIZE - 1,
    "pdf.fonttype": 42,
}


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save in this style; a user's matplotlib settings come back at the end.

    Works as a ``with`` statement and as a decorator of a function that draws.
    """
    with mpl.rc_context(_SETTINGS):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure; sizes in inches. It belongs to no window and needs no closing."""
    return Figure(figsize=(width, height), layout="constrained")


def keep_tick_labels(axes: Axes) -> None:
    """Fix the size of tick labels, which matplotlib would look up only when the figure is shown."""
    axes.tick_params(labelsize=_FONT_SIZE)


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
