"""Fast series of operating points: the discrete equations condensed to the bottom.

Start with ``operator``, which states the mathematics. Then, from the linear to the nonlinear part:

    grid        the mesh: rectangles, graded towards every change of the boundary condition
    separable   S and q of a grid by fast diagonalisation
    assembled   S and q of any mesh from the matrix that DOLFINx assembles
    reactions   what reacts at the bottom, at all operating points at once
    newton      Newton's method for all of them
    geometry    a condensed grid with what is reported from it
    planning    which grid a tolerance needs
    solver      a series of currents: plan, solve, estimate the error, refine
"""

from __future__ import annotations

from fem_island.condensed.solver import CondensedSolver

__all__ = ["CondensedSolver"]
