"""What a user says of a picture: the axes to draw in, its size, colours and limits."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.errors import Fault, InputError
from fem_island.plots import style
from fem_island.quantities import Dimension, to_si


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
    figure = style.new_figure(*(size or usual))
    return figure, figure.subplots()


def panels_in(
    ax: Axes | Sequence[Axes] | None, panels: int, size: tuple[float, float] | None
) -> list[Axes]:
    """The axes that a user gives for several panels, or none.

    Args:
        ax: A sequence of them, the axes themselves where there is one panel, or None.
        panels: How many the picture has.
        size: Width and height of a new figure in inches, or None.

    Raises:
        InputError: They are not as many, or no size.
    """
    check_look(ax=ax, panels=panels, size=size)
    if ax is None:
        return []
    return [ax] if isinstance(ax, Axes) else list(ax)


def columns_in(
    ax: Sequence[Axes] | None,
    columns: int,
    usual: tuple[float, float],
    size: tuple[float, float] | None,
    *,
    height_ratios: tuple[float, float],
) -> list[tuple[Axes, Axes]]:
    """Columns of two panels to draw in, the upper one first.

    Args:
        ax: Two axes of a user for each, the upper one first, or None for a new figure.
        columns: How many.
        usual: Width and height of a new figure in inches.
        size: The same as a user wants it, or None.
        height_ratios: Of the two panels in a new figure.

    Raises:
        InputError: They are not as many, or no size.
    """
    panels = panels_in(ax, 2 * columns, size)
    if not panels:
        figure = style.new_figure(*(size or usual))
        panels = list(
            figure.subplots(2, columns, squeeze=False, height_ratios=height_ratios).T.flat
        )
    return list(zip(panels[::2], panels[1::2], strict=True))


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
