"""Do islands and film fit into the cell? Checks of where things lie on the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise

from fem_island.errors import Fault

NARROWEST_SHARE = 1e-5
"""Smallest island, gap or film interval, as a share of the cell's width."""

NARROWEST_FILM_SHARE = 1e-8
"""Smallest part of the bottom between ends of the film, its plateaus and islands, as such a share;
what a grid's smallest elements still resolve."""

SNAP = 1e-9
"""Ends this close, as a share of the cell's width, are the same place."""

_Placed = tuple[float, float, int]
"""Left and right end of an interval [m], and its number in the case."""


def island_faults(width: float, islands: Sequence[tuple[float, float]]) -> list[Fault]:
    """Islands of a planar cell that are outside of it, over one another, or too close.

    Args:
        width: W [m].
        islands: Left and right end of every island [m].
    """
    narrowest = NARROWEST_SHARE * width
    faults = []
    inside = []
    for number, (left, right) in enumerate(islands):
        key = f"islands.{number}"
        reach = f"it would reach from {in_um(left)} to {in_um(right)}, outside the cell"
        if right - left > width * (1 + SNAP):
            limit = f"is wider than the cell ({in_um(width)})"
            faults.append(Fault(f"{key}.width", in_um(right - left), limit))
        elif left < 0 or right > width:
            limit = f"{reach} (0 to {in_um(width)})"
            faults.append(Fault(f"{key}.center", in_um((left + right) / 2), limit))
        elif right - left < (1 - SNAP) * narrowest:
            limit = f"must be at least {in_um(narrowest)} (1e-5 of the cell's width)"
            faults.append(Fault(f"{key}.width", in_um(right - left), limit))
        else:
            inside.append((left, right, number))
    return faults + _between_faults(width, inside)


def ring_faults(radius: float, islands: Sequence[tuple[float, float]]) -> list[Fault]:
    """Discs and rings that are outside the cell, over one another, or too close.

    Args:
        radius: R of the cell [m].
        islands: Inner and outer radius of every island [m].
    """
    narrowest = NARROWEST_SHARE * radius
    faults = []
    inside = []
    for number, (inner, outer) in enumerate(islands):
        key = f"islands.{number}.outer_radius"
        if outer > radius * (1 + SNAP):
            limit = f"is outside the cell (radius {in_um(radius)})"
            faults.append(Fault(key, in_um(outer), limit))
        elif outer - inner < (1 - SNAP) * narrowest:
            above = f"at least {in_um(narrowest)} (1e-5 of the cell's radius) above inner_radius"
            faults.append(Fault(key, in_um(outer), f"must be {above} ({in_um(inner)})"))
        else:
            inside.append((inner, outer, number))
    return faults + _between_faults(radius, inside, start="axis")


def _between_faults(width: float, inside: list[_Placed], *, start: str = "wall") -> list[Fault]:
    """Islands that overlap, or leave gaps that are too narrow; ``start`` is what lies at 0."""
    narrowest = NARROWEST_SHARE * width
    faults = []
    inside = sorted(inside)
    for left, right, number in inside:
        for gap, end in ((left, start), (width - right, "wall")):
            if 0 < gap < (1 - SNAP) * narrowest:
                wanted = f"at least {in_um(narrowest)}, or none"
                line = f"leaves a gap of {in_um(gap)} to the {end}; {wanted}"
                faults.append(Fault(f"islands.{number}", None, line))
    for (_, reached, one), (left, right, other) in _neighbours(inside):
        first, second = sorted((one, other))
        if left < reached - SNAP * width:
            where = (
                f"overlaps island {first} between {in_um(left)} and {in_um(min(reached, right))}"
            )
            faults.append(Fault(f"islands.{second}", None, where))
        elif SNAP * width < left - reached < (1 - SNAP) * narrowest:
            between = f"leaves a gap of {in_um(left - reached)} to island {first}"
            wanted = f"{between}; at least {in_um(narrowest)}, or none at all"
            faults.append(Fault(f"islands.{second}", None, wanted))
    return faults


def interval_faults(width: float, extent: Sequence[tuple[float, float]], path: str) -> list[Fault]:
    """Intervals of the bottom that are outside the cell, over one another, or too short.

    Args:
        width: W [m].
        extent: Left and right end of every interval [m].
        path: Key that holds them.
    """
    faults = []
    for number, (left, right) in enumerate(extent):
        key, value = f"{path}.{number}", f"{in_um(left)} to {in_um(right)}"
        if right > width * (1 + SNAP):
            faults.append(Fault(key, value, f"must lie within the cell (0 to {in_um(width)})"))
        elif right - left < (1 - SNAP) * NARROWEST_SHARE * width:
            wanted = f"must run from left to right over at least {in_um(NARROWEST_SHARE * width)}"
            faults.append(Fault(key, value, wanted))
    ordered = sorted((*ends, number) for number, ends in enumerate(extent))
    for (_, reached, one), (left, _, other) in _neighbours(ordered):
        if left < reached - SNAP * width:
            first, second = sorted((one, other))
            key = f"{path}.{second}"
            faults.append(
                Fault(key, None, f"overlaps interval {first} of the {path.partition('.')[0]}")
            )
    return faults


def cuts(start: float, end: float, places: Iterable[float], *, width: float) -> list[float]:
    """The ends of an interval, and the places inside of it; those that are the same, once.

    Args:
        start: Left end [m].
        end: Right end [m].
        places: Where it is to be cut [m], in any order.
        width: W [m].

    Example:
        >>> cuts(0.0, 5.0, [3.0, 1.0, 3.0, 7.0], width=10.0)
        [0.0, 1.0, 3.0, 5.0]
    """
    snap = SNAP * width
    kept = [start]
    for place in sorted(places):
        if place - kept[-1] > snap and end - place > snap:
            kept.append(place)
    return [*kept, end]


def sliver_faults(
    width: float, islands: Sequence[tuple[float, float]], places: Mapping[str, Iterable[float]]
) -> list[Fault]:
    """Parts of the bottom beside the islands that are too narrow to be solved.

    Args:
        width: W [m].
        islands: Left and right end of every island [m].
        places: Where the film ends or changes [m], by the key that says so.
    """
    narrowest = NARROWEST_FILM_SHARE * width
    keys = {place: key for key, found in places.items() for place in found}
    faults = []
    reached = 0.0
    for left, right in [*sorted(islands), (width, width)]:
        if left - reached > SNAP * width:
            for before, after in pairwise(cuts(reached, left, keys, width=width)):
                if after - before < (1 - SNAP) * narrowest:
                    key = keys.get(after, keys.get(before, ""))
                    line = (
                        f"leaves a sliver of {in_um(after - before)} at {in_um(before)}; "
                        f"at least {in_um(narrowest)} (1e-8 of the cell's width), or none"
                    )
                    faults.append(Fault(key, None, line))
        reached = right
    return faults


def _neighbours(ordered: list[_Placed]) -> Iterable[tuple[_Placed, _Placed]]:
    """Every interval but the first, behind that one of those before it which reaches furthest."""

    def further(one: _Placed, other: _Placed) -> _Placed:
        return one if one[1] >= other[1] else other

    return zip(accumulate(ordered, further), ordered[1:], strict=False)


def in_um(length: float) -> str:
    """A length as users write it."""
    return f"{length * 1e6:.6g} um"
