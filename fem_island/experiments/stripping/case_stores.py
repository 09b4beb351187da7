"""What a case says of its stores and of its steps in time, or why it cannot be stripped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import brentq

from fem_island.case.case import Case, Operation, at_current
from fem_island.case.cell import Cell
from fem_island.case.geometry import require_geometry
from fem_island.case.island import Island
from fem_island.case.kinetics import ButlerVolmer
from fem_island.case.stripping import Stripping
from fem_island.errors import Fault, InputError
from fem_island.experiments.stripping.bottom_stores import BottomStores, FilmRung, Metal
from fem_island.experiments.stripping.phase import Phase
from fem_island.experiments.stripping.thickness import MapStores
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT
from fem_island.materials.plateaus import Step
from fem_island.surface.bottom import film_law
from fem_island.surface.kinetics import Reaction
from fem_island.surface.measure import measure_of

_SHAPES: dict[str, Callable[[Array], Array]] = {
    "slab": np.ones_like,
    "parabola": lambda place: 1 - place * place,
    "triangle": lambda place: 1 - np.abs(place),
}
"""Thickness over the largest one, at places from -1 to 1 across an island."""

_CAPACITY = "interlayer.capacity"

_CUTOFF = 0.5
"""Cut-off of stripping where none is given [V]."""


def settings(case: Case) -> Stripping:
    """What a case says of stripping, or the defaults."""
    return Stripping() if case.stripping is None else case.stripping


def phases(case: Case) -> tuple[Phase, ...]:
    """The steps of a case in time.

    Raises:
        InputError: A step has no end.
    """
    said = settings(case)
    if case.protocol:
        return tuple(
            Phase(step.current_density, step.duration or math.inf, step.cutoff_voltage)
            for step in case.protocol
        )
    current = case.operation.current_density
    cutoff = None if current == 0 else said.cutoff_voltage
    if cutoff is None and current > 0:
        cutoff = _CUTOFF
    if current <= 0 and said.duration is None and cutoff is None:
        kind = "rest" if current == 0 else "plating"
        reason = f"is missing; {kind} does not end by itself"
        raise InputError([Fault("stripping.duration", None, reason)])
    return (Phase(current, said.duration or math.inf, cutoff),)


def stores_of(case: Case) -> BottomStores:
    """The stores of a case.

    Raises:
        InputError: The case does not say how much lithium there is, or what it asks has no
            solution.
    """
    cell = case.cell
    geometry = cell.electrolyte.geometry
    require_geometry(geometry, "stripping along a line", among=("planar", "axisymmetric"))
    faults: list[Fault] = []
    metal = _metal(case, faults)
    rungs = _film_rungs(case, faults)
    faults += _missing_stores(case, metal=bool(metal), film=bool(rungs), faulty=bool(faults))
    if faults:
        raise InputError(faults)
    width, film = cell.electrolyte.span, cell.interlayer
    extent = ((0.0, width),) if film is None or film.extent is None else film.extent
    return BottomStores(
        width=width,
        metal=metal,
        film=rungs,
        film_extent=tuple(sorted(extent)) if rungs else (),
        film_takes=_takes(case),
        plating_law=_plating_law(case),
        measure=measure_of(geometry),
    )


def map_stores_of(case: Case) -> MapStores:
    """The stores of a case with a thickness image.

    Raises:
        InputError: The case does not say how much lithium there is, or what it asks has no
            solution.
    """
    contact = case.cell.map
    if contact is None or contact.thickness is None:
        reason = "is missing; stripping in time needs to know how much lithium there is"
        raise InputError([Fault("map.thickness", None, reason)])
    faults: list[Fault] = []
    rungs = _film_rungs(case, faults)
    faults += _missing_stores(case, metal=True, film=bool(rungs), faulty=bool(faults))
    if faults:
        raise InputError(faults)
    per_metre = FARADAY_CONSTANT / settings(case).lithium_molar_volume
    return MapStores(
        charge=per_metre * contact.thicknesses,
        pixel=contact.pixel,
        law=Reaction.of(case.cell.kinetics, _operation(case)),
        film=rungs,
        film_takes=_takes(case),
        plating_law=_plating_law(case),
    )


def check_stores(case: Case) -> None:
    """Refuse a case that cannot be stripped.

    Raises:
        InputError: It does not say how much lithium there is, or when it ends.
    """
    if case.cell.map is None:
        stores_of(case)
    else:
        map_stores_of(case)
    phases(case)


def _film_rungs(case: Case, faults: list[Fault]) -> tuple[FilmRung, ...]:
    """The plateaus of a film that reacts."""
    film = case.cell.interlayer
    if film is None or film.reaction == "none":
        return ()
    if any(math.isnan(step.capacity) for step in film.steps):
        reason = "is missing; without a material nothing says how much lithium the film holds"
        faults.append(Fault(_CAPACITY, None, reason))
    law = film_law(case, film)
    shares = _Shares(film.charge_positions, film.charge_shares)
    return tuple(
        FilmRung(law, step.potential, step.capacity, partial(_missing, step, shares))
        for step in film.steps_at(case.operation.temperature)
        if film.reaction == "reversible" or max(film.charge_shares) > step.lower
    )


def _missing_stores(case: Case, *, metal: bool, film: bool, faulty: bool) -> list[Fault]:
    """What is missing where there is nothing to strip, or nothing to plate on."""
    plates = _plates(case)
    if plates and not metal and not _takes(case) and not _nucleates(case):
        reason = (
            "is missing; nothing is there that lithium could be plated on: bare copper needs it"
        )
        return [Fault("stripping.nucleation_overpotential", None, reason)]
    if not metal and not film and not plates and not faulty:
        reason = "there is no lithium, neither metal nor in a film that reacts"
        return [Fault("islands", None, reason)]
    return []


def _plates(case: Case) -> bool:
    return any(phase.current_density < 0 for phase in phases(case))


def _takes(case: Case) -> bool:
    """Whether the film takes lithium."""
    film = case.cell.interlayer
    return film is not None and film.reaction == "reversible"


def _nucleates(case: Case) -> bool:
    return settings(case).nucleation_overpotential is not None


def _plating_law(case: Case) -> Reaction | None:
    """Law of metal that grows where there was none, or None where none may."""
    grows = _plates(case) and (_takes(case) or _nucleates(case))
    return Reaction.of(case.cell.kinetics, _operation(case)) if grows else None


def in_series(case: Case) -> Callable[[float], float]:
    """What lies between the voltage of the modelled part and that of the cell [V], of I [A/m^2]."""
    series = case.cell.series
    electrolyte = case.cell.electrolyte
    if series is None:
        return lambda _: 0.0
    pellet = electrolyte.height if series.pellet is None else series.pellet
    resistance = (pellet - electrolyte.height) / case.conductivity + series.resistance
    if series.counter is None:
        return lambda current: current * resistance
    counter = ButlerVolmer(**dict(series.counter))
    law = Reaction.of(counter, case.operation)

    def added(current: float) -> float:
        # What strips here plates there.
        overpotential = brentq(
            lambda eta: float(law.current_density(eta)) + current, -_WIDEST, _WIDEST, xtol=1e-15
        )
        return current * resistance - float(overpotential)

    return added


_WIDEST = 20.0


def _operation(case: Case) -> Operation:
    """The operation with the sign of the first current that flows."""
    current = next((p.current_density for p in phases(case) if p.current_density), 0.0)
    return at_current(case, current).operation


def _metal(case: Case, faults: list[Fault]) -> tuple[Metal, ...]:
    cell = case.cell
    volume = settings(case).lithium_molar_volume
    per_metre = FARADAY_CONSTANT / volume
    operation = _operation(case)
    if cell.lithium is not None:
        layer, electrolyte = cell.lithium, cell.electrolyte
        law = Reaction.of(cell.kinetics, operation)
        active = (1 - layer.inactive_fraction) * per_metre

        def charge(places: Array) -> Array:
            return active * layer.thickness_at(places, electrolyte)

        corners = tuple(layer.corners(electrolyte))
        return tuple(
            Metal(left, right, charge, law, None, tuple(c for c in corners if left < c < right))
            for left, right in layer.covered(electrolyte)
        )
    found = []
    for number, island in enumerate(cell.islands):
        if island.thickness is None:
            reason = "is missing; stripping in time needs to know how much lithium there is"
            faults.append(Fault(f"islands.{number}.thickness", None, reason))
            continue
        left, right = cell.island_ends(island)
        crest, half = _crest(cell, island)
        highest = (1 - island.inactive_fraction) * per_metre * island.thickness
        law = Reaction.of(cell.island_kinetics(island), operation)
        found.append(
            Metal(
                start=left,
                end=right,
                charge=partial(_island_charge, island.shape, crest, half, highest),
                law=law,
                island=number,
                corners=(crest,) if left < crest < right and island.shape != "slab" else (),
            )
        )
    return tuple(sorted(found, key=lambda metal: metal.start))


def _crest(cell: Cell, island: Island) -> tuple[float, float]:
    """Where an island is thickest, and how far it reaches from there [m]: of a disc, its axis."""
    if island.outer_radius is None:
        center = cell.electrolyte.width / 2 if island.center is None else island.center
        return center, 0.5 * island.width
    inner, outer = cell.island_ends(island)
    return (0.0, outer) if inner == 0 else (0.5 * (inner + outer), 0.5 * (outer - inner))


def _island_charge(shape: str, crest: float, half: float, highest: float, places: Array) -> Array:
    return highest * _SHAPES[shape]((places - crest) / half)


@dataclass(frozen=True)
class _Shares:
    """State of charge along the bottom, linear between positions [m]."""

    positions: tuple[float, ...]
    values: tuple[float, ...]

    def __call__(self, places: Array) -> Array:
        """The state of charge at places [m]."""
        return np.asarray(np.interp(places, self.positions, self.values))


def _missing(step: Step, shares: _Shares, places: Array) -> Array:
    """Share of a plateau's lithium that is missing at places [m]."""
    return np.clip((step.upper - shares(places)) / (step.upper - step.lower), 0.0, 1.0)
