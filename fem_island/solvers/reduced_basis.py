"""At which frequencies solutions must be known so that they span those at all others.

The amplitudes of a spectrum change slowly with the frequency, so that real and imaginary parts of
the solutions at a dozen frequencies span those at all others to many digits (a reduced basis, or
rational Krylov space). Frequencies are taken into the basis where it misses most, until it misses
nothing of importance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray

_FIRST = 6
"""Frequencies that are solved before anything is judged."""

_AT_ONCE = 3
"""Frequencies of the largest errors that are solved next."""

_MOST = 24
"""Frequencies beyond which a basis is given up."""

_PER_DECADE = 6
"""Frequencies at which a basis is judged."""


def spanned[Span](
    lowest: float,
    highest: float,
    *,
    solutions: Callable[[Array], ComplexArray],
    span: Callable[[ComplexArray], Span],
    missed: Callable[[Span, Array], Array],
    tolerance: float,
) -> Span | None:
    """What solutions span between two angular frequencies.

    Args:
        lowest: From where [rad/s].
        highest: To where.
        solutions: Solves at angular frequencies; shape (f, unknowns), NaN where nothing conducts.
        span: Makes something of them.
        missed: What is still missed at angular frequencies, relative, shape (f,).
        tolerance: Largest of that.

    Returns:
        What was made of enough of them; None where that takes too many.
    """
    count = max(2 * _FIRST, round(np.log10(highest / lowest) * _PER_DECADE))
    places = np.geomspace(lowest, highest, count)
    taken = np.unique(np.linspace(0, count - 1, _FIRST).round().astype(int))
    known = solutions(places[taken])
    while np.isfinite(known).all():
        part = span(known)
        error = missed(part, places)
        error[taken] = 0.0
        if error.max() <= tolerance:
            return part
        worst = np.argsort(-error)[:_AT_ONCE]
        worst = worst[error[worst] > tolerance]
        taken = np.concatenate([taken, worst])
        if len(taken) > _MOST:
            break
        known = np.concatenate([known, solutions(places[worst])])
    return None
