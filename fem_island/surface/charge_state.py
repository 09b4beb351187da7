"""What time changes: how much lithium every place has left, and how it lies there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.ladder import Ladder
from fem_island.surface.levels import Filled, extremes, filled, filled_linear, mid_linear


@dataclass(frozen=True)
class State:
    """The charge left at every place at an instant.

    Attributes:
        ladder: What every place can hold.
        time: Since the start [s].
        mid: Of the level function of the metal's charge [C/m^2], shape (places,); see ``levels``.
        tilt: The same.
        bend: The same.
        taken: Charge that is missing in every rung of the film [C/m^2], shape (rungs, places).
        film_tilt: Of the level functions of what the film's rungs have left, where no rung above is
            left in the place [C/m^2], shape (rungs, places).
        room_tilt: Of those of the room that they have for more, where no rung below has any.
        buried: Of ``taken``, what is missing beneath the metal, and was when it uncovered the
            place; shape (rungs, places).
        ready: Where lithium may grow on a place without a barrier, shape (places,).
        lost: Charge of what has lost contact and stays [C/m^2], shape (places,).
    """

    ladder: Ladder
    time: float
    mid: Array
    tilt: Array
    bend: Array
    taken: Array
    film_tilt: Array
    room_tilt: Array
    buried: Array
    ready: Array
    lost: Array

    @cached_property
    def metal(self) -> Filled:
        """Charge of the metal [C/m^2], part of the place that it covers."""
        return filled(self.mid, self.tilt, self.bend)

    @cached_property
    def metal_extremes(self) -> tuple[Array, Array]:
        """Lowest and highest level of the metal in every place [C/m^2]."""
        return extremes(self.mid, self.tilt, self.bend)

    @cached_property
    def bare(self) -> Array:
        """Part of the place where every rung above one has run out, shape (rungs + 1, places).

        The first row is what the metal leaves to the film; the last, what has nothing left.
        """
        bare = np.empty((len(self.ladder.rungs), self.ladder.places))
        bare[0] = 1 - self.metal.share
        for number, rung in enumerate(self.ladder.film):
            gone, buried = self.taken[number], self.buried[number]
            bare[number + 1] = exhausted(
                rung.capacity - gone,
                rung.capacity - buried,
                gone - buried,
                self.film_tilt[number],
                bare[number],
            )
        return bare

    @cached_property
    def full(self) -> Array:
        """Part of the place where no rung of the film from one on down has room, nor metal lies.

        Shape (film rungs + 1, places); the last row is what the metal leaves to the film.
        """
        full = np.empty((len(self.ladder.rungs), self.ladder.places))
        full[-1] = 1 - self.metal.share
        for number in reversed(range(len(self.ladder.film))):
            room, buried = self.taken[number], self.buried[number]
            full[number] = exhausted(
                room, buried, buried - room, self.room_tilt[number], full[number + 1]
            )
        return full

    @cached_property
    def standing(self) -> Array:
        """Part of the place where each rung is on top, shape (rungs, places)."""
        on_film = self.bare[:-1] - self.bare[1:]
        return np.asarray(np.maximum(np.concatenate([self.metal.share[None], on_film]), 0.0))

    @cached_property
    def filling(self) -> Array:
        """Part of the place where each rung of the film takes up lithium, if the drive lets it."""
        return np.asarray(np.maximum(self.full[1:] - self.full[:-1], 0.0))

    @cached_property
    def film_mid(self) -> Array:
        """``mid`` of what the film's rungs have left, where nothing covers them."""
        capacities = np.array([rung.capacity for rung in self.ladder.film]).reshape(
            self.taken.shape
        )
        return mid_linear(capacities - self.taken, self.film_tilt)

    @cached_property
    def room_mid(self) -> Array:
        """``mid`` of the room that the film's rungs have, where nothing covers them."""
        return mid_linear(self.taken, self.room_tilt)

    @cached_property
    def film_charge(self) -> Array:
        """Charge that every rung of the film has left [C/m^2], shape (rungs, places)."""
        capacities = [rung.capacity for rung in self.ladder.film]
        return np.array(capacities).reshape(self.taken.shape) - self.taken

    @property
    def charge(self) -> Array:
        """Charge left at every place, all rungs together [C/m^2]."""
        return np.asarray(self.metal.content + self.film_charge.sum(axis=0))

    def instant_densities(self, drive: Array) -> tuple[Array, Array]:
        """Current densities of the rungs per area of the place, and their slopes, at this instant.

        Args:
            drive: phi_Li - phi at every place [V].

        Returns:
            Densities [A/m^2] and slopes [S/m^2], shape (rungs, places).
        """
        densities, slopes = self.ladder.rates(drive)
        shares = self.standing.copy()
        for number, rung in enumerate(self.ladder.film, start=1):
            shares[number] *= densities[number] > 0
            if rung.takes:
                shares[number] += (densities[number] < 0) * self.filling[number - 1]
        grows = densities[0] < 0
        if self.ladder.grows_on_film and self.ladder.film:
            shares[0] += grows * self.full[0] * (self.ladder.film[0].capacity > 0)
        if self.ready.any():
            shares[0] += grows * self.ready * self.bare[0]
        # Where nothing reacts an overflow is nothing as well.
        there = shares > 0
        return np.where(there, shares * densities, 0.0), np.where(there, shares * slopes, 0.0)


def exhausted(left: Array, beneath: Array, given: Array, tilt: Array, uncovered: Array) -> Array:
    """Part of the places where a rung has run out, of those parts that nothing covers.

    Args:
        left: Charge that it has left [C/m^2]; or room, of one that takes up lithium.
        beneath: The same beneath what covers it [C/m^2].
        given: What is left less of it in the place for having been uncovered [C/m^2].
        tilt: Of its level function where nothing covers it [C/m^2].
        uncovered: Part of the places that nothing covers.
    """
    whole = uncovered >= 1
    held = np.where(whole, 0.0, uncovered * beneath)
    # Uncovered bit by bit, a part has given nothing at the front and most at its far end.
    partly = virtual_taken(given, held)
    share = np.where(2 * partly > held, 1 - held / np.where(partly > 0, 2 * partly, 1.0), 0.0)
    share = np.where(beneath <= 0, 1.0, share)
    flat = filled_linear(mid_linear(left, tilt), tilt)
    return np.where(whole, 1 - flat.share, uncovered * share)


def virtual_taken(taken: Array, held: Array) -> Array:
    """What a part would have given had it never run out at its far end.

    A part that was uncovered bit by bit has given nothing at the front, and linearly more towards
    its far end. Cut where the rung is empty, that makes taken = P while P < held / 2, then
    held - held^2 / (4 P). This is the P.

    Args:
        taken: Charge that the part has given [C/m^2].
        held: Charge that it held when full [C/m^2].
    """
    left = np.maximum(held - taken, 1e-9 * held)
    return np.where(taken <= 0.5 * held, taken, held * held / np.where(left > 0, 4 * left, 1.0))
