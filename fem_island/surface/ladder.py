"""What a place can give, store after store: lithium metal first, then the plateaus of the film.

Every place of the bottom has one ladder of rungs. What reacts is the topmost rung that is not
empty; the metal is a rung at 0 V like the others. A place is a short cell of the bottom, whatever
its shape: nothing here knows lengths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.surface.kinetics import ReactionLaw


@dataclass(frozen=True)
class Rung:
    """One store of every place.

    Attributes:
        laws: Reaction laws with the numbers of the places where they hold.
        equilibrium_potential: U [V].
        capacity: Charge that it holds when full [C/m^2], shape (places,); 0 where there is none.
        takes: Whether it can also take up lithium.
    """

    laws: tuple[tuple[ReactionLaw, npt.NDArray[np.intp]], ...]
    equilibrium_potential: float
    capacity: Array
    takes: bool


@dataclass(frozen=True)
class Ladder:
    """The rungs of all places, the metal first.

    Attributes:
        rungs: From the top down; the first is lithium metal.
        grows_on_film: Whether lithium can grow on a full film.
    """

    rungs: tuple[Rung, ...]
    grows_on_film: bool = False

    @property
    def film(self) -> tuple[Rung, ...]:
        """The rungs below the metal."""
        return self.rungs[1:]

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.rungs[0].capacity)

    def rates(self, drive: Array, at_film: Array | None = None) -> tuple[Array, Array]:
        """Current densities of all rungs, were they on top, and their derivatives.

        Args:
            drive: phi_Li - phi at every place [V], shape (places,).
            at_film: The same for the rungs of the film, where that is another [V], shape
                (film rungs, places).

        Returns:
            Densities [A/m^2] and slopes [S/m^2], shape (rungs, places); 0 where no law holds.
        """
        densities = np.zeros((len(self.rungs), len(drive)))
        slopes = np.zeros_like(densities)
        for number, rung in enumerate(self.rungs):
            felt = drive if number == 0 or at_film is None else at_film[number - 1]
            for law, places in rung.laws:
                everywhere = len(places) == len(drive)
                at = felt if everywhere else felt[places]
                overpotential = at - rung.equilibrium_potential
                where = slice(None) if everywhere else places
                densities[number, where] = law.current_density(overpotential)
                slopes[number, where] = law.slope(overpotential)
        return densities, slopes
