"""Operating points of contact maps, each with its error estimates."""

from __future__ import annotations

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.solvers.cosine.accuracy import LARGEST, Found, to_tolerance
from fem_island.solvers.cosine.level import solve_level
from fem_island.solvers.map_points import (
    UNCHECKED,
    MapSolver,
    drives_point_by_point,
    point_by_point,
)
from fem_island.surface.contact import Contact


class CosineSolver(MapSolver[Found]):
    """Solves contact maps, one operating point after the other.

    Example:
        >>> import numpy as np
        >>> from fem_island.case.cell import Cell
        >>> from fem_island.case.contact_map import ContactMap
        >>> cell = Cell(map=ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
        >>> columns = CosineSolver().solve(Case(cell=cell), np.array([2.5]))
        >>> round(float(columns.numbers["overpotential_mean"][0]), 4)
        0.0453
    """

    name = "condensed"

    def __init__(self, *, largest: int = LARGEST) -> None:
        """Say how far pixels may be refined.

        Args:
            largest: Pixels of the finest level.
        """
        self._largest = largest

    def solve_and_keep(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[Found | None]]:
        """Like ``solve``, and what each result was found in."""

        def solve(each: Case) -> tuple[Columns, Found]:
            found = to_tolerance(each, largest=self._largest)
            return found.columns, found

        return point_by_point(case, current_densities, solve, bare=self)

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside lithium, on the image's own pixels, without a check.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).

        Returns:
            phi_Li - phi [V], shape (k,); NaN where there is no solution, or nothing is exposed.
        """

        def solve(each: Case) -> Columns:
            contact = Contact.of(each)
            return solve_level(each, contact, 1, tolerance=UNCHECKED, coarser=None).columns

        return drives_point_by_point(case, current_densities, solve)
