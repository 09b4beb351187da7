"""What the grids say: which films act, where, how much, and whether the paper's line predicts it.

And on which side of the film the release is larger: beside the island, or far from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray

from fem_island.case.case import Case
from fem_island.case.variants import BARE, with_film
from fem_island.machine.arrays import Array
from fem_island.results.result import STATUSES, Status
from fem_island.studies.film_map.computing import PROFILES, Computed
from fem_island.studies.film_map.grids import COMPARED_OVERPOTENTIAL
from fem_island.studies.film_map.sizes import sizes_of
from fem_island.studies.onset import onset_width

FACTORS = (1.1, 2.0)
"""Release far from the island over that beside it, of which the Wagner numbers are looked up."""


@dataclass(frozen=True)
class Answer:
    """One film.

    Attributes:
        film: Symbol.
        potential: U of the full film [V].
        capacity: Lithium of the full film [C/m^2].
        capacity_below: Of that on plateaus below 100 mV [C/m^2].
        onset_width: Island size, of discs their diameter, below which the overpotential on bare
            copper is above U, at the current of the case [m]; infinite where it is on all islands
            of the grid, None where on none.
        share: Of the current that the film carries, at the island and current of the case.
        relief: There.
        overpotential_mean: There, with the film [V].
        time_until_empty: There, of the whole film [s]; NaN where it gives nothing.
        share_above: The same share where the overpotential on bare copper is 100 mV.
        relief_above: There.
        misses: Points of the first grid at which the mean overpotential on bare copper is above U
            and the film does not act, or the other way round.
        misses_by_drive: The same, judged by the largest drive beside the island instead.
        misses_constricted: As ``misses``, of the second grid.
        misses_constricted_by_drive: As ``misses_by_drive``, of the second grid.
    """

    film: str
    potential: float
    capacity: float
    capacity_below: float
    onset_width: float | None
    share: float
    relief: float
    overpotential_mean: float
    time_until_empty: float
    share_above: float
    relief_above: float
    misses: int
    misses_by_drive: int
    misses_constricted: int
    misses_constricted_by_drive: int

    @property
    def acts(self) -> bool:
        """Whether it acts at all where the overpotential on bare copper is below 100 mV."""
        return self.potential < COMPARED_OVERPOTENTIAL


@dataclass(frozen=True)
class Side:
    """Which side of the film gives more, for one kind of film at one current.

    Attributes:
        film_ratio: i0 of the film over that of lithium.
        current_density: I [A/m^2].
        wagner_numbers: Falling, shape (n,).
        ratios: Release far from the island over that beside it; infinite where there is none
            beside it, NaN where there is none at all.
        at_factors: Wagner number below which that is above each of ``FACTORS``; None where it is
            nowhere, or everywhere.
        idle_below: Wagner number below which the film gives nothing beside the island.
    """

    film_ratio: float
    current_density: float
    wagner_numbers: Array
    ratios: Array
    at_factors: tuple[float | None, ...]
    idle_below: float | None

    @property
    def edge_leads(self) -> bool:
        """Whether the release is larger beside the island at every Wagner number."""
        return bool(self._known.size and (self._known < 1).all())

    @property
    def far_field_leads(self) -> bool:
        """Whether it is larger far from the island at every Wagner number."""
        return bool(self._known.size and (self._known >= 1).all())

    @property
    def gives_nothing(self) -> bool:
        """Whether the film gives no lithium at any Wagner number."""
        return not self._known.size

    @property
    def edge_excess(self) -> tuple[float, float]:
        """Largest release beside the island over that far from it, and its Wagner number."""
        place = int(np.nanargmin(self.ratios))
        with np.errstate(divide="ignore"):
            return float(np.divide(1.0, self.ratios[place])), float(self.wagner_numbers[place])

    @property
    def _known(self) -> Array:
        return self.ratios[~np.isnan(self.ratios)]


def answers(case: Case, films: Sequence[str], computed: Computed) -> tuple[Answer, ...]:
    """What the grids say of every film."""
    return tuple(_answer(case, name, computed) for name in films)


def _answer(case: Case, name: str, computed: Computed) -> Answer:
    film = with_film(case, name).cell.interlayer
    if film is None:
        raise ValueError(f"{name} is no film")
    steps = film.steps_at(case.operation.temperature)
    potential = steps[0].potential
    at = computed.compared.sel(film=name)
    above = None if computed.compared_above is None else computed.compared_above.sel(film=name)
    share = "interlayer_current_fraction"
    return Answer(
        film=name,
        potential=potential,
        capacity=sum(step.capacity for step in steps),
        capacity_below=sum(
            step.capacity for step in steps if step.potential < COMPARED_OVERPOTENTIAL
        ),
        onset_width=_onset(case, computed, potential),
        share=float(at[share]),
        relief=float(at["relief"]),
        overpotential_mean=float(at["overpotential_mean"]),
        time_until_empty=float(at["interlayer_time_until_empty_mean"]),
        share_above=np.nan if above is None else float(above[share]),
        relief_above=np.nan if above is None else float(above["relief"]),
        misses=misses(computed.size, name, potential, "overpotential_mean"),
        misses_by_drive=misses(computed.size, name, potential, "exposed_drive_max"),
        misses_constricted=misses(computed.constriction, name, potential, "overpotential_mean"),
        misses_constricted_by_drive=misses(
            computed.constriction, name, potential, "exposed_drive_max"
        ),
    )


def _onset(case: Case, computed: Computed, potential: float) -> float | None:
    """Island size at onset [m]: infinite where all islands are below it, None where none is."""
    largest = float(computed.curves["overpotential_mean"].sel(film=BARE).min())
    if largest > potential:
        return np.inf
    bare, current = computed.size.sel(film=BARE), case.operation.current_density
    along = sizes_of(case).island
    return onset_width(bare, current_density=current, potential=potential, along=along)


def misses(results: xarray.Dataset, film: str, potential: float, judge: str) -> int:
    """At how many points a number of bare copper says the wrong thing of whether the film acts."""
    said = results[judge].sel(film=BARE).to_numpy() > potential
    share = results["interlayer_current_fraction"].sel(film=film).to_numpy()
    known = np.isfinite(share)
    return int(((share > 0) != said)[known].sum())


def sides(where: xarray.Dataset) -> tuple[Side, ...]:
    """Which side of the film gives more, for every kind of film and current of the third grid."""
    found = []
    ordered = where.sortby("wagner_number", ascending=False)
    for ratio in ordered["film_ratio"].to_numpy().tolist():
        for current in ordered["current_density"].to_numpy().tolist():
            part = ordered.sel(film_ratio=ratio, current_density=current)
            wagner, ratios = part["wagner_number"].to_numpy(), far_over_near(part)
            found.append(
                Side(
                    film_ratio=ratio,
                    current_density=current,
                    wagner_numbers=wagner,
                    ratios=ratios,
                    at_factors=tuple(passes(wagner, ratios, factor) for factor in FACTORS),
                    idle_below=idle_below(wagner, ratios),
                )
            )
    return tuple(found)


def far_over_near(results: xarray.Dataset) -> Array:
    """Release far from the island over that beside it; infinite where there is none beside it.

    With one island and a film over all of the rest the drive rises or falls all the way from the
    island to the wall, so that the smallest and the largest release are at the two ends.
    """
    largest = results["interlayer_current_density_max"].to_numpy()
    smallest = results["interlayer_current_density_min"].to_numpy()
    at_edge = results["interlayer_peak_distance"].to_numpy() == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(at_edge, smallest / largest, largest / smallest))


def passes(wagner: Array, ratios: Array, factor: float) -> float | None:
    """Wagner number at which the ratio gets above a factor, log-linear between two of the grid."""
    known = ~np.isnan(ratios)
    wagner, ratios = wagner[known], ratios[known]
    above = np.flatnonzero(ratios >= factor)
    if not len(above) or above[0] == 0:
        return None
    after = int(above[0])
    if not np.isfinite(ratios[after]):
        return float(wagner[after])
    pair = np.log(ratios[after - 1 : after + 1])
    share = (np.log(factor) - pair[0]) / (pair[1] - pair[0])
    return float(wagner[after - 1] ** (1 - share) * wagner[after] ** share)


def idle_below(wagner: Array, ratios: Array) -> float | None:
    """The largest Wagner number of the grid at which the film is idle beside the island."""
    idle = np.flatnonzero(np.isinf(ratios))
    return float(wagner[idle[0]]) if len(idle) else None


def failures(computed: Computed) -> int:
    """Operating points without a solution."""
    return _count(computed, "failed") + len(PROFILES) - len(computed.profiles)


def tolerance_not_met(computed: Computed) -> int:
    """Operating points that were solved less exactly than wanted."""
    return _count(computed, "tolerance not met")


def _count(computed: Computed, status: Status) -> int:
    sets = [computed.size, computed.constriction, computed.where, computed.curves]
    sets += [computed.compared]
    sets += [] if computed.compared_above is None else [computed.compared_above]
    return sum(int((results["status"] == STATUSES.index(status)).sum()) for results in sets)
