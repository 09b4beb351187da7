"""Where a fit starts again, since its best place says more of scales and bounds than its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fem_island.case.case import Case
from fem_island.case.fit import Parameter
from fem_island.fitting.scaling import Coordinate, is_possible, undrawn
from fem_island.machine.arrays import Array

_FAR = 3.0
"""Distance of a best fit from the start, in scales, from which on the scale is another one."""

_FURTHER = 0.01
"""Of the distance between its bounds, by which a parameter could go on."""


def started_nearer(
    case: Case, parameters: Sequence[Parameter], found: Sequence[Coordinate], place: Array
) -> list[Parameter] | None:
    """The parameters with starts at a best fit, where it would be another one from there.

    What is not fitted in its logarithm is a share of its start, and is looked for near that: where
    it is many times as large, the start says nothing of the scale; where it is nearly nothing, it
    says nothing of it itself, and the scale stays. And bounds are drawn in to what is possible
    beside the starts of the others: the width of an island, say, beside its center.

    Args:
        case: What is fitted.
        parameters: What was asked for.
        found: Their coordinates.
        place: u of the best fit, shape (p,).

    Returns:
        None where all starts do.
    """
    at_best = list(zip(parameters, found, place.tolist(), strict=True))
    nearer = [
        replace(parameter, start=each.value(u), scale=each.scale) for parameter, each, u in at_best
    ]
    if any(
        parameter.bounds is None and not each.logarithmic and abs(u - each.start) > _FAR
        for parameter, each, u in at_best
    ):
        return nearer
    table, values = case.tables(), {each.path: each.value(u) for _, each, u in at_best}
    if any(_has_room(table, parameter, each, u, values) for parameter, each, u in at_best):
        return nearer
    return None


def _has_room(
    table: dict[str, Any],
    parameter: Parameter,
    each: Coordinate,
    u: float,
    values: dict[str, float],
) -> bool:
    """Whether a parameter that ends at a bound could go on, beside the others of the best fit."""
    side = each.side(u)
    if not side:
        return False
    whole, further = undrawn(table, parameter), _FURTHER * (each.high - each.low)
    if side == "lower":
        beyond = max(each.low - further, whole.low)
        drawn_in = beyond < each.low
    else:
        beyond = min(each.high + further, whole.high)
        drawn_in = beyond > each.high
    return drawn_in and is_possible(table, {**values, each.path: each.value(beyond)})
