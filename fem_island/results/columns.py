"""Results of many operating points of one cell as arrays: what sweeps compute, store and label.

Arrays have the operating points along their first axis and then, where a variable has one, its own
dimension.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.materials import library as materials
from fem_island.results.map_result import MapResult
from fem_island.results.result import FAILED, REASON, TOLERANCE_NOT_MET, Result
from fem_island.results.variables import Layout, variables

_LARGEST_TEXT = 20_000_000
"""Letters of an array of texts above which it is one of objects."""


@lru_cache(maxsize=64)
def layout(*, islands: int, probes: int) -> Layout:
    """How the results of a cell with so many islands and probes lie in memory."""
    lengths = {"island": islands, "probe": probes, "material": len(materials.films())}
    return Layout(Result, lengths)


@lru_cache(maxsize=64)
def map_layout(*, regions: int, probes: int) -> Layout:
    """How the results of a contact map with so many regions and probes lie in memory."""
    materials_known = len(materials.films())
    lengths = {"island": regions, "probe": probes, "material": materials_known, "axis": 2}
    return Layout(MapResult, lengths)


def layout_of(case: Case) -> Layout:
    """How the results of a case lie in memory."""
    if case.cell.map is not None:
        regions = case.cell.map.regions.listed
        return map_layout(regions=regions, probes=len(case.output.probes))
    return layout(islands=len(case.cell.islands), probes=len(case.output.probes))


def type_for(types: Sequence[np.dtype[np.void]]) -> np.dtype[np.void]:
    """The type of a row that has room for rows of several types, which differ in lengths only."""
    first = types[0]
    if all(other == first for other in types):
        return first
    return np.dtype(
        [
            (name, first[name].base, tuple(map(max, *(other[name].shape for other in types))))
            for name in first.names or ()
        ]
    )


@dataclass(frozen=True)
class Columns:
    """Results of n operating points.

    Attributes:
        numbers: One row per point, of the type that a ``Layout`` gives, shape (n,).
            ``numbers["status"]`` is the array of one variable.
        reasons: For the points whose status is not "converged": number of the point -> why.
        record: The class of results that says what the rows hold.

    Example:
        >>> columns = Columns.missing(3, layout(islands=1, probes=0))
        >>> columns.numbers["overpotential_mean"]
        array([nan, nan, nan])
    """

    numbers: npt.NDArray[np.void]
    reasons: dict[int, str]
    record: type = Result

    @classmethod
    def missing(cls, count: int, rows: Layout) -> Columns:
        """Room for ``count`` points: failed and without numbers until some are put there."""
        return cls(np.repeat(rows.missing, count), {}, rows.record)

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The points of several parts, one after the other, in rows that have room for all."""
        rows = type_for([part.numbers.dtype for part in parts])
        parts = [part.widened(rows) for part in parts]
        reasons: dict[int, str] = {}
        before = 0
        for part in parts:
            reasons |= {before + number: reason for number, reason in part.reasons.items()}
            before += len(part)
        return cls(np.concatenate([part.numbers for part in parts]), reasons, parts[0].record)

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.numbers)

    @property
    def failed(self) -> npt.NDArray[np.bool_]:
        """Which points have no solution, shape (n,)."""
        found: npt.NDArray[np.bool_] = self.numbers["status"] == FAILED
        return found

    def counts(self) -> tuple[int, int]:
        """How many points failed, and how many did not meet the tolerance."""
        unmet = self.numbers["status"] == TOLERANCE_NOT_MET
        return int(self.failed.sum()), int(unmet.sum())

    def taken(self, points: npt.NDArray[np.intp]) -> Columns:
        """Results of some points, by their numbers; changes to them do not show in the whole."""
        reasons = {
            number: self.reasons[point]
            for number, point in enumerate(points.tolist() if self.reasons else ())
            if point in self.reasons
        }
        return Columns(self.numbers[points], reasons, self.record)

    def widened(self, rows: np.dtype[np.void]) -> Columns:
        """The same in rows with at least as much room; what is new in them is missing."""
        if rows == self.numbers.dtype:
            return self
        numbers = np.empty(len(self), dtype=rows)
        for variable in variables(self.record):
            own = self.numbers[variable.name]
            numbers[variable.name] = variable.missing
            numbers[variable.name][tuple(map(slice, own.shape))] = own
        return Columns(numbers, self.reasons, self.record)

    def put(self, points: npt.NDArray[np.intp], part: Columns) -> None:
        """Replace the results of some points, by their numbers, in the order of the part."""
        self.numbers[points] = part.numbers
        for point in points.tolist() if self.reasons else ():
            self.reasons.pop(point, None)
        for number, reason in part.reasons.items():
            self.reasons[int(points[number])] = reason

    def labelled(self, dimensions: tuple[str, ...], shape: tuple[int, ...]) -> dict[str, Any]:
        """The variables of a dataset, with units and long names.

        Args:
            dimensions: Of the points.
            shape: Lengths of the dimensions; their product is n.
        """
        data: dict[str, Any] = {}
        for variable in variables(self.record):
            values = self.numbers[variable.name]
            if values.size or not variable.dimensions:
                values = values.reshape(shape + values.shape[1:])
                along = (*dimensions, *variable.dimensions)
                data[variable.name] = (along, values, variable.attributes)
        about = {"long_name": REASON}
        data["reason"] = (dimensions, self._reasons().reshape(shape), about)
        return data

    def _reasons(self) -> npt.NDArray[np.str_] | npt.NDArray[np.object_]:
        """Why each point did not converge, "" where it did."""
        longest = max((len(reason) for reason in self.reasons.values()), default=1)
        # An array of texts has room for the longest at every point.
        short = longest * len(self) < _LARGEST_TEXT
        reasons = np.full(len(self), "", dtype=f"U{longest}" if short else object)
        for point, reason in self.reasons.items():
            reasons[point] = reason
        return reasons
