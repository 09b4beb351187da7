"""Cells like those of the reference cases, with other sizes, currents, films and layers."""

from __future__ import annotations

from typing import Any

import numpy as np

import fem_island as fi
from fem_island.experiments.stripping.case_stores import stores_of
from fem_island.experiments.stripping.planning import first_fineness, plan_grid

_KINDS = ("paper", "paper", "triangle", "constricted", "wide", "layer", "two", "off-centre")


def sibling_case(number: int, *, tolerance: float = 10e-6, times: int = 40) -> fi.Case:
    """The case of a number, always the same.

    Args:
        number: Seed of the draw.
        tolerance: Of the run [V].
        times: How many instants are asked for, drawn over the time that the charge lasts.
    """
    draw = np.random.default_rng([29, number])

    def around(value: float, factor: float = 1.6) -> float:
        return value * float(factor ** draw.uniform(-1, 1))

    kind = _KINDS[number % len(_KINDS)]
    width, height, conductivity, exchange = 50e-6, 15e-6, 0.18, 5.0
    if kind == "constricted":
        conductivity, exchange = around(0.005), around(300.0)
    elif kind == "wide":
        width, height = around(1e-3), around(200e-6)
    elif kind == "layer":
        width = around(400e-6)
    elif kind == "off-centre":
        conductivity, exchange = around(0.02, 2.5), around(50.0)
    else:
        exchange = float(draw.choice([exchange, around(exchange, 4.0)]))
    cell: dict[str, Any] = {
        "electrolyte": {"width": width, "height": height, "conductivity": conductivity},
        "kinetics": {"exchange_current_density": exchange},
    }
    thickness = around(4e-6)
    if kind == "layer":
        cell["lithium"] = {
            "thickness": thickness,
            "variation": float(draw.uniform(0.05, 0.9)),
            "period": width / float(draw.choice([1.0, 1.0, 2.0, 3.0])),
        }
    else:
        cell["islands"] = _islands(draw, kind, width, thickness)
    film = str(draw.choice(["none", "Ag", "Ag", "Au"]))
    if film != "none":
        cell["interlayer"] = {
            "material": film,
            "reaction": "release",
            "thickness": around(100e-9, 2.5),
            "exchange_current_density": float(draw.choice([5.0, exchange, around(5.0, 4.0)])),
        }
    operation = {"current_density": around(2.5, 2.0)}
    lasts = _lasts(fi.Case(cell=cell, operation=operation))
    asked = (np.sort(draw.uniform(0.0, 1.0, times)) * lasts).tolist()
    return fi.Case(
        cell=cell, operation=operation, stripping={"tolerance": tolerance, "times": asked}
    )


def _islands(draw: np.random.Generator, kind: str, width: float, crest: float) -> list[Any]:
    shape = "triangle" if kind == "triangle" else "parabola"
    if kind == "two":
        left = sorted(draw.uniform(0.05, 0.45, 2).tolist())
        right = sorted(draw.uniform(0.55, 0.95, 2).tolist())
        left[1], right[1] = max(left[1], left[0] + 0.08), max(right[1], right[0] + 0.08)
        ends = [left, [right[0], min(right[1], 0.97)]]
        thicknesses = [crest, crest * float(draw.uniform(0.4, 1.0))]
    elif kind == "off-centre":
        start, share = float(draw.uniform(0.02, 0.4)), float(draw.uniform(0.1, 0.5))
        ends, thicknesses = [[start, start + share]], [crest]
    else:
        share = float(draw.uniform(0.08, 0.6))
        ends, thicknesses = [[0.5 - share / 2, 0.5 + share / 2]], [crest]
    return [
        {
            "width": (right - left) * width,
            "center": 0.5 * (left + right) * width,
            "thickness": thickness,
            "shape": shape,
        }
        for (left, right), thickness in zip(ends, thicknesses, strict=True)
    ]


def _lasts(case: fi.Case) -> float:
    """About how long the charge lasts [s]."""
    stores = stores_of(case)
    grid = plan_grid(stores, case.cell.electrolyte.height, first_fineness(case, stores, 1e-3))
    charge = float(grid.weights @ stores.state(grid.edges).charge)
    return charge / (case.operation.current_density * grid.width)
