"""How wrong an iterate of pixels is, and how far a step of Newton's method is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

SOFT = 0.025
"""About R T / F [V]: below it laws are nearly linear, above it exponential."""


_GROWTH = 2.0
"""Of what is wrong in a step at most."""

_MOST_HALVINGS = 8


class Iterate(Protocol):
    """What is asked of an iterate."""

    @property
    def size(self) -> float:
        """How wrong it is."""


def error_size(driven: float, imbalance: float) -> float:
    """How wrong an iterate is; infinite where it overflowed.

    Args:
        driven: Largest error of the drive where something reacts [V].
        imbalance: Of charge, relative.
    """
    size = driven / SOFT + imbalance
    return size if np.isfinite(size) else np.inf


def shortened[Found: Iterate](
    after: Callable[[float], Found],
    before: float,
    *,
    growth: float = _GROWTH,
    most_halvings: int = _MOST_HALVINGS,
) -> Found:
    """The iterate after a step, or after as much of it as does not make it much more wrong.

    Args:
        after: The iterate after a share of the step.
        before: How wrong it is before the step.
        growth: By which factor it may be more wrong afterwards.
        most_halvings: How often the step is halved at most.
    """
    share = 1.0
    found = after(share)
    while found.size > growth * before and share > 0.5**most_halvings:
        share *= 0.5
        found = after(share)
    return found
