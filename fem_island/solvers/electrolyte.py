"""The electrolyte as its bottom feels it: the interface between the linear and the nonlinear part.

The electrolyte is linear; only the reactions at the bottom are not. With the nodal values psi_r [V]
of the potential on the reacting part of the bottom (n of them), those psi_i of all other nodes, and
the discrete Laplacian A (no unit in two dimensions) of any mesh, the discrete equations are

    kappa | A_rr  A_ri | | psi_r |       | t_r |   | b(psi_r) |          b_k = int law(eta) v_k ds
          | A_ir  A_ii | | psi_i |  + I  | t_i | = |    0     |          t_k = int_top v_k ds

Eliminating psi_i, which is what static condensation means, leaves n equations that know the rest of
the cell through a matrix S and a vector q only:

    kappa S psi_r + I W q = b(psi_r)                                                          (1)

    S = A_rr - A_ri inv(A_ii) A_ir        potential-to-traction map of the bottom; symmetric,
                                          positive semidefinite, S 1 = 0 (a constant has no current)
    q = (t_r - A_ri inv(A_ii) t_i) / W    share of every node in the current from the top if the
                                          reacting bottom were at one potential; its sum is 1

The sum of (1) is the balance of charge, I W = sum of b, to rounding. Once psi_r is known, the field
anywhere else is again linear in psi_r and in I:

    psi(x, y) = P psi_r + (I / kappa) d .                                                     (2)

``BottomOperator`` holds S and q, and a ``Recovery`` holds P and d for some places. That is all that
``newton`` sees. There are two ways to make them from a mesh:

    ``separable``   meshes of rectangles on a grid x times y, by fast diagonalisation: what
                    ``CondensedSolver`` uses; a geometry costs about a millisecond
    ``assembled``   any mesh: the matrix that DOLFINx assembles, with a sparse factorisation

Both eliminate the same equations exactly, so on one mesh they agree to rounding, and a solution of
(1) is the one that ``potential.NewtonProblem`` finds there. Other problems have the same linear
part: impedance replaces kappa by kappa + j omega epsilon, stripping changes b with time.

    kappa  conductivity [S/m]              psi  potential, or its deviation from a constant [V]
    I, W   applied current density [A/m^2] and width of the bottom [m]
    eta    local overpotential [V]         law  reaction: current density [A/m^2] of eta
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array


@dataclass(frozen=True)
class BottomOperator:
    """The condensed electrolyte: S and q of equation (1).

    Attributes:
        stiffness: S [1], shape (n, n).
        top_share: q [1], shape (n,).
        width: W [m].
    """

    stiffness: Array
    top_share: Array
    width: float

    @property
    def size(self) -> int:
        """Number of reacting unknowns n."""
        return len(self.top_share)

    def traction(self, potential: Array, current_densities: Array, conductivity: float) -> Array:
        """Left side of (1): the current that the electrolyte takes up at every node [A/m].

        Args:
            potential: psi_r [V], shape (k, n).
            current_densities: I [A/m^2], shape (k,).
            conductivity: kappa [S/m].
        """
        from_top = self.width * current_densities[:, None] * self.top_share
        return conductivity * (potential @ self.stiffness) + from_top


@dataclass(frozen=True)
class Recovery:
    """The field at m places from what is known at the bottom: P and d of equation (2).

    Attributes:
        from_bottom: P [1], shape (m, n); every row sums up to 1.
        from_top: d [m], shape (m,).
    """

    from_bottom: Array
    from_top: Array

    def field(self, potential: Array, current_densities: Array, conductivity: float) -> Array:
        """Psi at the places [V], shape (k, m); arguments as of ``BottomOperator.traction``."""
        ohmic = (current_densities / conductivity)[:, None] * self.from_top
        return np.asarray(potential @ self.from_bottom.T + ohmic)
