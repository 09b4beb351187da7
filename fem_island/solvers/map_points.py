"""Operating points of contact maps one after the other, whatever solves each of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np

from fem_island.case.case import Case, at_current
from fem_island.errors import ComputationError, ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns, layout_of
from fem_island.results.map_result import MapResult
from fem_island.results.reading import result_at
from fem_island.solvers.bare_copper import answer_for_bare_copper
from fem_island.solvers.directions import reasons_at_rest

UNCHECKED = 1e-8
"""Error of the discrete equations where only a drive is asked for [V]."""


class _BareCopper(Protocol):
    """What solves bare copper."""

    def largest_exposed_drive(self, case: Case, current_densities: Array) -> Array:
        """Largest drive beside lithium [V], without a check."""

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Results with estimates."""


class MapSolver[Found](AbstractContextManager["MapSolver[Found]"]):
    """What solvers of contact maps have in common: they solve point after point."""

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

        Raises:
            InputError: The case is none for this solver.
        """
        return self.solve_and_keep(case, current_densities)[0]

    @abstractmethod
    def solve_and_keep(
        self, case: Case, current_densities: Array
    ) -> tuple[Columns, list[Found | None]]:
        """Like ``solve``, and what each result was found in."""


def point_by_point[Found](
    case: Case,
    current_densities: Array,
    solve: Callable[[Case], tuple[Columns, Found]],
    *,
    bare: _BareCopper,
) -> tuple[Columns, list[Found | None]]:
    """Everything that is reported, for every current, and what each result was found in.

    Args:
        case: What to compute, whatever its current.
        current_densities: I [A/m^2], shape (k,).
        solve: Solves one point to its tolerance.
        bare: Answers what films would do, from the cell without its own.
    """
    columns = Columns.missing(len(current_densities), layout_of(case))
    kept: list[Found | None] = [None] * len(current_densities)
    at_rest = reasons_at_rest(case, np.asarray(current_densities))
    columns.reasons.update(at_rest)
    for point, each in _points(case, current_densities, at_rest):
        try:
            found, kept[point] = solve(each)
        except ComputationError as error:
            columns.reasons[point] = str(error)
            continue
        columns.put(np.array([point]), found)
    answer_for_bare_copper(case, np.asarray(current_densities), columns, bare)
    return columns, kept


def drives_point_by_point(
    case: Case, current_densities: Array, solve: Callable[[Case], Columns]
) -> Array:
    """Largest drive beside lithium of every current [V], shape (k,).

    NaN where there is no solution, or nothing is exposed.

    Args:
        case: What to compute, whatever its current.
        current_densities: I [A/m^2], shape (k,).
        solve: Solves one point, without a check.
    """
    found = np.full(len(current_densities), np.nan)
    at_rest = reasons_at_rest(case, np.asarray(current_densities))
    for point, each in _points(case, current_densities, at_rest):
        try:
            found[point] = solve(each).numbers["exposed_drive_max"][0]
        except ComputationError:
            continue
    return found


def one_result[Found](
    case: Case, columns: Columns, kept: list[Found | None], *, solver: str
) -> tuple[MapResult, Found]:
    """The result of the only point, and what it was found in.

    Raises:
        ConvergenceError: There is none, with the reason.
    """
    result, found = result_at(columns, 0, case=case, solver=solver), kept[0]
    if result.status == "failed" or found is None or not isinstance(result, MapResult):
        raise ConvergenceError(result.reason)
    return result, found


def _points(
    case: Case, current_densities: Array, at_rest: dict[int, str]
) -> Iterator[tuple[int, Case]]:
    """The points that can be solved, with their cases."""
    for point, current in enumerate(np.asarray(current_densities).tolist()):
        if point not in at_rest:
            yield point, at_current(case, current)
