"""Currents at onset over many island sizes, for many samples.

They are smooth in the size, nearly in proportion to it: one is taken from those of the sizes around
it, so that one solution at the size itself shows that it is right, or how far it is away. Sizes far
apart are solved first; once they foretell those between them well enough, these are not solved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from fem_island.case.case import Case
from fem_island.fitting.uncertainty.onsets import WIDTH, onset_currents
from fem_island.fitting.uncertainty.secants import Judged, Start, tolerance
from fem_island.machine.arrays import Array

Integers = npt.NDArray[np.intp]

_FIRST = 4
"""Gaps between the sizes that are solved first."""

_FEWEST = 4
"""Sizes from which others are taken."""

_CLOSER = 0.25
"""Error of what is foretold over that at the sizes before, half as close: a cubic spline's falls by
a sixteenth."""

_WELL = 5e-5
"""Potential that foretold currents may miss [V]. That is a few thousandths of a current, and counts
in the error of a probability."""

_TIMED = 32
"""Samples that are solved first, to tell from them how long all take."""

_WIDEST = 1 - 1e-9
"""Share of the cell at which the coordinate ends, which has no value at the whole of it."""


@dataclass(frozen=True)
class CurrentsOverWidths:
    """Currents at onset of n samples at w sizes.

    Attributes:
        values: [A/m^2], shape (w, n); NaN where there is no solution.
        left: Potential that was left at the last solution [V], same shape.
        error: What the logarithms may be wrong by, same shape.
    """

    values: Array
    left: Array
    error: Array


def currents_over_widths(
    case: Case,
    table: Mapping[str, Array],
    potential: Array,
    widths: Array,
    *,
    judged: Judged,
    tell: Callable[[str], None] = lambda step: None,
) -> CurrentsOverWidths:
    """Currents above which a film acts, for all samples at all sizes.

    Args:
        case: What the samples do not say.
        table: Samples by paths of keys [SI], each of shape (n,).
        potential: Of the film, shape (n,) [V].
        widths: Island sizes [m], shape (w,), in any order.
        judged: What must reach the potential.
        tell: Is told in words how far it is.
    """
    sizes, back = np.unique(widths, return_inverse=True)
    search = _Search(case, table, potential, sizes, judged)
    begun = time.monotonic()
    first, *others = _levels(search.across)
    for samples in (np.arange(len(potential))[:_TIMED], np.arange(len(potential))[_TIMED:]):
        if len(samples):
            search.solve(first, samples)
            tell(search.progress(time.monotonic() - begun))
    for number, level in enumerate(others):
        if search.foretells:
            search.foretell(np.concatenate(others[number:]))
            break
        search.solve_foretold(level)
        tell(search.progress(time.monotonic() - begun))
    values = sizes[:, None] * np.exp(search.relative)
    return CurrentsOverWidths(values[back], search.left[back], search.error[back])


class _Search:
    """Currents at onset at w sizes, of which more and more are known.

    Attributes:
        across: Where the sizes lie, in what the logarithms are smooth in, shape (w,).
        relative: Logarithms of the currents over the sizes, shape (w, n); NaN where not known.
        slopes: Derivatives of the potential by these logarithms [V], same shape.
        left: Potential that was left [V], same shape.
        error: What the logarithms may be wrong by, same shape.
        missed: Potential that was left where currents were foretold last, shape (n,).
    """

    def __init__(
        self,
        case: Case,
        table: Mapping[str, Array],
        potential: Array,
        sizes: Array,
        judged: Judged,
    ) -> None:
        """Begin without any; see ``currents_over_widths``."""
        self._case, self._table, self._potential = case, table, potential
        self._sizes, self._judged = sizes, judged
        self.across = _coordinate(case, table, sizes)
        self._known = np.zeros(0, dtype=np.intp)
        shape = (4, len(sizes), len(potential))
        self.relative, self.slopes, self.left, self.error = np.full(shape, np.nan)
        self.missed = np.full(len(potential), np.inf)

    def solve(self, level: Integers, samples: Integers, start: Start | None = None) -> None:
        """Search at some sizes, for some samples."""
        size = np.repeat(self._sizes[level], len(samples))
        rows = {path: np.tile(column[samples], len(level)) for path, column in self._table.items()}
        found = onset_currents(
            self._case,
            {**rows, WIDTH: size},
            np.tile(self._potential[samples], len(level)),
            judged=self._judged,
            start=start,
        )
        place = np.ix_(level, samples)
        shape = (len(level), len(samples))
        self.relative[place] = np.log(found.values / size).reshape(shape)
        self.slopes[place] = found.slopes.reshape(shape)
        self.left[place] = found.left.reshape(shape)
        self.error[place] = found.error(tolerance(self._case)).reshape(shape)
        self._known = np.union1d(self._known, level)

    def solve_foretold(self, level: Integers) -> None:
        """Search at sizes from what those around them foretell, where there are enough of them."""
        everyone = np.arange(len(self._potential))
        if len(self._known) < _FEWEST:
            self.solve(level, everyone)
            return
        relative, slopes = self._between(level)
        values = self._sizes[level][:, None] * np.exp(relative)
        self.solve(level, everyone, Start(values.ravel(), slopes.ravel()))
        missed = np.abs((self.relative[level] - relative) * self.slopes[level])
        self.missed = missed.max(axis=0)

    @property
    def foretells(self) -> bool:
        """Whether the other sizes need no solutions."""
        return bool((_CLOSER * self.missed <= _WELL).all())

    def foretell(self, level: Integers) -> None:
        """Take currents at sizes from those around them."""
        self.relative[level], self.slopes[level] = self._between(level)
        self.left[level] = _CLOSER * self.missed
        before = np.searchsorted(self._known, level)
        around = np.maximum(self.error[self._known[before - 1]], self.error[self._known[before]])
        self.error[level] = around + self.left[level] / np.abs(self.slopes[level])
        self._known = np.union1d(self._known, level)

    def progress(self, seconds: float) -> str:
        """How far it is, in words, after so many seconds."""
        solved, whole = int(np.count_nonzero(~np.isnan(self.left))), self.left.size
        minutes = seconds * (whole / max(solved, 1) - 1) / 60
        about = f"{minutes:.0f} min" if minutes > 1 else f"{60 * minutes:.0f} s"
        return f"{solved} of {whole} currents at onset, at most {about} left"

    def _between(self, level: Integers) -> tuple[Array, Array]:
        """Logarithms of currents at sizes, and slopes, from those of the sizes that are known.

        Currents of samples without a solution at one of these are NaN.
        """
        known = self._known
        relative, slopes = (
            CubicSpline(self.across[known], np.nan_to_num(each[known]))(self.across[level])
            for each in (self.relative, self.slopes)
        )
        lost = np.isnan(self.relative[known]).any(axis=0)
        return np.where(lost, np.nan, relative), slopes


def _levels(across: Array) -> Iterator[Integers]:
    """Numbers of sizes that are solved together, ever closer ones.

    Args:
        across: Where they lie, rising.
    """
    given = np.zeros(len(across), dtype=bool)
    gaps = _FIRST
    while not given.all():
        places = np.linspace(across[0], across[-1], gaps + 1)
        near = np.abs(across[:, None] - places).argmin(axis=0)
        level = np.setdiff1d(near, np.flatnonzero(given))
        given[level] = True
        if len(level):
            yield level
        gaps *= 2


def _coordinate(case: Case, table: Mapping[str, Array], sizes: Array) -> Array:
    """Where the logarithm of the current is smooth: as ln(w / (W - w)) at both ends."""
    widest = np.max(table.get("electrolyte.width", case.cell.electrolyte.width))
    share = np.clip(sizes / widest, 0.0, _WIDEST)
    return np.asarray(np.log(share / (1 - share)))
