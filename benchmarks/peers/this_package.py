"""The map with this package, by the call that users make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import fem_island as fi
from fem_island.solvers.names import SolverName
from peers.problem import MICROMETRE, Contender, Overpotentials


def solve_map(
    widths: Sequence[float], currents: Sequence[float], *, solver: SolverName
) -> Overpotentials:
    """Solve for all island widths [um] and applied current densities [A/m^2].

    Args:
        widths: Of the island.
        currents: I.
        solver: Name of the solver.
    """
    maps = fi.sweep(
        fi.Cell(),
        island_width=[MICROMETRE * width for width in widths],
        current_density=list(currents),
        solver=solver,
    ).transpose("island_width", "current_density", ...)
    return Overpotentials(
        mean=maps["overpotential_mean"].values.tolist(),
        largest=maps["overpotential_max"].values.tolist(),
        unknowns=maps["degrees_of_freedom"].values.ravel().tolist(),
    )


PACKAGES = ("fem-island", "dolfinx-solver-real", "fenics-dolfinx", "gmsh")
SETTINGS = "fem_island.sweep at its default tolerance of 1 uV"

CONDENSED = Contender(
    title="fem_island, condensed",
    packages=PACKAGES,
    settings=SETTINGS,
    solve_map=partial(solve_map, solver="condensed"),
)
NEWTON = Contender(
    title="fem_island, newton",
    packages=PACKAGES,
    settings=SETTINGS,
    solve_map=partial(solve_map, solver="newton"),
)
