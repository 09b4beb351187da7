"""A stripping curve and a spectrum for the page, when they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.experiments.stripping.run import strip_case
from fem_island.machine.arrays import Array
from fem_island.page.point import Answer
from fem_island.quantities import AREA_RESISTANCE, AREAL_CAPACITY, POTENTIAL, TIME, in_unit

_PER_AREA = in_unit(1.0, AREA_RESISTANCE)


def stripping(case: Case) -> Answer:
    """Strip a case and take the curve of its voltage.

    Raises:
        InputError: The case does not say how much lithium there is.
        ConvergenceError: A step of time has no solution.
    """
    run = strip_case(case)
    milli, hours = in_unit(1.0, POTENTIAL), in_unit(1.0, TIME, "hour")
    voltage = run.voltage if run.cell_voltage is None else run.cell_voltage
    arrays: dict[str, Array] = {
        "time": hours * run.times,
        "capacity": in_unit(1.0, AREAL_CAPACITY) * run.capacity,
        "voltage": milli * voltage,
        "film_share": 100 * run.film_share,
    }
    if run.lithium_width is not None:
        arrays["lithium_width"] = 1e6 * run.lithium_width
    header = {
        "state": run.status,
        "reason": run.reason,
        "end": run.end,
        "what": "voltage at the top" if run.cell_voltage is None else "cell voltage",
        "error": milli * run.voltage_error,
        "imbalance": run.charge_imbalance,
        "events": [
            {"event": each.event, "time": hours * each.time, "voltage": milli * each.voltage}
            for each in run.events
        ],
        "numbers": [
            _number("end of the run", "h", hours * float(run.times[-1])),
            _number("voltage at the start", "mV", milli * float(voltage[0]), run.voltage_error),
            _number("charge given", "uAh/cm^2", float(arrays["capacity"][-1])),
        ],
    }
    return header, arrays


def spectrum(case: Case) -> Answer:
    """The impedance of a case about its operating point.

    Raises:
        InputError: Nothing in the cell conducts.
        ConvergenceError: There is no operating point.
    """
    found = impedance_of_case(case)
    arrays: dict[str, Array] = {
        "frequency": found.frequencies,
        "real": _PER_AREA * np.real(found.impedance),
        "imaginary": _PER_AREA * np.imag(found.impedance),
    }
    header = {
        "state": found.status,
        "reason": found.reason or "",
        "error": found.error_estimate,
        "apexes": [
            {
                "frequency": apex.frequency,
                "real": _PER_AREA * apex.impedance.real,
                "imaginary": _PER_AREA * apex.impedance.imag,
            }
            for apex in found.features.apexes
        ],
        "numbers": _of_spectrum(found),
    }
    return header, arrays


def _of_spectrum(found: Spectrum) -> list[dict[str, Any]]:
    words = {
        "resistance at no frequency": found.resistance_dc,
        "total resistance": found.total_resistance,
        "left resistance (2 MHz)": found.features.left_resistance,
        "right resistance": found.features.right_resistance,
    }
    return [
        _number(name, "Ohm cm^2", _PER_AREA * value, found.error_estimate * value)
        for name, value in words.items()
        if value is not None and np.isfinite(value)
    ]


def _number(words: str, unit: str, value: float, error: float | None = None) -> dict[str, Any]:
    """A number as plain data.

    Args:
        words: What it is.
        unit: In which it is shown.
        value: In that unit.
        error: Estimated, in SI units; None where there is no estimate.
    """
    factors = {"mV": in_unit(1.0, POTENTIAL), "Ohm cm^2": _PER_AREA}
    shown = None if error is None else factors[unit] * error
    return {"name": words, "words": words, "unit": unit, "value": value, "error": shown}
