"""Derivatives of the outputs of a function, by stacks of points and of points beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import Axis
from fem_island.case.case import Case
from fem_island.errors import InputError
from fem_island.experiments.evaluation.evaluating import plan_points
from fem_island.experiments.evaluation.output import Output
from fem_island.machine.arrays import Array
from fem_island.quantities import to_si
from fem_island.results.columns import Columns
from fem_island.solvers.condensed.derivatives import Shifted, beside
from fem_island.solvers.condensed.method import CondensedMethod

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.intp]

_STEP = 1e-5
"""Of a parameter, as a share: explicit formulas lose as many digits to it as to rounding."""

_STEP_OF_HEIGHT = 3e-4
"""The same of the height, with which the grid is factorised anew: rounding costs more there."""

_SMALLEST = 1e-2
"""What a parameter counts as at least, in the unit that people think in."""

_STEP_OF_SOLUTIONS = 1e-3
"""Where points cannot be solved together, differences of solutions stand in; they need a larger
one."""

_AT_ONCE = 2000
"""Points with those beside them that are solved together."""


class Function(Protocol):
    """What is differentiated."""

    @property
    def case(self) -> Case:
        """What is the same at all points."""

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What comes out."""

    def axes(self, numbers: Array) -> tuple[Axis, ...]:
        """The values of the keys, from numbers of shape (n, d)."""

    def of_axes(self, axes: tuple[Axis, ...]) -> Array:
        """The outputs, from values of the keys, shape (n, m)."""


def values_and_gradients(
    function: Function, numbers: Array, by: Integers
) -> tuple[Array, Array, Booleans]:
    """Outputs and their derivatives.

    Args:
        function: What is differentiated.
        numbers: Its arguments, shape (n, d), each of them allowed.
        by: Numbers of the arguments that derivatives are taken by, shape (p,).

    Returns:
        Shapes (n, m) and (n, m, p), NaN where there is no solution; and of which points the
        derivatives are exact, shape (n,), those of the others being differences of solutions.
    """
    axes = function.axes(numbers)
    count = max(1, _AT_ONCE // (2 * len(by) + 1))
    parts = [
        _values_and_slopes(function, _taken(axes, np.arange(first, last)), by)
        for first in range(0, len(numbers), count)
        for last in [min(first + count, len(numbers))]
    ]
    values, slopes, exact = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    # From SI units to those of the arguments.
    none, one = (
        np.array([axis.values[0] for axis in function.axes(np.full((1, len(axes)), number))])
        for number in (0.0, 1.0)
    )
    return values, slopes * (one - none)[by], exact


def _values_and_slopes(
    function: Function, axes: tuple[Axis, ...], by: Integers
) -> tuple[Array, Array, Booleans]:
    """The same in SI units of the keys."""
    count = len(axes[0].values)
    steps = [
        (_STEP_OF_HEIGHT if axes[one].path == "electrolyte.height" else _STEP) * _size(axes[one])
        for one in by
    ]
    try:
        plan = plan_points(function.case, _with_shifts(axes, by, steps))
    except InputError:
        return _without_a_plan(function, axes, by)
    values = np.full((count, len(function.outputs)), np.nan)
    slopes = np.full((count, len(function.outputs), len(by)), np.nan)
    method = CondensedMethod()
    alone = np.ones(count, dtype=bool)
    pending = plan.stacks.alike(np.arange(count))
    while pending:
        rows = pending.pop()
        found = plan.stacks.with_shifts(
            rows, [rows + count * shift for shift in range(1, 2 * len(by) + 1)]
        )
        if found is None:
            pending += np.array_split(rows, len(rows)) if len(rows) > 1 else []
            continue
        alone[rows] = False
        points, larger, smaller = found[0], found[1::2], found[2::2]
        shifts = [
            Shifted(one, other, step[rows])
            for one, other, step in zip(larger, smaller, steps, strict=True)
        ]
        columns, beside_them = beside(points, shifts, method)
        values[rows] = _outputs(function, columns)
        for number, (one, shift) in enumerate(zip(beside_them, shifts, strict=True)):
            difference = _outputs(function, one.larger) - _outputs(function, one.smaller)
            slopes[rows, :, number] = difference / (2 * shift.step[:, None])
    if alone.any():
        rest = np.flatnonzero(alone)
        values[rest], slopes[rest] = _by_differences(function, _taken(axes, rest), by)
    slopes[np.isnan(values)] = np.nan
    return values, slopes, ~alone


def _without_a_plan(
    function: Function, axes: tuple[Axis, ...], by: Integers
) -> tuple[Array, Array, Booleans]:
    """The same where a point, or one beside it, is impossible: those that are not, apart."""
    count = len(axes[0].values)
    if count == 1:
        return *_by_differences(function, axes, by), np.zeros(1, dtype=bool)
    halves = np.array_split(np.arange(count), 2)
    parts = [_values_and_slopes(function, _taken(axes, half), by) for half in halves]
    values, slopes, exact = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(slopes), np.concatenate(exact)


def _by_differences(
    function: Function, axes: tuple[Axis, ...], by: Integers
) -> tuple[Array, Array]:
    """Slopes by central differences of solutions; NaN where a point beside is impossible."""
    steps = [_STEP_OF_SOLUTIONS * _size(axes[one]) for one in by]
    count, shifted = len(axes[0].values), _with_shifts(axes, by, steps)
    every = function.of_axes(shifted).reshape(-1, count, len(function.outputs))
    slopes = np.stack(
        [
            (larger - smaller) / (2 * step[:, None])
            for larger, smaller, step in zip(every[1::2], every[2::2], steps, strict=True)
        ],
        axis=-1,
    )
    return every[0], slopes


def _with_shifts(axes: tuple[Axis, ...], by: Integers, steps: Sequence[Array]) -> tuple[Axis, ...]:
    """The points, then for some axes those with a step more and those with a step less."""
    found = []
    for number, axis in enumerate(axes):
        columns = [axis.values]
        for other, step in zip(by, steps, strict=True):
            change = step if other == number else np.zeros_like(step)
            columns += [axis.values + change, axis.values - change]
        found.append(replace(axis, values=np.concatenate(columns)))
    return tuple(found)


def _taken(axes: tuple[Axis, ...], rows: Integers) -> tuple[Axis, ...]:
    return tuple(axis.taken(rows) for axis in axes)


def _size(axis: Axis) -> Array:
    """How large the values of an axis are, at least as a small number of people's units."""
    shown = axis.dimension.shown_in
    smallest = to_si(f"{_SMALLEST} {shown}", axis.dimension) if shown else _SMALLEST
    return np.maximum(np.abs(axis.values), smallest)


def _outputs(function: Function, columns: Columns) -> Array:
    return np.stack([output.of(columns) for output in function.outputs], axis=1)
