"""A stripping run as data: the curve, what happened, and where the lithium was."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island import quantities
from fem_island.case.case import Case
from fem_island.case.parsing import INPUT
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.crowding import crowdings
from fem_island.experiments.stripping.curves import COVERED, CURVES
from fem_island.experiments.stripping.map_history import OF_BOTTOM
from fem_island.machine.arrays import Array
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Event:
    """Something that happened once.

    Attributes:
        event: Its name.
        time: Since the start [s].
        voltage: Then [V].
    """

    event: str
    time: float
    voltage: float


_DRIVE = {"drive": ("drive phi_Li - phi at the bottom", "V")}


@dataclass(frozen=True)
class BottomHistory:
    """What lay and reacted where; the whole cell, from left to right.

    Attributes:
        edges: Ends of the cells [m], shape (cells, 2).
        thickness: Of the metal that reacts, mean over the cell [m], shape (times, cells).
        film_charge: Of the film [C/m^2], shape (times, cells).
        current_density: Of all that reacts [A/m^2], shape (times, cells).
        drive: phi_Li - phi [V], shape (times, cells).
    """

    edges: Array
    thickness: Array
    film_charge: Array
    current_density: Array
    drive: Array

    def labelled(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Variables and coordinates of a dataset, along "time" and "position"."""
        variables = {
            f"bottom_{name}": (
                ("time", "position"),
                getattr(self, name),
                {"long_name": words, "units": unit},
            )
            for name, (words, unit) in (OF_BOTTOM | _DRIVE).items()
        }
        edges, metres = self.edges, {"units": "m"}
        middle = {"long_name": "middle of the cell of the bottom", **metres}
        width = {"long_name": "width of the cell of the bottom", **metres}
        return variables, {
            "position": ("position", edges.mean(axis=1), middle),
            "position_width": ("position", edges[:, 1] - edges[:, 0], width),
        }


@dataclass(frozen=True)
class StrippingRun:
    """A stripping run; lists have one entry a time.

    Attributes:
        case: What was computed.
        times: All steps' times and the asked ones [s].
        current_density: I [A/m^2].
        voltage: Minus the mean potential at the top, against lithium [V].
        cell_voltage: With what is in series [V]; None without [series].
        drive_mean: Mean of phi_Li - phi over the bottom [V].
        capacity: Charge passed per area of the top [C/m^2].
        lithium_width: Width that reacting metal covers in a planar cell [m]; None in others.
        lithium_area: Area that it covers in others [m^2]; None in a planar cell.
        lithium_charge: Of the metal that can be given, per metre of depth [C/m] in a planar cell,
            of the whole cell [C] in others.
        film_charge: Of the film, in the same way.
        film_share: The film's part of the current at the instant; NaN without a film.
        overpotential_mean: Mean over the metal [V]; NaN when it is gone.
        local_current_density_max: Largest over the metal [A/m^2]; NaN when it is gone.
        events: What happened, in order.
        end: "cutoff_voltage", "lithium_gone", "all_empty" or "duration"; empty where it failed.
        bottom: What lay and reacted where.
        charge_imbalance: Largest error of the charge balance, relative to the charge at the start.
        voltage_error: Estimated error of the voltage curve [V], where it is shifted by no more than
            ``time_error``; NaN where there is no estimate.
        time_error: Estimated error of the times of events, and of the curve where it is steep [s];
            NaN where there is no estimate.
        status: "converged", "tolerance not met", or "failed": then it is what was found until then.
        reason: What kept it from being converged; empty otherwise.
        degrees_of_freedom: Unknowns at the bottom.
        steps: Steps of time.
        newton_iterations: Of all steps.
    """

    case: Case
    times: Array
    current_density: Array
    voltage: Array
    cell_voltage: Array | None
    drive_mean: Array
    capacity: Array
    lithium_width: Array | None
    lithium_area: Array | None
    lithium_charge: Array
    film_charge: Array
    film_share: Array
    overpotential_mean: Array
    local_current_density_max: Array
    events: tuple[Event, ...]
    end: str
    bottom: BottomHistory
    charge_imbalance: float
    voltage_error: float
    time_error: float
    status: str
    reason: str
    degrees_of_freedom: int
    steps: int
    newton_iterations: int

    def record(self, name: str) -> dict[str, Any]:
        """The keys of ``fem-island strip --json``, in SI units.

        Args:
            name: Of the case.
        """
        status = f"{self.status}: {self.reason}" if self.reason else self.status
        found: dict[str, Any] = {"case": name, "status": status, "end": self.end or None}
        for key in ("times", *CURVES):
            values = getattr(self, key)
            if values is not None:
                found[key] = _listed(values)
            elif key in COVERED:
                found[key] = None
        found["events"] = [vars(event) for event in self.events]
        found["local_current_density_above"] = [vars(each) for each in crowdings(self)]
        found["charge_imbalance"] = self.charge_imbalance
        errors = {"voltage": self.voltage_error, "time": self.time_error}
        known = np.isfinite(self.voltage_error)
        found["error_estimate"] = errors if known else dict.fromkeys(errors)
        found["degrees_of_freedom"] = self.degrees_of_freedom
        found["steps"] = self.steps
        found["newton_iterations"] = self.newton_iterations
        found[INPUT] = self.case.tables()
        return found

    def __repr__(self) -> str:
        """The cell, how it ended, and how well."""
        why = self.end.replace("_", " ") or self.reason
        ends = f"ended after {float(self.times[-1]):.6g} s: {why}"
        return f"{type(self).__name__}({self.case.cell}, {ends}; {self.status}, {self.error_words})"

    @property
    def error_words(self) -> str:
        """How well the voltage curve is known, for people."""
        if not np.isfinite(self.voltage_error):
            return "voltage curve without an estimate of its error"
        return (
            f"voltage curve within {quantities.error_in_words(self.voltage_error)}, "
            f"times within {self.time_error:.2g} s (estimated)"
        )

    def dataset(self) -> xarray.Dataset:
        """The curve and the history of the bottom, along ``time`` and ``position``."""
        from fem_island.experiments.stripping.dataset import dataset

        return dataset(self)

    def plot(
        self,
        path: Path | str | None = None,
        *,
        ax: Any = None,
        size: tuple[float, float] | None = None,
    ) -> Any:
        """Draw the voltage against time and capacity, with events and plateaus.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Axes of matplotlib to draw in; None makes a figure.
            size: Width and height of the figure in inches.

        Returns:
            The matplotlib figure.
        """
        from fem_island.plots.stripping import plot_curve

        return plot_curve(self, path, ax=ax, size=size)

    def draw(self, folder: Path, name: str) -> list[Path]:
        """Draw curve and bottom into a folder that exists, and an animation of a planar cell.

        Args:
            folder: Where.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.experiments.stripping.files import draw_run

        return draw_run(self, folder, name)

    def write(self, folder: Path | str, name: str = "stripping") -> list[Path]:
        """Write the curve, the dataset and pictures into a folder.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.experiments.stripping.files import write_run

        return write_run(self, from_home(folder), name)


class StoppedRunError(ConvergenceError):
    """A step of a run has no solution that was found.

    Attributes:
        run: What was found until then.
    """

    def __init__(self, run: StrippingRun) -> None:
        """Say when and why it stopped."""
        self.run = run
        super().__init__(f"it stopped at {float(run.times[-1]):.6g} s: {run.reason}")


def _listed(values: Array) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
