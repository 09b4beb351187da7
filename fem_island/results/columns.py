"""Results of many operating points of one cell as arrays: what sweeps compute, store and label.

A variable is named like the key of the JSON object of ``fem-island solve``; keys inside other
keys are joined with "_". Arrays have the operating points along their first axis and, where a
variable has one, its own axis along the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from fem_island.materials import library as materials
from fem_island.results.result import Status

STATUSES: tuple[Status, ...] = get_args(Status)
NOT_APPLICABLE = -1
"""Of ``delithiates`` where nothing is exposed."""

OwnAxis = Literal["island", "material", "probe"]


@dataclass(frozen=True)
class Variable:
    """One reported quantity.

    Attributes:
        name: Key.
        long_name: What it is, for axes of plots.
        unit: SI unit; "1" for pure numbers.
        dtype: NumPy's type code.
        axis: What it is reported for beside the operating point, or None.
        flags: Meanings of the values of a flag; None for numbers.
    """

    name: str
    long_name: str
    unit: str = "1"
    dtype: str = "f8"
    axis: OwnAxis | None = None
    flags: dict[int, str] | None = None

    @property
    def missing(self) -> float | int:
        """The value where there is none."""
        if self.dtype == "f8":
            return float("nan")
        return NOT_APPLICABLE if self.flags else 0


_CURRENT_DENSITY = "A m-2"

VARIABLES: tuple[Variable, ...] = (
    Variable(
        "status",
        "status of the computation",
        dtype="i1",
        flags={number: name.replace(" ", "_") for number, name in enumerate(STATUSES)},
    ),
    Variable("overpotential_mean", "overpotential, mean over all islands", "V"),
    Variable("overpotential_min", "overpotential on the islands, smallest", "V"),
    Variable("overpotential_max", "overpotential on the islands, largest", "V"),
    Variable(
        "local_current_density_mean", "current density on the islands, mean", _CURRENT_DENSITY
    ),
    Variable(
        "local_current_density_min", "current density on the islands, smallest", _CURRENT_DENSITY
    ),
    Variable(
        "local_current_density_max", "current density on the islands, largest", _CURRENT_DENSITY
    ),
    Variable(
        "islands_overpotential_mean", "overpotential, mean over one island", "V", "f8", "island"
    ),
    Variable(
        "islands_overpotential_center", "overpotential, center of an island", "V", "f8", "island"
    ),
    Variable(
        "islands_overpotential_left", "overpotential, left edge of an island", "V", "f8", "island"
    ),
    Variable(
        "islands_overpotential_right", "overpotential, right edge of an island", "V", "f8", "island"
    ),
    Variable("islands_current_fraction", "share of the current, one island", "1", "f8", "island"),
    Variable("interlayer_current_fraction", "share of the current, film"),
    Variable(
        "interlayer_current_density_mean", "current density of the film, mean", _CURRENT_DENSITY
    ),
    Variable(
        "interlayer_current_density_min", "current density of the film, smallest", _CURRENT_DENSITY
    ),
    Variable(
        "interlayer_current_density_max", "current density of the film, largest", _CURRENT_DENSITY
    ),
    Variable(
        "interlayer_peak_distance",
        "distance of the film's largest current density from the nearest island",
        "m",
    ),
    Variable("interlayer_time_until_empty_mean", "time until the film is empty, as a whole", "s"),
    Variable(
        "interlayer_time_until_empty_local", "time until the film is empty where it is first", "s"
    ),
    Variable(
        "interlayer_time_until_next_plateau",
        "time until the potential of the film steps up where it is first",
        "s",
    ),
    Variable("current_evenness", "share of the bottom that effectively carries the current"),
    Variable("exposed_drive_max", "driving potential beside the islands, largest", "V"),
    Variable(
        "delithiates",
        "does a film of this material give up lithium",
        dtype="i1",
        axis="material",
        flags={NOT_APPLICABLE: "not_applicable", 0: "no", 1: "yes"},
    ),
    Variable("potential_top_mean", "potential against lithium at the top, mean", "V"),
    Variable("constriction_resistance", "constriction resistance", "ohm m2"),
    Variable("charge_imbalance", "relative charge imbalance"),
    Variable("error_estimate_overpotential_mean", "estimated error of overpotential_mean", "V"),
    Variable("error_estimate_overpotential_max", "estimated error of overpotential_max", "V"),
    Variable(
        "error_estimate_local_current_density_max",
        "estimated error of local_current_density_max",
        _CURRENT_DENSITY,
    ),
    Variable(
        "error_estimate_interlayer_current_fraction",
        "estimated error of interlayer_current_fraction",
    ),
    Variable("newton_iterations", "steps of Newton's method", dtype="i4"),
    Variable("degrees_of_freedom", "unknowns of the discrete problem", dtype="i4"),
    Variable("probes_potential", "potential against lithium at a probe", "V", "f8", "probe"),
)


@dataclass(frozen=True)
class Sizes:
    """Lengths of the axes that variables have of their own.

    Attributes:
        island: Number of islands.
        probe: Number of probes.
        material: Number of film materials in ``materials.toml``.
    """

    island: int
    probe: int
    material: int


def sizes(*, islands: int, probes: int) -> Sizes:
    """The sizes for a cell with so many islands and probes."""
    return Sizes(island=islands, probe=probes, material=len(materials.films()))


def point_type(size: Sizes) -> np.dtype[np.void]:
    """The NumPy type of all numbers of one operating point, one field per variable."""
    fields: list[Any] = []
    for variable in VARIABLES:
        shape = () if variable.axis is None else (getattr(size, variable.axis),)
        fields.append((variable.name, "<" + variable.dtype, shape))
    return np.dtype(fields)


@dataclass(frozen=True)
class Columns:
    """Results of n operating points.

    Attributes:
        numbers: One record per point, of type ``point_type``, shape (n,). ``numbers["status"]`` is
            the array of one variable.
        reasons: For the points whose status is not "converged": number of the point -> why.
    """

    numbers: npt.NDArray[np.void]
    reasons: dict[int, str]

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.numbers)

    def taken(self, points: npt.NDArray[np.intp]) -> Columns:
        """Results of some of the points, ascending; changes to them do not show in the whole."""
        reasons = {
            number: self.reasons[point]
            for number, point in enumerate(points.tolist())
            if point in self.reasons
        }
        return Columns(self.numbers[points], reasons)

    def put(self, points: npt.NDArray[np.intp], part: Columns) -> None:
        """Set the results of some of the points."""
        self.numbers[points] = part.numbers
        if self.reasons or part.reasons:
            for number, point in enumerate(points.tolist()):
                self.reasons.pop(point, None)
                if number in part.reasons:
                    self.reasons[point] = part.reasons[number]


def empty(count: int, size: Sizes) -> Columns:
    """Room for ``count`` points; numbers are missing and all points failed until they are set."""
    numbers = np.zeros(count, dtype=point_type(size))
    for variable in VARIABLES:
        numbers[variable.name] = variable.missing
    numbers["status"] = STATUSES.index("failed")
    return Columns(numbers, {})
