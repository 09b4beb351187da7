"""The numbers of a solution for the page: in people's units, each with its estimated error."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from fem_island.case.case import Case
from fem_island.quantities import AREA_RESISTANCE, POTENTIAL, PURE_NUMBER, Dimension, in_unit
from fem_island.results.result import Result
from fem_island.results.variables import numbers_of, variables

_FIRST = (
    "overpotential_mean",
    "overpotential_max",
    "exposed_drive_max",
    "local_current_density_max",
    "interlayer_current_fraction",
    "interlayer_time_until_empty_mean",
    "interlayer_time_until_empty_local",
    "interlayer_time_until_next_plateau",
)
"""What people look at first, in this order; all that is declared follows."""

_PERCENT = ("fraction", "evenness")


def numbers(result: Result) -> list[dict[str, Any]]:
    """All single numbers that are reported and there, as plain data.

    Each has its ``name`` as a variable, its ``words``, its ``unit``, its ``value`` in that unit,
    the same in SI units, and the estimated ``error`` in the unit, None where there is no estimate.
    """
    known = dict(numbers_of(result))
    declared = {one.name: one for one in variables(Result) if one.dtype == "f8"}
    estimates = {one.error_of: one.name for one in declared.values() if one.error_of}
    single = [
        one.name
        for one in declared.values()
        if not one.error_of and not one.dimensions and known.get(one.name) is not None
    ]
    order = [*(name for name in _FIRST if name in single)]
    order += [name for name in single if name not in order]
    found = []
    for name in order:
        unit, factor = unit_of(name, declared[name].quantity)
        error = known.get(estimates.get(name, ""))
        found.append(
            {
                "name": name,
                "words": declared[name].words,
                "note": declared[name].note,
                "unit": unit,
                "value": factor * known[name],
                "si": known[name],
                "error": None if error is None or not math.isfinite(error) else factor * error,
            }
        )
    return found


@cache
def unit_of(name: str, quantity: Dimension) -> tuple[str, float]:
    """The unit that a number is shown in, and how many of it an SI unit is."""
    if quantity is PURE_NUMBER:
        return ("%", 100.0) if name.endswith(_PERCENT) else ("", 1.0)
    shown = "Ohm cm^2" if quantity is AREA_RESISTANCE else quantity.shown_in
    return shown, in_unit(1.0, quantity)


def split(case: Case, result: Result) -> list[dict[str, Any]]:
    """What the voltage between lithium and the top consists of, as plain data in mV.

    -<phi>_top = <eta> + I H / kappa + I Rc: the reaction on lithium, the electrolyte if the current
    went straight up, and its constriction to what reacts. Errors are estimates; the middle part is
    exact.

        <eta>  mean overpotential on the islands [V]    H      height of the cell [m]
        I      current density at the top [A/m^2]       kappa  conductivity [S/m]
        Rc     constriction resistance [Ohm m^2]
    """
    return list(_parts(case, result))


def _parts(case: Case, result: Result) -> Iterator[dict[str, Any]]:
    current, estimate = case.operation.current_density, result.error_estimate
    straight = current * case.cell.electrolyte.height / case.conductivity
    constriction = -result.potential_top_mean - result.overpotential_mean - straight
    kinetic_error = None if estimate is None else estimate.overpotential_mean
    resistance_error = None if estimate is None else estimate.constriction_resistance
    error = None if resistance_error is None else abs(current) * resistance_error
    yield _part("kinetic", "reaction on lithium", result.overpotential_mean, kinetic_error)
    yield _part("straight", "electrolyte, straight up", straight, 0.0)
    yield _part("constriction", "electrolyte, constriction", constriction, error)


def _part(name: str, words: str, value: float, error: float | None) -> dict[str, Any]:
    milli = in_unit(1.0, POTENTIAL)
    return {
        "name": name,
        "words": words,
        "unit": "mV",
        "value": milli * value,
        "si": value,
        "error": None if error is None or not math.isfinite(error) else milli * error,
    }
