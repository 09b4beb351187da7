"""What the solvers are called; the modules that have them load DOLFINx."""

from typing import Literal

SolverName = Literal["condensed", "newton"]
"""``condensed`` reduces the equations to the bottom, ``newton`` solves all of them."""
