"""A solved case: its numbers, its fields, and the files and pictures made of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fem_island.case.writing import exact_text
from fem_island.machine.paths import from_home
from fem_island.quantities import CURRENT_DENSITY
from fem_island.results.showing import html_table, prompt_line
from fem_island.solvers.solved import SolvedPoint

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import xarray
    from dolfinx import fem


class Solution(SolvedPoint):
    """A solved case, with what can be made of it; the attributes are those of ``SolvedPoint``."""

    @classmethod
    def of(cls, solved: SolvedPoint) -> Solution:
        """The solution that a solver found."""
        return cls(**vars(solved))

    def __repr__(self) -> str:
        """The cell, how it is run, and the main number."""
        current, temperature = self.case.operation.current_density, self.case.operation.temperature
        run = f"{exact_text(current, CURRENT_DENSITY)}, {temperature:g} K"
        return f"Solution({self.case.cell}, {run}: {prompt_line(self.result)})"

    def _repr_html_(self) -> str:
        """Two tables for notebooks: the numbers, and the case."""
        return html_table(self.result) + self.case._repr_html_()

    def profile(self) -> xarray.Dataset:
        """Driving potential and current density along the bottom, on rising positions [m].

        Both sides of an edge are there. Places are selected and interpolated between as in any
        dataset: ``.sel(position=24e-6, method="nearest")``, ``.interp(position=[20e-6, 21e-6])``.

        Example:
            >>> import fem_island as fi
            >>> cell = fi.Cell(interlayer=fi.interlayer("Ag", reaction="release"))
            >>> profile = fi.solve(cell).profile()
            >>> film = profile.current_density[profile.on == "film"]
            >>> round(float(film.max()), 3)
            1.308
        """
        from fem_island.results.profile import profile

        return self._described(profile(self.bottom_state))

    def along(
        self, start: npt.ArrayLike | Any, end: npt.ArrayLike | Any, *, count: int = 201
    ) -> xarray.Dataset:
        """Potential and current density along a straight line.

        Args:
            start: x and y [m], or texts with units.
            end: The same.
            count: Number of evenly spaced places.

        Returns:
            Along "distance" [m], with "x" and "y": "potential" [V], "current_density_x" and
            "current_density_y" [A/m^2].

        Raises:
            InputError: An end is outside of the cell.

        Example:
            >>> import fem_island as fi
            >>> line = fi.solve(fi.Cell()).along(("25 um", "0 um"), ("25 um", "15 um"))
            >>> line.potential.isel(distance=[0, -1]).values.round(4).tolist()
            [-0.0846, -0.0852]
        """
        from fem_island.results.line import along

        return self._described(along(self.field, self.case.conductivity, start, end, count=count))

    def _described(self, data: xarray.Dataset) -> xarray.Dataset:
        """Data with the case that they are of."""
        return data.assign_attrs(case=self.case.to_json(), solver=self.result.solver)

    @property
    def potential_function(self) -> fem.Function[np.float64]:
        """Phi [V] as a function of DOLFINx, on a new mesh of this process alone (in um).

        It is made anew every time; what a solution keeps is ``field``.
        """
        from fem_island.solvers.meshed.functions import function_of

        return function_of(self.field)

    def plot(
        self,
        path: Path | str | None = None,
        *,
        ax: Any = None,
        size: tuple[float, float] | None = None,
        colors: str = "viridis",
        limits: tuple[float | str, float | str] | None = None,
    ) -> Any:
        """Draw the potential with the current's paths.

        Of several ranks that solved a case together only the first draws, here and below.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Axes of matplotlib to draw in; None makes a figure.
            size: Width and height of the figure in inches; None suits the cell.
            colors: Name of matplotlib's colour map.
            limits: Potentials of the first and the last colour [V]; None takes those of the
                solution.

        Returns:
            The matplotlib figure; None on other ranks.
        """
        from fem_island.plots.field import plot_field

        return plot_field(self, path, ax=ax, size=size, colors=colors, limits=limits)

    def plot_turned(self, path: Path | str | None = None) -> Any:
        """Draw the potential in a cylinder turned about its axis, with a quarter cut away.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.

        Returns:
            The matplotlib figure; None on other ranks.

        Raises:
            InputError: The cell is not axisymmetric.
            RenderingError: Pyvista is missing, or cannot draw here.
        """
        from fem_island.plots.turned import plot_turned

        return plot_turned(self, path)

    def plot_profile(
        self,
        path: Path | str | None = None,
        *,
        ax: Any = None,
        size: tuple[float, float] | None = None,
        colors: Mapping[str, str] | None = None,
        limits: tuple[float | str, float | str] | None = None,
        extent: tuple[float | str, float | str] | None = None,
    ) -> Any:
        """Draw overpotential and local current density along the bottom.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Two axes of matplotlib to draw in, the upper one first; None makes a figure.
            size: Width and height of the figure in inches.
            colors: Colours of "island", "film" and "collector", where they are not the usual ones.
            limits: Smallest and largest driving potential [V]; None takes those of the solution.
            extent: First and last position along the bottom [m]; None takes all of it.

        Returns:
            The matplotlib figure; None on other ranks.
        """
        from fem_island.plots.profile import plot_profile

        return plot_profile(
            self, path, ax=ax, size=size, colors=colors, limits=limits, extent=extent
        )

    def write(self, folder: Path | str, name: str = "solution") -> list[Path]:
        """Write numbers, field and pictures into a folder.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written; none on other ranks.
        """
        from fem_island.experiments.point.files import write_solution

        return write_solution(self, from_home(folder), name)
