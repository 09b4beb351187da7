"""The bottom operator of long grids: strips side by side, coupled at the cuts between them.

A grid with n reacting nodes costs n^3 where it is condensed as a whole (``separable``). Cut into
strips that share the lines in y, each is condensed alone, and only the unknowns of the cuts are
common to neighbours, so that these are eliminated from left to right: the same discrete equations,
solved exactly, with work and memory in proportion to the number of strips. Equal strips are
condensed once. From one line in y to the operator:

    height       the lines in y as a ladder of rails along x
    element      one element of the bottom with all rails, without its inner nodes
    elimination  the ends of elements between the cuts of a strip
    strip        one strip: what is left of it between its reacting nodes and its cuts
    row          the strips in their places
    chain        blocks of which only neighbours know one another
    operator     S and q, never formed, and Newton's matrix
    electrolyte  a grid of strips, and its field

With z the unknowns of all cuts, T the sum of the strips' matrices and l that of their loads,
equation (1) of ``solvers.electrolyte`` is

    kappa (T_rr psi_r + T_rz z) + I l_r = b(psi_r) ,   kappa (T_zr psi_r + T_zz z) + I l_z = 0 ,

so that S = T_rr - T_rz inv(T_zz) T_zr and W q = l_r - T_rz inv(T_zz) l_z.

No step subtracts large numbers from one another, also where elements differ in length by 1e7: S is
exact to 1e-14 of its largest entry there, and its rows sum up to zero as well.
"""

from __future__ import annotations

from fem_island.solvers.condensed.strips.electrolyte import StripElectrolyte, condense
from fem_island.solvers.condensed.strips.row import cut_lines

__all__ = ["StripElectrolyte", "condense", "cut_lines"]
