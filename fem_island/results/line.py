"""A solution along a straight line through the electrolyte, as labelled data."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray

from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.quantities import CURRENT_DENSITY, LENGTH, POTENTIAL
from fem_island.results.declared import declared, reported
from fem_island.results.field import Field, as_points
from fem_island.results.variables import labelled

_MOST_PLACES = 1_000_000


@declared
class Line:
    """A solution along a line."""

    distance: Array = reported("distance from the start", LENGTH, along="distance")
    x: Array = reported("x", LENGTH, along="distance")
    y: Array = reported("y", LENGTH, along="distance")
    potential: Array = reported("potential against lithium", POTENTIAL, along="distance")
    current_density_x: Array = reported(
        "current density along x", CURRENT_DENSITY, along="distance"
    )
    current_density_y: Array = reported(
        "current density along y", CURRENT_DENSITY, along="distance"
    )


def along(
    field: Field,
    conductivity: float,
    start: npt.ArrayLike | Any,
    end: npt.ArrayLike | Any,
    *,
    count: int,
) -> xarray.Dataset:
    """A solution at evenly spaced places of a line.

    Args:
        field: The potential.
        conductivity: Kappa [S/m].
        start: x and y [m].
        end: x and y [m].
        count: Number of places, with both ends.

    Raises:
        InputError: An end is outside of the cell, or there are not two different ones.
    """
    ends = np.concatenate([_point(start, "start"), _point(end, "end")])
    if not 2 <= count <= _MOST_PLACES:
        raise InputError([Fault("count", count, f"must be 2 to {_MOST_PLACES}")])
    length = float(np.hypot(*(ends[1] - ends[0])))
    if length == 0:
        raise InputError([Fault("end", None, "must be another point than the start")])
    places = ends[0] + np.linspace(0.0, 1.0, count)[:, None] * (ends[1] - ends[0])
    potential = field.potential(places)
    if not np.isfinite(potential).all():
        key = "start" if not np.isfinite(potential[0]) else "end"
        raise InputError([Fault(key, None, "must be a point of the cell")])
    current = -conductivity * field.gradient(places)
    found = Line(
        distance=np.linspace(0.0, length, count),
        x=places[:, 0],
        y=places[:, 1],
        potential=potential,
        current_density_x=current[:, 0],
        current_density_y=current[:, 1],
    )
    return xarray.Dataset(labelled(found)).set_coords(["x", "y"])


def _point(given: Any, key: str) -> Array:
    try:
        points = as_points(given)
    except InputError as error:
        raise InputError(Fault(key, fault.value, fault.message) for fault in error.faults) from None
    if len(points) != 1:
        raise InputError([Fault(key, None, "must be x and y of one point")])
    return points
