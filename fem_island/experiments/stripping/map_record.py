"""A stripping run of a map as data: the curve of any run, and what lay where in pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fem_island.experiments.stripping.map_history import MapHistory
from fem_island.experiments.stripping.record import StrippingRun


@dataclass(frozen=True, repr=False)
class MapRun(StrippingRun):
    """A stripping run of a map; see ``StrippingRun``.

    Attributes:
        bottom: What lay and reacted where, at some of the times.
    """

    # Its bottom has one dimension more than that of other cells.
    bottom: MapHistory  # type: ignore[assignment]

    def draw(self, folder: Path, name: str) -> list[Path]:
        """Draw the curve and the map at some times, and an animation of it.

        Args:
            folder: Where.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.experiments.stripping.files import draw_map_run

        return draw_map_run(self, folder, name)
