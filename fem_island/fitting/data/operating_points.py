"""What the model says of many operating points: one evaluation for all of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.evaluation.function import function
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
    solve = function(case, inputs=list(table), output=name)
    return solve(np.stack(list(table.values()), axis=1))
