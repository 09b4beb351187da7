"""Arbitrary points per second of one core, and their differences from ``solve``.

    .venv/bin/python benchmarks/evaluate.py [--points N] [--compared N] [--output FILE.json]

Points are drawn at random, each with its own applied current, exchange current density,
conductivity and anodic transfer coefficient; the kinds differ in what else is. Everything that
``solve`` reports is computed, with estimates; the check of the table counts, imports do not. Some
of the points are solved again by ``solve``, and their differences put over the sum of both
estimates.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import fem_island as fi
from map import when_and_where

UM = 1e-6
Columns = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
COMPARED = (
    "overpotential_mean",
    "overpotential_max",
    "local_current_density_max",
    "exposed_drive_max",
    "potential_top_mean",
)
TWO = [{"width": "5 um", "center": "12 um"}, {"width": "5 um", "center": "38 um"}]


def kinetics(random: np.random.Generator, count: int) -> Columns:
    """Current, exchange current density, conductivity and transfer coefficient of every point."""
    return {
        "operation.current_density": np.exp(random.uniform(-1, 3, count)),
        "kinetics.exchange_current_density": np.exp(random.uniform(-1, 3, count)),
        "electrolyte.conductivity": random.uniform(0.05, 0.2, count),
        "kinetics.anodic_transfer_coefficient": random.uniform(0.3, 0.7, count),
    }


def widths(random: np.random.Generator, count: int) -> Columns:
    """Every point has an island of its own width."""
    return kinetics(random, count) | {"islands.width": random.uniform(2 * UM, 40 * UM, count)}


def repeated(random: np.random.Generator, count: int) -> Columns:
    """A hundred points have the same width."""
    different = random.uniform(2 * UM, 40 * UM, -(-count // 100))
    return kinetics(random, count) | {"islands.width": np.repeat(different, 100)[:count]}


def cells(random: np.random.Generator, count: int) -> Columns:
    """Every point has a cell of its own width and height as well."""
    width = random.uniform(40 * UM, 200 * UM, count)
    return kinetics(random, count) | {
        "electrolyte.width": width,
        "electrolyte.height": random.uniform(10 * UM, 40 * UM, count),
        "islands.width": width * random.uniform(0.05, 0.8, count),
    }


def two_islands(random: np.random.Generator, count: int) -> Columns:
    """Two islands of different widths at different places."""
    return kinetics(random, count) | {
        "islands.0.width": random.uniform(2 * UM, 18 * UM, count),
        "islands.1.width": random.uniform(2 * UM, 18 * UM, count),
        "islands.0.center": random.uniform(10 * UM, 14 * UM, count),
        "islands.1.center": random.uniform(36 * UM, 40 * UM, count),
    }


Draw = Callable[[np.random.Generator, int], Columns]
FILM = fi.interlayer("Ag", reaction="release")
KINDS: dict[str, tuple[fi.Cell, Draw, float]] = {
    "random widths": (fi.Cell(), widths, 1.0),
    "widths 100 times each": (fi.Cell(), repeated, 1.0),
    "random widths, film": (fi.Cell(interlayer=FILM), widths, 0.2),
    "two islands": (fi.Cell(islands=TWO), two_islands, 0.2),
    "random W and H": (fi.Cell(), cells, 0.05),
}
"""What is measured: the cell, how its points are drawn, and share of the points asked for."""


def main() -> int:
    """Measure, print and write; 1 if a difference is above the estimates."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--compared", type=int, default=40, help="points solved again by solve")
    parser.add_argument("--output", type=Path, help="write the numbers here, as JSON")
    options = parser.parse_args()
    console = Console(width=110)
    console.print(f"{date.today()}, load {os.getloadavg()[0]:.1f} at the start")
    found = [measured(name, options.points, options.compared) for name in KINDS]
    table = Table("", "points", "core s", "points/s", "unmet", "difference / estimate", "MB")
    for one in found:
        numbers = (f"{one['core_seconds']:.2f}", f"{one['points_per_second']:.0f}")
        worst = f"{one['worst_difference']:.2f}"
        table.add_row(
            one["name"],
            str(one["points"]),
            *numbers,
            str(one["unmet"]),
            worst,
            f"{one['memory']:.0f}",
        )
    console.print(table)
    if options.output:
        record = {**when_and_where(), "measurements": found}
        options.output.write_text(json.dumps(record, indent=1) + "\n")
    return int(any(one["worst_difference"] > 1 for one in found))


def measured(name: str, count: int, compared: int) -> dict[str, Any]:
    """The numbers of one kind of points."""
    cell, draw, share = KINDS[name]
    random = np.random.default_rng(1)
    fi.evaluate(cell, draw(random, 20))
    points = draw(random, max(1, round(share * count)))
    started = time.process_time()
    evaluation = fi.evaluate(cell, points)
    seconds = time.process_time() - started
    chosen = np.linspace(0, len(evaluation) - 1, compared).astype(int)
    return {
        "name": name,
        "points": len(evaluation),
        "core_seconds": seconds,
        "points_per_second": len(evaluation) / seconds,
        "unmet": int(sum(evaluation.columns.counts())),
        "worst_difference": max(difference(evaluation, int(point)) for point in chosen),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def difference(evaluation: fi.Evaluation, point: int) -> float:
    """Largest difference of a point from ``solve``, over the sum of both estimates."""
    case = evaluation.plan.case_at(point)
    alone = fi.solve(
        case,
        current_density=case.operation.current_density,
        temperature=case.operation.temperature,
        solver="condensed",
    ).result
    beside = evaluation.result(point)
    if alone.error_estimate is None or beside.error_estimate is None:
        return float("inf")
    found = [0.0]
    for name in COMPARED:
        first, second = getattr(alone, name), getattr(beside, name)
        if first is not None and second is not None:
            allowed = getattr(alone.error_estimate, name) + getattr(beside.error_estimate, name)
            found.append(abs(first - second) / allowed)
    return max(found)


if __name__ == "__main__":
    sys.exit(main())
