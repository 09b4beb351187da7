"""Which grid a spectrum needs, and which one checks it.

What drives a spectrum is what it is seen by, so that its error is that of an energy: the square of
the error of the potentials. On the first rung it is about 1e-9 for cells like the paper's, where
the potentials along the bottom are good to 1e-5. Elements at the edges are as small as a share of
the shortest stretch says, which leaves nothing to see of the inverse square root with which the
current crowds at the edge of a contact, nor of the length sigma / y over which it spreads.
"""

from __future__ import annotations

from dataclasses import dataclass

from fem_island.solvers.resolution import Grading, Resolution
from fem_island.surface.bottom import Bottom

_SMALLEST_EDGE_SIZE = 1e-8
"""As a share of the width: where rounding ends what smaller elements gain."""


@dataclass(frozen=True)
class Rung:
    """A resolution before the cell is known.

    Attributes:
        degree: Polynomial degree.
        growth: Of the element sizes per distance.
        edge_share: Smallest element, as a share of the shortest stretch.
    """

    degree: int
    growth: float
    edge_share: float

    def resolution(self, bottom: Bottom, height: float) -> Resolution:
        """The resolution for a bottom under an electrolyte of a height [m]."""
        width = bottom[-1].end
        shortest = min(stretch.length for stretch in bottom)
        edge_size = max(self.edge_share * shortest, _SMALLEST_EDGE_SIZE * width)
        return Resolution(self.degree, Grading(edge_size, self.growth, self.growth / 4 * height))


LADDER = (
    Rung(6, 2.0, 1e-3),
    Rung(7, 2.0, 3e-4),
    Rung(7, 1.5, 1e-4),
    Rung(8, 1.0, 1e-5),
    Rung(8, 0.6, 1e-6),
)
"""From coarse to fine; each is checked by the next."""
