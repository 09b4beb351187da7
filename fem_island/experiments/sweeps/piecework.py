"""How a plan is cut into pieces for a solver, and how one of them is solved."""

from __future__ import annotations

import numpy as np

from fem_island.experiments.sweeps.plan import Integers, Pieces, Plan
from fem_island.results.columns import Columns
from fem_island.results.result import CONVERGED
from fem_island.solvers.choice import SeriesSolver, StackSolver


def pieces_of(plan: Plan, solver: SeriesSolver) -> Pieces:
    """The pieces of a plan: stacks where a solver takes them, else series."""
    series = plan.pieces(solver)
    if not isinstance(solver, StackSolver):
        return series
    families = plan.stacks.families
    alone = np.flatnonzero(families[series.order[series.starts[:-1]]] < 0)
    stacked = np.flatnonzero(families >= 0)
    if not len(stacked):
        return series
    currents = plan.current_densities(stacked)
    order = stacked[np.lexsort((currents, plan.series[stacked], families[stacked]))]
    largest = solver.largest_stack(islands=plan.layout.lengths["island"])
    first = np.flatnonzero(np.diff(families[order], prepend=-1))
    parts = [
        part
        for family in np.split(order, first[1:])
        for part in np.array_split(family, -(-len(family) // largest))
    ]
    found = [series.points(int(piece)) for piece in alone] + parts
    groups = np.concatenate(
        [series.groups[alone], series.groups.max() + 1 + families[[part[0] for part in parts]]]
    )
    lengths = np.array([len(part) for part in found])
    return Pieces(np.concatenate(found), np.concatenate([[0], np.cumsum(lengths)]), groups)


def solved(plan: Plan, points: Integers, solver: SeriesSolver) -> Columns:
    """The results of a piece.

    Args:
        plan: The sweep.
        points: Those of the piece.
        solver: What solves them.
    """
    if not isinstance(solver, StackSolver) or plan.stacks.families[points[0]] < 0:
        return solver.solve(plan.case_at(int(points[0])), plan.current_densities(points))
    columns = solver.solve_points(plan.stacks.points(points))
    # What a stack is too coarse for is solved on grids of its own.
    left = np.flatnonzero(columns.numbers["status"] != CONVERGED)
    series = plan.series[points[left]]
    for one in np.unique(series):
        part = left[series == one]
        part = part[np.argsort(plan.current_densities(points[part]), kind="stable")]
        rows = points[part]
        columns.put(part, solver.solve(plan.case_at(int(rows[0])), plan.current_densities(rows)))
    return columns
