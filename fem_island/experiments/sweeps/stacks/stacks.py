"""The families of one plan, and their points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from fem_island.experiments.sweeps.stacks.families import Families
from fem_island.experiments.sweeps.stacks.roles import Integers, Points, Roles
from fem_island.experiments.sweeps.stacks.suspects import suspects
from fem_island.experiments.sweeps.stacks.template import Template
from fem_island.surface.points import OperatingPoints


class Stacks:
    """Which points of a plan can be solved together although their cells differ."""

    def __init__(self, plan: Points) -> None:
        """Find out what each axis does; nothing else is done before it is asked for."""
        self._roles = Roles(plan)
        self._template: tuple[int, Template] | None = None

    @property
    def suspects(self) -> Iterable[tuple[int, int]] | None:
        """Points to ask whether they are possible; see ``suspects``."""
        return suspects(self._roles)

    @cached_property
    def _families(self) -> Families:
        return Families.of(self._roles)

    @cached_property
    def families(self) -> Integers:
        """The family of every point, -1 of those that are solved as series, shape (points,)."""
        return self._families.of_several_series(self._roles.plan.series)

    def alike(self, rows: Integers) -> list[Integers]:
        """Points in groups that have a family in common; without those that have none."""
        families = self._families.numbers[rows]
        return [rows[families == one] for one in np.unique(families[families >= 0])]

    def points(self, rows: Integers) -> OperatingPoints:
        """Points of one family, to be solved together."""
        family = int(self.families[rows[0]])
        # The latest is kept: a family can be solved in several stacks.
        if self._template is None or self._template[0] != family:
            members = np.flatnonzero(self.families == family)
            self._template = family, Template.of(self._roles, members, like=int(members[0]))
        return self._template[1].points(self._roles, rows)

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
        roles = self._roles
        every = np.concatenate([rows, *shifts])
        layouts = roles.layouts
        places = every if len(layouts.lengths) > 1 else np.zeros(1, dtype=np.int64)
        lengths = layouts.lengths[places]
        same = ((lengths > 0) == (lengths[0] > 0)).all()
        if not same or (layouts.order[places] != layouts.order[places[0]]).any():
            return None
        found = []
        for part in (rows, *shifts):
            # What is none of the numbers that a stack takes needs a case of its own.
            if len(np.unique(roles.other_labels[part])) > 1:
                return None
            template = Template.of(roles, every, like=int(part[0]))
            found.append(template.points(roles, part))
        return found
