"""Fast series of operating points: the discrete equations condensed to the bottom.

``CondensedSolver`` solves the finite-element problem of ``meshed.problem`` on a mesh of rectangles,
not an approximation of it: everything but the reacting unknowns of the bottom is eliminated,
exactly and once per geometry, and Newton's method runs on what is left for all currents of a series
at once. Start with ``solvers.electrolyte``, which states the mathematics. Then, from the linear to
the nonlinear:

    grid        the mesh: rectangles, graded towards every change of the boundary condition
    separable   S and q of a grid by fast diagonalisation
    strips      the same of a long grid, cut into strips side by side
    stacks      the same of many grids at once, which differ in lengths
    reactions   what reacts at the bottom, at all operating points at once
    newton      Newton's method for all of them
    geometry    a condensed grid with what is reported from it
    planning    which grid a tolerance needs, and which one checks it
    solved      operating points on a condensed grid, and what they report
    method      grids that are kept, and how they are planned and checked
    solver      currents of one cell, solved to the tolerance
    point       one of them, with the field in the electrolyte

Alternating current about an operating point is in ``small_signal``, ``reduced`` and ``spectra``,
derivatives of what is reported are in ``derivatives``.

A grid follows the geometry directly (its lines are placed in microseconds), so there is no mesh to
keep and move for a layout, and no geometry that a moved mesh would not fit.
"""

from __future__ import annotations

from fem_island.solvers.condensed.solver import CondensedSolver

__all__ = ["CondensedSolver"]
