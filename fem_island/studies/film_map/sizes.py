"""What the sizes that the study varies are: widths of stripes and their cell, or diameters.

A disc is as wide as its diameter, and the cylinder is a cell of twice its radius. The Wagner number
is that of the length along the bottom: the width, or the radius.
"""

from __future__ import annotations

from dataclasses import dataclass

from fem_island.case.case import Case


@dataclass(frozen=True)
class Sizes:
    """Sizes of one geometry.

    Attributes:
        island_key: The key of a case that says how large the island is.
        cell_key: The same of the cell.
        per_size: What these keys have over the size: 1 for a width, 1/2 for a diameter.
        dimensions: The share of the bottom that an island covers is its size over that of the cell
            to this power.
        island: Name of the island's size in datasets.
        cell: That of the cell's.
        island_words: The island's, for people.
        cell_words: The cell's.
        one: What an island is.
        several: What islands are.
        length: That of the Wagner number.
    """

    island_key: str
    cell_key: str
    per_size: float
    dimensions: int
    island: str
    cell: str
    island_words: str
    cell_words: str
    one: str
    several: str
    length: str

    def of_cell(self, case: Case) -> float:
        """Size of a case's cell [m]."""
        return case.cell.electrolyte.span / self.per_size

    def of_island(self, case: Case) -> float:
        """Size of a case's first island [m]."""
        start, end = case.cell.island_ends(case.cell.islands[0])
        return (end - start) / self.per_size

    def at_coverage(self, case: Case, coverage: float) -> float:
        """Size of an island that covers a share of the bottom [m].

        Example:
            >>> round(1e6 * STRIPES.at_coverage(Case(), 0.04), 6)
            2.0
        """
        return self.of_cell(case) * float(coverage ** (1 / self.dimensions))


STRIPES = Sizes(
    island_key="islands.width",
    cell_key="electrolyte.width",
    per_size=1.0,
    dimensions=1,
    island="island_width",
    cell="cell_width",
    island_words="island size",
    cell_words="cell width",
    one="island",
    several="islands",
    length="W",
)

DISCS = Sizes(
    island_key="islands.outer_radius",
    cell_key="electrolyte.radius",
    per_size=0.5,
    dimensions=2,
    island="island_diameter",
    cell="cell_diameter",
    island_words="disc diameter",
    cell_words="cell diameter",
    one="disc",
    several="discs",
    length="radius",
)


def sizes_of(case: Case) -> Sizes:
    """The sizes of a case's geometry, which is planar or axisymmetric."""
    return STRIPES if case.cell.electrolyte.geometry == "planar" else DISCS
