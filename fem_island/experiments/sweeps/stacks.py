"""Points of a plan that are solved together although their cells differ in numbers.

role      what an axis changes: the current, where islands lie, parameters of laws, or anything else
family    points that differ in the first three alone, with the same stretches from left to right
          whose lengths are within a factor of two of one another: one template, one grid
stack     so many points of a family

All of it follows from the plan alone, so that what comes out is the same for any number of ranks
and after any interruption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import CURRENT_DENSITY, TEMPERATURE, Axis
from fem_island.case.case import Case
from fem_island.case.kinetics import Kinetics
from fem_island.experiments.sweeps.layouts import Layouts, moves
from fem_island.experiments.sweeps.links import ACTIVATION_ENERGY, CONDUCTIVITY, Links, links_of
from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Bottom, Stretch, stretches
from fem_island.surface.kinetics import ReactionLaw
from fem_island.surface.points import OperatingPoints
from fem_island.surface.pointwise_law import PointwiseLaw

Integers = npt.NDArray[np.int64]

_MOST_ISLANDS = 8
"""Of a cell whose points are solved together; beyond, what they share costs little."""

_UNEVEN = 1.001
"""Keeps a template from being its own mirror image where its points are not."""


_SPREAD = 2.0
"""Longest over shortest of a stretch in a family: its grid has the lines that the longest needs."""

_MOST_ASKED = 1000
"""Points of doubtful layouts that are asked for their faults; more of them are only counted."""


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


@dataclass(frozen=True)
class _Template:
    """What the points of a family share.

    Attributes:
        case: That of its first point.
        bottom: Its bottom, with lengths that no point of the family exceeds.
        present: Which of the stretches of a layout are there, shape (stretches,).
    """

    case: Case
    bottom: Bottom
    present: npt.NDArray[np.intp]


class Stacks:
    """The families of a plan."""

    def __init__(self, plan: Points) -> None:
        """Find out what each axis does; nothing else is done before it is asked for."""
        self._plan = plan
        self._case = plan.case_with(0, {})
        self._templates: dict[int, _Template] = {}
        self._links: dict[str, Links] = {}
        self._others: list[str] = []
        for number, axis in enumerate(plan.axes):
            if axis.path == CURRENT_DENSITY or (moves(axis.path) and self._movable):
                continue
            links = self._links_of(number)
            if links is None:
                self._others.append(axis.path)
            else:
                self._links[axis.path] = links

    @cached_property
    def _movable(self) -> bool:
        """Whether points of the case can be solved together, wherever its islands lie."""
        cell, film = self._case.cell, self._case.cell.interlayer
        return (
            cell.electrolyte.geometry == "planar"
            and cell.lithium is None
            and cell.map is None
            and 0 < len(cell.islands) <= _MOST_ISLANDS
            and not self._case.output.probes
            and (film is None or (film.extent is None and film.state_of_charge_profile is None))
        )

    def _links_of(self, number: int) -> Links | None:
        """What an axis sets, found out by a point with another value of it."""
        plan = self._plan
        values = plan.axes[number].values
        different = np.flatnonzero(values != values[plan.place(number, [0])[0]])
        if not self._movable or not len(different):
            return None
        one, other = float(plan.values(number, [0])[0]), float(values[different[0]])
        try:
            changed = plan.case_with(0, {number: other})
        except ValueError:
            return None
        return links_of(plan.axes[number].path, self._case, changed, (one, other))

    def values(self, path: str) -> Array | None:
        """The values of a key at all points, shape (points,); None where it is not varied."""
        paths = [axis.path for axis in self._plan.axes]
        if path not in paths:
            return None
        return self._plan.values(paths.index(path), np.arange(len(self._plan)))

    @cached_property
    def layouts(self) -> Layouts:
        """Where islands lie at all points; of one point where that is nowhere different."""
        return Layouts.of(self._case, self.values)

    @cached_property
    def suspects(self) -> Iterable[tuple[int, int]] | None:
        """Points to ask whether they are possible, and for how many each stands.

        Where none of them has a fault all points are possible; None if every series has to be
        asked.
        """
        if not self._movable or any(_checks_itself(law) for law in self._case.cell.laws):
            return None
        others = self._other_labels
        currents = self._plan.current_densities(np.arange(len(self._plan)))
        doubtful = np.broadcast_to(~self.layouts.possible, len(self._plan))
        where = self._plan.labels(lambda axis: moves(axis.path))
        where = np.where(doubtful, where, -1)
        rows = np.column_stack([others, np.sign(currents).astype(np.int64), where])
        _, first, counts = np.unique(rows, axis=0, return_index=True, return_counts=True)
        order = np.argsort(first)
        first, counts = first[order], counts[order]
        asked = (where[first] < 0) | (np.cumsum(where[first] >= 0) <= _MOST_ASKED)
        found = list(zip(first[asked].tolist(), counts[asked].tolist(), strict=True))
        beyond = int(counts[~asked].sum())
        if beyond:
            point, count = found.pop()
            found.append((point, count + beyond))
        return found

    @cached_property
    def _other_labels(self) -> Integers:
        """A number for each combination of what only cases themselves can tell apart."""
        return self._plan.labels(lambda axis: axis.path in self._others)

    @cached_property
    def _families(self) -> tuple[Integers, Integers]:
        """The family of every point, -1 where there is none, and the first point of each."""
        count = len(self._plan)
        if not self._movable:
            return np.full(count, -1), np.zeros(0, dtype=np.int64)
        layouts = self.layouts
        present = layouts.lengths > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            classes = np.where(present, np.ceil(_log(layouts.lengths)), 0.0)
        what = np.concatenate(
            [layouts.order, present, classes, layouts.mirrored[:, None]], axis=1
        ).astype(np.int64)
        signs = np.zeros(count)
        if any(law.for_current(1.0) != law.for_current(-1.0) for law in self._case.cell.laws):
            signs = np.sign(self._plan.current_densities(np.arange(count)))
        rows = np.column_stack(
            [
                self._other_labels,
                signs.astype(np.int64),
                np.broadcast_to(what, (count, what.shape[1])),
            ]
        )
        _, first, family = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        # There must be places where stretches meet.
        meeting = np.broadcast_to(present.sum(axis=1) > 1 + layouts.mirrored, count)
        return np.where(meeting, family.reshape(-1), -1), first

    @cached_property
    def families(self) -> Integers:
        """The family of every point, -1 of those that are solved as series, shape (points,)."""
        family, first = self._families
        if not len(first):
            return family
        pairs = np.unique(np.column_stack([family, self._plan.series]), axis=0)[:, 0]
        # A stack is no faster where all is one series.
        several = np.bincount(pairs[pairs >= 0], minlength=len(first)) > 1
        return np.where((family >= 0) & several[family], family, -1)

    def alike(self, rows: Integers) -> list[Integers]:
        """Points in groups that have a family in common; without those that have none."""
        families = self._families[0][rows]
        return [rows[families == one] for one in np.unique(families[families >= 0])]

    def points(self, rows: Integers) -> OperatingPoints:
        """Points of one family, to be solved together."""
        return self._on(self._template(int(self.families[rows[0]])), rows)

    def with_shifts(
        self, rows: Integers, shifts: Sequence[Integers]
    ) -> list[OperatingPoints] | None:
        """Points of one family, and others that belong to them, all on one template.

        Args:
            rows: The points.
            shifts: Several times as many others.

        Returns:
            The points, and then the others; None where these have other stretches.
        """
        every = np.concatenate([rows, *shifts])
        layouts = self.layouts
        places = every if len(layouts.lengths) > 1 else np.zeros(1, dtype=np.int64)
        lengths = layouts.lengths[places]
        same = ((lengths > 0) == (lengths[0] > 0)).all()
        if not same or (layouts.order[places] != layouts.order[places[0]]).any():
            return None
        longest = lengths.max(axis=0)
        mirrored = bool(layouts.mirrored[places].all())
        found = []
        for part in (rows, *shifts):
            # What is none of the numbers that a stack takes needs a case of its own.
            if len(np.unique(self._other_labels[part])) > 1:
                return None
            found.append(self._on(self._new_template(int(part[0]), longest, mirrored), part))
        return found

    def _on(self, template: _Template, rows: Integers) -> OperatingPoints:
        plan = self._plan
        lengths = np.broadcast_to(self.layouts.lengths, (len(plan), self.layouts.lengths.shape[1]))[
            rows
        ][:, template.present]
        laws: dict[tuple[ReactionLaw, frozenset[str]], PointwiseLaw] = {}
        parts = [
            replace(stretch, law=self._law(stretch, rows, laws)) for stretch in template.bottom
        ]
        ours = np.array([stretch.length for stretch in template.bottom])
        return OperatingPoints.stacked(
            template.case,
            template.bottom.with_parts(parts),
            plan.current_densities(rows),
            stretching=lengths / ours,
            conductivities=self._conductivities(template.case, rows),
        )

    def _at(self, path: str, rows: Integers) -> Array | None:
        values = self.values(path) if path in self._links else None
        return None if values is None else values[rows]

    def _conductivities(self, case: Case, rows: Integers) -> Array:
        names = {"conductivity": CONDUCTIVITY, "activation_energy": ACTIVATION_ENERGY}
        found = {name: self._at(path, rows) for name, path in names.items()}
        changes = {name: values for name, values in found.items() if values is not None}
        temperature = self._at(TEMPERATURE, rows)
        electrolyte = case.cell.electrolyte.model_copy(update=changes)
        kappa = electrolyte.conductivity_at(
            case.operation.temperature if temperature is None else temperature
        )
        return np.broadcast_to(np.asarray(kappa, dtype=np.float64), len(rows))

    def _law(
        self,
        stretch: Stretch,
        rows: Integers,
        known: dict[tuple[ReactionLaw, frozenset[str]], PointwiseLaw],
    ) -> ReactionLaw | None:
        """The law of a stretch with its parameters at the points; the same ones are one object."""
        parameters: dict[str, Array] = {}
        temperature: Array | None = None
        followed = set()
        for path, links in self._links.items():
            for owner, name in links.parameters:
                if owner == stretch.island:
                    parameters[name] = self._plan_values(path, rows)
                    followed.add(path)
            if stretch.island in links.temperatures:
                temperature = self._plan_values(path, rows)
                followed.add(path)
        if stretch.law is None or not followed:
            return stretch.law
        key = (stretch.law, frozenset(followed))
        if key not in known:
            known[key] = PointwiseLaw(stretch.law, parameters, temperature)
        return known[key]

    def _plan_values(self, path: str, rows: Integers) -> Array:
        paths = [axis.path for axis in self._plan.axes]
        return self._plan.values(paths.index(path), rows)

    def _template(self, family: int) -> _Template:
        """What the points of a family share; the latest is kept."""
        known = self._templates.get(family)
        if known is None:
            row = int(self._families[1][family])
            place = row if len(self.layouts.lengths) > 1 else 0
            lengths = self.layouts.lengths[place]
            with np.errstate(divide="ignore"):
                longest = np.where(lengths > 0, _SPREAD ** np.ceil(_log(lengths)), 0.0)
            known = self._new_template(row, longest, bool(self.layouts.mirrored[place]))
            self._templates.clear()
            self._templates[family] = known
        return known

    def _new_template(self, row: int, longest: Array, mirrored: bool) -> _Template:
        """A template.

        Args:
            row: The point whose case it has.
            longest: Lengths of the stretches of a layout [m], 0 where there is none.
            mirrored: Whether all points are their own mirror images.
        """
        case = self._plan.case_with(row, {})
        present = np.flatnonzero(longest > 0)
        lengths = longest[present]
        if mirrored:
            lengths = np.maximum(lengths, lengths[::-1])
        elif np.allclose(lengths, lengths[::-1], rtol=1e-9, atol=0.0):
            lengths[-1] *= _UNEVEN
        ends = np.concatenate([[0.0], np.cumsum(lengths)]).tolist()
        bottom = stretches(case)
        parts = [
            replace(stretch, start=ends[number], end=ends[number + 1])
            for number, stretch in enumerate(bottom)
        ]
        return _Template(case, bottom.with_parts(parts), present)


def _log(lengths: Array) -> Array:
    return np.asarray(np.log(lengths) / np.log(_SPREAD))


def _checks_itself(law: Kinetics) -> bool:
    """Whether a law of one's own allows some of its parameters only beside others."""
    known = Kinetics.__pydantic_decorators__.model_validators
    return not type(law).__pydantic_decorators__.model_validators.keys() <= known.keys()
