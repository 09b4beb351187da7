"""A film with what is asked of it again and again along the bottom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fem_island.case.film import Interlayer
from fem_island.materials.plateaus import Step, StoredCharge, step_at


@dataclass(frozen=True)
class ChargedFilm:
    """A film with what is asked of it again and again along the bottom.

    Attributes:
        film: The film.
        steps: Its plateaus, with their potentials at the temperature.
        positions: Where its state of charge is known [m], ascending.
        shares: State of charge there.
    """

    film: Interlayer
    steps: tuple[Step, ...]
    positions: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]

    @classmethod
    def of(cls, film: Interlayer, temperature: float) -> ChargedFilm:
        """Work out the plateaus of a film at a temperature [K]."""
        positions, shares = np.array(film.charge_positions), np.array(film.charge_shares)
        return cls(film, film.steps_at(temperature), positions, shares)

    @cached_property
    def changes(self) -> tuple[float, ...]:
        """Where it passes from one plateau to another [m], if it reacts."""
        return self.film.step_changes

    def step_at(self, position: float) -> Step | None:
        """The plateau at a position [m]; None where no lithium is left."""
        return step_at(self.steps, float(np.interp(position, self.positions, self.shares)))

    def stored(self, start: float, end: float, step: Step | None) -> StoredCharge:
        """The lithium between two positions [m], where the film is on one plateau or empty."""
        capacity = sum(each.capacity for each in self.steps)
        first, last = np.searchsorted(self.positions, (start, end), side="right")
        inner = self.positions[first:last]
        places = np.concatenate([[start], inner[(inner > start) & (inner < end)], [end]])
        charges = capacity * np.interp(places, self.positions, self.shares)
        if len(set(charges.tolist())) == 1:
            places, charges = places[:1], charges[:1]
        return StoredCharge(
            positions=tuple(places.tolist()),
            values=tuple(charges.tolist()),
            next_step=0.0 if step is None else step.lower * capacity,
        )
