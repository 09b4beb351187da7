"""Points of current against overpotential or voltage.

Every row is an operating point of its own; other columns than the current may set any key of the
case for their row. What is compared is the mean overpotential on the islands, the voltage
-<phi>_top between lithium and the top of the modelled electrolyte, or that of the whole cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fem_island.case.axes import CURRENT_DENSITY
from fem_island.case.case import Case, at_current
from fem_island.case.fit import Data
from fem_island.case.tables_beside import FIT
from fem_island.errors import Fault, InputError
from fem_island.experiments.impedance.measured.record import refused
from fem_island.fitting.data.columns import CELL_VOLTAGE, OVERPOTENTIAL, Seen, seen_in
from fem_island.fitting.data.errors import given_errors
from fem_island.fitting.data.measured import Derivatives, Measured
from fem_island.fitting.data.operating_points import evaluated, slopes_of
from fem_island.fitting.data.tables import TableOfColumns
from fem_island.fitting.scaling import Coordinate, case_with, values_of
from fem_island.machine.arrays import Array
from fem_island.quantities import POTENTIAL
from fem_island.surface.series import in_series_voltage

if TYPE_CHECKING:
    from fem_island.plots.fits import FittedCurve

_PER_MA_CM2, _MILLI = 0.1, 1e3
_STEP = 1e-5
"""Of a parameter u, for what is in series: an explicit formula."""

_DRAWN = 60
"""Currents at which the curve of a fit is drawn."""

_NOT_NOISE = 5e-3
"""Potential of the wrong sign that is no noise [V]."""


@dataclass(frozen=True)
class PointData:
    """Measured points; see ``Measured``.

    Attributes:
        case: What the rows do not say.
        seen: "overpotential", "voltage" or "cell_voltage".
        conditions: Values of keys by their paths [SI], the current among them, each of shape (n,).
    """

    name: str
    case: Case
    seen: str
    conditions: dict[str, Array]
    values: Array
    errors: Array | None
    scale: Array
    notes: tuple[str, ...] = ()
    kind: str = "points"
    quick: bool = True

    def predicted(self, coordinates: Sequence[Coordinate], places: Array) -> Array:
        """What the model says [V], shape (m, n)."""
        found = np.full((len(places), len(self.values)), np.nan)
        cases: dict[int, Case] = {}
        for number, place in enumerate(places):
            try:
                cases[number] = self.case_at(coordinates, place)
            except InputError:
                continue
        if not cases:
            return found
        possible, rows = list(cases), len(self.values)
        name, sign = self._reported
        table = self._table(coordinates, places[possible])
        found[possible] = sign * evaluated(self.case, table, name).reshape(len(possible), rows)
        if self.seen == CELL_VOLTAGE:
            for number, case in cases.items():
                found[number] += self._in_series(case)
        return found

    def derivatives(self, coordinates: Sequence[Coordinate], place: Array) -> Derivatives | None:
        """Those of the discrete equations, from the matrix of Newton's method.

        What is in series is an explicit formula, which is differentiated by differences.
        """
        name, sign = self._reported
        paths = [each.path for each in coordinates]
        steps = _STEP * np.eye(len(place))
        try:
            table = self._table(coordinates, place[None])
            slopes, exact = slopes_of(self.case, table, name, paths)
            beside = [
                [self.case_at(coordinates, one) for one in (place + step, place - step)]
                for step in (steps if self.seen == CELL_VOLTAGE else ())
            ]
        except InputError:
            return None
        if np.isnan(slopes[~exact]).any():
            return None
        slopes *= [sign * each.slope(float(u)) for each, u in zip(coordinates, place, strict=True)]
        for number, (above, below) in enumerate(beside):
            slopes[:, number] += (self._in_series(above) - self._in_series(below)) / (2 * _STEP)
        return Derivatives(np.nan_to_num(slopes), exact)

    @property
    def _reported(self) -> tuple[str, float]:
        """The name of the number in ``Result``, and what it is multiplied with."""
        if self.seen == OVERPOTENTIAL:
            return "overpotential_mean", 1.0
        return "potential_top_mean", -1.0

    def _table(self, coordinates: Sequence[Coordinate], places: Array) -> dict[str, Array]:
        """Values of keys at m places, shape (m n,) each, the rows of a place together."""
        count, rows = len(places), len(self.values)
        table = {path: np.tile(column, count) for path, column in self.conditions.items()}
        for number, each in enumerate(coordinates):
            table[each.path] = np.repeat(each.values(places[:, number]), rows)
        return table

    def _in_series(self, case: Case) -> Array:
        """What the voltage of a whole cell has beside that of the modelled part [V]."""
        others = [path for path in self.conditions if path != CURRENT_DENSITY]
        currents = self.conditions[CURRENT_DENSITY].tolist()
        cases = [case] * len(currents)
        if others:
            table = case.tables()
            rows = zip(*(self.conditions[path].tolist() for path in others), strict=True)
            cases = [case_with(table, dict(zip(others, row, strict=True))) for row in rows]
        return np.array(
            [in_series_voltage(at_current(*each)) for each in zip(cases, currents, strict=True)]
        )

    def curve(
        self, coordinates: Sequence[Coordinate], place: Array, fitted: Array, residuals: Array
    ) -> FittedCurve:
        """Potential against current; the fit between points too, where nothing else varies.

        On a contact map every current takes as long as the map itself.
        """
        from fem_island.plots.fits import FittedCurve

        currents = self.conditions[CURRENT_DENSITY]
        x = currents * _PER_MA_CM2
        logarithmic = bool((currents > 0).all() and currents.max() > 10 * currents.min())
        others = (self.conditions[path] for path in self.conditions if path != CURRENT_DENSITY)
        fitted_x = x
        if self.case.cell.map is None and not any(np.ptp(column) for column in others):
            spaced = np.geomspace if logarithmic else np.linspace
            between = spaced(currents.min(), currents.max(), _DRAWN)
            fitted_x = between * _PER_MA_CM2
            fitted = self._at(between).predicted(coordinates, place[None])[0]
        return FittedCurve(
            name=self.name,
            across="current density [mA/cm$^2$]",
            along=f"{self.seen.replace('_', ' ')} [mV]",
            x=x,
            measured=self.values * _MILLI,
            errors=None if self.errors is None else self.errors * _MILLI,
            fitted_x=fitted_x,
            fitted=fitted * _MILLI,
            residuals=residuals,
            logarithmic=logarithmic,
        )

    def _at(self, currents: Array) -> PointData:
        """Points at other currents under the conditions of the first row."""
        first = {
            path: np.full(len(currents), column[0]) for path, column in self.conditions.items()
        }
        return replace(
            self,
            conditions=first | {CURRENT_DENSITY: currents},
            values=np.zeros(len(currents)),
        )

    def weighed(self, coordinates: Sequence[Coordinate], place: Array) -> PointData:
        """Errors are what they are."""
        return self

    def case_at(self, coordinates: Sequence[Coordinate], place: Array) -> Case:
        """The case of these data without the conditions of the rows."""
        return case_with(self.case.tables(), values_of(coordinates, place))


def point_data(table: TableOfColumns, said: Data, case: Case) -> PointData:
    """Points of a table.

    Args:
        table: The table.
        said: What the case says of these data.
        case: What the rows do not say.

    Raises:
        InputError: It is no such table, or rows do not belong together; one line says why.
    """
    seen = seen_in(table, said, whole_cell=case.cell.series is not None)
    if seen.name == CELL_VOLTAGE and case.cell.series is None:
        raise refused("has the voltage of a whole cell, but the case has no table [series]")
    if seen.name == OVERPOTENTIAL and not case.cell.islands:
        raise refused("has overpotentials of islands, but the case has none")
    conditions = dict(seen.conditions)
    if seen.current_density is not None:
        conditions[CURRENT_DENSITY] = seen.current_density
    elif CURRENT_DENSITY not in conditions:
        reason = 'has no column of the current; give "current_density [mA/cm^2]"'
        raise refused(reason)
    _check(table, seen, conditions)
    errors, scale = given_errors(said, POTENTIAL, seen)
    return PointData(
        name=table.name,
        case=case,
        seen=seen.name,
        conditions=conditions,
        values=seen.values,
        errors=errors,
        scale=scale,
        notes=seen.notes,
    )


def check_not_given(data: Sequence[Measured], paths: Sequence[str]) -> None:
    """Refuse a key that is fitted and that the rows of the data give as well.

    Raises:
        InputError: There is one.
    """
    for one in data:
        both = [path for path in paths if isinstance(one, PointData) and path in one.conditions]
        if both:
            reason = f"is a column of {one.name}: what is measured is not fitted; leave one out"
            raise InputError([Fault(f"{FIT}.parameters", None, f"{both[0]} {reason}")])


def _check(table: TableOfColumns, seen: Seen, conditions: dict[str, Array]) -> None:
    currents = conditions[CURRENT_DENSITY]
    values = seen.values
    stripping, plating = np.flatnonzero(currents > 0), np.flatnonzero(currents < 0)
    if len(stripping) and len(plating):
        few = min(stripping, plating, key=len)
        what = "strips" if currents[few[0]] > 0 else "plates"
        raise refused(
            f"mixes stripping and plating ({table.place(int(few[0]))} {what}); between them "
            "islands change, so give each a file of its own"
        )
    if not len(stripping) and not len(plating):
        raise refused("has no current other than 0")
    against = values * np.sign(currents)
    if np.sum(against) < 0:
        this, other = ("stripping", "plating") if len(stripping) else ("plating", "stripping")
        raise refused(
            f'"{seen.name}" has the sign of {other} where the current is that of {this} (above 0 '
            "strips); "
            'turn one of them, or say positive_current = "plating"'
        )
    wrong = np.flatnonzero(against < -_NOT_NOISE)
    if len(wrong):
        place = table.place(int(wrong[0]))
        raise refused(f'"{seen.name}" has the other sign than the current on {place}')
    if len(values) > 1 and all(np.ptp(column) == 0 for column in conditions.values()):
        raise refused(
            "has the same conditions in all rows: the current and every other column are constant, "
            "so that they are one point"
        )
    if len(values) > 2 and np.ptp(values) == 0:
        raise refused(f'"{seen.name}" is the same in all rows while the conditions change')
