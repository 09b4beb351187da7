"""A stripping run as an xarray dataset, along time and places."""

from __future__ import annotations

from typing import Any

import xarray

from fem_island.experiments.stripping.curves import curves_of
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.machine.versions import versions

_APPLIED = {"current_density": ("applied current density", "A m-2")}


def dataset(run: StrippingRun) -> xarray.Dataset:
    """The curve along ``time``, and the bottom as its history has it."""
    variables: dict[str, Any] = {}
    curves = curves_of(run.case.cell.electrolyte.geometry)
    for name, (words, unit) in (_APPLIED | curves).items():
        values = getattr(run, name)
        if values is not None:
            variables[name] = (("time",), values, {"long_name": words, "units": unit})
    of_bottom, places = run.bottom.labelled()
    about = {"long_name": "time", "units": "s"}
    found = xarray.Dataset(variables | of_bottom, {"time": ("time", run.times, about), **places})
    names = [event.event for event in run.events]
    found = found.assign(
        event_time=(("event",), [event.time for event in run.events], {"units": "s"}),
        event_voltage=(("event",), [event.voltage for event in run.events], {"units": "V"}),
    ).assign_coords(event=("event", names))
    found.attrs = {
        "status": run.status,
        "reason": run.reason,
        "end": run.end,
        "estimated_error_of_voltage": run.voltage_error,
        "estimated_error_of_time": run.time_error,
        "charge_imbalance": run.charge_imbalance,
        "case": run.case.to_json(),
        "versions": ", ".join(f"{name} {number}" for name, number in versions().items()),
    }
    return found
