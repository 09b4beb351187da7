"""The film in words, for the report on a solution."""

from __future__ import annotations

import math

from fem_island import quantities
from fem_island.case.case import Case
from fem_island.case.film import Interlayer
from fem_island.case.origin import origin_of
from fem_island.case.placement import SNAP
from fem_island.materials.library import label_of
from fem_island.materials.plateaus import Step
from fem_island.quantities import (
    AREAL_CAPACITY,
    CURRENT_DENSITY,
    LENGTH,
    POTENTIAL,
    TIME,
    Dimension,
)
from fem_island.results.result import InterlayerResult

_INTERVALS_SHOWN = 4


def film_assumptions(film: Interlayer, case: Case) -> list[str]:
    """What the model takes for granted of the film, one line each."""
    cell, temperature = case.cell, case.operation.temperature
    potential = film.potential_at(temperature)
    action = {
        "none": "passive; its onset is judged from the potential",
        "release": "gives lithium but takes none",
        "reversible": "gives and takes lithium",
    }[film.reaction]
    name = film.name
    if film.equilibrium_potential is not None or film.plateaus is not None:
        origin = "given"
    elif film.metal is not None:
        origin = film.metal.source or "given"
    else:
        origin = f"of {film.material} in this package's table of materials"
        if film.material is not None and label_of(film.material) != film.material:
            origin += ", an estimate"
    lines = [f"film: {name}, {action}; U = {_in(potential, POTENTIAL)} ({origin})"]
    if film.reaction != "none":
        law = film.kinetics_beside(cell.kinetics)
        i0 = _in(law.exchange_current_density_at(temperature), CURRENT_DENSITY)
        lines.append(f"the film's i0 = {i0} ({origin_of_film_i0(film)})")
        lines += _charge(film, temperature)
    extent = sorted(film.extent or ())
    covered = sum(right - left for left, right in extent)
    if extent and covered < cell.electrolyte.span * (1 - SNAP):
        shown = [f"{left * 1e6:g} to {right * 1e6:g} um" for left, right in extent]
        if len(shown) > _INTERVALS_SHOWN:
            shown = [*shown[: _INTERVALS_SHOWN - 1], f"... ({len(extent)} intervals)"]
        lines.append(
            f"the film covers {', '.join(shown)}, where no island is; "
            "the rest is bare: nothing reacts there"
        )
    return lines


def _charge(film: Interlayer, temperature: float) -> list[str]:
    """How much lithium the film holds."""
    steps = film.steps_at(temperature)
    capacity = sum(step.capacity for step in steps)
    if math.isnan(capacity):
        return ["how much lithium it holds is not known (give a material or a capacity)"]
    if film.capacity is None and film.plateaus is None:
        origin = f"{film.thickness * 1e9:g} nm of {film.name}"
    else:
        origin = "given"
    line = f"full it holds {_in(capacity, AREAL_CAPACITY)} of lithium ({origin})"
    if len(steps) > 1:
        line += ", " + ", ".join(
            f"{_in(step.capacity, AREAL_CAPACITY)} at {_in(step.potential, POTENTIAL)}"
            for step in steps
        )
    if film.state_of_charge_profile is not None:
        low, high = min(film.charge_shares), max(film.charge_shares)
        return [line, f"its state of charge is {low:g} to {high:g}, a profile along the bottom"]
    return [line, f"its state of charge is {film.state_of_charge:g}"]


def film_remarks(film: InterlayerResult, case: Case) -> list[str]:
    """Where the film gives lithium, and for how long.

    Args:
        film: What was found of it.
        case: Of which.
    """
    if film.peak_distance is None:
        return []
    low, high = film.current_density_min, film.current_density_max
    distance = _in(film.peak_distance, LENGTH)
    line = f"the film gives most {distance} from the nearest island"
    if film.peak_distance == 0:
        line = "the film gives most beside an island"
    line += f", {high / low:.4g} times as much as where it gives least" if low > 0 else ""
    if low < 0:
        line += "; part of it takes lithium up"
    elif low == 0:
        line += "; part of it gives none"
    lines = [line]
    if film.time_until_empty_mean is not None and film.time_until_empty_local is not None:
        line = (
            f"at these currents it is empty after {_in(film.time_until_empty_mean, TIME)} "
            f"({_in(film.time_until_empty_local, TIME)} where it is first)"
        )
        if film.time_until_next_plateau is not None:
            step = _in(film.time_until_next_plateau, TIME)
            line += f"; its potential steps up before that, after {step}"
        lines.append(line)
    elif (last_step := _last_step(case)) is not None and not math.isnan(last_step.capacity):
        last = _in(last_step.potential, POTENTIAL)
        line = f"it does not get empty at this current: its last plateau, at {last}, is above the"
        line += " drive that is left without it"
        if film.time_until_next_plateau is not None:
            step = _in(film.time_until_next_plateau, TIME)
            line += f"; its potential steps up where it does first after {step}, at these currents"
        lines.append(line)
    return lines


def _last_step(case: Case) -> Step | None:
    film = case.cell.interlayer
    return None if film is None else film.steps_at(case.operation.temperature)[-1]


def origin_of_film_i0(film: Interlayer | None) -> str:
    """Where the i0 of a film is from; of films that are put into a case without one, None."""
    if film is not None:
        own = film.kinetics or film
        if own.exchange_current_density is not None:
            return origin_of(own.exchange_current_density)
    return "assumed: that of lithium in this case"


def _in(value: float, dimension: Dimension) -> str:
    return f"{quantities.in_unit(value, dimension):.4g} {dimension.shown_in}"
