"""Arbitrary points in words: what came out at the first of them, and the range of all."""

from __future__ import annotations

from typing import Any

import numpy as np

from fem_island.experiments.evaluation.record import Evaluation
from fem_island.experiments.sweeps.report import fixed_at_reference
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.quantities import (
    CURRENT_DENSITY,
    POTENTIAL,
    PURE_NUMBER,
    Dimension,
    in_unit,
    with_unit,
)
from fem_island.results.result import STATUSES

_MOST_ROWS = 20
_MOST_KEYS = 6
_WIDTH = 110
_SHOWN: tuple[tuple[str, str, Dimension], ...] = (
    ("eta mean", "overpotential_mean", POTENTIAL),
    ("eta max", "overpotential_max", POTENTIAL),
    ("i max", "local_current_density_max", CURRENT_DENSITY),
    ("film share", "interlayer_current_fraction", PURE_NUMBER),
)
_NOTE = (
    "eta: overpotential of lithium; i: local current density on the islands; +-: estimated error"
)


def show_points(evaluation: Evaluation) -> None:
    """Print the first points, a line each, and the smallest and largest of the numbers of all."""
    axes = evaluation.plan.axes[:_MOST_KEYS]
    table = WholeTable(box=None, padding=(0, 1))
    table.add_column("point", justify="right")
    for axis in axes:
        heading = with_unit(axis.name.replace("_", " "), axis.dimension.shown_in)
        table.add_column(heading, justify="right")
    shown = [one for one in _SHOWN if not np.isnan(evaluation[one[1]]).all()]
    for title, _, quantity in shown:
        table.add_column(with_unit(title, quantity.shown_in), justify="right")
        table.add_column("+-", justify="right")
    table.add_column("status")
    for point in range(min(len(evaluation), _MOST_ROWS)):
        given = [_text(axis.values[point], axis.dimension) for axis in axes]
        found = [
            text
            for _, name, quantity in shown
            for text in (
                _text(evaluation[name][point], quantity),
                _text(evaluation[f"error_estimate_{name}"][point], quantity, digits=2),
            )
        ]
        status = STATUSES[int(evaluation["status"][point])]
        table.add_row(str(point), *given, *found, status)
    console = report_console(_WIDTH)
    console.print(table, crop=False)
    more = len(evaluation) - _MOST_ROWS
    if more > 0:
        console.print(f"and {more} more points; --json and --out have them all")
    console.print(_NOTE)
    for line in fixed_at_reference(evaluation.plan):
        console.print(line)


def _text(value: Any, quantity: Dimension, *, digits: int = 6) -> str:
    if np.isnan(value):
        return "-"
    return f"{in_unit(float(value), quantity):.{digits}g}"
