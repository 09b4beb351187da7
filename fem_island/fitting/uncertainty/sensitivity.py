"""Sobol indices: how much of the variance of a number each uncertain key causes.

first   by itself, share of the variance
total   with all that it does together with others
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import DegenerateDataWarning, sobol_indices, uniform

from fem_island.case.uncertain import Uncertainty
from fem_island.errors import ComputationError
from fem_island.machine.arrays import Array

_CONFIDENCE = 0.95
_RESAMPLES = 500


@dataclass(frozen=True)
class Sensitivity:
    """Indices of one key for one number.

    Attributes:
        path: Of the key.
        first: First-order index.
        first_interval: Its 95 % interval, by bootstrap.
        total: Total index.
        total_interval: Its 95 % interval.
    """

    path: str
    first: float
    first_interval: tuple[float, float]
    total: float
    total_interval: tuple[float, float]


def sensitivities(
    uncertainty: Uncertainty,
    output: Callable[[Mapping[str, Array]], Array],
    count: int,
    *,
    seed: int = 0,
) -> tuple[Sensitivity, ...]:
    """Indices of all keys for one number, the largest first.

    Args:
        uncertainty: What is uncertain.
        output: The number, of samples by paths of keys; shape (n,).
        count: Samples of each of the d + 2 sets, rounded up to a power of 2.
        seed: Of samples and bootstrap.

    Raises:
        ComputationError: Samples have no solution, without which there are no indices.
    """

    def alone(table: Mapping[str, Array]) -> Array:
        return np.atleast_2d(output(table))

    (found,) = sensitivities_of_each(uncertainty, alone, count, seed=seed)
    return found


def sensitivities_of_each(
    uncertainty: Uncertainty,
    outputs: Callable[[Mapping[str, Array]], Array],
    count: int,
    *,
    seed: int = 0,
) -> list[tuple[Sensitivity, ...]]:
    """The same for m numbers of the same solutions.

    Args:
        uncertainty: What is uncertain.
        outputs: The numbers, of samples by paths of keys; shape (m, n).
        count: As for one number.
        seed: Likewise.

    Raises:
        ComputationError: Samples have no solution, without which there are no indices.
    """
    free = uncertainty.free
    whole = 1 << max(1, int(np.ceil(np.log2(count))))

    def of_probabilities(points: Array) -> Array:
        table = uncertainty.table(np.clip(points.T, 1e-9, 1 - 1e-9))
        values = np.asarray(outputs(table))
        lost = np.count_nonzero(~np.isfinite(values).all(axis=0))
        if lost:
            raise ComputationError(f"{lost} of {values.shape[1]} samples have no solution")
        return values

    rng = np.random.default_rng(seed)
    if len(free) == 1:
        # All of the variance is that of the only key, and SciPy wants two.
        spread = np.ptp(of_probabilities(rng.random((1, whole))), axis=1)
        shares = (spread > 0).astype(float).tolist()
        return [(Sensitivity(free[0].path, s, (s, s), s, (s, s)),) for s in shares]
    indices = sobol_indices(func=of_probabilities, n=whole, dists=[uniform()] * len(free), rng=rng)
    # Of a key without any effect all resamples agree, which SciPy warns of.
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        resampled = indices.bootstrap(confidence_level=_CONFIDENCE, n_resamples=_RESAMPLES)
    orders = (
        (np.atleast_2d(index), np.atleast_2d(ends.low), np.atleast_2d(ends.high))
        for index, ends in (
            (indices.first_order, resampled.first_order.confidence_interval),
            (indices.total_order, resampled.total_order.confidence_interval),
        )
    )
    first, total = (
        [
            [(float(i), _ends(low, high, i)) for i, low, high in zip(*rows, strict=True)]
            for rows in zip(*order, strict=True)
        ]
        for order in orders
    )
    return [
        tuple(
            sorted(
                (
                    Sensitivity(key.path, *by_itself, *in_total)
                    for key, by_itself, in_total in zip(free, *each, strict=True)
                ),
                key=lambda sensitivity: -sensitivity.total,
            )
        )
        for each in zip(first, total, strict=True)
    ]


def _ends(low: float, high: float, index: float) -> tuple[float, float]:
    """An interval, which has no width where all resamples agree: a key without any effect."""
    return (float(index),) * 2 if np.isnan(low) or np.isnan(high) else (float(low), float(high))
