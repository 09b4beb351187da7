"""Standard deviations and weights of data: of a column, for all rows, or not known."""

from __future__ import annotations

import numpy as np

from fem_island.case.fit import Data
from fem_island.errors import Fault, InputError
from fem_island.experiments.impedance.measured.record import refused
from fem_island.fitting.data.columns import Seen
from fem_island.machine.arrays import Array
from fem_island.quantities import Dimension, to_si


def error_of(said: Data, dimension: Dimension, *, unit_required: bool = True) -> float | None:
    """The standard deviation that a case file gives for all rows [SI], or None.

    Raises:
        InputError: It is no such quantity.
    """
    if said.error is None:
        return None
    try:
        error = to_si(said.error, dimension, unit_required=unit_required)
        if not error > 0:
            raise ValueError("must be above 0")
    except ValueError as problem:
        raise InputError([Fault("error", said.error, str(problem))]) from None
    return error


def given_errors(said: Data, dimension: Dimension, seen: Seen) -> tuple[Array | None, Array]:
    """Standard deviations of all rows, or None; and what misfits are divided by without them.

    Args:
        said: What the case says.
        dimension: What was measured.
        seen: The columns.

    Raises:
        InputError: They are given twice, or are not above 0.
    """
    error = error_of(said, dimension)
    if seen.errors is not None and error is not None:
        raise refused('has a column of errors, and "error" is given as well; keep one of them')
    errors = seen.errors
    if errors is None and error is not None:
        errors = np.full(len(seen.values), error)
    if errors is not None and not (errors > 0).all():
        raise refused("has an error that is not above 0")
    weights = seen.weights
    if weights is not None and not (weights > 0).all():
        raise refused("has a weight that is not above 0")
    if errors is not None and (weights is not None or said.weight != 1.0):
        raise refused("has weights beside errors; errors say it all, so keep one of them")
    weights = np.ones(len(seen.values)) if weights is None else weights
    return errors, 1 / np.sqrt(weights * said.weight)
