"""What a stripping run reports at every time, and what a sweep of runs keeps of each, declared."""

from __future__ import annotations

from fem_island.case.geometry import Geometry
from fem_island.machine.arrays import Array
from fem_island.quantities import (
    AREA,
    AREAL_CAPACITY,
    CHARGE,
    CHARGE_PER_LENGTH,
    CURRENT_DENSITY,
    LENGTH,
    POTENTIAL,
    TIME,
)
from fem_island.results.declared import declared, described, error_of, reported
from fem_island.results.result import FAILED, REASON, STATUSES, Status
from fem_island.results.variables import variables

TIME_INDEX = "time_index"
"""Dimension of curves that do not share their times."""

ENDS = ("cutoff_voltage", "lithium_gone", "all_empty", "duration")
"""Why a run can end."""


@declared
class Curves:
    """What a run reports at every time."""

    voltage: Array = reported(
        "minus the mean potential at the top, against lithium", POTENTIAL, along=TIME_INDEX
    )
    cell_voltage: Array | None = reported(
        "voltage with what is in series", POTENTIAL, along=TIME_INDEX
    )
    drive_mean: Array = reported(
        "mean drive phi_Li - phi at the bottom", POTENTIAL, along=TIME_INDEX
    )
    capacity: Array = reported(
        "charge passed per area of the top", AREAL_CAPACITY, along=TIME_INDEX
    )
    lithium_width: Array | None = reported(
        "width that reacting lithium covers", LENGTH, along=TIME_INDEX, note="None but if planar."
    )
    lithium_area: Array | None = reported(
        "area that reacting lithium covers", AREA, along=TIME_INDEX, note="None if planar."
    )
    lithium_charge: Array = reported(
        "charge that the lithium can still give, per depth", CHARGE_PER_LENGTH, along=TIME_INDEX
    )
    film_charge: Array = reported(
        "charge that the film can still give, per depth", CHARGE_PER_LENGTH, along=TIME_INDEX
    )
    film_share: Array = reported("part of the current that the film carries", along=TIME_INDEX)
    overpotential_mean: Array = reported(
        "mean overpotential over the lithium", POTENTIAL, along=TIME_INDEX
    )
    local_current_density_max: Array = reported(
        "largest local current density over the lithium", CURRENT_DENSITY, along=TIME_INDEX
    )


@declared
class CurvesOfWholeCell(Curves):
    """The same where a cell has no depth, so that charges are those of all of it."""

    lithium_charge: Array = reported(
        "charge that the lithium can still give", CHARGE, along=TIME_INDEX
    )
    film_charge: Array = reported("charge that the film can still give", CHARGE, along=TIME_INDEX)


CURVES = tuple(one.name for one in variables(Curves))
"""Names of what is reported at every time."""

COVERED = ("lithium_width", "lithium_area")
"""Those of which a geometry has one."""


def curves_of(geometry: Geometry) -> dict[str, tuple[str, str]]:
    """Words and SI unit of what is reported at every time in cells of a geometry."""
    record = Curves if geometry == "planar" else CurvesOfWholeCell
    return {one.name: (one.words, one.unit) for one in variables(record)}


@declared
class RunErrors:
    """Estimated errors of a run."""

    voltage: float = error_of("voltage")
    time: float = error_of("time")


@declared
class RunEvents:
    """When things happened first, and the voltage then."""

    time: Array = reported("time of the event", TIME, along="event", note="NaN: it did not happen.")
    voltage: Array = reported("voltage at the event", POTENTIAL, along="event")


@declared
class KeptRun(Curves):
    """What a sweep keeps of a run."""

    status: Status = reported(
        "status of the computation",
        dtype="i1",
        flags=dict(enumerate(STATUSES)),
        missing=FAILED,
    )
    reason: str = described(REASON, default="")
    end: str = reported(
        "why the run ended",
        dtype="i1",
        flags={-1: "not computed", **dict(enumerate(ENDS))},
        missing=-1,
    )
    time: Array = reported("time", TIME, along=TIME_INDEX)
    applied_current_density: Array = reported(
        "applied current density", CURRENT_DENSITY, along=TIME_INDEX
    )
    event: RunEvents = described("what happened")
    charge_imbalance: float = reported("largest relative error of the charge balance")
    error_estimate: RunErrors = described("estimated errors")
    steps: int = reported("steps of time", dtype="i4")


@declared
class KeptRunOfWholeCell(CurvesOfWholeCell, KeptRun):
    """What a sweep keeps of a run where a cell has no depth."""
