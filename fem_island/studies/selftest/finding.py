"""What a check came to, on a line: what is wanted and what was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

POTENTIAL_TOLERANCE = 1e-6
"""Largest difference of a potential from a known one [V]: the default accuracy."""

LONGEST_LINE = 300
"""Characters of a reason."""

LEFT_OUT = "left out: {} is not installed (pip install 'fem-island[{}]')"


@dataclass(frozen=True)
class Finding:
    """What one check came to.

    Attributes:
        name: What was checked.
        passed: Whether what was found is what is wanted.
        said: What is wanted, and what was found.
    """

    name: str
    passed: bool
    said: str

    def __str__(self) -> str:
        """One line."""
        return f"{'ok' if self.passed else 'FAILED':<7} {self.name:<46} {self.said}"


Check = Callable[[], Iterator[Finding]]
"""What makes findings, one after the other."""


def number_found(
    name: str, found: float, wanted: float, *, tolerance: float, unit: str = "V", factor: float = 1
) -> Finding:
    """Compare a number with a known one.

    Args:
        name: What it is.
        found: In SI units.
        wanted: In SI units.
        tolerance: Largest difference, in SI units.
        unit: In which they are shown.
        factor: Of the numbers shown to SI.
    """
    digits = max(0, min(9, 1 - math.floor(math.log10(tolerance * factor))))
    shown = (f"{value * factor:.{digits}f}" for value in (wanted, found))
    said = "wanted {}, found {} {}".format(*shown, unit).rstrip()
    return Finding(name, abs(found - wanted) <= tolerance, said)


def potential_found(
    name: str, found: float, wanted: float, *, tolerance: float = POTENTIAL_TOLERANCE
) -> Finding:
    """Compare a potential with a known one [V]."""
    return number_found(name, found, wanted, tolerance=tolerance, unit="mV", factor=1e3)
