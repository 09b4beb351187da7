"""Planning a sweep: its points are checked before any is computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from fem_island.case.assigning import assign
from fem_island.case.axes import Axis
from fem_island.case.case import Case
from fem_island.case.file import case_from_table
from fem_island.errors import Fault, InputError
from fem_island.experiments.sweeps.experiment import Experiment
from fem_island.experiments.sweeps.plan import Plan
from fem_island.experiments.sweeps.solved_points import SOLVED_POINTS
from fem_island.results.variables import Layout

_FAULTS_SHOWN = 5

_POINTS_TRIED = 50
"""Before a case is called impossible; one that is possible is found at once where most are."""


class Words(NamedTuple):
    """How messages call what a plan was read from.

    Attributes:
        whole: All of it.
        of_axis: What varies a key, with its path for the braces.
    """

    whole: str
    of_axis: str

    def fault(self, axis: Axis, reason: str) -> Fault:
        """What is wrong with an axis."""
        return Fault(self.of_axis.format(axis.path), None, reason)


SWEEP_WORDS = Words("sweep", 'sweep."{}"')


def make_plan(
    table: dict[str, Any],
    axes: tuple[Axis, ...],
    *,
    zipped: bool,
    experiment: Experiment = SOLVED_POINTS,
    unit_required: bool = True,
    words: Words = SWEEP_WORDS,
) -> Plan:
    """Plan a sweep, after a check of all of its points.

    Args:
        table: The contents of a case file, without the sweep.
        axes: What is varied.
        zipped: Whether the axes are paired.
        experiment: What is computed at each point.
        unit_required: Refuse quantities in ``table`` without a unit; else they are SI.
        words: How messages call what is varied.

    Raises:
        InputError: A key is not there, or points are impossible.
    """
    faults = []
    for axis in axes:
        try:
            assign(deepcopy(table), axis.keys, 0)
        except ValueError as error:
            faults.append(words.fault(axis, str(error)))
    if faults:
        raise InputError(faults)
    plan = Plan({}, axes, zipped, experiment)
    case = _first_possible(plan, table, unit_required=unit_required)
    plan = replace(plan, table=case.tables())
    idle = experiment.without_effect(case)
    faults = [words.fault(axis, idle[axis.path]) for axis in axes if axis.path in idle]
    if faults:
        raise InputError(faults)
    impossible = list(_impossible(plan, words.whole))
    if impossible:
        raise InputError(impossible)
    return plan


def _first_possible(plan: Plan, table: dict[str, Any], *, unit_required: bool) -> Case:
    """The case at the first point where it is possible; it stands for all that is not varied.

    Raises:
        InputError: It is possible at none of some points; the faults are those of the first.
    """
    first: InputError | None = None
    for point in np.unique(np.linspace(0, len(plan) - 1, _POINTS_TRIED).astype(int)).tolist():
        attempt = deepcopy(table)
        for number, axis in enumerate(plan.axes):
            value = float(plan.values(number, [point])[0])
            assign(attempt, axis.keys, axis.in_case(value, with_unit=True))
        try:
            return case_from_table(attempt, unit_required=unit_required)
        except InputError as error:
            first = first or error
    raise first or InputError([])


def _impossible(plan: Plan, whole: str) -> Iterator[Fault]:
    """Faults of points; of each kind of fault the first few, and how many more there are."""
    seen: dict[tuple[str, str], int] = {}
    first: Layout | None = None
    points = 0
    for point, count in _representatives(plan):
        try:
            case = plan.case_at(point)
            plan.experiment.check(case)
            layout = plan.experiment.layout(case)
            first = first or layout
            if layout != first:
                reason = (
                    f"are not as many at all points of the {whole}; "
                    f"give a {whole} for each number of them"
                )
                raise InputError([Fault("islands", None, reason)])
        except InputError as error:
            points += count
            for fault in error.faults:
                kind = fault.key, fault.message
                seen[kind] = seen.get(kind, 0) + 1
                if seen[kind] == 1 and len(seen) <= _FAULTS_SHOWN:
                    yield replace(fault, message=f"{fault.message} (at {plan.shown(point)})")
    if points > 1:
        yield Fault(whole, None, f"{points} of its {len(plan)} points are impossible")


def _representatives(plan: Plan) -> Iterable[tuple[int, int]]:
    """Points to check, and for how many each stands: one of each series and direction."""
    try:
        suspects = plan.stacks.suspects if plan.experiment is SOLVED_POINTS else None
    except InputError:  # of the first point
        suspects = None
    if suspects is not None:
        yield from suspects
        return
    series = plan.series
    _, firsts, counts = np.unique(series, return_index=True, return_counts=True)
    if plan.current_axis is None:
        yield from zip(firsts.tolist(), counts.tolist(), strict=True)
        return
    direction = np.sign(plan.current_densities(np.arange(len(plan))))
    # Whether a point is possible depends on its current only in its direction.
    for sign in (1, -1, 0):
        numbers = np.flatnonzero(direction == sign)
        if len(numbers):
            _, index, counts = np.unique(series[numbers], return_index=True, return_counts=True)
            yield from zip(numbers[index].tolist(), counts.tolist(), strict=True)
