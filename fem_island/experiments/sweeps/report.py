"""A sweep in words: what would be computed, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fem_island.case.axes import TEMPERATURE, Axis
from fem_island.experiments.point.report import FOLLOWS_TEMPERATURE, temperature_remark
from fem_island.experiments.sweeps.plan import Plan
from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.results.columns import Columns
from fem_island.results.result import STATUSES

_LISTED = 6
"""Values of an axis that are listed one by one."""


@dataclass(frozen=True)
class Work:
    """What a run of a sweep did.

    Attributes:
        computed: Points that it computed; the others were finished before.
        seconds: Wall time that it took to compute them.
        file: With all results; None where they are in memory only.
    """

    computed: int
    seconds: float
    file: Path | None = None


def description(plan: Plan) -> list[str]:
    """What a plan computes, one line for each axis and one for all."""
    crossed = "paired" if plan.zipped else "all combinations"
    lines = [_axis(axis) for axis in plan.axes]
    lines += fixed_at_reference(plan)
    geometries = "geometry" if plan.geometries == 1 else "geometries"
    lines.append(f"{len(plan)} points ({crossed}), {plan.geometries} {geometries}")
    return lines


def fixed_at_reference(plan: Plan) -> list[str]:
    """What does not follow the temperature, where that is not 298.15 K at all points."""
    # What an axis says is said, though it may be 0 at some points.
    points = np.arange(len(plan))
    said = [
        np.abs(plan.values(number, points))
        for number, axis in enumerate(plan.axes)
        if axis.path.endswith(FOLLOWS_TEMPERATURE)
    ]
    case = plan.case_at(int(np.sum(said, axis=0).argmax()) if said else 0)
    varied = TEMPERATURE in (axis.path for axis in plan.axes)
    differs = varied or case.operation.temperature != REFERENCE_TEMPERATURE
    return temperature_remark(case, differs=differs)


def _axis(axis: Axis) -> str:
    values = axis.values.tolist()
    if len(values) <= _LISTED:
        return (
            f"{axis.path}: {', '.join(axis.shown(value).partition(' = ')[2] for value in values)}"
        )
    low, high = (axis.shown(value).partition(" = ")[2] for value in (min(values), max(values)))
    return f"{axis.path}: {len(values)} values, {low} to {high}"


def summary(plan: Plan, columns: Columns, work: Work) -> str:
    """What came out, in two lines."""
    counts = np.bincount(columns.numbers["status"], minlength=len(STATUSES))
    outcome = ", ".join(
        f"{count} {name}"
        for name, count in zip(STATUSES, counts.tolist(), strict=True)
        if count or name == STATUSES[0]
    )
    before = len(plan) - work.computed
    if work.computed:
        rate = f"{work.computed / work.seconds:.3g} points/s"
        done = f"{work.computed} computed in {work.seconds:.1f} s ({rate})"
        done += f", {before} finished before" if before else ""
    else:
        done = "all were finished before"
    line = f"{len(plan)} points: {outcome}; {done}"
    return line if work.file is None else f"{line}\nwritten: {work.file}"
