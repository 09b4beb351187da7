"""What happens in a run, each once, the first time: what holds at the start is no event."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.openings import Opening
from fem_island.surface.charge_state import State

CUTOFF = "cutoff_voltage"
CRITICAL = "critical_current_density"
NUCLEATION = "nucleation"
FILLING = "filling"
"""No event: a film becomes full at a new place."""


def event_names(*, islands: int, film_steps: int) -> list[str]:
    """All events that can happen in a run.

    Args:
        islands: Of the case.
        film_steps: Plateaus of a film that reacts.

    Example:
        >>> event_names(islands=1, film_steps=0)[:3]
        ['lithium_empty_somewhere', 'island_0_gone', 'lithium_gone']
    """
    found = ["lithium_empty_somewhere", *(f"island_{number}_gone" for number in range(islands))]
    found.append("lithium_gone")
    for number in range(1, film_steps + 1):
        found += [f"film_step_{number}_{what}" for what in ("starts", "empty_somewhere", "empty")]
    return [*found, NUCLEATION, CRITICAL, CUTOFF]


@dataclass(frozen=True)
class Happening:
    """Something that has happened.

    Attributes:
        event: Its name.
        instant: When, with all that holds then.
    """

    event: str
    instant: Instant


@dataclass
class Happenings:
    """A diary of a run.

    Attributes:
        islands: Cells of every island of the case.
        numbers: Number of every rung of the film among those that held lithium at the start, from
            1; None where it held none.
        listed: What has happened, in order.
        corners: The same of what is no event, or not for the first time, and still bends the
            voltage: a film that fills, the last of a rung.
    """

    islands: dict[int, npt.NDArray[np.bool_]]
    numbers: list[int | None]
    listed: list[Happening] = field(default_factory=list)
    corners: list[Happening] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def known(self, name: str) -> bool:
        """Whether something has happened, or held at the start."""
        return name in self._names

    def add(self, name: str, instant: Instant) -> None:
        """Write down what happens, if it is the first time."""
        if name not in self._names:
            self._names.add(name)
            self.listed.append(Happening(name, instant))

    def begin(self, now: Instant) -> None:
        """Leave out what holds at the start."""
        for name, happens in self._standing(now):
            if happens:
                self._names.add(name)

    def note(self, after: Instant, opening: Opening | None) -> None:
        """Write down what follows from a step.

        Args:
            after: At its end.
            opening: What it has landed on.
        """
        if opening is not None and (opening.full or opening.last):
            what = "full" if opening.full else "empty"
            name = f"rung_{opening.rung}_{what}_{opening.group}"
            # Elsewhere it may go on filling, in other places on another grid.
            filling = opening.full and bool(after.state.filling[opening.rung - 1].any())
            name = name if opening.last and not filling else FILLING
            self.corners.append(Happening(name, after))
        elif opening is not None:
            if opening.rung == 0:
                self.add("lithium_empty_somewhere", after)
            elif (number := self.numbers[opening.rung - 1]) is not None:
                self.add(f"film_step_{number}_empty_somewhere", after)
        for name, happens in self._standing(after):
            if happens:
                self.add(name, after)

    def _standing(self, instant: Instant) -> list[tuple[str, bool]]:
        """What holds at an instant, by name."""
        state = instant.state
        metal = state.metal.share > 0
        found = [
            (f"island_{number}_gone", not metal[cells].any())
            for number, cells in self.islands.items()
        ]
        found.append(("lithium_gone", not metal.any()))
        for rung, number in enumerate(self.numbers, start=1):
            if number is None:
                continue
            potential = state.ladder.rungs[rung].equilibrium_potential
            holds = state.ladder.rungs[rung].capacity > 0
            bare = state.bare[rung]
            gives = instant.highest_drive(rung) >= potential and instant.current_density > 0
            somewhere = bool((holds & (bare >= _SOMEWHERE)).any())
            everywhere = not metal.any() and bool((bare[holds] >= 1).all())
            found += [
                (f"film_step_{number}_starts", gives),
                (f"film_step_{number}_empty_somewhere", somewhere),
                (f"film_step_{number}_empty", everywhere),
            ]
        return found


_SOMEWHERE = 0.5
"""Part of a cell that is empty, from which on it is so even where no opening was landed on."""


def numbers_of(state: State) -> list[int | None]:
    """Numbers of the film's rungs that hold lithium, from 1; None for those that hold none."""
    numbers: list[int | None] = []
    for charge in state.film_charge:
        held = bool((charge > 0).any())
        numbers.append(1 + sum(number is not None for number in numbers) if held else None)
    return numbers
