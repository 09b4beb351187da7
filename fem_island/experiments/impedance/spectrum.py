"""A spectrum as a record: numbers, JSON, labelled data, pictures and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.case.case import Case
from fem_island.case.parsing import INPUT
from fem_island.experiments.impedance.circuit import CircuitFit
from fem_island.experiments.impedance.features import Extremum, Features
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home
from fem_island.results.result import Status
from fem_island.solvers.response import SolvedSpectrum
from fem_island.surface.admittance import ComplexArray

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Impedance of a cell about one operating point.

    Attributes:
        case: What was computed; its current is that of the operating point.
        solved: The numbers, and the response that they are of.
        features: Apexes, valleys and resistances.
        circuit: R1 + (R2 // CPE) + W fitted to it, or None where there are too few frequencies.
        status: "converged" or "tolerance not met".
        time: Of a stripping run at which it was taken [s], or None.
    """

    case: Case
    solved: SolvedSpectrum
    features: Features
    circuit: CircuitFit | None
    status: Status
    time: float | None = None

    def __repr__(self) -> str:
        """The cell, the frequencies, and the width of the spectrum."""
        ends = f"{self.frequencies.max():.4g} to {self.frequencies.min():.4g} Hz"
        width = f"R_tot {1e4 * self.total_resistance:.6g} Ohm cm^2"
        about = f"{len(self.frequencies)} frequencies, {ends}: {width}"
        return f"Spectrum({self.case.cell}, {about}; {self.status})"

    @property
    def frequencies(self) -> Array:
        """As asked [Hz], shape (f,)."""
        return self.solved.frequencies

    @property
    def impedance(self) -> ComplexArray:
        """Z per area of the top [Ohm m^2], shape (f,)."""
        return self.solved.impedance

    @property
    def resistance_dc(self) -> float | None:
        """The limit at no frequency [Ohm m^2]; None where no direct current passes."""
        found = self.solved.resistance_dc
        return found if np.isfinite(found) else None

    @property
    def total_resistance(self) -> float:
        """Width of the spectrum without its tail [Ohm m^2]; see ``features``."""
        return self.features.total_resistance

    @property
    def voltage(self) -> float | None:
        """-<phi>_top of the operating point [V]; None where nothing reacts."""
        found = self.solved.voltage
        return found if np.isfinite(found) else None

    @property
    def error_estimate(self) -> float:
        """Of the impedance: the largest, relative."""
        return self.solved.error

    @property
    def reason(self) -> str | None:
        """Why it is not converged, or None."""
        if self.status == "converged":
            return None
        return f"the estimated relative error of the impedance is {self.error_estimate:.1e}"

    def record(self, name: str) -> dict[str, Any]:
        """The spectrum as one JSON object.

        Args:
            name: Of the case.
        """
        return {
            "case": name,
            "status": self.status,
            **({} if self.reason is None else {"reason": self.reason}),
            **({} if self.time is None else {"time": self.time}),
            "current_density": self.case.operation.current_density,
            "voltage": self.voltage,
            "frequencies": plain(self.frequencies),
            "impedance_real": plain(self.impedance.real),
            "impedance_imaginary": plain(self.impedance.imag),
            "resistance_dc": self.resistance_dc,
            "total_resistance": self.total_resistance,
            "left_resistance": self.features.left_resistance,
            "right_resistance": self.features.right_resistance,
            "apexes": [_extremum(apex) for apex in self.features.apexes],
            "valleys": [_extremum(valley) for valley in self.features.valleys],
            "circuit": None if self.circuit is None else plain(self.circuit.record()),
            "error_estimate": {"impedance": self.error_estimate},
            "solver": "condensed",
            INPUT: self.case.tables(),
        }

    def dataset(self) -> xarray.Dataset:
        """Real and imaginary part along "frequency", and the other numbers.

        Example:
            >>> import fem_island as fi
            >>> data = fi.impedance(fi.Cell()).dataset()
            >>> data.impedance_real.attrs["units"]
            'ohm m2'
        """
        from fem_island.experiments.impedance.files import dataset

        return dataset([self])

    def local_current(self, frequencies: Array | list[float]) -> xarray.Dataset:
        """Where the current flows along the bottom, relative to that at the top.

        Args:
            frequencies: [Hz].

        Returns:
            Along "frequency" and "position" [m]: "magnitude" and "phase" [rad] of the local current
            density. Places that carry none at any frequency are left out. Of contact maps along
            "frequency", "y" and "x" [m], with NaN at these places.

        Example:
            >>> import fem_island as fi
            >>> layer = {"double_layer": {"capacitance": "10 uF/cm^2"}}
            >>> cell = fi.Cell(kinetics=layer, collector=layer)
            >>> local = fi.impedance(cell).local_current([2.0, 2e6])
            >>> local.magnitude.max("position").round(2).values.tolist()
            [10.04, 1.0]
        """
        from fem_island.experiments.impedance.files import local_current

        return local_current(self, np.asarray(frequencies, dtype=np.float64))

    def plot(
        self,
        path: Path | str | None = None,
        *,
        ax: Any = None,
        size: tuple[float, float] | None = None,
    ) -> Any:
        """Draw the spectrum: Nyquist and Bode.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Axes of matplotlib to draw the Nyquist plot alone in; None makes a figure.
            size: Width and height of the figure in inches.

        Returns:
            The matplotlib figure.
        """
        from fem_island.experiments.impedance.files import plot

        return plot([self], path, ax=ax, size=size)

    def write(self, folder: Path | str, name: str = "spectrum") -> list[Path]:
        """Write picture, table (CSV) and numbers (JSON) into a folder.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.experiments.impedance.files import write

        return write([self], from_home(folder), name)


def failed_record(name: str, current_density: float, reason: str) -> dict[str, Any]:
    """The JSON object of a spectrum that could not be computed."""
    nothing = (
        "voltage",
        "resistance_dc",
        "total_resistance",
        "left_resistance",
        "right_resistance",
        "circuit",
    )
    lists = ("frequencies", "impedance_real", "impedance_imaginary", "apexes", "valleys")
    return {
        "case": name,
        "status": "failed",
        "reason": reason,
        "current_density": current_density,
        **dict.fromkeys(nothing),
        **{key: [] for key in lists},
        "error_estimate": {"impedance": None},
        "solver": "condensed",
    }


def _extremum(extremum: Extremum) -> dict[str, float]:
    return {
        "frequency": extremum.frequency,
        "impedance_real": extremum.impedance.real,
        "impedance_imaginary": extremum.impedance.imag,
    }
