"""The stripping cases of ``data/stripping_cases.json``, from a method without finite elements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import fem_island as fi

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "stripping_cases.json").read_text("utf-8")
)["cases"]

EVENT_TIME, EVENT_TIME_CONSTRICTED, END_TIME = 1e-5, 3e-5, 3e-6
"""Allowed errors of times, as shares of the time that the charge lasts."""

TIME_SHIFT, NEAR_EVENT = 1e-5, 3e-4
VOLTAGE, VOLTAGE_CONSTRICTED, WIDTH, SHARE, CHARGE = 10e-6, 60e-6, 5e-3, 1e-3, 1e-9


def case_of(name: str, *, tolerance: float = 10e-6) -> fi.Case:
    """A case of the file, at the times of its points."""
    inputs = CASES[name]["inputs"]
    cell: dict[str, Any] = {
        "electrolyte": {
            "width": inputs["W"],
            "height": inputs["H"],
            "conductivity": inputs["kappa"],
        },
        "kinetics": {
            "exchange_current_density": inputs["i0"],
            "anodic_transfer_coefficient": inputs["aa"],
            "cathodic_transfer_coefficient": inputs["ac"],
        },
    }
    if "layer" in inputs:
        cell["lithium"] = {
            "thickness": inputs["layer"]["thickness_mean"],
            "variation": inputs["layer"]["cosine_amplitude"],
            "period": inputs["layer"]["period"],
        }
    else:
        cell["islands"] = [
            {
                "width": island["width"],
                "thickness": island["thickness_max"],
                "shape": island["shape"],
                "center": 0.5 * (island["left"] + island["right"]) if "left" in island else None,
            }
            for island in inputs["islands"]
        ]
    rungs = inputs["rungs"]
    if rungs:
        cell["interlayer"] = {
            "material": "Ag" if len(rungs) == 1 else "Au",
            "reaction": inputs["reaction"],
            "exchange_current_density": rungs[0]["i0"],
            "capacity": sum(rung["q"] for rung in rungs),
        }
    times = [point["time"] for point in CASES[name]["points"]]
    return fi.Case(
        cell=cell,
        operation={"current_density": inputs["I"], "temperature": inputs["T"]},
        stripping={"times": times, "tolerance": tolerance},
    )


def complaints(name: str, run: fi.StrippingRun) -> list[str]:
    """Where a run is further from the file than is allowed."""
    case = CASES[name]
    constricted = "constricted" in name
    lasts = case["charge_time"]
    known = case["quality"]["difference_of_two_resolutions"].get("voltage", 0.0)
    allowed = max(VOLTAGE_CONSTRICTED if constricted else VOLTAGE, known)
    events = [event["time"] for event in case["events"]]
    found = []
    assert run.lithium_width is not None
    for point in case["points"]:
        if min(abs(point["time"] - event) for event in events) < NEAR_EVENT * lasts:
            continue
        number = int(np.argmin(np.abs(run.times - point["time"])))
        if run.times[number] != point["time"]:
            found.append(f"{point['time']} s is not among the times")
            continue
        around = slice(max(number - 1, 0), number + 2)
        slope = np.abs(np.diff(run.voltage[around]) / np.diff(run.times[around])).max()
        error = abs(run.voltage[number] - point["voltage"]) - slope * TIME_SHIFT * lasts
        if error > allowed:
            found.append(f"{1e6 * error:.1f} uV at {point['time']} s")
        if abs(run.lithium_width[number] - point["lithium_width"]) > WIDTH * point["lithium_width"]:
            found.append(f"width at {point['time']} s")
        if case["inputs"]["rungs"] and abs(run.film_share[number] - point["film_share"]) > SHARE:
            found.append(f"share at {point['time']} s")
    times = {event.event: event.time for event in run.events}
    for event in case["events"]:
        wanted = EVENT_TIME_CONSTRICTED if constricted else EVENT_TIME
        if event["event"] == "cutoff_voltage":
            wanted = END_TIME
        error = abs(times.get(event["event"], np.inf) - event["time"]) / lasts
        if error > wanted:
            found.append(f"{event['event']} by {error:.1e} of the time")
    if run.charge_imbalance > CHARGE:
        found.append(f"charge by {run.charge_imbalance:.1e}")
    return found
