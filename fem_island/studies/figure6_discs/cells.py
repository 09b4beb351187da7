"""The cells that are compared: the paper's stripe, and two discs that one may take for it.

A stripe of width w in a cell of width W covers w / W of the bottom. A disc of diameter w in a
cylinder of diameter W covers the square of that only. At equal coverage its diameter is
sqrt(w W).

    stripes    width w in W
    width      a disc of diameter w in a cylinder of diameter W
    coverage   a disc of diameter sqrt(w W) in the same cylinder
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.machine.arrays import Array
from fem_island.studies import onset
from fem_island.studies.figure6 import paper

WIDTH = paper.CASE.cell.electrolyte.width
"""W of the stripes' cell, and diameter of the discs' [m]."""

CYLINDER = Case(cell=Cell(electrolyte=Electrolyte(geometry="axisymmetric", radius=WIDTH / 2)))
"""The paper's cell as a cylinder."""


@dataclass(frozen=True)
class Shape:
    """Islands of one shape, as wide as a stripe in some sense.

    Attributes:
        name: Of the shape in files.
        words: What they are, for people.
        key: Of the case, which is varied.
        case: The cell.
        value: Of the key for a stripe's width [m].
        size: Width or diameter of an island with a value of the key [m].
        size_at: The same at a coverage [m].
    """

    name: str
    words: str
    key: str
    case: Case
    value: Callable[[Array], Array]
    size: Callable[[Array], Array]
    size_at: Callable[[float], float]

    def with_width(self, width: float) -> Case:
        """The cell of an island that stands for a stripe of a width [m]."""
        return self.case.with_({self.key: float(self.value(np.array(width)))})

    def closed_form_size(self, potential: float) -> float:
        """Width or diameter at onset [m] where the electrolyte's resistance does not matter.

        Args:
            potential: U of the film [V].
        """
        return self.size_at(onset.closed_form_width(paper.CASE, potential) / WIDTH)


_RADIUS = "islands.outer_radius"

SHAPES = (
    Shape(
        "stripes",
        "stripes",
        "islands.width",
        paper.CASE,
        lambda width: width,
        lambda width: width,
        lambda coverage: WIDTH * coverage,
    ),
    Shape(
        "width",
        "discs of the same width",
        _RADIUS,
        CYLINDER,
        lambda width: width / 2,
        lambda radius: 2 * radius,
        lambda coverage: WIDTH * sqrt(coverage),
    ),
    Shape(
        "coverage",
        "discs of the same coverage",
        _RADIUS,
        CYLINDER,
        lambda width: np.sqrt(width * WIDTH) / 2,
        lambda radius: 2 * radius,
        lambda coverage: WIDTH * sqrt(coverage),
    ),
)
"""Those that are compared, the paper's first."""
