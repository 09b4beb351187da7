"""Sobol indices: how much of the variance of a number each uncertain key causes.

first   by itself, share of the variance
total   with all that it does together with others
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import sobol_indices, uniform

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
    """Indices of all keys, the largest first.

    Args:
        uncertainty: What is uncertain.
        output: The number, of samples by paths of keys; shape (n,).
        count: Samples of each of the d + 2 sets, rounded up to a power of 2.
        seed: Of samples and bootstrap.

    Raises:
        ComputationError: Samples have no solution, without which there are no indices.
    """
    free = uncertainty.free
    whole = 1 << max(1, int(np.ceil(np.log2(count))))

    def of_probabilities(points: Array) -> Array:
        table = uncertainty.table(np.clip(points.T, 1e-9, 1 - 1e-9))
        values = np.asarray(output(table))
        lost = np.count_nonzero(~np.isfinite(values))
        if lost:
            raise ComputationError(f"{lost} of {len(values)} samples have no solution")
        return values

    rng = np.random.default_rng(seed)
    if len(free) == 1:
        # All of the variance is that of the only key, and SciPy wants two.
        share = float(np.ptp(of_probabilities(rng.random((1, whole)))) > 0)
        return (Sensitivity(free[0].path, share, (share, share), share, (share, share)),)
    found = sobol_indices(func=of_probabilities, n=whole, dists=[uniform()] * len(free), rng=rng)
    spread = found.bootstrap(confidence_level=_CONFIDENCE, n_resamples=_RESAMPLES)
    first, total = spread.first_order.confidence_interval, spread.total_order.confidence_interval
    listed = [
        Sensitivity(
            key.path,
            float(found.first_order[n]),
            _ends(first.low[n], first.high[n], found.first_order[n]),
            float(found.total_order[n]),
            _ends(total.low[n], total.high[n], found.total_order[n]),
        )
        for n, key in enumerate(free)
    ]
    return tuple(sorted(listed, key=lambda each: -each.total))


def _ends(low: float, high: float, index: float) -> tuple[float, float]:
    """An interval, which has no width where all resamples agree: a key without any effect."""
    return (float(index),) * 2 if np.isnan(low) or np.isnan(high) else (float(low), float(high))
