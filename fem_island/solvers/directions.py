"""Currents of a series by what reacts at them: a law may be another one when the cell plates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case, at_current
from fem_island.machine.arrays import Array


def by_direction(case: Case, currents: Array) -> Iterator[tuple[npt.NDArray[np.intp], Case]]:
    """Numbers of the currents that have the same laws, and a case with these laws.

    Currents of 0 are left out where a law has no equilibrium; see ``reasons_at_rest``.
    """
    if all(law.for_current(1.0) == law.for_current(-1.0) for law in case.cell.laws):
        yield np.arange(len(currents)), case
        return
    at_rest = all(law.has_equilibrium for law in case.cell.laws)
    for sign, points in (
        (1.0, np.flatnonzero(currents > 0)),
        (0.0, np.flatnonzero(currents == 0) if at_rest else np.array([], dtype=np.intp)),
        (-1.0, np.flatnonzero(currents < 0)),
    ):
        if len(points):
            yield points, at_current(case, sign)


def reasons_at_rest(case: Case, currents: Array) -> dict[int, str]:
    """Why currents of 0 cannot be solved, by their numbers; empty where they can."""
    reasons: dict[int, str] = {}
    for reason in filter(None, (law.no_equilibrium for law in case.cell.laws)):
        reasons.update(dict.fromkeys(np.flatnonzero(currents == 0).tolist(), reason))
    return reasons
