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
from typing import Literal

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import CURRENT_DENSITY
from fem_island.case.case import Case
from fem_island.errors import Fault, InputError
from fem_island.experiments.evaluation.function import function
from fem_island.machine.arrays import Array
from fem_island.materials import library as materials
from fem_island.surface.kinetics import Reaction

Judged = Literal["overpotential_mean", "exposed_drive_max"]

WIDTH = "islands.width"
POTENTIAL = "interlayer.equilibrium_potential"

_ENOUGH = 1e-5
"""Potential that is left where a search ends [V]."""

_MOST_ROUNDS = 20
_STEP = 0.02
_LARGEST = 3.0
"""Longest step of the logarithm."""


@dataclass(frozen=True)
class Onsets:
    """Sizes or currents at onset.

    Attributes:
        values: [m] or [A/m^2], shape (n,); NaN where there is no solution.
        closed_form: Where the electrolyte does not matter, same shape.
        solved: Where the value is that of solutions; elsewhere it is the closed form, since an
            island would have to be wider than the cell, and NaN where solutions failed.
        left: Potential that is left at the value [V], same shape.
    """

    values: Array
    closed_form: Array
    solved: npt.NDArray[np.bool_]
    left: Array


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
    if POTENTIAL in table and (film is None or (own is not None and own.material == film)):
        return table[POTENTIAL]
    if film is None and own is not None:
        return np.full(count, float(own.potential))
    known = materials.films()
    if film not in known:
        raise InputError([Fault("film", film, f"is not one of {', '.join(known)}")])
    return np.full(count, known[film].delithiation_potential.value)


def bare(case: Case, table: Mapping[str, Array]) -> tuple[Case, dict[str, Array]]:
    """The case and samples without their film: whether one acts is asked of bare copper."""
    cell = case.cell.model_copy(update={"interlayer": None})
    kept = {path: values for path, values in table.items() if not path.startswith("interlayer.")}
    return case.model_copy(update={"cell": cell}), kept


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
    density, slope = _law(case, table, potential)
    start = current * width / density
    inside = start < 0.98 * width
    found = np.where(inside, np.nan, start)
    left = np.full(len(potential), np.nan)
    if inside.any():
        rows = np.flatnonzero(inside)
        found[rows], left[rows] = _secants(
            case,
            {path: values[rows] for path, values in table.items()},
            WIDTH,
            start[rows],
            potential[rows],
            -(density / slope)[rows],
            judged,
            (1e-9, 0.9999 * width[rows]),
        )
    return Onsets(found, start, inside & np.isfinite(found), left)


def onset_currents(
    case: Case,
    table: Mapping[str, Array],
    potential: Array,
    *,
    judged: Judged = "overpotential_mean",
) -> Onsets:
    """Currents above which a film acts, one for each sample; see ``onset_widths``."""
    width = _column(table, "electrolyte.width", case.cell.electrolyte.width, len(potential))
    covered = _column(table, WIDTH, sum(i.width for i in case.cell.islands), len(potential))
    density, slope = _law(case, table, potential)
    start = density * covered / width
    found, left = _secants(
        case, table, CURRENT_DENSITY, start, potential, density / slope, judged, (1e-9, 1e9)
    )
    return Onsets(found, start, np.isfinite(found), left)


def _column(table: Mapping[str, Array], path: str, default: float, count: int) -> Array:
    return np.asarray(table.get(path, np.full(count, default)))


def _law(case: Case, table: Mapping[str, Array], potential: Array) -> tuple[Array, Array]:
    """Current density of lithium at the potential of each sample, and its slope."""
    own = {path.partition(".")[2]: v for path, v in table.items() if path.startswith("kinetics.")}
    law = case.cell.kinetics.model_copy(update=own)
    temperature = _column(
        table, "operation.temperature", case.operation.temperature, len(potential)
    )
    reaction = Reaction(law, temperature)
    return (
        np.asarray(reaction.current_density(potential), dtype=np.float64),
        np.asarray(reaction.slope(potential), dtype=np.float64),
    )


def _secants(
    case: Case,
    table: Mapping[str, Array],
    path: str,
    start: Array,
    potential: Array,
    slope: Array,
    judged: Judged,
    bounds: tuple[float | Array, float | Array],
) -> tuple[Array, Array]:
    """Values of a key at which a potential is reached, and what is left of the potential [V].

    Args:
        case: What the samples do not say.
        table: The samples.
        path: Of the key.
        start: First values.
        potential: To be reached [V].
        slope: First guess of the derivative of the potential by the logarithm of the key [V].
        judged: Name of the potential.
        bounds: Smallest and largest value.
    """
    passive, kept = bare(case, table)
    inputs = [key for key in kept if key != path]
    solve = function(passive, inputs=[*inputs, path], output=judged)
    columns = np.stack([*(kept[key] for key in inputs), start], axis=1)
    low, high = (np.log(np.broadcast_to(bound, start.shape)) for bound in bounds)
    place = np.clip(np.log(start), low, high)
    slope = slope.copy()
    best, left = place.copy(), np.full(len(start), np.inf)
    going = np.arange(len(start))
    before_place, before = np.full(len(start), np.nan), np.full(len(start), np.nan)
    for _ in range(_MOST_ROUNDS):
        columns[going, -1] = np.exp(place[going])
        missed = solve(columns[going]) - potential[going]
        better = np.abs(missed) < left[going]
        best[going[better]], left[going[better]] = place[going[better]], np.abs(missed[better])
        with np.errstate(divide="ignore", invalid="ignore"):
            secant = (missed - before[going]) / (place[going] - before_place[going])
        usable = np.isfinite(secant) & (secant * slope[going] > 0)
        slope[going[usable]] = secant[usable]
        before_place[going], before[going] = place[going], missed
        step = np.clip(-missed / slope[going], -_LARGEST, _LARGEST)
        place[going] = np.clip(place[going] + step, low[going], high[going])
        moved = place[going] != before_place[going]
        going = going[(np.abs(missed) > _ENOUGH) & moved & np.isfinite(missed)]
        if not len(going):
            break
    # What is left moves the value a little further along the last slope.
    last = np.where(np.isfinite(before), -before / slope, 0.0)
    close = np.isfinite(left) & (best == before_place) & (np.abs(last) < _STEP)
    values = np.exp(np.where(close, best + last, best))
    return np.where(np.isfinite(left), values, np.nan), left
