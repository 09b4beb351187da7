"""One look for all pictures: fonts, colours of materials, letters and labels."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from fem_island.errors import Fault, InputError
from fem_island.surface.bottom import Stretch, Tag

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

ISLAND_COLOR = "#5b6770"
FILM_COLOR = "#d9a441"
COLLECTOR_COLOR = "#b87333"
GROUND_COLOR = "#e9e4df"
"""Of the collector of a contact map, beneath what reacts there."""

POTENTIAL_MAP = "viridis"
OVERPOTENTIAL_MAP = "plasma"
"""Not that of the potential, which is another quantity with another sign. Dark at small values."""

SHARE_MAP = "cividis"
RELIEF_MAP = "magma"

FILM_LINES = {"Ag": ("#ffffff", "-"), "Au": ("#ffb43b", "-")}
"""Colour and kind of line of a film's threshold on dark ground."""

FILM_MARKS = {"Ag": ("#5f6b76", "o"), "Au": ("#c47f00", "s")}
"""Colour and marker of a film on white paper."""

HALO = "#10151c"
"""Behind light lines, letters and markers on a map."""

_SCREEN_RESOLUTION = 100

TICK_SPACING, TICK_LENGTH = 6.0, 0.55
"""Of the ticks on that side of a line on which something happens [points; share of the spacing]."""

SMALL = 8.0
"""Size of letters inside a picture [points]."""

_DEFAULTS: dict[RcKeyType, Any] = {
    key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"
}
_FONT_SIZE = 9.0
_LETTER, _SHORTEST_LINE = 0.5, 12
"""Width of a letter over its size, in the mean; letters of a line at least."""

_SETTINGS: dict[RcKeyType, Any] = {
    "font.size": _FONT_SIZE,
    "axes.titlesize": _FONT_SIZE,
    "axes.labelsize": _FONT_SIZE,
    "legend.fontsize": _FONT_SIZE - 1,
    "axes.linewidth": 0.7,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,
}


class Picture(Figure):
    """A figure that shows itself in a notebook, without its being told to, and in a window.

    It belongs to no window and needs no closing; what else there is to it is matplotlib's.
    """

    def __repr__(self) -> str:
        """What to do with it at a prompt."""
        width, height = self.get_size_inches()
        return (
            f"<picture of {width:.3g} x {height:.3g} inches: .show() opens a window, "
            '.savefig("name.png") writes a file>'
        )

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """What a notebook shows, as fine as a screen may be."""
        file = BytesIO()
        with applied():
            self.savefig(file, format="png", dpi=2 * _SCREEN_RESOLUTION)
        width, height = (round(_SCREEN_RESOLUTION * length) for length in self.get_size_inches())
        return file.getvalue(), {"width": width, "height": height}

    def show(self, warn: bool = True) -> None:
        """Open a window with the picture, and wait until it is closed, or not, as matplotlib does.

        Args:
            warn: As in matplotlib; a picture that cannot be shown is refused either way.

        Raises:
            InputError: There is no window to be had here.
        """
        from matplotlib import pyplot as plt
        from matplotlib.backends.registry import BackendFilter, backend_registry

        without_windows: list[str] = backend_registry.list_builtin(  # type: ignore[no-untyped-call]
            BackendFilter.NON_INTERACTIVE
        )
        if plt.get_backend().lower() in without_windows:
            reason = 'no window can be opened here; .savefig("name.png") writes the picture'
            raise InputError([Fault("show", None, reason)])
        window = plt.figure(figsize=tuple(self.get_size_inches()))
        window.canvas.figure = self
        self.set_canvas(window.canvas)
        plt.show()


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save in this style; a user's matplotlib settings come back at the end.

    Works as a ``with`` statement and as a decorator of a function that draws.
    """
    with mpl.rc_context(_DEFAULTS | _SETTINGS):
        yield


def new_figure(width: float, height: float, *, gap: float = 0.02) -> Picture:
    """An empty figure.

    Args:
        width: In inches.
        height: In inches.
        gap: Between panels side by side, as a share of their width.
    """
    return Picture(figsize=(width, height), layout=ConstrainedLayoutEngine(wspace=gap))


def keep_tick_labels(axes: Axes) -> None:
    """Fix the size of tick labels, which matplotlib would look up only when the figure is shown."""
    axes.tick_params(labelsize=_FONT_SIZE)


def plain_decades(axis: Axis) -> None:
    """Write a logarithmic axis as 0.1, 0.2, 0.5, 1 and so on instead of in powers of ten."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def wrapped(text: str, inches: float) -> str:
    """A label broken into lines of about so many inches.

    Example:
        >>> wrapped("local current density on lithium", 1.3).splitlines()
        ['local current', 'density on lithium']
    """
    return textwrap.fill(text, max(_SHORTEST_LINE, int(inches * 72 / (_LETTER * _FONT_SIZE))))


def size_of(axes: Axes) -> tuple[float, float]:
    """Width and height in inches."""
    box = axes.get_window_extent()
    return box.width / axes.figure.dpi, box.height / axes.figure.dpi


def halo(width: float) -> list[patheffects.AbstractPathEffect]:
    """A dark edge of so many points that sets off light lines and letters from a map."""
    return [patheffects.withStroke(linewidth=width, foreground=HALO)]


def add_letter(axes: Axes, letter: str) -> None:
    """Print the letter of a panel above its upper left corner, outside the axes."""
    axes.annotate(
        letter,
        (0.0, 1.0),
        xytext=(-30, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        fontweight="bold",
        fontsize=_FONT_SIZE + 3,
    )


def color_of(stretch: Stretch) -> str:
    """The colour of what lies on a stretch of the bottom."""
    return {Tag.ISLAND: ISLAND_COLOR, Tag.FILM: FILM_COLOR}.get(stretch.tag, COLLECTOR_COLOR)


def name_of(stretch: Stretch) -> str:
    """What lies on a stretch of the bottom, for a legend."""
    return {Tag.ISLAND: "lithium island", Tag.FILM: "film"}.get(stretch.tag, "bare collector")
