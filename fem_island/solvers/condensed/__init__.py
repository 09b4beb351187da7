"""Fast series of operating points: the discrete equations condensed to the bottom.

``CondensedSolver`` solves the finite-element problem of ``meshed.problem`` on a mesh of rectangles,
not an approximation of it: everything but the reacting unknowns of the bottom is eliminated,
exactly and once per geometry, and Newton's method runs on what is left for all currents of a series
at once. Start with ``solvers.electrolyte``, which states the mathematics. Then, from the linear to
the nonlinear:

    grid        the mesh: rectangles, graded towards every change of the boundary condition
    separable   S and q of a grid by fast diagonalisation
    reactions   what reacts at the bottom, at all operating points at once
    newton      Newton's method for all of them
    geometry    a condensed grid with what is reported from it
    planning    which grid a tolerance needs, and which one checks it
    series      operating points of a cell on a condensed grid
    attempts    tries at one resolution, and the best that came of them
    solver      a series of currents: plan, solve, estimate the errors, refine

A grid follows the geometry directly (its lines are placed in microseconds), so there is no mesh to
keep and move for a layout, and no geometry that a moved mesh would not fit.
"""

from __future__ import annotations

from fem_island.solvers.condensed.solver import CondensedSolver

__all__ = ["CondensedSolver"]
