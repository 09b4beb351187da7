"""A solved case: its numbers, its fields, and the files and pictures made of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import numpy.typing as npt
from dolfinx import fem

from fem_island.cell import Case
from fem_island.meshing import Domain
from fem_island.observables import BottomState
from fem_island.result import Result
from fem_island.sampling import values_at
from fem_island.trace import Array

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Solution:
    """A solved case.

    Attributes:
        case: What was computed.
        result: The numbers.
        domain: The mesh that it was computed on.
        degree: Polynomial degree of the potential.
        bottom_state: The solution on the bottom.
        potential_function: phi [V] on the mesh (coordinates in um).
    """

    case: Case
    result: Result
    domain: Domain
    degree: int
    bottom_state: BottomState
    potential_function: fem.Function[np.float64]

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points. Collective.

        Args:
            points: x and y of every point [m], shape (n, 2).

        Returns:
            phi [V], shape (n,); NaN outside the cell.
        """
        return values_at(self.potential_function, points)

    def profile(self) -> xarray.Dataset:
        """Driving potential and current density along the bottom; see ``bottom_profile.profile``.

        Example:
            >>> import fem_island as fi
            >>> cell = fi.Cell(interlayer=fi.interlayer("Ag", reaction="release"))
            >>> profile = fi.solve(cell).profile()
            >>> film = profile.current_density[profile.on == "film"]
            >>> round(float(film.max()), 3)
            1.308
        """
        from fem_island.bottom_profile import profile

        return profile(self.bottom_state)

    def plot(self, path: Path | str | None = None) -> Any:
        """Draw the potential with the current's paths. Collective.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.

        Returns:
            The matplotlib figure on rank 0, else None.
        """
        from fem_island.plots.field import plot_field

        return plot_field(self, path)

    def plot_profile(self, path: Path | str | None = None) -> Any:
        """Draw overpotential and local current density along the bottom. Collective.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.

        Returns:
            The matplotlib figure on rank 0, else None.
        """
        from fem_island.plots.profile import plot_profile

        return plot_profile(self, path)

    def write(self, folder: Path | str, name: str = "solution") -> list[Path]:
        """Write field, pictures and numbers into a folder. Collective.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.files import write_solution

        return write_solution(self, Path(folder), name)
