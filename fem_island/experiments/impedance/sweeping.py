"""Sweeps of spectra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.impedance import Impedance
from fem_island.errors import ComputationError
from fem_island.experiments.impedance.circuit import PARAMETERS
from fem_island.experiments.impedance.computing import check_spectrum, impedance_of_case
from fem_island.experiments.impedance.kept import KeptSpectrum
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.experiments.sweeps.names import ExperimentName
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.result import STATUSES
from fem_island.results.variables import Layout
from fem_island.solvers.choice import SeriesSolver, SpectraByGeometry
from fem_island.solvers.names import SolverName


@dataclass(frozen=True)
class Spectra:
    """Every point is one spectrum; see ``Experiment``."""

    name: ExperimentName = "impedance"
    title: str = "Impedance of lithium islands and films"

    def check(self, case: Case) -> None:
        """Refuse what ``impedance`` refuses."""
        check_spectrum(case)

    def without_effect(self, case: Case) -> Mapping[str, str]:
        """None that is known."""
        return {}

    def layout(self, case: Case) -> Layout:
        """A row for every spectrum; how many apexes it has is known when it is solved."""
        lengths = {"frequency": len(_frequencies(case)), "bound": 2, "apex": 0}
        return Layout(KeptSpectrum, lengths, open="apex")

    def coordinates(self, case: Case) -> dict[str, Any]:
        """Frequencies, and the ends of intervals."""
        about = {"long_name": "frequency", "units": "Hz"}
        return {
            "frequency": ("frequency", _frequencies(case), about),
            "bound": ("bound", ["low", "high"], {"long_name": "end of an interval"}),
        }

    @contextmanager
    def solver(self, name: SolverName) -> Iterator[SeriesSolver]:
        """The condensed one."""
        yield _Solver()


class _Solver:
    """Computes spectra, and keeps what those of one geometry share."""

    name = "condensed"

    def __init__(self) -> None:
        """Start without geometries."""
        self._solver = SpectraByGeometry()

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """A spectrum for every current."""
        return [slice(number, number + 1) for number in range(count)]

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """The spectrum of a case, whose current is the one given."""
        layout = Spectra().layout(case)
        try:
            spectrum = impedance_of_case(case, self._solver)
        except ComputationError as error:
            return Columns(layout.missing.copy(), {0: str(error)}, layout.record)
        rows = layout.opened_to(len(spectrum.features.apexes))
        columns = Columns.missing(1, rows)
        _fill(columns.numbers[0], spectrum)
        if spectrum.reason is not None:
            columns.reasons[0] = spectrum.reason
        return columns


def _fill(row: Any, spectrum: Spectrum) -> None:
    row["status"] = STATUSES.index(spectrum.status)
    found, circuit = spectrum.features, spectrum.circuit
    for name, value in (("voltage", spectrum.voltage), ("resistance_dc", spectrum.resistance_dc)):
        row[name] = np.nan if value is None else value
    row["impedance_real"] = spectrum.impedance.real
    row["impedance_imaginary"] = spectrum.impedance.imag
    for name in ("total_resistance", "left_resistance", "right_resistance"):
        row[name] = getattr(found, name)
    places = np.array([apex.impedance for apex in found.apexes])
    row["apex_frequency"] = [apex.frequency for apex in found.apexes]
    row["apex_impedance_real"], row["apex_impedance_imaginary"] = places.real, places.imag
    for name in PARAMETERS if circuit is not None else ():
        fitted = getattr(circuit, name)
        row[f"circuit_{name}"] = fitted.value
        row[f"circuit_{name}_interval"] = fitted.interval_95 or (np.nan, np.nan)
    if circuit is not None:
        row["circuit_misfit"] = circuit.misfit
    row["error_estimate_impedance"] = spectrum.error_estimate


def _frequencies(case: Case) -> Array:
    return (case.impedance or Impedance()).chosen_frequencies
