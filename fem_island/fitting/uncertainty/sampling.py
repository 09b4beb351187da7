"""Values of uncertain keys, spread evenly over their distributions, and what their count tells."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, qmc

from fem_island.case.uncertain import Uncertainty
from fem_island.machine.arrays import Array


def samples(uncertainty: Uncertainty, count: int, *, seed: int = 0) -> dict[str, Array]:
    """Samples by a scrambled Sobol sequence.

    Args:
        uncertainty: What is uncertain.
        count: How many, rounded up to a power of 2.
        seed: Of the scrambling.

    Returns:
        Values by paths of keys [SI], each of shape (n,).

    Example:
        >>> from fem_island.case.uncertain import read_uncertainty
        >>> table = {"islands.width": {"distribution": "uniform", "low": 1e-6, "high": 3e-6}}
        >>> drawn = samples(read_uncertainty(table, unit_required=False), 100)
        >>> len(drawn["islands.width"]), round(1e6 * float(drawn["islands.width"].mean()), 3)
        (128, 2.0)
    """
    spread = qmc.Sobol(len(uncertainty.free), rng=np.random.default_rng(seed))
    points = spread.random_base2(max(1, int(np.ceil(np.log2(count)))))
    # A Sobol sequence may have a 0, whose quantile is infinite.
    return uncertainty.table(np.clip(points, 1e-9, 1 - 1e-9))


def wilson_interval(share: Array, count: Array) -> tuple[Array, Array]:
    """The 95 % interval of a probability of which a share was counted, also where that is 0 or 1.

    Args:
        share: k / n.
        count: n, likewise.

    Returns:
        Low and high ends: the probabilities of which k is 1.96 standard deviations away.

    Example:
        >>> low, high = wilson_interval(np.array([0.0, 0.5]), np.array([1000, 1000]))
        >>> low.round(4).tolist(), high.round(4).tolist()
        ([0.0, 0.4691], [0.0038, 0.5309])
    """
    square = norm.ppf(0.975) ** 2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = np.sqrt(square * share * (1 - share) / count + (square / (2 * count)) ** 2)
    half /= 1 + square / count
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
