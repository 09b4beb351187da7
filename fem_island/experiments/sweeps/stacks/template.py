"""What the points of a family share, and the points on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import TEMPERATURE
from fem_island.case.case import Case
from fem_island.experiments.sweeps.stacks.links import (
    ACTIVATION_ENERGY,
    CONDUCTIVITY,
    OF_FILM_POTENTIAL,
)
from fem_island.experiments.sweeps.stacks.roles import Integers, Roles
from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Bottom, Stretch, stretches
from fem_island.surface.kinetics import ReactionLaw
from fem_island.surface.points import OperatingPoints, common_lengths
from fem_island.surface.pointwise_law import PointwiseLaw


@dataclass(frozen=True)
class Template:
    """What points share.

    Attributes:
        case: That of one point, with a height that none of them exceeds.
        bottom: Its bottom, likewise with lengths.
        present: Which of the stretches of a layout are there, shape (stretches,).
    """

    case: Case
    bottom: Bottom
    present: npt.NDArray[np.intp]

    @classmethod
    def of(cls, roles: Roles, rows: Integers, *, like: int) -> Template:
        """That of some points of a plan, which have the same stretches.

        Args:
            roles: What the plan varies.
            rows: The points.
            like: The point whose case it has.
        """
        layouts = roles.layouts
        places = rows if len(layouts.lengths) > 1 else np.zeros(1, dtype=np.int64)
        longest = layouts.lengths[places].max(axis=0)
        shortest = layouts.lengths[places].min(axis=0)
        mirrored = bool(layouts.mirrored[places].all())
        case = _as_high(roles.plan.case_with(like, {}), float(layouts.heights[places].max()))
        present = np.flatnonzero(longest > 0)
        # Elements on both sides of an edge are then of a size at the points in the middle; where
        # they are not, errors fall with the size alone and not with its square.
        middle = np.sqrt(longest * shortest)
        lengths = common_lengths(middle[present], mirrored=mirrored)
        ends = np.concatenate([[0.0], np.cumsum(lengths)]).tolist()
        bottom = stretches(case)
        parts = [
            replace(stretch, start=ends[number], end=ends[number + 1])
            for number, stretch in enumerate(bottom)
        ]
        return cls(case, bottom.with_parts(parts), present)

    def points(self, roles: Roles, rows: Integers) -> OperatingPoints:
        """Points of a plan that this is a template of."""
        plan, layouts = roles.plan, roles.layouts
        places = rows if len(layouts.lengths) > 1 else np.zeros(len(rows), dtype=np.int64)
        lengths, heights = layouts.lengths[places][:, self.present], layouts.heights[places]
        laws: dict[tuple[ReactionLaw, frozenset[str]], PointwiseLaw] = {}
        parts = [replace(each, law=_law(each, roles, rows, laws)) for each in self.bottom]
        ours = np.array([stretch.length for stretch in self.bottom])
        return OperatingPoints.stacked(
            self.case,
            self.bottom.with_parts(parts),
            plan.current_densities(rows),
            stretching=lengths / ours,
            conductivities=_conductivities(self.case, roles, rows),
            raising=heights / self.case.cell.electrolyte.height,
            film_shifts=_film_shifts(self.case, roles, rows),
        )


def _as_high(case: Case, height: float) -> Case:
    """A case with another height, which is one of a grid and need not be possible."""
    electrolyte = case.cell.electrolyte.model_copy(update={"height": height})
    return case.model_copy(
        update={"cell": case.cell.model_copy(update={"electrolyte": electrolyte})}
    )


def _conductivities(case: Case, roles: Roles, rows: Integers) -> Array:
    names = {"conductivity": CONDUCTIVITY, "activation_energy": ACTIVATION_ENERGY}
    found = {name: roles.linked(path, rows) for name, path in names.items()}
    changes = {name: values for name, values in found.items() if values is not None}
    temperature = roles.linked(TEMPERATURE, rows)
    electrolyte = case.cell.electrolyte.model_copy(update=changes)
    kappa = electrolyte.conductivity_at(
        case.operation.temperature if temperature is None else temperature
    )
    return np.broadcast_to(np.asarray(kappa, dtype=np.float64), len(rows))


def _film_shifts(case: Case, roles: Roles, rows: Integers) -> Array | None:
    """How far the film's potentials are above those of a case; None where that is nowhere."""
    film = case.cell.interlayer
    potential, coefficient, temperature = (roles.linked(path, rows) for path in OF_FILM_POTENTIAL)
    if film is None or (potential is None and coefficient is None and temperature is None):
        return None
    here = case.operation.temperature
    changed = film
    if coefficient is not None:
        changed = film.model_copy(update={"potential_temperature_coefficient": coefficient})
    there = changed.potential_at(here if temperature is None else temperature)
    above = 0.0 if potential is None else potential - film.potential
    shifts = above + (there - film.potential_at(here))
    return np.broadcast_to(shifts, len(rows)) if np.any(shifts) else None


def _law(
    stretch: Stretch,
    roles: Roles,
    rows: Integers,
    known: dict[tuple[ReactionLaw, frozenset[str]], PointwiseLaw],
) -> ReactionLaw | None:
    """The law of a stretch with its parameters at the points; the same ones are one object."""
    parameters: dict[str, Array] = {}
    temperature: Array | None = None
    followed = set()
    for path, links in roles.links.items():
        names = [name for owner, name in links.parameters if owner == stretch.island]
        heated = stretch.island in links.temperatures
        values = roles.linked(path, rows)
        if values is None or not (names or heated):
            continue
        followed.add(path)
        parameters |= dict.fromkeys(names, values)
        temperature = values if heated else temperature
    if stretch.law is None or not followed:
        return stretch.law
    key = (stretch.law, frozenset(followed))
    if key not in known:
        known[key] = PointwiseLaw(stretch.law, parameters, temperature)
    return known[key]
