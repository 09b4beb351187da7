"""Island sizes and currents at which a film begins to act, for many samples at once.

A film acts where a potential reaches its own, U: the mean overpotential on the islands, as in the
paper, or the largest drive on the exposed bottom. Where the electrolyte does not matter, the
current density is the same all along an island and the condition is I W / w = i(U). From there
secants in the logarithm of the size or the current go on with solutions until little is left.

    I   applied current density [A/m^2]    W, w   width of cell and islands [m]
    U   potential of the film [V]          i(U)   reaction law of lithium [A/m^2]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import (
    CURRENT_DENSITY,
    FILM_COEFFICIENT,
    FILM_POTENTIAL,
    TEMPERATURE,
)
from fem_island.case.case import Case
from fem_island.errors import Fault, InputError
from fem_island.fitting.uncertainty.secants import ENOUGH, Judged, Start, secants, solutions
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.surface.kinetics import Reaction

WIDTH = "islands.width"

_SMALL = 0.02
"""Share of a film's potential that an overpotential may have which tells the resistance."""

_AFTER_LAST_STEP = 0.1
"""Share of what was left at the last solution that may be left after a step along its slope; a
hundredth was measured."""

_STEPS_OF_CLOSED_FORM = 40
_LEAST = 1e-6
"""Share of a film's potential that is left to the reaction at least."""


@dataclass(frozen=True)
class Onsets:
    """Sizes or currents at onset.

    Attributes:
        values: [m] or [A/m^2], shape (n,); NaN where there is no solution.
        closed_form: Where the electrolyte does not matter, same shape.
        solved: Where the value is that of solutions; elsewhere it is the closed form, since an
            island would have to be wider than the cell, and NaN where solutions failed.
        left: Potential that was left at the last solution [V], same shape.
        slopes: Derivatives of the potential by the logarithm of the value [V], same shape.
    """

    values: Array
    closed_form: Array
    solved: npt.NDArray[np.bool_]
    left: Array
    slopes: Array

    def error(self, tolerance: float) -> Array:
        """What the logarithms may be wrong by, shape (n,).

        Args:
            tolerance: What potentials of solutions are known to [V].
        """
        left = np.where(self.left <= ENOUGH, _AFTER_LAST_STEP * self.left, self.left)
        return np.asarray((left + tolerance) / np.abs(self.slopes))


def potentials(case: Case, film: str | None, table: Mapping[str, Array], count: int) -> Array:
    """Potential of a film for every sample [V].

    Args:
        case: The case, whose film it is where no material is named.
        film: Symbol of a material, or None.
        table: The samples; one of the film's potential counts where the film is the case's.
        count: Number of samples.

    Raises:
        InputError: There is no such film.
    """
    own = case.cell.interlayer
    if film is None and own is None:
        raise InputError([Fault("interlayer", None, "is missing: name a film that could act")])
    if own is not None and (film is None or (FILM_POTENTIAL in table and own.material == film)):
        coefficient = _column(table, FILM_COEFFICIENT, own.potential_temperature_coefficient, count)
        warmer = _temperature(case, table, count) - REFERENCE_TEMPERATURE
        return _column(table, FILM_POTENTIAL, own.potential, count) + coefficient * warmer
    known = materials.films()
    if film not in known:
        raise InputError([Fault("film", film, f"is not one of {', '.join(known)}")])
    return np.full(count, known[film].delithiation_potential.value)


def onset_widths(
    case: Case,
    table: Mapping[str, Array],
    potential: Array,
    *,
    judged: Judged = "overpotential_mean",
) -> Onsets:
    """Island sizes below which a film acts, one for each sample.

    Args:
        case: What the samples do not say; its current, unless they have one.
        table: Samples by paths of keys [SI], each of shape (n,).
        potential: U of each sample [V].
        judged: What must reach it.
    """
    current = _column(table, CURRENT_DENSITY, case.operation.current_density, len(potential))
    width = _column(table, "electrolyte.width", case.cell.electrolyte.width, len(potential))
    reaction = _reaction(case, table, len(potential))
    density, slope = _law(reaction, potential)
    start = current * width / density
    inside = start < 0.98 * width
    values = np.where(inside, np.nan, start)
    left, slopes = np.full((2, len(potential)), np.nan)
    if inside.any():
        rows = np.flatnonzero(inside)
        found = secants(
            case,
            {path: values[rows] for path, values in table.items()},
            WIDTH,
            Start(start[rows], -(density / slope)[rows]),
            potential[rows],
            judged,
            (1e-9, 0.9999 * width[rows]),
        )
        values[rows], left[rows], slopes[rows] = found.values, found.left, found.slopes
    return Onsets(values, start, inside & np.isfinite(values), left, slopes)


def onset_currents(
    case: Case,
    table: Mapping[str, Array],
    potential: Array,
    *,
    judged: Judged = "overpotential_mean",
    start: Start | None = None,
) -> Onsets:
    """Currents above which a film acts, one for each sample.

    Args:
        case: What the samples do not say.
        table: Samples by paths of keys [SI], each of shape (n,).
        potential: U of each sample [V].
        judged: What must reach it.
        start: Where to begin, NaN for what is not known; by default at the currents of which the
            reaction and the resistance of the electrolyte take the potential.
    """
    width = _column(table, "electrolyte.width", case.cell.electrolyte.width, len(potential))
    covered = _column(table, WIDTH, sum(i.width for i in case.cell.islands), len(potential))
    reaction = _reaction(case, table, len(potential))
    density, _ = _law(reaction, potential)
    unknown = np.arange(len(potential)) if start is None else np.flatnonzero(np.isnan(start.values))
    values, slopes = np.full((2, len(potential)), np.nan)
    if start is not None:
        values[:], slopes[:] = start.values, start.slopes
    if len(unknown):
        chosen = {path: column[unknown] for path, column in table.items()}
        begun = _beside_a_resistance(
            case, chosen, potential[unknown], (covered / width)[unknown], judged
        )
        values[unknown], slopes[unknown] = begun.values, begun.slopes
    found = secants(
        case, table, CURRENT_DENSITY, Start(values, slopes), potential, judged, (1e-9, 1e9)
    )
    return Onsets(
        found.values,
        density * covered / width,
        np.isfinite(found.values),
        found.left,
        found.slopes,
    )


def _beside_a_resistance(
    case: Case, table: Mapping[str, Array], potential: Array, coverage: Array, judged: Judged
) -> Start:
    """Currents of which a reaction that is the same everywhere and a resistance take a potential.

    The resistance R is what a solution at a small current has beside the overpotential of the
    closed form, so that eta + R I = U with I W / w = i(eta). That is exact where the electrolyte
    does not matter and where it alone does.
    """
    reaction = _reaction(case, table, len(potential))
    small = _SMALL * potential
    current = coverage * _law(reaction, small)[0]
    solve, columns = solutions(case, table, CURRENT_DENSITY, judged)
    columns[:, -1] = current
    resistance = np.maximum(np.nan_to_num(solve(columns) - small), 0.0) / current
    overpotential = potential.copy()
    for _ in range(_STEPS_OF_CLOSED_FORM):
        density, slope = _law(reaction, overpotential)
        excess = overpotential + resistance * coverage * density - potential
        overpotential -= excess / (1 + resistance * coverage * slope)
        overpotential = np.clip(overpotential, _LEAST * potential, potential)
    density, slope = _law(reaction, overpotential)
    current = coverage * density
    return Start(current, density / slope + resistance * current)


def _column(table: Mapping[str, Array], path: str, default: float, count: int) -> Array:
    return np.asarray(table.get(path, np.full(count, default)))


def _reaction(case: Case, table: Mapping[str, Array], count: int) -> Reaction:
    """The reaction of lithium with the parameters and temperatures of samples."""
    own = {path.partition(".")[2]: v for path, v in table.items() if path.startswith("kinetics.")}
    law = case.cell.kinetics.model_copy(update=own)
    return Reaction(law, _temperature(case, table, count))


def _temperature(case: Case, table: Mapping[str, Array], count: int) -> Array:
    return _column(table, TEMPERATURE, case.operation.temperature, count)


def _law(reaction: Reaction, overpotential: Array) -> tuple[Array, Array]:
    """Current density of lithium at an overpotential of each sample, and its slope."""
    return (
        np.asarray(reaction.current_density(overpotential), dtype=np.float64),
        np.asarray(reaction.slope(overpotential), dtype=np.float64),
    )
