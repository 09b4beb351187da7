"""Spectra of a cell: the entry point of the Python interface."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.case.case import Case, at_current
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.impedance import Impedance
from fem_island.errors import Fault, InputError
from fem_island.experiments.impedance.circuit_fit import SMALLEST_NUMBER, fit_circuit
from fem_island.experiments.impedance.features import FREQUENCIES, features
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.solvers.choice import SpectraByGeometry
from fem_island.solvers.response import SolvedSpectrum, SpectrumSolver
from fem_island.surface.alternating import carries_current


def impedance(
    cell: Cell | Case | Path | str,
    *,
    frequencies: Sequence[float | str] | dict[str, Any] | None = None,
    current_density: float | str | None = None,
    temperature: float | str | None = None,
    tolerance: float | None = None,
) -> Spectrum:
    """The impedance of a cell about one operating point.

    Args:
        cell: The cell, a whole case, or the name of a case file; the arguments below replace what a
            case says.
        frequencies: [Hz], or a range { from, to, per_decade }. Default 2 MHz to 2 Hz, 10 a decade.
        current_density: I of the operating point [A/m^2]; 0 is at rest. Default: the operation's.
        temperature: T [K]. Default 298.15 K.
        tolerance: Wanted error, relative. Default 1e-6; of contact maps what their smallest pixels
            reach, 1e-4 or better.

    Returns:
        The spectrum. Its status is "tolerance not met" where the finest grid was not enough.

    Raises:
        InputError: A value is not allowed.
        ConvergenceError: There is no operating point at this current.

    Example:
        >>> cell = Cell(kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}})
        >>> spectrum = impedance(cell, current_density=0.0)
        >>> round(1e4 * spectrum.resistance_dc, 3)  # Ohm cm^2
        516.465
    """
    case = as_case(cell)
    asked = {
        "frequencies": frequencies,
        "current_density": current_density,
        "tolerance": tolerance,
    }
    kept = {} if case.impedance is None else dict(case.impedance)
    operation = dict(case.operation)
    if temperature is not None:
        operation["temperature"] = temperature
    given = {name: value for name, value in asked.items() if value is not None}
    return impedance_of_case(
        Case(**dict(case) | {"operation": operation, "impedance": Impedance(**kept | given)})
    )


def impedance_of_case(case: Case, solver: SpectrumSolver | None = None) -> Spectrum:
    """The spectrum that a case asks for.

    Args:
        case: What to compute.
        solver: Keeps what spectra of one geometry share.

    Raises:
        InputError: Nothing in the cell conducts, or its laws have no equilibrium.
        ConvergenceError: There is no operating point at this current.
    """
    asked = case.impedance or Impedance()
    case = check_spectrum(case)
    solved = (solver or SpectraByGeometry()).solve(
        case, asked.chosen_frequencies, tolerance=asked.chosen_tolerance
    )
    return spectrum_of(case, solved, asked.accepted(case.cell.electrolyte.geometry))


def spectrum_of(
    case: Case, solved: SolvedSpectrum, tolerance: float, *, time: float | None = None
) -> Spectrum:
    """Read off and fit what was solved.

    Args:
        case: At the current of the operating point.
        solved: The spectrum.
        tolerance: Error up to which it is converged, relative.
        time: Of a stripping run [s], or None.
    """
    asked = solved.frequencies
    same = len(asked) == len(FREQUENCIES) and np.allclose(asked, FREQUENCIES, rtol=1e-12)
    known = (solved.impedance, solved.slope) if same else None
    circuit = None
    if len(solved.frequencies) >= SMALLEST_NUMBER:
        bulk = _bulk_resistance(case, solved)
        circuit = fit_circuit(solved.frequencies, solved.impedance, bulk_resistance=bulk)
    return Spectrum(
        case=case,
        solved=solved,
        features=features(solved.response.impedance_and_slope, known),
        circuit=circuit,
        status="converged" if solved.error <= tolerance else "tolerance not met",
        time=time,
    )


def _bulk_resistance(case: Case, solved: SolvedSpectrum) -> float:
    """Of the whole pellet and the leads [Ohm m^2]."""
    response = solved.response
    length = case.cell.electrolyte.height + response.series.length
    return length / response.modelled.conductivity + response.series.resistance


def check_spectrum(case: Case) -> Case:
    """The case at the current of the operating point of its spectrum.

    Raises:
        InputError: It has no spectrum.
    """
    asked = case.impedance or Impedance()
    if asked.current_density is not None:
        case = at_current(case, asked.current_density)
    if asked.times is not None:
        reason = (
            "are of a stripping run, not of one operating point: fem-island impedance without "
            "[sweep] takes them, and fem_island.impedance_in_time"
        )
        raise InputError([Fault("impedance.times", list(asked.times), reason)])
    if not carries_current(case):
        reason = "nothing in the cell carries current: give islands, or a double layer or a gap"
        raise InputError([Fault("collector", None, reason)])
    if case.operation.current_density == 0:
        for law in case.cell.laws:
            if law.no_equilibrium:
                raise InputError([Fault("impedance.current_density", 0, law.no_equilibrium)])
    return case
