"""What the solvers are called; the modules that have them load DOLFINx."""

from typing import Literal, get_args

from fem_island.errors import Fault, InputError

SolverName = Literal["condensed", "newton"]
"""``condensed`` reduces the equations to the bottom, ``newton`` solves all of them."""


def check_solver(name: str) -> None:
    """Refuse the name of no solver.

    Raises:
        InputError: There is no such solver.
    """
    known = get_args(SolverName)
    if name not in known:
        raise InputError([Fault("solver", name, f"is not one of {', '.join(known)}")])
