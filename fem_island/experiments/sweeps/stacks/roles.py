"""What the axes of a plan change: the current, where islands lie, parameters of laws, or other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import CURRENT_DENSITY, Axis
from fem_island.case.case import Case
from fem_island.case.kinetics import Kinetics
from fem_island.experiments.sweeps.stacks.layouts import Layouts, moves
from fem_island.experiments.sweeps.stacks.links import Links, links_of
from fem_island.machine.arrays import Array

Integers = npt.NDArray[np.int64]

_MOST_ISLANDS = 8
"""Of a cell whose points are solved together; beyond, what they share costs little."""


class Points(Protocol):
    """What is needed of a plan."""

    @property
    def axes(self) -> Sequence[Axis]:
        """What is varied."""

    def __len__(self) -> int:
        """Number of points."""

    def place(self, axis: int, points: npt.ArrayLike) -> Integers:
        """Which of an axis' values points have."""

    def values(self, axis: int, points: npt.ArrayLike) -> Array:
        """The values of an axis at points, SI."""

    def labels(self, counts: Callable[[Axis], bool]) -> Integers:
        """A number for every point, equal where all axes that count have equal values."""

    @property
    def series(self) -> Integers:
        """A number for every point, equal where all but the current is."""

    def current_densities(self, points: Integers) -> Array:
        """I of points [A/m^2]."""

    def case_with(self, point: int, changes: Mapping[int, float]) -> Case:
        """The case of a point with other values of some axes, by their numbers."""


class Roles:
    """What every axis of a plan does.

    Attributes:
        plan: The plan.
        case: That of its first point.
        links: Path of an axis -> the numbers that follow it.
        others: Paths of the axes that need a case for each of their values.
    """

    def __init__(self, plan: Points) -> None:
        """Find out by changing one axis at a time; nothing else is done before it is asked for."""
        self.plan = plan
        self.case = plan.case_with(0, {})
        self.links: dict[str, Links] = {}
        self.others: list[str] = []
        for number, axis in enumerate(plan.axes):
            if axis.path == CURRENT_DENSITY or (moves(axis.path) and self.movable):
                continue
            links = self._links_of(number)
            if links is None:
                self.others.append(axis.path)
            else:
                self.links[axis.path] = links

    @cached_property
    def movable(self) -> bool:
        """Whether points of the case can be solved together, wherever its islands lie."""
        cell, film = self.case.cell, self.case.cell.interlayer
        return (
            cell.lithium is None
            and cell.map is None
            and 0 < len(cell.islands) <= _MOST_ISLANDS
            and not self.case.output.probes
            and (film is None or (film.extent is None and film.state_of_charge_profile is None))
        )

    @property
    def checks_itself(self) -> bool:
        """Whether a law of one's own allows some of its parameters only beside others."""
        known = Kinetics.__pydantic_decorators__.model_validators.keys()
        return any(
            not type(law).__pydantic_decorators__.model_validators.keys() <= known
            for law in self.case.cell.laws
        )

    def values(self, path: str, rows: Integers | None = None) -> Array | None:
        """The values of a key at all points, or at some; None where it is not varied."""
        paths = [axis.path for axis in self.plan.axes]
        if path not in paths:
            return None
        rows = np.arange(len(self.plan)) if rows is None else rows
        return self.plan.values(paths.index(path), rows)

    def linked(self, path: str, rows: Integers) -> Array | None:
        """The values of an axis that numbers follow, at some points; None where there is none."""
        return self.values(path, rows) if path in self.links else None

    @cached_property
    def layouts(self) -> Layouts:
        """Where islands lie at all points; of one point where that is nowhere different."""
        return Layouts.of(self.case, self.values)

    @cached_property
    def other_labels(self) -> Integers:
        """A number for each combination of what only cases themselves can tell apart."""
        return self.plan.labels(lambda axis: axis.path in self.others)

    def _links_of(self, number: int) -> Links | None:
        """What an axis sets, found out by a point with another value of it."""
        plan = self.plan
        values = plan.axes[number].values
        different = np.flatnonzero(values != values[plan.place(number, [0])[0]])
        if not self.movable or not len(different):
            return None
        one, other = float(plan.values(number, [0])[0]), float(values[different[0]])
        try:
            changed = plan.case_with(0, {number: other})
        except ValueError:
            return None
        return links_of(plan.axes[number].path, self.case, changed, (one, other))
