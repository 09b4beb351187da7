"""Which numbers of a case its axes set: found out by changing one at a time.

An axis of which the parameters of laws follow, and nothing else, can differ between points that
are solved together, whatever the law. What an axis does is read off two cases that differ in it
alone: the parameters that differ between them, and have its values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fem_island.case.axes import FILM_COEFFICIENT, FILM_POTENTIAL, TEMPERATURE
from fem_island.case.case import Case
from fem_island.results.exposed_drive import thresholds
from fem_island.surface.bottom import Bottom, Stretch, Tag, stretches
from fem_island.surface.kinetics import Reaction, ReactionLaw, ReleaseOnly

CONDUCTIVITY, ACTIVATION_ENERGY = (
    "electrolyte.conductivity",
    "electrolyte.activation_energy",
)
_OF_CONDUCTIVITY = (CONDUCTIVITY, ACTIVATION_ENERGY, TEMPERATURE)

OF_FILM_POTENTIAL = (FILM_POTENTIAL, FILM_COEFFICIENT, TEMPERATURE)
"""What the potentials of the film follow, all by the same difference."""

Owner = int | None
"""Number of the island that a law is of; None is the film."""


@dataclass(frozen=True)
class Links:
    """What follows an axis.

    Attributes:
        parameters: Owner of a law and name of its parameter.
        temperatures: Owners of the laws that are at its temperature.
    """

    parameters: frozenset[tuple[Owner, str]] = field(default_factory=frozenset)
    temperatures: frozenset[Owner] = field(default_factory=frozenset)


def links_of(path: str, one: Case, other: Case, values: tuple[float, float]) -> Links | None:
    """What follows an axis; None if that is more than can differ between points of a family.

    Args:
        path: Of the axis.
        one: A case.
        other: The same with another value of the axis.
        values: Of the axis in both.
    """
    shifts = path in OF_FILM_POTENTIAL
    same = (
        one.accuracy == other.accuracy
        and one.output == other.output
        and one.cell.electrolyte.height == other.cell.electrolyte.height
        and (shifts or (thresholds(one) == thresholds(other)).all())
        and (one.conductivity == other.conductivity or path in _OF_CONDUCTIVITY)
    )
    first, second = stretches(one), stretches(other)
    if not same or not _lie_alike(first, second, film_shifts=shifts):
        return None
    parameters: set[tuple[Owner, str]] = set()
    temperatures: set[Owner] = set()
    for left, right in zip(first, second, strict=True):
        before, after = reaction_of(left.law), reaction_of(right.law)
        if before is None or after is None:
            if left.law != right.law:
                return None
            continue
        if type(before.law) is not type(after.law):
            return None
        old, new = dict(before.law), dict(after.law)
        changed = {name for name in old if old[name] != new[name]}
        if any((old[name], new[name]) != values for name in changed):
            return None
        parameters |= {(left.island, name) for name in changed}
        if before.temperature != after.temperature:
            if (before.temperature, after.temperature) != values:
                return None
            temperatures.add(left.island)
    return Links(frozenset(parameters), frozenset(temperatures))


def reaction_of(law: ReactionLaw | None) -> Reaction | None:
    """The reaction behind a law, also of one that gives lithium only; None where there is none."""
    if isinstance(law, ReleaseOnly):
        law = law.law
    return law if isinstance(law, Reaction) else None


def _lie_alike(first: Bottom, second: Bottom, *, film_shifts: bool) -> bool:
    """Whether two bottoms differ in their laws at most, and in these in numbers at most.

    Args:
        first: A bottom.
        second: Another one.
        film_shifts: Whether they may also differ in the potential of film.
    """
    return len(first) == len(second) and all(
        _without_law(left) == _without_law(right)
        and type(left.law) is type(right.law)
        and (
            left.equilibrium_potential == right.equilibrium_potential
            or (film_shifts and left.tag is Tag.FILM)
        )
        for left, right in zip(first, second, strict=True)
    )


def _without_law(stretch: Stretch) -> tuple[object, ...]:
    return (
        stretch.start,
        stretch.end,
        stretch.tag,
        stretch.island,
        repr(stretch.charge),  # of which NaN is what is not known
    )
