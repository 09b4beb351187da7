"""What the model says of many operating points: one evaluation for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

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


def slopes_of(
    case: Case, table: Mapping[str, Array], name: str, by: Sequence[str]
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Derivatives of a reported number by some of the keys.

    Args:
        case: What is the same at all points.
        table: Values of keys by their paths [SI], each of shape (n,).
        name: Of the number, as in ``Result``.
        by: Paths of p keys of the table.

    Returns:
        Shape (n, p), in SI units, NaN where there are none; and where they are those of the
        discrete equations, shape (n,): elsewhere they are differences of solutions.
    """
    solve, rows = _asked(case, table, name)
    _, slopes, exact = solve.with_gradient(rows, by)
    return slopes, exact


def _asked(case: Case, table: Mapping[str, Array], name: str) -> tuple[PointFunction, Array]:
    return function(case, inputs=list(table), output=name), np.stack(list(table.values()), axis=1)
