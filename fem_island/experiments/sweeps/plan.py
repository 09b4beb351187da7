"""The points of a sweep: which there are, and in what order they are computed.

    point   one combination of values; numbered in the order of the axes, the last one fastest
    series  points that differ in the current density only: one set of equations
    group   series that differ in anything but geometry: one mesh
    piece   currents of a series that are computed together

How a series is cut into pieces follows from the plan alone, so what comes out is the same for any
number of ranks and after any interruption.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.assigning import assign
from fem_island.case.axes import CURRENT_DENSITY, Axis
from fem_island.case.case import Case
from fem_island.case.file import case_from_table
from fem_island.experiments.sweeps.experiment import Experiment
from fem_island.experiments.sweeps.solved_points import SOLVED_POINTS
from fem_island.experiments.sweeps.stacks import Stacks
from fem_island.machine.arrays import Array
from fem_island.results.variables import Layout

Integers = npt.NDArray[np.int64]

_MOST_LISTED = 10_000
"""Values of an axis that a plan is described with; a million as a list take more memory than their
results."""


class CutsSeries(Protocol):
    """What a plan needs of a solver: how it cuts a series."""

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """The pieces of a series of ``count`` ascending currents of a cell with so many islands."""


@dataclass(frozen=True)
class Pieces:
    """All pieces of a plan, in the order in which they are computed.

    Attributes:
        order: The points, those of a piece together and ascending in current, shape (points,).
        starts: Where each piece starts in ``order``, and the end of the last; shape (n + 1,).
        groups: The group of each piece, ascending, shape (n,).
    """

    order: Integers
    starts: Integers
    groups: Integers

    def __len__(self) -> int:
        """How many there are."""
        return len(self.groups)

    def points(self, piece: int) -> Integers:
        """The points of a piece, ascending in current."""
        return self.order[self.starts[piece] : self.starts[piece + 1]]


@dataclass(frozen=True)
class Plan:
    """A case and what is varied in it.

    Attributes:
        table: The case as the contents of a case file, in SI units.
        axes: What is varied; its values replace those of the table.
        zipped: Whether the axes are paired (all run together) instead of crossed.
        experiment: What is computed at each point.
    """

    table: dict[str, Any]
    axes: tuple[Axis, ...]
    zipped: bool
    experiment: Experiment = SOLVED_POINTS

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions of the results."""
        lengths = tuple(len(axis.values) for axis in self.axes)
        return lengths[:1] if self.zipped else lengths

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions of the results."""
        return ("point",) if self.zipped else tuple(axis.name for axis in self.axes)

    def __len__(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    def place(self, axis: int, points: npt.ArrayLike) -> Integers:
        """Which of an axis' values points have."""
        places = np.unravel_index(np.asarray(points), self.shape)
        return np.asarray(places[0 if self.zipped else axis], dtype=np.int64)

    def values(self, axis: int, points: npt.ArrayLike) -> Array:
        """The values of an axis at points, SI."""
        return self.axes[axis].values[self.place(axis, points)]

    def current_densities(self, points: Integers) -> Array:
        """I of points [A/m^2]."""
        if self.current_axis is not None:
            return self.values(self.current_axis, points)
        return np.full(len(points), self.case_at(int(points[0])).operation.current_density)

    @property
    def current_axis(self) -> int | None:
        """Number of the axis of current densities; None where they are not varied."""
        paths = [axis.path for axis in self.axes]
        return paths.index(CURRENT_DENSITY) if CURRENT_DENSITY in paths else None

    def case_at(self, point: int) -> Case:
        """The case of a point.

        Raises:
            InputError: It is impossible.
        """
        return self.case_with(point, {})

    def case_with(self, point: int, changes: Mapping[int, float]) -> Case:
        """The case of a point with other values of some axes.

        Args:
            point: Its number.
            changes: Number of an axis -> its value, SI.

        Raises:
            InputError: It is impossible.
        """
        table = deepcopy(self.table)
        for number, axis in enumerate(self.axes):
            value = changes.get(number, float(self.values(number, [point])[0]))
            assign(table, axis.keys, axis.in_case(value))
        return case_from_table(table, unit_required=False)

    def shown(self, point: int) -> str:
        """A point as people would write it."""
        return ", ".join(
            axis.shown(float(self.values(number, [point])[0]))
            for number, axis in enumerate(self.axes)
        )

    @cached_property
    def layout(self) -> Layout:
        """How the results of a point lie in memory; the same at all points, but for curves."""
        return self.experiment.layout(self.case_at(0))

    @property
    def geometries(self) -> int:
        """How many geometries there are."""
        return int(self.labels(lambda axis: axis.key.decides_grid).max()) + 1

    @cached_property
    def stacks(self) -> Stacks:
        """Which points can be solved together although their cells differ."""
        return Stacks(self)

    @cached_property
    def series(self) -> Integers:
        """The series of every point, shape (points,)."""
        return self.labels(lambda axis: axis.path != CURRENT_DENSITY)

    def labels(self, counts: Callable[[Axis], bool]) -> Integers:
        """A number for every point, equal where all axes that count have equal values."""
        points = np.arange(len(self))
        label = np.zeros(len(self), dtype=np.int64)
        for number, axis in enumerate(self.axes):
            if counts(axis):
                _, distinct = np.unique(axis.values, return_inverse=True)
                label = label * (distinct.max() + 1) + distinct[self.place(number, points)]
                _, label = np.unique(label, return_inverse=True)
        return np.asarray(label, dtype=np.int64)

    def pieces(self, solver: CutsSeries) -> Pieces:
        """How the plan is cut for a solver."""
        series, groups = self.series, self.labels(lambda axis: axis.key.decides_grid)
        currents = self.current_densities(np.arange(len(self)))
        islands = len(self.case_at(0).cell.islands)
        order = np.lexsort((currents, series, groups))
        first = np.flatnonzero(np.diff(series[order], prepend=-1))
        lengths = np.diff(first, append=len(self))
        starts = [np.array([len(self)])]
        for length in np.unique(lengths):
            cuts = solver.pieces(int(length), islands=islands)
            offsets = np.array([piece.start for piece in cuts])
            starts.append((first[lengths == length][:, None] + offsets).ravel())
        ends = np.sort(np.concatenate(starts))
        return Pieces(order, ends, groups[order[ends[:-1]]])

    def record(self) -> dict[str, Any]:
        """All that the results depend on beside solver and versions, as plain values."""
        return {
            "of": self.experiment.name,
            "case": self.case_at(0).model_dump(mode="json"),
            "axes": {axis.path: _values_or_digest(axis.values) for axis in self.axes},
            "zip": self.zipped,
        }


def _values_or_digest(values: Array) -> list[float] | str:
    """Values as a list, or how many there are and what tells them from others."""
    if len(values) <= _MOST_LISTED:
        return [float(value) for value in values]
    found = hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()
    return f"{len(values)} values with the SHA-256 {found}"


def digest(record: dict[str, Any]) -> str:
    """A fingerprint of plain values."""
    text = json.dumps(record, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
