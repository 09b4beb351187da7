"""A stripping run as an xarray dataset, along time and position."""

from __future__ import annotations

from typing import Any

import xarray

from fem_island.experiments.stripping.curves import curves_of
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.machine.versions import versions

_APPLIED = {"current_density": ("applied current density", "A m-2")}
_BOTTOM = {
    "thickness": ("thickness of the reacting lithium", "m"),
    "film_charge": ("areal charge of the film", "C m-2"),
    "current_density": ("local current density at the bottom", "A m-2"),
    "drive": ("drive phi_Li - phi at the bottom", "V"),
}


def dataset(run: StrippingRun) -> xarray.Dataset:
    """The curve along ``time``, the bottom along ``time`` and ``position``."""
    variables: dict[str, Any] = {}
    curves = curves_of(run.case.cell.electrolyte.geometry)
    for name, (words, unit) in (_APPLIED | curves).items():
        values = getattr(run, name)
        if values is not None:
            variables[name] = (("time",), values, {"long_name": words, "units": unit})
    for name, (words, unit) in _BOTTOM.items():
        values = getattr(run.bottom, name)
        attributes = {"long_name": words, "units": unit}
        variables[f"bottom_{name}"] = (("time", "position"), values, attributes)
    edges = run.bottom.edges
    found = xarray.Dataset(
        variables,
        coords={
            "time": ("time", run.times, {"long_name": "time", "units": "s"}),
            "position": (
                "position",
                edges.mean(axis=1),
                {"long_name": "middle of the cell of the bottom", "units": "m"},
            ),
            "position_width": (
                "position",
                edges[:, 1] - edges[:, 0],
                {"long_name": "width of the cell of the bottom", "units": "m"},
            ),
        },
    )
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
        "charge_imbalance": run.charge_imbalance,
        "case": run.case.to_json(),
        "versions": ", ".join(f"{name} {number}" for name, number in versions().items()),
    }
    return found
