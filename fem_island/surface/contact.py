"""What reacts where on a contact map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.case.contact_map import BARE, FILM, LITHIUM, ContactMap
from fem_island.materials.plateaus import Step, step_at
from fem_island.surface.bottom import Bottom, Stretch, Tag, film_law
from fem_island.surface.kinetics import Reaction, ReactionLaw


@dataclass(frozen=True)
class Contact:
    """What touches the electrolyte at one state of a cell.

    Attributes:
        image: The contact map.
        lithium: The reaction on lithium.
        film: The reaction on the film; None where there is none.
        film_potential: U of the film [V].
        has_film: Whether there is a film anywhere.
        film_step: The plateau that the film is on; None where it is empty, or there is none.
        film_charge: Lithium that the film has left [C/m^2]; NaN where that is not known.
        touching: Pixels that the electrolyte touches, shape (rows, columns); None where all are.
    """

    image: ContactMap
    lithium: ReactionLaw
    film: ReactionLaw | None = None
    film_potential: float = 0.0
    has_film: bool = False
    film_step: Step | None = None
    film_charge: float = np.nan
    touching: npt.NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, case: Case) -> Contact:
        """What a case with a map describes.

        Raises:
            ValueError: It has none.
        """
        image, film = case.cell.map, case.cell.interlayer
        if image is None:
            raise ValueError("the case has no contact map")
        lithium = Reaction.of(case.cell.kinetics, case.operation)
        if film is None or not (image.classes == FILM).any():
            return cls(image, lithium)
        steps = film.steps_at(case.operation.temperature)
        step = step_at(steps, film.state_of_charge)
        reacts = film.reaction != "none" and step is not None
        return cls(
            image,
            lithium,
            film=film_law(case, film) if reacts else None,
            film_potential=(steps[-1] if step is None else step).potential,
            has_film=True,
            film_step=step,
            film_charge=film.state_of_charge * sum(each.capacity for each in steps),
        )

    def pixels(self, kind: int, refinement: int) -> npt.NDArray[np.intp]:
        """Numbers of the pixels of one kind, row by row.

        Args:
            kind: ``LITHIUM`` or ``FILM``.
            refinement: Parts that every edge of the image's pixels is cut into.
        """
        return np.flatnonzero(self.covers(kind, refinement).ravel())

    def covers(self, kind: int, refinement: int) -> npt.NDArray[np.bool_]:
        """Which pixels are of one kind, shape (rows, columns) of the refined image."""
        return self._refined(np.equal(self.image.classes, kind), refinement)

    def exposed(self, refinement: int) -> npt.NDArray[np.bool_]:
        """Which pixels the electrolyte touches that are not lithium; see ``covers``."""
        return self._refined(np.not_equal(self.image.classes, LITHIUM), refinement)

    def _refined(self, coarse: npt.NDArray[np.bool_], refinement: int) -> npt.NDArray[np.bool_]:
        if self.touching is not None:
            coarse = coarse & self.touching
        if refinement == 1:
            return coarse
        return np.repeat(np.repeat(coarse, refinement, axis=0), refinement, axis=1)

    def side_by_side(self) -> Bottom:
        """The same shares of a bottom of length 1 side by side: what a uniform state needs."""
        share = float(np.mean(self.covers(LITHIUM, 1)))
        film = 0.0 if self.film is None else float(np.mean(self.covers(FILM, 1)))
        parts = [Stretch(0.0, share, Tag.ISLAND, 0, self.lithium)]
        if film > 0:
            u = self.film_potential
            parts.append(Stretch(share, share + film, Tag.FILM, None, self.film, u))
        if share + film < 1:
            parts.append(Stretch(share + film, 1.0, Tag.EXPOSED))
        return Bottom(tuple(parts))


__all__ = ["BARE", "FILM", "LITHIUM", "Contact"]
