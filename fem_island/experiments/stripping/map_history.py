"""What lay and reacted where on a map in time, thinned out to what can be kept and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.pixels import PixelCells
from fem_island.machine.arrays import Array
from fem_island.quantities import AREAL_CAPACITY

_MOST_PIXELS = 512
"""Along a side of what is kept; larger maps are averaged."""

_MOST_KEPT = 40
"""Instants that are kept, by the share of the charge that is gone."""

OF_BOTTOM = {
    "thickness": ("thickness of the reacting lithium", "m"),
    "film_charge": ("areal charge of the film", AREAL_CAPACITY.cf_unit),
    "current_density": ("local current density at the bottom", "A m-2"),
}
"""Words and units of what a history of a bottom has."""

Single = npt.NDArray[np.float32]


@dataclass(frozen=True)
class MapHistory:
    """What lay and reacted where on a map, at some of the times.

    Attributes:
        times: At which it is kept [s], shape (k,).
        width: Of the map [m].
        depth: Of the map [m].
        thickness: Of the metal that reacts, mean over the pixel [m], shape (k, rows, columns).
        film_charge: Of the film [C/m^2], same shape.
        current_density: Of all that reacts [A/m^2], same shape.
    """

    times: Array
    width: float
    depth: float
    thickness: Single
    film_charge: Single
    current_density: Single

    def labelled(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Variables and coordinates of a dataset, along "kept_time", "y" and "x"."""
        variables = {
            f"bottom_{name}": (
                ("kept_time", "y", "x"),
                getattr(self, name),
                {"long_name": words, "units": unit},
            )
            for name, (words, unit) in OF_BOTTOM.items()
        }
        _, rows, columns = self.thickness.shape
        kept = {"long_name": "time at which the map is kept", "units": "s"}
        place = {"long_name": "middle of the pixel", "units": "m"}
        return variables, {
            "kept_time": ("kept_time", self.times, kept),
            "y": ("y", self.depth * (np.arange(rows) + 0.5) / rows, place),
            "x": ("x", self.width * (np.arange(columns) + 0.5) / columns, place),
        }


@dataclass
class Keeper:
    """Keeps what lay where at some of the instants of a march.

    Attributes:
        cells: The pixels.
        per_metre: Charge of a metre of metal [C/m^3].
    """

    cells: PixelCells
    per_metre: float
    _times: list[float] = field(default_factory=list)
    _frames: list[Single] = field(default_factory=list)
    _gone: float = -1.0
    _latest: Instant | None = None

    def look(self, instant: Instant, gone: float) -> None:
        """Keep an instant, if enough is gone since the one that was kept last.

        Args:
            instant: When.
            gone: Share of the charge that is gone.
        """
        self._latest = instant
        if self._times and abs(gone - self._gone) < 1 / (_MOST_KEPT - 1):
            return
        self._keep(instant)
        self._gone = gone

    def history(self) -> MapHistory:
        """All that was kept, and the last instant."""
        if self._latest is not None and self._times[-1] < self._latest.time:
            self._keep(self._latest)
        grid = self.cells.grid
        rows, columns = (count * grid.pixel for count in grid.shape)
        frames = np.array(self._frames)
        return MapHistory(
            np.array(self._times), columns, rows, frames[:, 0], frames[:, 1], frames[:, 2]
        )

    def _keep(self, instant: Instant) -> None:
        state = instant.state
        self._times.append(instant.time)
        parts = (
            state.metal.content / self.per_metre,
            state.film_charge.sum(axis=0),
            instant.densities.sum(axis=0),
        )
        thinned = [_thinned(self.cells.everywhere(np.asarray(part))) for part in parts]
        self._frames.append(np.array(thinned, dtype=np.float32))


def _thinned(values: Array) -> Array:
    """Means over blocks of pixels, so that no side has too many; the last ones may be smaller."""
    for axis in (0, 1):
        count = values.shape[axis]
        step = -(-count // _MOST_PIXELS)
        if step > 1:
            starts = np.arange(0, count, step)
            lengths = np.diff(np.append(starts, count))
            shape = (-1, 1) if axis == 0 else (1, -1)
            values = np.add.reduceat(values, starts, axis=axis) / lengths.reshape(shape)
    return values
