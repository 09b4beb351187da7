"""What the model says of many operating points: one evaluation for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.evaluation.function import PointFunction, function
from fem_island.machine.arrays import Array


def evaluated(case: Case, table: Mapping[str, Array], name: str) -> Array:
    """A reported number of many points.

    Args:
        case: What is the same at all points.
        table: Values of keys by their paths [SI], each of shape (n,).
        name: Of the number, as in ``Result``.

    Returns:
        Shape (n,); NaN where a point is impossible or has no solution.
    """
    solve, rows = _asked(case, table, name)
    return solve(rows)


def evaluated_with_slopes(
    case: Case, table: Mapping[str, Array], name: str, by: Sequence[str]
) -> tuple[Array, Array] | None:
    """The same, and its derivatives by some of the keys, from the matrix of Newton's method.

    Args:
        case: What is the same at all points.
        table: Values of keys by their paths [SI], each of shape (n,).
        name: Of the number, as in ``Result``.
        by: Paths of p keys of the table.

    Returns:
        Shapes (n,) and (n, p), in SI units; None where they would be differences of solutions.
    """
    solve, rows = _asked(case, table, name)
    values, slopes, exact = solve.with_gradient(rows)
    if not exact.all():
        return None
    paths = list(table)
    return values, slopes[:, [paths.index(path) for path in by]]


def _asked(case: Case, table: Mapping[str, Array], name: str) -> tuple[PointFunction, Array]:
    return function(case, inputs=list(table), output=name), np.stack(list(table.values()), axis=1)
