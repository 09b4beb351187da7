"""One look for all pictures: fonts, colours of materials, and how a figure is saved."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from fem_island.errors import Fault, InputError, OutputError
from fem_island.machine.collective import on_first_rank
from fem_island.machine.communicator import Communicator
from fem_island.machine.paths import from_home
from fem_island.quantities import Dimension, to_si
from fem_island.surface.bottom import Stretch, Tag

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

ISLAND_COLOR = "#5b6770"
FILM_COLOR = "#d9a441"
COLLECTOR_COLOR = "#b87333"
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

PRINT_RESOLUTION = 300
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


def check_look(
    *,
    ax: object = None,
    panels: int = 1,
    size: Sequence[float] | None = None,
    colors: str | None = None,
) -> None:
    """Refuse what a picture cannot look like.

    Args:
        ax: Axes to draw in, a sequence of them for several panels, or None.
        panels: How many the picture has.
        size: Width and height in inches, or None.
        colors: Name of a colour map, or None.

    Raises:
        InputError: With every fault.
    """
    faults = []
    if ax is not None and not _are_axes(ax, panels):
        allowed = "axes" if panels == 1 else f"{panels} axes, one for each panel,"
        faults.append(Fault("ax", ax, f"must be {allowed} of matplotlib"))
    if ax is not None and size is not None:
        faults.append(Fault("size", size, "is that of the figure which ax belongs to"))
    if size is not None and not _is_size(size):
        faults.append(Fault("size", size, "must be width and height, 0.5 to 100 inches each"))
    if colors is not None and colors not in mpl.colormaps:
        known = "such as viridis, cividis, plasma, RdBu_r"
        faults.append(Fault("colors", colors, f"is not a colour map of matplotlib, {known}"))
    if faults:
        raise InputError(faults)


def _are_two(given: object) -> bool:
    return isinstance(given, list | tuple | np.ndarray) and len(given) == 2


def _is_size(given: Sequence[float]) -> bool:
    return _are_two(given) and all(isinstance(x, Real) and 0.5 <= x <= 100 for x in given)


def axes_in(
    ax: Axes | None, usual: tuple[float, float], size: tuple[float, float] | None
) -> tuple[Figure, Axes]:
    """Axes to draw in, with their figure.

    Args:
        ax: Those of a user, or None for a new figure.
        usual: Width and height of a new figure in inches.
        size: The same as a user wants it, or None.

    Raises:
        InputError: They are no axes, or no size.
    """
    check_look(ax=ax, size=size)
    if ax is not None:
        return ax.figure.figure, ax
    figure = new_figure(*(size or usual))
    return figure, figure.subplots()


def _are_axes(given: object, panels: int) -> bool:
    if panels == 1:
        return isinstance(given, Axes)
    if not isinstance(given, Sequence | np.ndarray) or len(given) != panels:
        return False
    return all(isinstance(each, Axes) for each in given)


def ends_of(
    given: Sequence[object] | None, dimension: Dimension, *, key: str = "limits"
) -> tuple[float, float] | None:
    """The two ends of a range, as numbers in SI units or texts with units.

    Args:
        given: The smaller and the larger one, or None.
        dimension: What they are.
        key: What they were given as.

    Raises:
        InputError: They are not two, or not in this order.
    """
    if given is None:
        return None
    kind = dimension.name.partition(" ")[2]
    what = f"two {kind[:-1]}ies" if kind.endswith("y") else f"two {kind}s"
    if not _are_two(given):
        raise InputError([Fault(key, given, f"must be {what}, the smaller and the larger one")])
    try:
        low, high = (to_si(end, dimension) for end in given)
    except ValueError as error:
        raise InputError([Fault(key, None, f"must be {what}: {error}")]) from None
    if not low < high:
        raise InputError([Fault(key, list(given), "must be the smaller and the larger one")])
    return low, high


def keep_tick_labels(axes: Axes) -> None:
    """Fix the size of tick labels, which matplotlib would look up only when the figure is shown."""
    axes.tick_params(labelsize=_FONT_SIZE)


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


@dataclass(frozen=True)
class LengthUnit:
    """A unit for an axis.

    Attributes:
        name: Its symbol.
        metres: One of it [m].
    """

    name: str
    metres: float


def length_unit(length: float) -> LengthUnit:
    """The unit in which a length [m] is a number that can be read.

    Example:
        >>> length_unit(100e-9).name, length_unit(50e-6).name, length_unit(0.02).name
        ('nm', 'µm', 'mm')
    """
    if length < 0.5e-6:
        return LengthUnit("nm", 1e-9)
    return LengthUnit("mm", 1e-3) if length > 5e-3 else LengthUnit("µm", 1e-6)


def time_unit(longest: float) -> tuple[float, str]:
    """Seconds of a unit in which times up to one [s] can be read, and its name.

    Example:
        >>> time_unit(14400.0), time_unit(30.0)
        ((3600.0, 'h'), (1.0, 's'))
    """
    if longest > 7200:
        return 3600.0, "h"
    return (60.0, "min") if longest > 600 else (1.0, "s")


def prepared(path: Path | str | None) -> Path | None:
    """A picture file that can be written, as far as that is known before anything is drawn.

    Args:
        path: The file, whose folder is made where it does not exist; None is no file.

    Returns:
        The file; "~" at its beginning is the home folder.

    Raises:
        InputError: The ending is not that of a format, or the folder cannot be made.
    """
    if path is None:
        return None
    path = from_home(path)
    formats = sorted(FigureCanvasBase.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in formats:
        allowed = ", ".join(f".{name}" for name in formats)
        raise InputError([Fault("path", str(path), f"must end in one of {allowed}")])
    _make_folder_of(path)
    return path


def prepare(path: Path | str | None, comm: Communicator) -> Path | None:
    """As ``prepared``, on the first of several ranks. Collective.

    Args:
        path: The file.
        comm: Who draws. All ranks raise the same error, so that none waits for the others.

    Raises:
        InputError: As in ``prepared``.
    """
    found: Path | None = comm.bcast(on_first_rank(comm, lambda: prepared(path)))
    return found


def _make_folder_of(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"must be in a folder that can be made: {error.strerror}"
        raise InputError([Fault("path", str(path), reason)]) from error
    if path.is_dir():
        raise InputError([Fault("path", str(path), "must be a file, and is a folder")])


@applied()
def save(figure: Figure, *paths: Path | str | None) -> None:
    """Write a figure; the ending of each name says in which format.

    Raises:
        InputError: The ending is not that of a format, or the folder cannot be made.
        OutputError: It cannot be written.
    """
    for path in map(prepared, paths):
        if path is None:
            continue
        try:
            figure.savefig(path, dpi=PRINT_RESOLUTION, **_options(path))
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
        # Where everything goes is found once: it takes as long as drawing does.
        figure.set_layout_engine("none")


def _options(path: Path | str) -> dict[str, Any]:
    """For PNG a third of the time that the strongest compression takes, which gains little."""
    png = Path(path).suffix.lower() == ".png"
    return {"pil_kwargs": {"compress_level": 3}} if png else {}
