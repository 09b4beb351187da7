"""Operating points of contact maps, each with its error estimates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np

from fem_island.case.case import Case, at_current
from fem_island.errors import ComputationError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.solvers.bare_copper import answer_for_bare_copper
from fem_island.solvers.cosine.accuracy import LARGEST, Found, to_tolerance
from fem_island.solvers.cosine.level import solve_level
from fem_island.solvers.directions import reasons_at_rest
from fem_island.surface.contact import Contact

_UNCHECKED = 1e-8
"""Error of the discrete equations where only a drive is asked for [V]."""


class CosineSolver(AbstractContextManager["CosineSolver"]):
    """Solves contact maps, one operating point after the other.

    Example:
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

    def __exit__(self, *error: object) -> None:
        """Nothing is kept."""

    def pieces(self, count: int, *, islands: int = 1) -> list[slice]:
        """Every operating point is a piece of its own."""
        return [slice(place, place + 1) for place in range(count)]

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Everything that is reported, for every current.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).
        """
        return self.solve_and_keep(case, current_densities)[0]

    def solve_and_keep(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[Found | None]]:
        """Like ``solve``, and what each result was found in."""
        columns = Columns.missing(len(current_densities), layout_of(case))
        kept: list[Found | None] = [None] * len(current_densities)
        for point, each in self._points(case, current_densities, columns):
            try:
                found = to_tolerance(each, largest=self._largest)
            except ComputationError as error:
                columns.reasons[point] = str(error)
                continue
            columns.put(np.array([point]), found.columns)
            kept[point] = found
        answer_for_bare_copper(case, np.asarray(current_densities), columns, self)
        return columns, kept

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside lithium, on the image's own pixels, without a check.

        Args:
            case: What to compute, whatever its current.
            current_densities: I [A/m^2], shape (k,).

        Returns:
            phi_Li - phi [V], shape (k,); NaN where there is no solution, or nothing is exposed.
        """
        found = np.full(len(current_densities), np.nan)
        columns = Columns.missing(len(found), layout_of(case))
        for point, each in self._points(case, current_densities, columns):
            contact = Contact.of(each)
            try:
                level = solve_level(each, contact, 1, tolerance=_UNCHECKED, coarser=None)
            except ComputationError:
                continue
            found[point] = level.columns.numbers["exposed_drive_max"][0]
        return found

    def _points(
        self, case: Case, current_densities: Array, columns: Columns
    ) -> Iterator[tuple[int, Case]]:
        """The points that can be solved; the others get their reasons."""
        at_rest = reasons_at_rest(case, np.asarray(current_densities))
        columns.reasons.update(at_rest)
        for point, current in enumerate(np.asarray(current_densities).tolist()):
            if point not in at_rest:
                yield point, at_current(case, current)
