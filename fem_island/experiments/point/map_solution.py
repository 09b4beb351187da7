"""A solved contact map: its numbers, its fields, and the files and pictures made of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy.typing as npt

from fem_island.errors import Fault, InputError
from fem_island.experiments.point.solution import Solution
from fem_island.machine.arrays import Array
from fem_island.quantities import CURRENT_DENSITY, to_si
from fem_island.results.box_field import BoxField
from fem_island.results.map_state import MapState
from fem_island.solvers.cosine.point import SolvedMap
from fem_island.solvers.resolution import Grading, Resolution


@dataclass(frozen=True, repr=False)
class MapSolution(Solution):
    """A solved contact map, with what can be made of it.

    Attributes:
        case: What was computed.
        result: The numbers, those of the connected regions of lithium among them.
        resolution: Degree, and size of the finest pixels or cells at the bottom.
        bottom_state: The solution on these pixels.
        field: The potential in the electrolyte.
        rank: Number of this process among those that solved the case together.
    """

    # Its bottom and its field have one dimension more than those of other cells.
    bottom_state: MapState  # type: ignore[assignment]
    field: BoxField  # type: ignore[assignment]

    @classmethod
    def of_map(cls, solved: SolvedMap, *, rank: int = 0) -> MapSolution:
        """The solution that a solver found, on one of the ranks that did."""
        pixel = solved.state.pixel
        return cls(
            case=solved.case,
            result=solved.result,
            resolution=Resolution(solved.degree, Grading(pixel, 0.0, pixel)),
            bottom_state=solved.state,
            field=solved.field,
            rank=rank,
        )

    def potential(self, points: npt.ArrayLike) -> Array:
        """Potential at points.

        Args:
            points: x, y and z of every point [m], z from the bottom, shape (n, 3).

        Returns:
            phi [V], shape (n,); NaN outside the cell.

        Example:
            >>> import fem_island as fi
            >>> cell = fi.Cell(map=fi.ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
            >>> fi.solve(cell).potential([(10e-6, 10e-6, 15e-6)]).round(4).tolist()
            [-0.0457]
        """
        return self.field.potential(points)

    def current_density(self, points: npt.ArrayLike) -> Array:
        """Current density at points inside, from differences of the potential.

        Args:
            points: x, y and z of every point [m], shape (n, 3).

        Returns:
            i = -kappa grad(phi) [A/m^2] along x, y and z, shape (n, 3); NaN outside the cell.
        """
        return self.field.current_density(points)

    def current_density_map(self) -> Array:
        """Current density at the bottom, upwards, mean over every pixel of the image [A/m^2].

        Returns:
            Shape (rows, columns), as the image has them; 0 where nothing reacts.

        Example:
            >>> import fem_island as fi
            >>> cell = fi.Cell(map=fi.ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
            >>> fi.solve(cell).current_density_map().round(6).tolist()
            [[10.0, 0.0], [0.0, 0.0]]
        """
        return self.bottom_state.density_map()

    def share_above(self, current_density: float | str) -> float:
        """Share of the area of lithium whose current is above a critical one, in either direction.

        Args:
            current_density: The critical magnitude [A/m^2], or a text with its unit.
        """
        return self.bottom_state.share_above(to_si(current_density, CURRENT_DENSITY))

    def profile(self) -> NoReturn:
        """Refuse: a map has two directions; see ``current_density_map``.

        Raises:
            InputError: Always.
        """
        reason = "is for cells with one coordinate along the bottom; see current_density_map()"
        raise InputError([Fault("profile", None, reason)])

    def along(self, start: Any, end: Any, *, count: int = 0) -> NoReturn:
        """Refuse, as ``profile`` does; see ``potential``."""
        reason = "is for cells with one coordinate along the bottom; see potential()"
        raise InputError([Fault("along", None, reason)])

    @property
    def potential_function(self) -> NoReturn:
        """Refuse, as ``along`` does."""
        reason = "is for cells with one coordinate along the bottom; see potential()"
        raise InputError([Fault("potential_function", None, reason)])

    def plot(
        self,
        path: Path | str | None = None,
        *,
        ax: Any = None,
        size: tuple[float, float] | None = None,
        colors: str = "plasma",
        limits: tuple[float | str, float | str] | None = None,
    ) -> Any:
        """Draw the local current on the map, and how it is distributed.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            ax: Axes of matplotlib to draw the map in, without its distribution; None makes a
                figure.
            size: Width and height of the figure in inches; None suits the map.
            colors: Name of matplotlib's colour map.
            limits: Current densities of the first and the last colour [A/m^2]; None takes those of
                the solution.

        Returns:
            The matplotlib figure.
        """
        from fem_island.plots.contact_map import plot_contact_map

        return plot_contact_map(
            self.case,
            self.bottom_state,
            self.result,
            path,
            ax=ax,
            size=size,
            colors=colors,
            limits=limits,
        )

    def plot_profile(self, path: Path | str | None = None, **look: object) -> NoReturn:
        """Refuse, as ``profile`` does."""
        self.profile()

    def plot_box(self, path: Path | str) -> None:
        """Draw the potential on two sides of the box, and the current on the map below (pyvista).

        Args:
            path: Picture file to write (.png), or a page of HTML in which a browser turns the box
                (.html), which needs trame-pyvista.

        Raises:
            RenderingError: Pyvista or trame-pyvista is missing, or cannot draw here.
        """
        from fem_island.plots.box import plot_box

        plot_box(self.field, path)

    def write(self, folder: Path | str, name: str = "solution") -> list[Path]:
        """Write numbers, fields and pictures into a folder.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.
        """
        from fem_island.experiments.point.map_files import write_map
        from fem_island.machine.paths import from_home

        return write_map(self, from_home(folder), name)
