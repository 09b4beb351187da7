"""The problem that all contenders solve, and what they hand back.

    in the cell        div(kappa grad(phi)) = 0
    on its top         i_y = I
    on the island      i_y = 2 i0 sinh(f eta / 2)       with eta = -phi and f = F / (R T)
    everywhere else    no current through the boundary

Lengths are in um, so that a boundary integral of a current density [A/m^2] counts ``MICROMETRE``
times. Most write phi = psi - eta0 with eta0 the overpotential of a uniform current: the unknown psi
is small and close to proportional to I, which gives Newton's method a first guess from the point
before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 50.0, 15.0
"""Of the cell [um]."""

CONDUCTIVITY = 0.18
"""kappa [S/m]."""

EXCHANGE_CURRENT_DENSITY = 5.0
"""i0 [A/m^2]."""

SCALE = 96485.33212 / (8.314462618 * 298.15)
"""F / (R T) [1/V]."""

MICROMETRE = 1e-6

CORRECTION = 1e-8
"""Newton's method stops when it changes no value by more than this [V]: 1 % of the wanted error."""

MOST_STEPS = 20


class SkippedError(Exception):
    """A contender cannot be measured here; says why."""


@dataclass
class Overpotentials:
    """What a contender found.

    Attributes:
        mean: One row per width, one column per current density [V].
        largest: The same of the largest overpotential on the island [V].
        unknowns: Of every width, where they are known.
    """

    mean: list[list[float]] = field(default_factory=list)
    largest: list[list[float]] = field(default_factory=list)
    unknowns: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Contender:
    """One way to compute the map.

    Attributes:
        title: Its name in the table.
        packages: The distributions whose versions matter.
        settings: What it was tuned to.
        solve_map: Solves for all island widths [um] and applied current densities [A/m^2].
    """

    title: str
    packages: tuple[str, ...]
    settings: str
    solve_map: Callable[[Sequence[float], Sequence[float]], Overpotentials]


def uniform_overpotential(width: float, current_density: float) -> float:
    """Overpotential [V] if the current were uniform along the island: the first guess.

    Args:
        width: Of the island [um].
        current_density: I [A/m^2].
    """
    on_island = current_density * WIDTH / width
    return 2 / SCALE * math.asinh(on_island / (2 * EXCHANGE_CURRENT_DENSITY))
