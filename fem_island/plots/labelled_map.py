"""A number of a sweep over two of its axes, as a map."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.plots import given_look, picture_file, style
from fem_island.plots.axis_units import in_print
from fem_island.plots.map_lines import draw_levels
from fem_island.plots.maps import Map, Scale, add_color_bar, draw_map, entry_of_missing
from fem_island.quantities import Dimension, dimension_in, in_unit, to_si, with_unit

_WIDE = 20.0
"""Largest over smallest value from which on an axis may be logarithmic."""

_EVEN = 1e-6
_OF_A_MAP, _NEAR = 2, 5


@style.applied()
def plot_map(
    data: xarray.Dataset,
    number: str = "overpotential_mean",
    path: Path | str | None = None,
    *,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
    size: tuple[float, float] | None = None,
    colors: str = style.OVERPOTENTIAL_MAP,
    limits: tuple[float | str, float | str] | None = None,
    levels: Sequence[float | str] = (),
) -> Figure:
    """Draw a number of a sweep over two axes, in the units of users.

    Args:
        data: What ``sweep`` returns, or a ``results.nc`` that was opened; of more than two axes
            one value each must have been selected.
        number: Name of the variable.
        path: Picture file to write (.png, .pdf, .svg), or None.
        x: Name of the horizontal axis; None takes the island size, where it is one.
        y: Name of the vertical axis.
        ax: Axes of matplotlib to draw in; None makes a figure.
        size: Width and height of the figure in inches.
        colors: Name of matplotlib's colour map.
        limits: Values of the first and the last colour; None takes the smallest and the largest.
        levels: Values at which to draw labelled lines.

    Returns:
        The figure.

    Raises:
        InputError: There is no such number, not along two axes, or it cannot be drawn like that.

    Example:
        >>> import fem_island as fi
        >>> maps = fi.sweep(
        ...     fi.Cell(), island_width=["5 um", "20 um"], current_density=[1.0, 2.5, 5.0]
        ... )
        >>> fi.plot_map(maps, levels=["50 mV"])
        <picture of 4.2 x 3.2 inches: .show() opens a window, .savefig("name.png") writes a file>
    """
    path = picture_file.prepared(path)
    given_look.check_look(colors=colors)
    values = _numbers(data, number)
    across, along = _axes(values, x, y)
    dimension = dimension_in(values.attrs.get("units", ""))
    ends = given_look.ends_of(limits, dimension)
    drawn = Map(
        x=_scale(values[across]),
        y=_scale(values[along]),
        values=_shown(values.sortby([across, along]).transpose(along, across), dimension),
        label=_label(values, dimension),
        limits=None if ends is None else (in_unit(ends[0], dimension), in_unit(ends[1], dimension)),
        colors=colors,
    )
    figure, axes = given_look.axes_in(ax, (4.2, 3.2), size)
    draw_map(axes, drawn)
    bar = add_color_bar(axes, drawn)
    if bar is not None:
        bar.set_label(style.wrapped(drawn.label, style.size_of(axes)[1]))
    wanted = sorted(in_unit(_level(each, dimension), dimension) for each in levels)
    for label in draw_levels(axes, drawn, wanted, f"{{:g}} {dimension.shown_in}".strip().format):
        label.set_path_effects(style.halo(1.5))
    missing = entry_of_missing(drawn)
    if missing:
        axes.legend(handles=missing, loc="lower right", framealpha=0.9)
    picture_file.save(figure, path)
    return figure


def _numbers(data: object, name: str) -> xarray.DataArray:
    """A variable of numbers with its coordinates, along axes that have several values."""
    if not isinstance(data, xarray.Dataset):
        reason = "must be a dataset, as sweep returns it or xarray.open_dataset reads it"
        raise InputError([Fault("data", data, reason)])
    if name not in data.data_vars or data[name].dtype.kind not in "fi":
        numbers = [str(each) for each in data.data_vars if data[each].dtype.kind == "f"]
        near = get_close_matches(name, numbers, _NEAR, 0.0)
        reason = f"is no number of the dataset; such are {', '.join(near)}"
        raise InputError([Fault("number", name, reason)])
    values = data[name]
    single = [each for each in values.dims if values.sizes[each] == 1]
    return values.squeeze(single) if len(values.dims) > _OF_A_MAP else values


def _axes(values: xarray.DataArray, x: str | None, y: str | None) -> tuple[str, str]:
    """The horizontal and the vertical axis."""
    there = [str(name) for name in values.dims]
    faults = [
        Fault(key, name, f"is not one of {', '.join(there)}")
        for key, name in (("x", x), ("y", y))
        if name is not None and name not in there
    ]
    if not faults and (len(there) != 2 or (x is not None and x == y)):
        named = ", ".join(f"{name} ({values.sizes[name]})" for name in there) or "none"
        reason = "must be along two axes; select one value of each other one, with .isel or .sel"
        faults = [Fault("number", str(values.name), f"{reason}; it is along {named}")]
    if not faults:
        faults = [
            Fault(name, None, "must have at least two values, to be an axis of a map")
            for name in there
            if values.sizes[name] < 2
        ]
    if faults:
        raise InputError(faults)
    across = x or next((name for name in there if name != y and name == "island_width"), None)
    across = across or next(name for name in reversed(there) if name != y)
    return across, next(name for name in there if name != across)


def _scale(axis: xarray.DataArray) -> Scale:
    """An axis in the unit of users, rising; logarithmic where it is evenly spaced so."""
    dimension = dimension_in(axis.attrs.get("units", ""))
    values = np.sort(_shown(axis, dimension))
    spacing: Literal["linear", "log"] = "linear"
    if values[0] > 0 and values[-1] > _WIDE * values[0]:
        steps = np.diff(values)
        if np.ptp(steps) > _EVEN * steps.max():
            spacing = "log"
    return Scale(values, _label(axis, dimension), spacing)


def _shown(values: xarray.DataArray, dimension: Dimension) -> Array:
    none, one = (in_unit(number, dimension) for number in (0.0, 1.0))
    return np.asarray(none + (one - none) * values.to_numpy().astype(np.float64))


def _label(values: xarray.DataArray, dimension: Dimension) -> str:
    words = str(values.attrs.get("long_name", values.name))
    return with_unit(words, in_print(dimension.shown_in))


def _level(value: float | str, dimension: Dimension) -> float:
    try:
        return to_si(value, dimension)
    except ValueError as error:
        raise InputError([Fault("levels", value, str(error))]) from None
