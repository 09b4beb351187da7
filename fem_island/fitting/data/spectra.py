"""Impedance spectra: real and imaginary parts, with errors as a share of the impedance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.case.case import Case, at_current
from fem_island.case.fit import Data
from fem_island.case.impedance import Impedance
from fem_island.errors import ComputationError, InputError
from fem_island.experiments.impedance.measured.reading import read_spectra
from fem_island.experiments.impedance.measured.record import loop_of, refused
from fem_island.experiments.impedance.measured.table import read_table
from fem_island.fitting.data.errors import error_of
from fem_island.fitting.scaling import Coordinate, case_with, values_of
from fem_island.machine.arrays import Array
from fem_island.quantities import RELATIVE_ERROR
from fem_island.solvers.choice import SpectraByGeometry
from fem_island.solvers.response import SpectrumSolver
from fem_island.surface.admittance import ComplexArray

if TYPE_CHECKING:
    from fem_island.plots.fits import FittedCurve

_TO_OHM_CM2 = 1e4


@dataclass(frozen=True)
class SpectrumData:
    """A measured spectrum; see ``Measured``. Values are real parts and then imaginary parts.

    Attributes:
        case: What was measured.
        frequencies: [Hz], shape (f,); there are 2 f values.
        share: Standard deviation as a share of the size of the impedance; None if not known.
        weight: How much the data count for without that.
        size: Of the impedance, to which errors are taken [Ohm m^2], shape (2 f,).
        solver: Keeps what spectra of one geometry share.
    """

    name: str
    case: Case
    frequencies: Array
    values: Array
    share: float | None
    weight: float
    size: Array
    solver: SpectrumSolver
    notes: tuple[str, ...] = ()
    kind: str = "impedance"
    quick: bool = True

    @property
    def errors(self) -> Array | None:
        """Standard deviations [Ohm m^2]."""
        return None if self.share is None else self.share * self.size

    @property
    def scale(self) -> Array:
        """What misfits are divided by without them [Ohm m^2]."""
        return np.asarray(self.size / np.sqrt(self.weight))

    def predicted(self, coordinates: Sequence[Coordinate], places: Array) -> Array:
        """What the model says [Ohm m^2], shape (m, 2 f)."""
        found = np.full((len(places), len(self.values)), np.nan)
        for number, place in enumerate(places):
            try:
                case = self.case_at(coordinates, place)
                asked = case.impedance or Impedance()
                if asked.current_density is not None:
                    case = at_current(case, asked.current_density)
                wanted = asked.accepted(case.cell.electrolyte.geometry)
                solved = self.solver.solve(case, self.frequencies, tolerance=wanted)
            except (InputError, ComputationError):
                continue
            found[number] = _parts(solved.impedance)
        return found

    def derivatives(self, coordinates: Sequence[Coordinate], place: Array) -> None:
        """None: differences are taken."""
        return None

    def weighed(self, coordinates: Sequence[Coordinate], place: Array) -> SpectrumData:
        """With errors as a share of what the model says, not of what noise has made of it.

        A value that noise has made smaller would have a smaller error and count for more: with
        noise of 10 % that pulls impedances down by 2 %.
        """
        fitted = self.predicted(coordinates, place[None])[0]
        return replace(self, size=_sizes(fitted)) if np.isfinite(fitted).all() else self

    def case_at(self, coordinates: Sequence[Coordinate], place: Array) -> Case:
        """The case that was measured."""
        return case_with(self.case.tables(), values_of(coordinates, place))

    def curve(
        self, coordinates: Sequence[Coordinate], place: Array, fitted: Array, residuals: Array
    ) -> FittedCurve:
        """A Nyquist plot in Ohm cm^2."""
        from fem_island.plots.fits import FittedCurve

        count = len(self.frequencies)
        measured, model = self.values * _TO_OHM_CM2, fitted * _TO_OHM_CM2
        return FittedCurve(
            name=self.name,
            across=r"Re $Z$ [$\Omega$ cm$^2$]",
            along=r"$-$Im $Z$ [$\Omega$ cm$^2$]",
            x=measured[:count],
            measured=-measured[count:],
            errors=None,
            fitted_x=model[:count],
            fitted=-model[count:],
            residuals=residuals,
            equal=True,
        )


def spectrum_data(path: Path, table: Any, said: Data, case: Case) -> list[SpectrumData]:
    """All spectra of a file, or one of a table in memory.

    Args:
        path: The file, or what the table is called.
        table: Columns frequency, impedance_real and impedance_imaginary in SI units, or None.
        said: What the case says of these data.
        case: What was measured.

    Raises:
        InputError: They are no spectra, or nothing in the case has a spectrum.
    """
    share = error_of(said, RELATIVE_ERROR, unit_required=False)
    solver = SpectraByGeometry()
    found = []
    for name, frequencies, impedance in _read(path, table, said):
        values = _parts(impedance)
        found.append(
            SpectrumData(
                name=name,
                case=case,
                frequencies=frequencies,
                values=values,
                share=share,
                weight=said.weight,
                size=_sizes(values),
                solver=solver,
            )
        )
    return found


def _read(path: Path, table: Any, said: Data) -> list[tuple[str, Array, ComplexArray]]:
    if table is not None:
        names = ("frequency", "impedance_real", "impedance_imaginary")
        missing = [name for name in names if name not in table]
        if missing:
            raise refused(f"must have the columns {', '.join(names)}, in SI units and per area")
        loop = loop_of("", *(np.asarray(table[name], float).tolist() for name in names))
        return [(str(path), loop.frequencies, loop.impedance)]
    if said.area is None:
        _check_per_area(path)
    spectra = read_spectra(path, area=1.0 if said.area is None else said.area)
    return [(each.name, each.frequencies, each.impedance) for each in spectra]


def _check_per_area(path: Path) -> None:
    """Refuse a file in Ohm of which the area is not known."""
    if path.suffix.lower() == ".csv" and path.is_file():
        text = path.read_bytes().decode("utf-8-sig", errors="ignore")
        if all(loop.per_area for loop in read_table(text)):
            return
    if path.is_file():
        raise refused('is in Ohm; give the area of the cell: area = "0.785 cm^2"')


def _parts(impedance: ComplexArray) -> Array:
    return np.concatenate([impedance.real, impedance.imag])


def _sizes(parts: Array) -> Array:
    """The size of the impedance that real and then imaginary parts are of, twice."""
    size = np.hypot(*np.split(parts, 2))
    return np.concatenate([size, size])
