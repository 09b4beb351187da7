"""The uniform state: the bottom at the one potential at which its reactions carry the current.

It is what the cell would be if the electrolyte had no resistance, what all solvers start from, and
what their unknown is counted from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import ReactionLaw

NO_UNIFORM_STATE = "no potential within 1000 V carries the applied current"

_MOST_BISECTIONS = 200


@dataclass(frozen=True)
class UniformState:
    """The bottom at one potential, as it would be without ohmic resistance.

    Attributes:
        drive: phi_Li - phi [V].
        overpotentials: drive - U of every stretch [V]; kept beside ``drive`` because the
            difference loses digits where a film is close to equilibrium.
    """

    drive: float
    overpotentials: tuple[float, ...]


@dataclass(frozen=True)
class UniformStates:
    """The uniform states of several applied currents.

    Attributes:
        drive: phi_Li - phi [V], shape (currents,); NaN where no drive within 1000 V carries the
            current.
        overpotentials: drive - U of every stretch [V], shape (currents, stretches).
    """

    drive: Array
    overpotentials: Array

    def at(self, number: int) -> UniformState:
        """The state of one of the currents."""
        overpotentials = tuple(self.overpotentials[number].tolist())
        return UniformState(float(self.drive[number]), overpotentials)

    def taken(self, points: npt.NDArray[np.intp]) -> UniformStates:
        """The states of some of the currents."""
        return UniformStates(self.drive[points], self.overpotentials[points])


def reacting_currents(
    bottom: Bottom, uniform: UniformStates, *, sizes: Array | None = None
) -> Array:
    """Sum of the magnitudes of all reactions' currents in the uniform states [A/m]."""
    total = np.zeros(len(uniform.drive))
    for column, size, law, _ in _terms(bottom, sizes):
        total += size * np.abs(law.current_density(uniform.overpotentials[:, column]))
    return total


def uniform_state(bottom: Bottom, current_density: float) -> UniformState:
    """Invert the reaction laws: the drive at which the bottom carries the applied current.

    Args:
        bottom: All of the bottom.
        current_density: Applied current density I [A/m^2], over all of the extent.

    Raises:
        ConvergenceError: No drive within 1000 V carries this current.
    """
    states = uniform_states(bottom, np.array([current_density]))
    if not np.isfinite(states.drive[0]):
        raise ConvergenceError(NO_UNIFORM_STATE)
    return UniformState(
        drive=float(states.drive[0]),
        overpotentials=tuple(float(value) for value in states.overpotentials[0]),
    )


def uniform_states(
    bottom: Bottom,
    current_densities: Array,
    *,
    sizes: Array | None = None,
    film_shifts: Array | None = None,
) -> UniformStates:
    """The uniform states of several currents at once.

    Args:
        bottom: All of the bottom.
        current_densities: I [A/m^2], shape (currents,).
        sizes: How much of the extent every stretch has at every current, shape (currents,
            stretches); None where all are as in ``bottom``.
        film_shifts: How far the potentials of film are above those in ``bottom`` at every current
            [V], shape (currents,); None where they are not.
    """
    terms = _terms(bottom, sizes, film_shifts)
    extent = bottom.extent if sizes is None else np.asarray(sizes.sum(axis=1))
    currents = extent * current_densities
    reference = np.zeros(len(currents))
    if not terms:
        nowhere = np.full((len(currents), 1), np.nan)
        return UniformStates(nowhere[:, 0], np.repeat(nowhere, len(bottom), axis=1))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        offset = _invert(terms, reference, currents)
        if any(
            np.any(term.equilibrium_potential != terms[0].equilibrium_potential) for term in terms
        ):
            # Once more, counted from the equilibrium potential of the reaction that responds most,
            # so that its overpotential has all digits even if it is 1e-10 V beside a U of 0.05 V.
            drive = reference + offset
            responses = [t.size * t.law.slope(drive - t.equilibrium_potential) for t in terms]
            most = np.argmax(np.array([np.broadcast_to(r, drive.shape) for r in responses]), axis=0)
            references = [np.broadcast_to(t.equilibrium_potential, drive.shape) for t in terms]
            reference = np.array(references)[most, np.arange(len(drive))]
            offset = _invert(terms, reference, currents)
    overpotentials = [
        offset + (reference - potential_of(stretch, film_shifts)) for stretch in bottom
    ]
    return UniformStates(drive=reference + offset, overpotentials=np.stack(overpotentials, axis=1))


def potential_of(stretch: Stretch, film_shifts: Array | None) -> float | Array:
    """U of a stretch [V], of all points, or of every point where film has been shifted."""
    if film_shifts is None or stretch.tag is not Tag.FILM:
        return stretch.equilibrium_potential
    return stretch.equilibrium_potential + film_shifts


class _Term(NamedTuple):
    """All stretches that react in the same way.

    Attributes:
        column: Number of the first of them.
        size: Their part of the extent [m], of all points or of each, shape (k,).
        law: The reaction.
        equilibrium_potential: U [V], of all points or of each, shape (k,).
    """

    column: int
    size: float | Array
    law: ReactionLaw
    equilibrium_potential: float | Array


def _terms(
    bottom: Bottom, sizes: Array | None = None, film_shifts: Array | None = None
) -> list[_Term]:
    found: dict[tuple[ReactionLaw, float, bool], _Term] = {}
    for column, stretch in enumerate(bottom):
        if stretch.law is not None:
            potential = potential_of(stretch, film_shifts)
            key = (stretch.law, stretch.equilibrium_potential, np.ndim(potential) > 0)
            known = found.get(key, _Term(column, 0.0, stretch.law, potential))
            size = bottom.size(stretch) if sizes is None else sizes[:, column]
            found[key] = known._replace(size=known.size + size)
    return list(found.values())


_BRACKETS = 1e-3 * 2.0 ** np.arange(20)
"""Distances from the reference that are tried at first [V]."""
_TRIALS = np.concatenate([-_BRACKETS[::-1], _BRACKETS])


def _invert(terms: list[_Term], reference: Array, currents: Array) -> Array:
    """Drive minus ``reference`` where the reactions carry ``currents`` [A/m]; NaN if none does.

    Newton on asinh(total / j), which is nearly linear in the overpotential when the total current
    is exponential; inside a bracket, which is bisected where Newton would leave it.
    """

    def total(offset: Array, reference: Array) -> Array:
        result: Array = np.zeros(1)
        for _, size, law, equilibrium_potential in terms:
            overpotential = offset + (reference - _beside(equilibrium_potential, reference))
            result = result + _beside(size, overpotential) * law.current_density(overpotential)
        return result

    def slope(offset: Array) -> Array:
        result: Array = np.zeros(1)
        for _, size, law, equilibrium_potential in terms:
            overpotential = offset + (reference - equilibrium_potential)
            result = result + size * law.slope(overpotential)
        return result

    tried = total(_TRIALS[None, :], reference[:, None])
    above = tried >= currents[:, None]
    first = np.argmax(above, axis=1)
    found = above.any(axis=1) & (first > 0)
    low, high = _TRIALS[np.maximum(first - 1, 0)], _TRIALS[first]
    at_rest = np.zeros(1)
    scale = sum(t.size * np.asarray(t.law.slope(at_rest)) for t in terms) / 20
    wanted = np.arcsinh(currents / scale)
    rows = np.arange(len(currents))
    left = np.arcsinh(tried[rows, np.maximum(first - 1, 0)] / scale)
    share = (wanted - left) / (np.arcsinh(tried[rows, first] / scale) - left)
    offset = low + np.where((share > 0) & (share < 1), share, 0.5) * (high - low)
    offset = np.where(found, offset, np.nan)
    for _ in range(_MOST_BISECTIONS):
        carried = total(offset, reference)
        exact = carried == currents
        high = np.where(carried >= currents, offset, high)
        low = np.where(carried <= currents, offset, low)
        step = wanted - np.arcsinh(carried / scale)
        newton = offset + step * np.hypot(carried, scale) / slope(offset)
        inside = (newton >= low) & (newton <= high)
        after = np.where(exact, offset, np.where(inside, newton, 0.5 * (low + high)))
        moved = np.abs(after - offset)
        offset = np.where(found, after, np.nan)
        # Newton doubles the digits: after a step this small there are no more to gain.
        done = exact | ~found | (moved <= np.where(inside, 1e-9, 4e-16) * np.abs(offset))
        if done.all():
            break
    return offset


def _beside(size: float | Array, values: Array) -> float | Array:
    """A size of every point with as many axes as values that have the points along their first."""
    return size if np.ndim(size) == 0 else np.reshape(size, (-1, *[1] * (values.ndim - 1)))
