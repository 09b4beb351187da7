"""Outputs of a function: single reported numbers, by their paths in ``--json``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.case.point_column import header_of, in_column_unit
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.quantities import in_unit
from fem_island.results.columns import Columns
from fem_island.results.variables import Layout, Variable, variables

_LONGEST_LIST = 300


@dataclass(frozen=True)
class Output:
    """One number of every point.

    Attributes:
        name: As it was asked for.
        variable: What it is.
        place: Where it is along the dimension of the variable, if that has one.
        unit: Of the numbers; empty for SI.
    """

    name: str
    variable: Variable
    place: tuple[int, ...]
    unit: str

    def of(self, columns: Columns) -> Array:
        """The numbers of all points, shape (n,); NaN where there is none."""
        values = np.asarray(columns.numbers[self.variable.name], dtype=np.float64)
        for place in self.place:
            values = values[:, place]
        return in_column_unit(values, self.variable.quantity, self.unit)

    @property
    def scale(self) -> float:
        """What a difference in SI units is multiplied with."""
        none, one = in_column_unit(np.array([0.0, 1.0]), self.variable.quantity, self.unit)
        return float(one - none)


def output_of(name: str, layout: Layout) -> Output:
    """Read ``PATH`` or ``PATH [UNIT]``.

    Args:
        name: The path, as in ``islands.0.overpotential_mean``, or the name of the variable of a
            dataset.
        layout: Of the results.

    Raises:
        InputError: There is no such number, or the unit is not one of it.
    """
    path, unit = header_of(name)
    parts = path.split(".")
    places = [part for part in parts if part.isdecimal()]
    films = list(materials.films())
    if len(parts) == 2 and parts[0] == "delithiates" and parts[1] in films:
        parts, places = parts[:1], [str(films.index(parts[1]))]
    joined = "_".join(part for part in parts if not part.isdecimal())
    variable = next((one for one in variables(layout.record) if one.name == joined), None)
    if variable is None or joined == "status":
        known = ", ".join(one.name for one in variables(layout.record) if not one.dimensions)
        known = known[:_LONGEST_LIST].rpartition(",")[0]
        raise InputError(
            [Fault("output", name, f"is not a reported number; known are {known} ...")]
        )
    if len(places) != len(variable.dimensions):
        reason = (
            f"needs its number along {variable.dimensions[0]}, as in islands.0.overpotential_mean"
            if variable.dimensions
            else "is one number, without a number in its path"
        )
        raise InputError([Fault("output", name, reason)])
    for place, dimension in zip(places, variable.dimensions, strict=True):
        count = layout.lengths[dimension]
        if int(place) >= count:
            reason = f"there are {count} along {dimension}, counted from 0"
            raise InputError([Fault("output", name, reason)])
    if unit:
        try:
            in_unit(1.0, variable.quantity, unit)
        except Exception as error:  # pint raises errors of many types
            reason = f"has a unit that is not one of {variable.quantity.name}"
            raise InputError([Fault("output", name, reason)]) from error
    return Output(name, variable, tuple(int(place) for place in places), unit)
