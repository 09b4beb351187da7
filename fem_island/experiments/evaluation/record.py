"""The results of arbitrary points as data, pictures and files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fem_island.case.parsing import INPUT
from fem_island.errors import Fault, InputError
from fem_island.experiments.sweeps.dataset import dataset
from fem_island.experiments.sweeps.plan import Plan
from fem_island.experiments.sweeps.report import Work
from fem_island.machine.paths import from_home
from fem_island.machine.research_object import write_crate
from fem_island.machine.whole_files import make_folder, replacing
from fem_island.quantities import with_unit
from fem_island.results.columns import Columns
from fem_island.results.dataset_file import write_dataset
from fem_island.results.reading import result_at
from fem_island.results.result import STATUSES, Result
from fem_island.results.variables import Variable, variables

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS_AT_ONCE = 10_000
_NEAR = 5
"""Names that are told beside one that is not known."""


@dataclass(frozen=True)
class Evaluation:
    """Results of n points, in the order of the table.

    Attributes:
        plan: The points.
        columns: Their results.
        solver: Name of the solver.
        work: What it took.
    """

    plan: Plan
    columns: Columns
    solver: str
    work: Work

    def __repr__(self) -> str:
        """How many points, of which keys, and how they ended."""
        keys = ", ".join(axis.path for axis in self.plan.axes)
        failed, _ = self.columns.counts()
        ended = f"{failed} failed" if failed else "all solved"
        return f"Evaluation({len(self)} points of {keys}: {ended}, solver {self.solver})"

    def __len__(self) -> int:
        """Number of points."""
        return len(self.columns)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A reported number of all points, by its name in the dataset; shape (n, ...).

        Raises:
            KeyError: There is no such number.
        """
        if name not in (self.columns.numbers.dtype.names or ()):
            raise KeyError(name)
        found: npt.NDArray[Any] = self.columns.numbers[name]
        return found

    @property
    def failed(self) -> npt.NDArray[np.bool_]:
        """Which points have no solution, shape (n,)."""
        return self.columns.failed

    @property
    def reasons(self) -> dict[int, str]:
        """Why points failed or did not meet the tolerance, by their numbers."""
        return self.columns.reasons

    def inputs(self) -> dict[str, npt.NDArray[np.float64]]:
        """What was varied: path of the key -> values in SI units, shape (n,)."""
        return {axis.path: axis.values for axis in self.plan.axes}

    def result(self, point: int) -> Result:
        """All that is reported of one point."""
        return result_at(self.columns, point, case=self.plan.case_at(point), solver=self.solver)

    def record(self, point: int, name: str) -> dict[str, Any]:
        """The object of ``--json`` for one point, in SI units.

        Args:
            point: Its number.
            name: Of the case.
        """
        inputs = {axis.path: float(axis.values[point]) for axis in self.plan.axes}
        found = self.result(point).record(name)
        case = self.plan.case_at(point).tables()
        return {"case": found.pop("case"), "point": point, "inputs": inputs, **found, INPUT: case}

    def dataset(self) -> xarray.Dataset:
        """The results along ``point``, with units and long names, as those of a sweep."""
        return dataset(self.plan, self.columns, solver=self.solver)

    def plot(
        self,
        path: Path | str | None = None,
        *,
        number: str = "overpotential_mean",
        ax: Axes | Sequence[Axes] | None = None,
        size: tuple[float, float] | None = None,
    ) -> Figure:
        """Draw a reported number over each of the keys that were varied.

        Args:
            path: Picture file to write (.png, .pdf, .svg), or None.
            number: Name of the number in the dataset.
            ax: Axes of a figure of one's own to draw in, for each key that was varied, or None.
            size: Width and height of the figure in inches.

        Returns:
            The matplotlib figure.

        Raises:
            InputError: There is no such number, or a picture cannot be written there, or cannot
                look like that.
        """
        from fem_island.plots import picture_file
        from fem_island.plots.points import draw_points

        path = picture_file.prepared(path)
        figure = draw_points(self.plan.axes, self._scalar(number), self[number], ax=ax, size=size)
        picture_file.save(figure, path)
        return figure

    def write(self, folder: Path | str, name: str = "points") -> list[Path]:
        """Write ``NAME.csv``, ``NAME.nc`` and ``NAME.png``, and metadata of the folder.

        The table has the columns that were varied and all single numbers, with units in its header,
        so that it can be evaluated again.

        Args:
            folder: Made where it does not exist.
            name: What the names of the files start with.

        Returns:
            The files written.

        Raises:
            OutputError: A file cannot be written.
        """
        folder = from_home(folder)
        make_folder(folder)
        table, data, picture = (folder / f"{name}.{kind}" for kind in ("csv", "nc", "png"))
        self.write_table(table)
        write_dataset(self.dataset(), data)
        self.plot(picture)
        words = {
            table.name: "points and their numbers",
            data.name: "all results",
            picture.name: "a picture of them",
        }
        return [table, data, picture, write_crate(folder, f"Points {name}", words)]

    def write_table(self, path: Path) -> None:
        """Write the table of ``write`` alone.

        Raises:
            OutputError: It cannot be written.
        """
        numbers = self.columns.numbers
        found = [one for one in variables(self.columns.record) if not one.dimensions]
        found = [
            one for one in found if one.name != "status" and not one.is_missing(numbers[one.name])
        ]
        header = [with_unit(axis.path, axis.dimension.unit) for axis in self.plan.axes]
        header += ["status", *(with_unit(one.name, one.quantity.unit) for one in found)]
        with (
            replacing(path) as unfinished,
            unfinished.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for start in range(0, len(self), _ROWS_AT_ONCE):
                part = slice(start, start + _ROWS_AT_ONCE)
                given = [axis.values[part].tolist() for axis in self.plan.axes]
                status = [STATUSES[code] for code in numbers["status"][part].tolist()]
                values = [_texts(numbers[one.name][part].tolist()) for one in found]
                writer.writerows(zip(*given, status, *values, strict=True))

    def _scalar(self, name: str) -> Variable:
        """A single number that is reported, by its name.

        Raises:
            InputError: There is none of this name.
        """
        found = variables(self.columns.record)
        single = {one.name: one for one in found if not one.dimensions}
        if name not in single:
            near = ", ".join(get_close_matches(name, single, _NEAR, 0.0))
            reason = f"is no single number that is reported; such are {near}"
            raise InputError([Fault("number", name, reason)])
        return single[name]


def _texts(values: list[Any]) -> list[Any]:
    """Values for a table, in which nothing stands for what does not exist."""
    return ["" if value != value else value for value in values]
