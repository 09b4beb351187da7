"""The bottom of the cell: where islands, film and bare copper lie, and what reacts there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import overload

from fem_island.case.case import Case
from fem_island.case.film import Interlayer
from fem_island.case.placement import SNAP, cuts
from fem_island.errors import Fault, InputError
from fem_island.materials.plateaus import StoredCharge
from fem_island.surface.admittance import Admittance
from fem_island.surface.charged_film import ChargedFilm
from fem_island.surface.kinetics import Reaction, ReactionLaw, ReleaseOnly
from fem_island.surface.measure import PLANAR, Measure, measure_of


class Tag(IntEnum):
    """Physical groups of the mesh; the numbers are those of ``meshes/planar.geo``."""

    ISLAND = 1
    FILM = 2
    EXPOSED = 3
    TOP = 4
    SIDES = 5
    ELECTROLYTE = 10


@dataclass(frozen=True)
class Stretch:
    """A part of the bottom with one boundary condition.

    Attributes:
        start: Left end [m].
        end: Right end [m].
        tag: ``Tag.ISLAND``, ``Tag.FILM`` or ``Tag.EXPOSED`` (bare current collector).
        island: Number of the island in the case, or None.
        law: The reaction there, or None where nothing reacts.
        equilibrium_potential: U of the reaction [V]; 0 for lithium.
        charge: Lithium that a film which reacts has left; None elsewhere.
        admittance: What it carries of alternating current, where that was asked for.
    """

    start: float
    end: float
    tag: Tag
    island: int | None = None
    law: ReactionLaw | None = None
    equilibrium_potential: float = 0.0
    charge: StoredCharge | None = field(default=None, compare=False)
    admittance: Admittance | None = None

    @property
    def length(self) -> float:
        """Length [m]."""
        return self.end - self.start


@dataclass(frozen=True)
class Bottom(Sequence[Stretch]):
    """All of the bottom: its stretches from left to right, without gaps, and what they count for.

    Attributes:
        parts: The stretches.
        measure: The weight of integrals along it.
    """

    parts: tuple[Stretch, ...]
    measure: Measure = PLANAR

    @overload
    def __getitem__(self, number: int) -> Stretch: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Stretch, ...]: ...
    def __getitem__(self, number: int | slice) -> Stretch | tuple[Stretch, ...]:
        """One stretch, or several."""
        return self.parts[number]

    def __len__(self) -> int:
        """Number of stretches."""
        return len(self.parts)

    @cached_property
    def extent(self) -> float:
        """What the applied current density is spread over: W [m] in a planar cell, else m^2."""
        return self.measure.size(self.parts[0].start, self.parts[-1].end)

    def size(self, stretch: Stretch) -> float:
        """How much of the extent a stretch has, in its unit."""
        return self.measure.size(stretch.start, stretch.end)

    def with_parts(self, parts: Iterable[Stretch]) -> Bottom:
        """Other stretches that count alike."""
        return Bottom(tuple(parts), self.measure)


def stretches(case: Case) -> Bottom:
    """The bottom from left to right, without gaps.

    Raises:
        InputError: The case has a contact map, whose bottom has two directions.

    Example:
        >>> [stretch.tag.name for stretch in stretches(Case())]
        ['EXPOSED', 'ISLAND', 'EXPOSED']
    """
    cell = case.cell
    if cell.map is not None:
        reason = "is not possible here, where the bottom must have one direction; leave it out"
        raise InputError([Fault("map", None, reason)])
    islands = sorted(
        (
            Stretch(*cell.island_ends(island), Tag.ISLAND, number, _lithium(case, number))
            for number, island in enumerate(cell.islands)
        ),
        key=lambda stretch: stretch.start,
    )
    width = cell.electrolyte.span
    film = (
        None
        if cell.interlayer is None
        else ChargedFilm.of(cell.interlayer, case.operation.temperature)
    )
    result: list[Stretch] = []
    left = 0.0
    for island in islands:
        if island.start - left > SNAP * width:
            result.extend(_uncovered(case, film, left, island.start))
        result.append(island)
        left = island.end
    if width - left > SNAP * width:
        result.extend(_uncovered(case, film, left, width))
    return Bottom(tuple(result), measure_of(cell.electrolyte.geometry))


def _uncovered(
    case: Case, charged: ChargedFilm | None, start: float, end: float
) -> Iterable[Stretch]:
    """Film and bare parts between two islands."""
    if charged is None:
        return [Stretch(start, end, Tag.EXPOSED)]
    film, width = charged.film, case.cell.electrolyte.span
    covered = sorted(film.extent or [(0.0, width)])
    places = [x for interval in covered for x in interval]
    result: list[Stretch] = []
    for left, right in pairwise(cuts(start, end, [*places, *charged.changes], width=width)):
        middle = (left + right) / 2
        if any(a < middle < b for a, b in covered):
            result.append(_filmed(case, charged, left, right))
        elif result and result[-1].tag is Tag.EXPOSED:
            result[-1] = replace(result[-1], end=right)
        else:
            result.append(Stretch(left, right, Tag.EXPOSED))
    return result


def _filmed(case: Case, charged: ChargedFilm, start: float, end: float) -> Stretch:
    """A stretch of film that is on one plateau, or empty."""
    film, temperature = charged.film, case.operation.temperature
    if film.reaction == "none":
        potential = film.potential_at(temperature)
        return Stretch(start, end, Tag.FILM, equilibrium_potential=potential)
    step = charged.step_at((start + end) / 2)
    charge = charged.stored(start, end, step)
    potential = (charged.steps[-1] if step is None else step).potential
    law = None if step is None else film_law(case, film)
    return Stretch(start, end, Tag.FILM, None, law, potential, charge)


def _lithium(case: Case, number: int) -> ReactionLaw:
    cell = case.cell
    return Reaction.of(cell.island_kinetics(cell.islands[number]), case.operation)


def film_law(case: Case, film: Interlayer) -> ReactionLaw:
    """The reaction law of a film, at the temperature of the case."""
    reaction = Reaction.of(film.kinetics_beside(case.cell.kinetics), case.operation)
    return ReleaseOnly(reaction) if film.reaction == "release" else reaction
