"""What the solvers are called, and which of them can run here, before DOLFINx is loaded."""

from importlib.util import find_spec
from typing import Literal, get_args

from fem_island.errors import Fault, InputError

SolverName = Literal["condensed", "newton"]
"""``condensed`` reduces the equations to the bottom, ``newton`` solves all of them."""

NEWTON_NEEDS = (
    "needs DOLFINx, which is not installed: pip install 'fem-island[fem]' on Linux x86-64, "
    "environment.yml of the source with conda elsewhere"
)


def has_dolfinx() -> bool:
    """Whether DOLFINx is installed, which ``newton`` needs."""
    return find_spec("dolfinx") is not None


def default_solver(*, of_map: bool = False) -> SolverName:
    """Which solver a single point gets where none is named.

    Args:
        of_map: Whether it is one of a contact map.
    """
    return "newton" if has_dolfinx() and not of_map else "condensed"


def check_solver(name: str, *, key: str = "solver") -> None:
    """Refuse the name of no solver, and ``newton`` where DOLFINx is not installed.

    Args:
        name: Of the solver.
        key: Where it was given.

    Raises:
        InputError: There is no such solver, or it cannot run here.
    """
    known = get_args(SolverName)
    if name not in known:
        raise InputError([Fault(key, name, f"is not one of {', '.join(known)}")])
    if name == "newton" and not has_dolfinx():
        raise InputError([Fault(key, name, NEWTON_NEEDS)])
