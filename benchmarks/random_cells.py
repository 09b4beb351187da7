"""Random cells against a finer grid: how often what is reported is wrong by more than it says.

    python benchmarks/random_cells.py FILE.jsonl [--solver NAME] [--count N] [--processes N]

Every cell is drawn from its number alone: 10 um to 1 mm wide, with 1 to 4 islands, bare or with a
film that does nothing, is reversible or releases its lithium, at its plateau or with a profile of
its state of charge; current, kinetics and conductivity over far more than anyone will use in half
of the cells, and over what is usual in the others. The reference is the condensed solver at a
tolerance of 1 nV, with elements at the edges a sixth of what that plans.

Results are appended to FILE, a line each; what is there already is not computed again. The tables
count cells that failed, cells whose error is above their estimate although they have converged,
and the slowest (seconds of processor time).
"""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

REFERENCE_TOLERANCE, FINER_EDGES = 1e-9, 1 / 6

POTENTIALS = ("overpotential_mean", "overpotential_max", "exposed_drive_max", "potential_top_mean")
"""Reported potentials with estimates of their own."""

FLOOR = 1e-10
"""Smallest error that counts [V]."""


def drawn(number: int) -> dict[str, Any]:
    """The case of a number, as a dictionary of a case file's tables in SI."""
    draw = np.random.default_rng([11, number])

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(draw.uniform(np.log(low), np.log(high))))

    extreme = draw.random() < 0.5
    rates = (1e-4, 1e5) if extreme else (0.3, 300.0)
    currents = (1e-3, 1e4) if extreme else (0.1, 100.0)
    conductivities = (1e-3, 1e2) if extreme else (0.02, 2.0)

    def kinetics() -> dict[str, float]:
        return {
            "exchange_current_density": log_uniform(*rates),
            "anodic_transfer_coefficient": float(draw.uniform(0.1, 0.9)),
            "cathodic_transfer_coefficient": float(draw.uniform(0.1, 0.9)),
        }

    width = log_uniform(10e-6, 1e-3)
    height = max(log_uniform(2e-6, 1e-3), width / 100)
    count = int(draw.choice([1, 1, 2, 3, 4]))
    ends = np.sort(draw.uniform(0, width, 2 * count)).reshape(count, 2)
    if draw.random() < 0.3:
        ends[0, 0] = 0.0
    islands: list[dict[str, Any]] = [
        {"width": float(right - left), "center": float((left + right) / 2)}
        for left, right in ends
        if right - left > 2e-3 * width
    ] or [{"width": 0.1 * width, "center": 0.5 * width}]
    if draw.random() < 0.2:
        islands[0]["kinetics"] = kinetics()
    cell: dict[str, Any] = {
        "electrolyte": {
            "width": width,
            "height": height,
            "conductivity": log_uniform(*conductivities),
        },
        "kinetics": kinetics(),
        "islands": islands,
    }
    if draw.random() < 0.6:
        film: dict[str, Any] = {"reaction": str(draw.choice(["none", "reversible", "release"]))}
        if draw.random() < 0.5:
            film["material"] = str(draw.choice(["Ag", "Au", "Mg", "Zn", "Al", "Sn", "Cd"]))
        else:
            film["equilibrium_potential"] = float(draw.uniform(0.0, 0.6))
        if draw.random() < 0.5:
            film |= kinetics()
        if "material" in film and draw.random() < 0.3:
            film["state_of_charge_profile"] = [
                [0.0, float(draw.uniform(0.05, 1.0))],
                [0.5 * width, float(draw.uniform(0.05, 1.0))],
                [width, float(draw.uniform(0.05, 1.0))],
            ]
        cell["interlayer"] = film
    return {
        "cell": cell,
        "operation": {
            "current_density": float(draw.choice([-1.0, 1.0, 1.0])) * log_uniform(*currents),
            "temperature": float(draw.uniform(250.0, 400.0)),
        },
        "accuracy": {"tolerance": float(draw.choice([1e-6, 1e-6, 1e-5, 1e-4]))},
    }


def outcome(number: int, solver: str) -> dict[str, Any]:
    """What a cell reports and how wrong that is."""
    from fem_island.case.case import Case
    from fem_island.errors import FemIslandError, InputError
    from fem_island.experiments.point.solve import solve

    try:
        case = Case(**drawn(number))
    except InputError as error:
        return {"number": number, "status": "refused", "reason": str(error)}
    start = time.process_time()
    try:
        result = solve(case, solver=solver).result  # type: ignore[arg-type]
    except FemIslandError as error:
        seconds = time.process_time() - start
        status = "refused" if isinstance(error, InputError) else "failed"
        return {"number": number, "status": status, "reason": str(error), "seconds": seconds}
    found: dict[str, Any] = {
        "number": number,
        "status": result.status,
        "reason": result.reason,
        "seconds": time.process_time() - start,
    }
    try:
        reference = finer(case)
    except FemIslandError as error:
        return found | {"reference": str(error)}
    errors, estimates = {}, {}
    for name in POTENTIALS:
        ours, theirs = getattr(result, name), getattr(reference, name)
        estimate = getattr(result.error_estimate, name)
        if ours is not None and theirs is not None and estimate is not None:
            errors[name], estimates[name] = abs(ours - theirs), estimate
    uncertain = max(
        (getattr(reference.error_estimate, name) or 0.0 for name in errors), default=0.0
    )
    return found | {
        "tolerance": case.accuracy.tolerance,
        "errors": errors,
        "estimates": estimates,
        "reference": reference.status,
        "reference_estimate": uncertain,
    }


def finer(case: Any) -> Any:
    """The result of a case on a finer grid."""
    from fem_island.case.case import Case
    from fem_island.results.reading import result_at
    from fem_island.solvers.accuracy import to_tolerance
    from fem_island.solvers.condensed.method import CondensedMethod
    from fem_island.solvers.resolution import Grading, Resolution
    from fem_island.surface.points import OperatingPoints

    class Finer(CondensedMethod):
        def first(self, points: OperatingPoints) -> Resolution:
            planned = super().first(points)
            edges = Grading(
                planned.grading.edge_size * FINER_EDGES,
                planned.grading.growth,
                planned.grading.max_size,
            )
            return Resolution(planned.degree, edges)

    precise = Case(
        cell=case.cell, operation=case.operation, accuracy={"tolerance": REFERENCE_TOLERANCE}
    )
    best = to_tolerance(OperatingPoints.of(precise), Finer())
    return result_at(best.columns, 0, case=precise, solver="condensed")


def excess(line: dict[str, Any]) -> float:
    """Largest error over what is said of it, for what the reference can judge."""
    judged = [
        error / max(line["estimates"][name], FLOOR, 2 * line["reference_estimate"])
        for name, error in line.get("errors", {}).items()
    ]
    return max(judged, default=0.0)


def show(lines: list[dict[str, Any]], console: Console) -> None:
    """Print what was found."""
    counts = Counter(line["status"] for line in lines)
    table = Table(box=None)
    for name in ("", "cells"):
        table.add_column(name)
    for status, count in sorted(counts.items()):
        table.add_row(status, str(count))
    judged = [line for line in lines if line.get("errors")]
    table.add_row("compared with a reference", str(len(judged)))
    wrong = [line for line in judged if line["status"] == "converged" and excess(line) > 1]
    table.add_row("converged, error above the estimate", str(len(wrong)))
    mute = [line for line in lines if line["status"] == "failed" and not line["reason"]]
    table.add_row("failed without a reason", str(len(mute)))
    console.print(table)
    for line in sorted(wrong, key=excess, reverse=True)[:20]:
        console.print(f"number {line['number']}: {excess(line):.2g} times, {line['errors']}")
    slow = sorted(lines, key=lambda line: line.get("seconds", 0.0), reverse=True)[:5]
    console.print(
        "slowest:", ", ".join(f"{e['number']}: {e.get('seconds', 0):.1f} s" for e in slow)
    )


def main() -> None:
    """Compute what is missing, and show all."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--solver", default="condensed", choices=("condensed", "newton"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    os.environ.update(ONE_THREAD)
    console = Console()
    file: Path = arguments.file
    text = file.read_text("utf-8") if file.exists() else ""
    # The last line may have been cut off.
    lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    known = {line["number"] for line in lines}
    missing = [number for number in range(arguments.count) if number not in known]
    with (
        ProcessPoolExecutor(arguments.processes) as pool,
        file.open("a", encoding="utf-8") as out,
    ):
        futures = [pool.submit(outcome, number, arguments.solver) for number in missing]
        for future in track(as_completed(futures), total=len(futures), console=console):
            lines.append(future.result())
            out.write(json.dumps(lines[-1]) + "\n")
            out.flush()
    show([line for line in lines if line["number"] < arguments.count], console)


if __name__ == "__main__":
    main()
