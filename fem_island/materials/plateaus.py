"""The lithium in a film: on which plateaus it comes out, and how much of it is where.

A film gives up its lithium plateau by plateau, the richest phase first. On each of them two phases
are in contact, so the film has one potential until the lithium of the plateau is used up; with the
next plateau the potential steps up. The state of charge says where a film stands:

    q(x) = s(x) Q        Q  capacity of the full film [C/m^2]     s  state of charge, 0 to 1
                         q  charge of the lithium that is left [C/m^2]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fem_island.materials import library as materials
from fem_island.materials.library import FilmMaterial


@dataclass(frozen=True)
class Step:
    """One plateau of a film.

    Attributes:
        potential: U [V against lithium].
        capacity: Charge of the lithium that the full film gives up on it [C/m^2]; NaN where it is
            not known how much the film holds.
        upper: State of charge at which the plateau begins.
        lower: State of charge at which it ends.
    """

    potential: float
    capacity: float
    upper: float
    lower: float


def film_steps(
    material: str | FilmMaterial | None,
    *,
    thickness: float,
    capacity: float | None,
    equilibrium_potential: float | None,
) -> tuple[Step, ...]:
    """The plateaus of a film, from the full to the empty one.

    Args:
        material: Symbol of a metal in ``materials.toml``, a metal of one's own, or None.
        thickness: Of the metal as deposited [m].
        capacity: Of the full film [C/m^2]; None takes that of material and thickness.
        equilibrium_potential: U [V] of all its lithium; None takes the material's plateaus.

    Example:
        >>> [step.potential for step in film_steps(
        ...     "Au", thickness=100e-9, capacity=None, equilibrium_potential=None)]
        [0.07, 0.16]
    """
    film = materials.films()[material] if isinstance(material, str) else material
    if capacity is None:
        capacity = np.nan if film is None else film.capacity(thickness)
    if film is None or equilibrium_potential is not None:
        return (Step(equilibrium_potential or 0.0, capacity, 1.0, 0.0),)
    parts = np.array([plateau.lithium_per_metal.value for plateau in film.plateaus])
    bounds = 1.0 - np.concatenate([[0.0], np.cumsum(parts) / parts.sum()])
    bounds[-1] = 0.0
    return tuple(
        Step(plateau.potential.value, capacity * (upper - lower), upper, lower)
        for plateau, (upper, lower) in zip(film.plateaus, pairwise(bounds.tolist()), strict=True)
    )


def own_steps(plateaus: Sequence[tuple[float, float]]) -> tuple[Step, ...]:
    """The plateaus of a film that is in no table, from the full to the empty one.

    Args:
        plateaus: U [V] and capacity [C/m^2] of each.

    Example:
        >>> [(step.upper, step.lower) for step in own_steps([(0.05, 300.0), (0.1, 100.0)])]
        [(1.0, 0.25), (0.25, 0.0)]
    """
    capacities = np.array([capacity for _, capacity in plateaus])
    bounds = 1.0 - np.concatenate([[0.0], np.cumsum(capacities) / capacities.sum()])
    bounds[-1] = 0.0
    return tuple(
        Step(potential, capacity, upper, lower)
        for (potential, capacity), (upper, lower) in zip(
            plateaus, pairwise(bounds.tolist()), strict=True
        )
    )


def step_at(steps: tuple[Step, ...], state_of_charge: float) -> Step | None:
    """The plateau at a state of charge; None where no lithium is left."""
    return next((step for step in steps if state_of_charge > step.lower), None)


_Weight = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]

_GAUSS = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3)
"""Places from 0 to 1 whose mean is that of any cubic polynomial."""


@dataclass(frozen=True)
class StoredCharge:
    """Lithium in a stretch of film, as charge per area, linear between positions.

    Attributes:
        positions: Ascending [m]; beyond the ends the charge is constant.
        values: q there [C/m^2]; NaN where it is not known how much the film holds.
        next_step: q at which the potential steps up [C/m^2]; 0 on the last plateau.
    """

    positions: tuple[float, ...]
    values: tuple[float, ...]
    next_step: float = 0.0

    @property
    def is_uniform(self) -> bool:
        """Whether it is the same everywhere."""
        return len(set(self.values)) == 1

    def at(self, positions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Q at positions [C/m^2], same shape."""
        return np.interp(positions, self.positions, self.values)

    def total(self, start: float, end: float, weight: _Weight = np.ones_like) -> float:
        """Charge between two positions [m]: the integral of q times a weight.

        Args:
            start: The left one.
            end: The right one.
            weight: Of the integral at positions, constant or linear in them; by default 1.

        Returns:
            [C/m] where the weight has no unit, [C] where it is a length.
        """
        known = np.array(self.positions)
        places = np.concatenate([[start], known[(known > start) & (known < end)], [end]])
        lengths = np.diff(places)[:, None]
        between = places[:-1, None] + lengths * _GAUSS
        return float((0.5 * lengths * self.at(between) * weight(between)).sum())


def step_changes(
    steps: tuple[Step, ...], positions: tuple[float, ...], shares: tuple[float, ...]
) -> list[float]:
    """Where along x a film passes from one plateau to another [m], ascending.

    Args:
        steps: The film's plateaus.
        positions: Where the state of charge is known [m], ascending; linear in between.
        shares: State of charge there.
    """
    levels = [step.lower for step in steps]
    places = {x for x, share in zip(positions, shares, strict=True) if share in levels}
    known = zip(positions, shares, strict=True)
    for (left, one), (right, other) in pairwise(known):
        for level in levels:
            if min(one, other) < level < max(one, other):
                places.add(left + (right - left) * (level - one) / (other - one))
    if not places:
        return []
    found = np.array(sorted(places))
    middles = 0.5 * (found[1:] + found[:-1])
    middles = np.concatenate([[found[0] - 1.0], middles, [found[-1] + 1.0]])
    between = [step_at(steps, share) for share in np.interp(middles, positions, shares)]
    return [
        place
        for place, (before, after) in zip(found.tolist(), pairwise(between), strict=True)
        if before != after
    ]
