"""Voltage of a stripping run in time.

The model is marched at one fineness, that with which a run of its own begins: differences between
cases are smooth then. Where the model has come to its end before the data have, its voltage goes on
from the cut-off, the higher the later, so that a fit still knows where to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import CURRENT_DENSITY
from fem_island.case.case import Case
from fem_island.case.fit import Data
from fem_island.case.stripping import Stripping
from fem_island.errors import ComputationError, InputError
from fem_island.experiments.impedance.measured.record import refused
from fem_island.experiments.stripping.case_stores import in_series, phases, settings, stores_of
from fem_island.experiments.stripping.instant import Reading
from fem_island.experiments.stripping.marching import march_case
from fem_island.experiments.stripping.pacing import ByVoltage
from fem_island.experiments.stripping.planning import first_fineness
from fem_island.fitting.data.columns import CELL_VOLTAGE, OVERPOTENTIAL, Seen, seen_in
from fem_island.fitting.data.errors import given_errors
from fem_island.fitting.data.tables import TableOfColumns
from fem_island.fitting.scaling import Coordinate, case_with, values_of
from fem_island.machine.arrays import Array
from fem_island.quantities import POTENTIAL

if TYPE_CHECKING:
    from fem_island.plots.fits import FittedCurve

_MILLI, _MINUTE = 1e3, 60.0
_STEADY = 0.01
"""Relative change of a current that counts as none."""

_MOST_POINTS = 200
"""Of a curve that is fitted; a longer one is thinned out, evenly along it."""

_AFTER = 1e-9
"""By which the model runs on after the last time, as a share of it."""


@dataclass(frozen=True)
class CurveData:
    """A measured curve; see ``Measured``.

    Attributes:
        case: What is stripped, at its current.
        seen: "voltage" or "cell_voltage".
        times: Since the start of stripping, rising [s], shape (n,).
    """

    name: str
    case: Case
    seen: str
    times: Array
    values: Array
    errors: Array | None
    scale: Array
    notes: tuple[str, ...] = ()
    kind: str = "stripping"
    quick: bool = False

    def predicted(self, coordinates: Sequence[Coordinate], places: Array) -> Array:
        """What the model says [V], shape (m, n)."""
        found = np.full((len(places), len(self.values)), np.nan)
        for number, place in enumerate(places):
            try:
                found[number] = self._marched(self.case_at(coordinates, place))
            except (InputError, ComputationError):
                continue
        return found

    def derivatives(self, coordinates: Sequence[Coordinate], place: Array) -> None:
        """None: differences are taken."""
        return None

    def weighed(self, coordinates: Sequence[Coordinate], place: Array) -> CurveData:
        """Errors are what they are."""
        return self

    def case_at(self, coordinates: Sequence[Coordinate], place: Array) -> Case:
        """The case that is stripped."""
        return case_with(self.case.tables(), values_of(coordinates, place))

    def curve(
        self, coordinates: Sequence[Coordinate], place: Array, fitted: Array, residuals: Array
    ) -> FittedCurve:
        """Voltage against time."""
        from fem_island.plots.fits import FittedCurve

        return FittedCurve(
            name=self.name,
            across="time [min]",
            along=f"{self.seen.replace('_', ' ')} [mV]",
            x=self.times / _MINUTE,
            measured=self.values * _MILLI,
            errors=None if self.errors is None else self.errors * _MILLI,
            fitted_x=self.times / _MINUTE,
            fitted=fitted * _MILLI,
            residuals=residuals,
        )

    def _marched(self, case: Case) -> Array:
        last = float(self.times[-1]) * (1 + _AFTER)
        said = settings(case)
        if not case.protocol:
            ended = last if said.duration is None else min(last, said.duration)
            own = {name: getattr(said, name) for name in said.model_fields_set}
            case = case.model_copy(update={"stripping": Stripping(**own | {"duration": ended})})
        stores = stores_of(case)
        fineness = first_fineness(case, stores, said.tolerance)
        pace = ByVoltage(fineness.bend, fineness.step)
        instants = march_case(case, stores, fineness, pace, self.times, read=Reading).instants
        times = np.array([instant.time for instant in instants])
        voltage = np.array([instant.voltage for instant in instants])
        if self.seen == CELL_VOLTAGE:
            added = in_series(case)
            voltage = voltage + np.array([added(i.current_density) for i in instants])
        found = np.interp(self.times, times, voltage)
        later = self.times > times[-1] * (1 + 10 * _AFTER)
        cutoff = phases(case)[-1].cutoff
        end = voltage[-1] if cutoff is None else cutoff
        found[later] = end * (1 + (self.times[later] - times[-1]) / self.times[-1])
        return np.asarray(found)


def curve_data(table: TableOfColumns, said: Data, case: Case) -> CurveData:
    """A curve of a table.

    Args:
        table: The table.
        said: What the case says of these data.
        case: What is stripped.

    Raises:
        InputError: It is no such table; one line says why.
    """
    seen = seen_in(table, said, whole_cell=case.cell.series is not None)
    if seen.name == OVERPOTENTIAL:
        raise refused('has overpotentials; give "voltage [mV]" or "cell_voltage [mV]" in time')
    if seen.name == CELL_VOLTAGE and case.cell.series is None:
        raise refused("has the voltage of a whole cell, but the case has no table [series]")
    case = _at_its_conditions(table, seen, case)
    times = _times(table, seen, case)
    values = seen.values
    if len(values) > 2 and np.ptp(values) == 0:
        raise refused(f'"{seen.name}" is the same in all rows')
    notes = list(seen.notes)
    if len(times) > 1 and times[0] > np.diff(times).max():
        began = f"{times[0] / _MINUTE:.3g} min before the first row"
        notes.append(f"stripping is taken to have begun at time 0, {began}")
    errors, scale = given_errors(said, POTENTIAL, seen)
    chosen = np.arange(len(values))
    if len(values) > _MOST_POINTS:
        chosen = _spread(times, values)
        notes.append(f"{len(chosen)} of {len(values)} rows are used, spread along the curve")
    stores_of(case)
    return CurveData(
        name=table.name,
        case=case,
        seen=seen.name,
        times=times[chosen],
        values=values[chosen],
        errors=None if errors is None else errors[chosen],
        scale=scale[chosen],
        notes=tuple(notes),
    )


def _at_its_conditions(table: TableOfColumns, seen: Seen, case: Case) -> Case:
    """The case at the current and other conditions of the table, which must not change in it."""
    conditions = dict(seen.conditions)
    if seen.current_density is not None:
        current = seen.current_density
        signs = set(np.sign(current).tolist())
        if len(signs) > 1 and not case.protocol:
            row = int(np.flatnonzero(np.sign(current) != np.sign(current[0]))[0])
            raise refused(
                f"mixes stripping, plating or rest (the sign of the current changes on "
                f"{table.place(row)}); give the part that is fitted, or the case a [[protocol]]"
            )
        if not case.protocol:
            conditions[CURRENT_DENSITY] = current
    for path, column in conditions.items():
        mean = float(np.mean(column))
        if np.ptp(column) > _STEADY * abs(mean):
            reason = "a stripping run has one for all rows, unless the case has a [[protocol]]"
            raise refused(f"{path} changes; {reason}")
    means = {path: float(np.mean(column)) for path, column in conditions.items()}
    return case_with(case.tables(), means) if means else case


def _times(table: TableOfColumns, seen: Seen, case: Case) -> Array:
    if seen.time is not None:
        times = seen.time
    elif seen.capacity is not None:
        times = np.abs(seen.capacity / case.operation.current_density)
    else:
        raise refused('has no column of time; give "time [s]", or "capacity [mAh/cm^2]"')
    falling = np.flatnonzero(np.diff(times) <= 0)
    if len(falling):
        place = table.place(int(falling[0]) + 1)
        raise refused(f"is not sorted: time does not rise on {place}")
    if times[0] < 0:
        raise refused("has a time below 0; stripping starts at 0")
    return np.asarray(times)


def _spread(times: Array, values: Array) -> npt.NDArray[np.intp]:
    """Numbers of rows that are evenly spread along the curve, its first and last among them."""
    along = np.diff(times) / np.ptp(times) + np.abs(np.diff(values)) / np.ptp(values)
    length = np.concatenate([[0.0], np.cumsum(along)])
    wanted = np.linspace(0.0, length[-1], _MOST_POINTS)
    return np.unique(np.searchsorted(length, wanted).clip(0, len(times) - 1))
