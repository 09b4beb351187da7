"""Spectra at chosen times of a stripping run: the entry point of the Python interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.case.case import Case, at_current
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.impedance import Impedance
from fem_island.errors import ComputationError, Fault, InputError
from fem_island.experiments.impedance.computing import spectrum_of
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.experiments.stripping.bottom_at import bottom_at
from fem_island.experiments.stripping.case_stores import check_stores, settings
from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.marching import Progress
from fem_island.experiments.stripping.record import StoppedRunError, StrippingRun
from fem_island.experiments.stripping.run import strip_case
from fem_island.machine.arrays import Array
from fem_island.machine.paths import from_home
from fem_island.results.result import Status
from fem_island.solvers.condensed.spectra import ImpedanceSolver
from fem_island.surface.alternating import with_admittances

if TYPE_CHECKING:
    import xarray

Finished = Callable[[Spectrum], None]
"""Called with every spectrum when it is solved."""


@dataclass(frozen=True, kw_only=True)
class SpectraInTime:
    """Spectra at times of a stripping run.

    Attributes:
        case: What was computed.
        run: The run.
        spectra: Those that exist, in order of time.
        missing: Times without a spectrum [s], and why.
    """

    case: Case
    run: StrippingRun
    spectra: tuple[Spectrum, ...]
    missing: tuple[tuple[float, str], ...]

    def __repr__(self) -> str:
        """The run, and how many spectra there are of it."""
        missing = f", {len(self.missing)} missing" if self.missing else ""
        return f"SpectraInTime({len(self.spectra)} spectra{missing} of {self.run})"

    @property
    def times(self) -> Array:
        """Of the spectra [s], shape (t,)."""
        return np.array([spectrum.time for spectrum in self.spectra], dtype=np.float64)

    @property
    def total_resistance(self) -> Array:
        """Widths of the spectra without their tails [Ohm m^2], shape (t,)."""
        return np.array([spectrum.total_resistance for spectrum in self.spectra])

    @property
    def status(self) -> Status:
        """The worst of the run and of its spectra; "failed" where one is missing."""
        if self.missing or self.run.status == "failed":
            return "failed"
        met = all(spectrum.status == "converged" for spectrum in self.spectra)
        return "converged" if met and self.run.status == "converged" else "tolerance not met"

    def record(self, name: str) -> dict[str, Any]:
        """The spectra as one JSON object.

        Args:
            name: Of the case.
        """
        failed = [
            {"case": name, "status": "failed", "time": time, "reason": reason}
            for time, reason in self.missing
        ]
        records = [*(spectrum.record(name) for spectrum in self.spectra), *failed]
        errors = [spectrum.error_estimate for spectrum in self.spectra]
        return {
            "case": name,
            "status": self.status,
            "end": self.run.end or None,
            "end_time": float(self.run.times[-1]),
            "spectra": sorted(records, key=lambda record: float(record["time"])),
            "error_estimate": {
                "impedance": max(errors, default=None),
                "voltage": self.run.voltage_error,
            },
            "solver": "condensed",
        }

    def dataset(self) -> xarray.Dataset:
        """The spectra along "time" and "frequency", with their other numbers along "time"."""
        from fem_island.experiments.impedance.files import dataset

        return dataset(self.spectra)

    def plot(self, path: Path | str | None = None) -> Any:
        """Draw the spectra beside R_tot and voltage against time.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.

        Returns:
            The matplotlib figure.
        """
        from fem_island.experiments.impedance.files import plot_in_time

        return plot_in_time(self, path)

    def write(self, folder: Path | str, name: str = "spectra") -> list[Path]:
        """Write pictures, table (CSV), dataset (NetCDF) and numbers (JSON) into a folder.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.experiments.impedance.files import write_in_time

        return write_in_time(self, from_home(folder), name)


def impedance_in_time(
    cell: Cell | Case | Path | str,
    *,
    times: Sequence[float | str] | None = None,
    frequencies: Sequence[float | str] | dict[str, Any] | None = None,
    current_density: float | str | None = None,
    tolerance: float | None = None,
    progress: Progress | None = None,
) -> SpectraInTime:
    """Spectra of a cell at times while it is stripped, or runs through its protocol.

    Args:
        cell: The cell, a whole case, or the name of a case file; the arguments below replace what a
            case says.
        times: When [s since the start]; where the current steps, before it does.
        frequencies: [Hz], or a range { from, to, per_decade }. Default 2 MHz to 2 Hz, 10 a decade.
        current_density: I of the operating points [A/m^2], such as 0 for spectra at rest of what
            the run has left. Default: the current that flows then.
        tolerance: Wanted error of the impedance, relative. Default 1e-6.
        progress: Called with every instant of the run.

    Returns:
        The run and its spectra. Their error estimates are of the spectra of what the run has left
        then, which is as good as the voltage of the run.

    Raises:
        InputError: A value is not allowed, or no times are given.
        ConvergenceError: The run has no solution even at its start.

    Example:
        >>> from fem_island.case.cell import Island
        >>> cell = Cell(
        ...     islands=[Island(width="50 um", thickness="1 um")],
        ...     kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}},
        ... )
        >>> found = impedance_in_time(cell, times=["10 min", "30 min"])
        >>> [round(float(1e4 * value), 3) for value in found.total_resistance]  # Ohm cm^2
        [49.849, 49.849]
    """
    case = as_case(cell)
    asked = {
        "times": times,
        "frequencies": frequencies,
        "current_density": current_density,
        "tolerance": tolerance,
    }
    kept = {} if case.impedance is None else dict(case.impedance)
    given = {name: value for name, value in asked.items() if value is not None}
    return impedance_in_time_of_case(
        Case(**dict(case) | {"impedance": Impedance(**kept | given)}), progress=progress
    )


def check_in_time(case: Case) -> None:
    """Refuse a case that has no spectra at times of a run.

    Raises:
        InputError: It cannot be stripped, or does not say when.
    """
    if case.impedance is None or case.impedance.times is None:
        raise InputError([Fault("impedance.times", None, "is missing; give the times of spectra")])
    if case.cell.map is not None:
        reason = "are for cells without [map]; leave it out for the spectrum of what is there"
        raise InputError([Fault("impedance.times", list(case.impedance.times), reason)])
    check_stores(case)


def impedance_in_time_of_case(
    case: Case, *, progress: Progress | None = None, finished: Finished | None = None
) -> SpectraInTime:
    """The spectra of a run that a case asks for; see ``impedance_in_time``.

    Args:
        case: What to compute.
        progress: Called with every instant of the run.
        finished: Called with every spectrum.
    """
    check_in_time(case)
    asked = case.impedance or Impedance()
    times = sorted(set(asked.times or ()))
    said = settings(case)
    reported = tuple(sorted({*said.times, *times}))
    stripping = said.model_copy(update={"times": reported})
    run, instants = _run_with(case.model_copy(update={"stripping": stripping}), times, progress)
    solver = ImpedanceSolver()
    spectra: list[Spectrum] = []
    missing: list[tuple[float, str]] = []
    for time in times:
        instant = instants.get(time)
        if instant is None:
            why = f": {run.reason}" if run.status == "failed" else ""
            missing.append((time, f"the run ends before, at {run.times[-1]:.6g} s{why}"))
            continue
        try:
            spectrum = _spectrum_at(case, asked, instant, solver)
        except ComputationError as error:
            missing.append((time, str(error)))
            continue
        spectra.append(spectrum)
        if finished is not None:
            finished(spectrum)
    return SpectraInTime(case=case, run=run, spectra=tuple(spectra), missing=tuple(missing))


def _run_with(
    case: Case, times: list[float], progress: Progress | None
) -> tuple[StrippingRun, dict[float, Instant]]:
    """A run, and its instants at some times: those before the current steps."""
    wanted = set(times)
    attempts: list[dict[float, Instant]] = []
    latest = np.inf

    def look(instant: Instant, gone: float) -> None:
        nonlocal latest
        if instant.time < latest:
            attempts.append({})
        latest = instant.time
        if instant.time in wanted:
            attempts[-1].setdefault(instant.time, instant)
        if progress is not None:
            progress(instant, gone)

    try:
        run = strip_case(case, progress=look)
    except StoppedRunError as error:
        run = error.run
    # The run is the attempt with the smallest estimate, which need not be the latest.
    for instants in reversed(attempts):
        if all(instant.voltage in run.voltage for instant in instants.values()):
            return run, instants
    return run, attempts[-1]


def _spectrum_at(
    case: Case, asked: Impedance, instant: Instant, solver: ImpedanceSolver
) -> Spectrum:
    current = instant.current_density if asked.current_density is None else asked.current_density
    case = at_current(case, current)
    bottom = with_admittances(case, bottom_at(case, instant))
    wanted = asked.chosen_tolerance
    solved = solver.solve(case, asked.chosen_frequencies, tolerance=wanted, bottom=bottom)
    return spectrum_of(case, solved, wanted, time=instant.time)
