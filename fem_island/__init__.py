"""Potential, current and film response around lithium islands in anode-free solid-state cells.

Example:
    >>> import fem_island as fi
    >>> cell = fi.Cell(islands=[fi.Island(width="5 um")], interlayer=fi.interlayer("Ag"))
    >>> solution = fi.solve(cell, current_density="0.25 mA/cm^2")
    >>> round(solution.result.overpotential_mean, 4)
    0.0846
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fem_island.case_file import read_case
from fem_island.cell import (
    Accuracy,
    Case,
    Cell,
    Electrolyte,
    Interlayer,
    Island,
    IslandKinetics,
    Kinetics,
    Operation,
    Output,
    interlayer,
)
from fem_island.errors import ConvergenceError, FemIslandError, InputError

if TYPE_CHECKING:
    from fem_island.result import Result
    from fem_island.solution import Solution, solve

__version__ = version("fem-island")

__all__ = [
    "Accuracy",
    "Case",
    "Cell",
    "ConvergenceError",
    "Electrolyte",
    "FemIslandError",
    "InputError",
    "Interlayer",
    "Island",
    "IslandKinetics",
    "Kinetics",
    "Operation",
    "Output",
    "Result",
    "Solution",
    "interlayer",
    "read_case",
    "solve",
]

# DOLFINx takes half a second to load, so it waits until something is solved.
_LOADED_WHEN_USED = {
    "Result": "fem_island.result",
    "Solution": "fem_island.solution",
    "solve": "fem_island.solution",
}


def __getattr__(name: str) -> Any:
    """Import what needs DOLFINx when it is first asked for."""
    if name in _LOADED_WHEN_USED:
        return getattr(import_module(_LOADED_WHEN_USED[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
