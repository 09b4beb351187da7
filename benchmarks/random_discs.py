"""Random discs and rings: both solvers against each other and against a finer grid.

    python benchmarks/random_discs.py FILE.jsonl [--first N] [--count N] [--extreme] [--processes N]

Every cell is drawn from its number alone: a cylinder of 5 um to 1 mm with one to three discs and
rings, at the axis and at the wall or not, bare or with a film that does nothing, is reversible or
releases its lithium, over all of the bottom or a part of it. The tolerance is 1 uV; the reference
is the condensed solver at 10 nV. Extreme ones are one disc or ring that may be as narrow as 1e-4 of
the radius, in cylinders from 100 times as wide as high to 100 times as high as wide, with exchange
current densities over nine decades.

Results are appended to FILE, a line each; what is there already is not computed again. The table
counts, for each solver, what has converged with an error of a potential above 1e-6 V, of a share of
the current above 1e-6, of a peak current above 1e-3 of it, or above its estimate.
"""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

SOLVERS = ("condensed", "newton")

REFERENCE_TOLERANCE, FLOOR = 1e-8, 1e-10
"""Of the reference, and the smallest error that counts [V]."""
PER_VOLT = 40.0
"""Part of a current per volt of overpotential: F / RT."""
LARGEST = {"potential": 1e-6, "share": 1e-6, "peak": 1e-3, "over_estimate": 1.0}
"""What an error may be; the last is that over its estimate."""

ESTIMATED = (
    "overpotential_mean",
    "overpotential_max",
    "exposed_drive_max",
    "potential_top_mean",
    "local_current_density_max",
    "local_current_density_min",
    "constriction_resistance",
)


def drawn(number: int, *, extreme: bool = False) -> dict[str, Any]:
    """The case of a number, as a dictionary of a case file's tables in SI."""
    draw = np.random.default_rng([61 if extreme else 16, number])
    rates = (1e-4, 1e5) if extreme else (0.1, 1000.0)
    flatness = (1e-2, 1e2) if extreme else (0.1, 5.0)

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(draw.uniform(np.log(low), np.log(high))))

    def kinetics() -> dict[str, float]:
        return {
            "exchange_current_density": log_uniform(*rates),
            "anodic_transfer_coefficient": float(draw.uniform(0.3, 0.7)),
            "cathodic_transfer_coefficient": float(draw.uniform(0.3, 0.7)),
        }

    radius = log_uniform(5e-6, 1e-3)
    height = float(np.clip(radius * log_uniform(*flatness), 1e-6, 2e-3))
    conductivity = log_uniform(1e-2, 10.0)
    count = int(draw.choice([1, 1, 2, 3]))
    ends = np.sort(draw.uniform(0, radius, 2 * count))
    if draw.random() < 0.5:
        ends[0] = 0.0
    if draw.random() < 0.3:
        ends[-1] = radius
    islands: list[dict[str, Any]] = [
        {"inner_radius": float(inner), "outer_radius": float(outer)}
        for inner, outer in ends.reshape(count, 2)
        if outer - inner > 2e-3 * radius
    ] or [{"outer_radius": 0.3 * radius}]
    if extreme:
        width = radius * log_uniform(1e-4, 0.5)
        inner = float(draw.choice([0.0, radius - width, draw.uniform(0, radius - width)]))
        islands = [{"inner_radius": inner, "outer_radius": inner + width}]
    if draw.random() < 0.2:
        islands[0]["kinetics"] = kinetics()
    cell: dict[str, Any] = {
        "electrolyte": {
            "geometry": "axisymmetric",
            "radius": radius,
            "height": height,
            "conductivity": conductivity,
        },
        "kinetics": kinetics(),
        "islands": islands,
    }
    if draw.random() < 0.6:
        film: dict[str, Any] = {
            "material": str(draw.choice(["Ag", "Au", "Mg", "Zn", "Cd"])),
            "reaction": str(draw.choice(["none", "reversible", "release", "release"])),
        }
        if draw.random() < 0.5:
            film |= kinetics()
        if draw.random() < 0.4:
            inner, outer = np.sort(draw.uniform(0, radius, 2))
            if outer - inner > 2e-2 * radius:
                film["extent"] = [[float(inner), float(outer)]]
        if draw.random() < 0.3:
            film["state_of_charge_profile"] = [
                [0.0, float(draw.uniform(0.05, 1.0))],
                [radius, float(draw.uniform(0.05, 1.0))],
            ]
        cell["interlayer"] = film
    # Not more than what drops about a volt in the electrolyte.
    current = min(log_uniform(0.1, 300.0), 0.3 * conductivity / (radius + height))
    if extreme:
        current = min(current, 4 * conductivity * width / radius**2)
    probes = [[float(draw.uniform(0, radius)), float(draw.uniform(0, height))] for _ in range(2)]
    return {
        "cell": cell,
        "operation": {"current_density": float(draw.choice([-1.0, 1.0, 1.0])) * current},
        "output": {"probes": probes},
    }


def outcome(number: int, *, extreme: bool = False) -> dict[str, Any]:
    """How wrong both solvers are on a cell."""
    from fem_island.case.case import Case
    from fem_island.errors import FemIslandError, InputError
    from fem_island.experiments.point.solve import solve

    try:
        case = Case(**drawn(number, extreme=extreme))
        precise = solve(case, tolerance=REFERENCE_TOLERANCE, solver="condensed")
    except InputError as error:
        return {"number": number, "refused": str(error)}
    except FemIslandError as error:
        return {"number": number, "reference": str(error)}
    reference = precise.result
    if reference.error_estimate is None:
        return {"number": number, "reference": "without an estimate"}
    found: dict[str, Any] = {"number": number, "reference": reference.status}
    for solver in SOLVERS:
        start = time.process_time()
        try:
            result = solve(case, solver=solver).result  # type: ignore[arg-type]
        except FemIslandError as error:
            found[solver] = {"status": "failed", "reason": str(error)}
            continue
        found[solver] = {"seconds": time.process_time() - start, **errors(result, reference)}
    return found


def errors(result: Any, reference: Any) -> dict[str, Any]:
    """Largest errors of a result, by the names of ``LARGEST``."""
    potentials = np.abs(_potentials(result) - _potentials(reference))
    shares = np.abs(_shares(result) - _shares(reference))
    sides = [f"local_current_density_{side}" for side in ("min", "max")]
    peak = max(abs(getattr(reference, side)) for side in sides)
    currents = max(abs(getattr(result, side) - getattr(reference, side)) for side in sides)
    over = 0.0
    for name in ESTIMATED:
        ours, theirs = getattr(result, name), getattr(reference, name)
        if ours is not None and theirs is not None and result.error_estimate is not None:
            estimate = getattr(result.error_estimate, name)
            # A potential that is that wrong is a current that is so by its part.
            scale = PER_VOLT * abs(theirs) if name.startswith("local") else max(1.0, abs(theirs))
            known = 2 * getattr(reference.error_estimate, name) + FLOOR * scale
            over = max(over, abs(ours - theirs) / max(estimate, known))
    return {
        "status": result.status,
        "potential": float(potentials.max()),
        "share": float(shares.max(initial=0.0)),
        "peak": currents / peak if peak else 0.0,
        "over_estimate": over,
    }


def _potentials(result: Any) -> Any:
    """All potentials that are reported [V]."""
    places = ("mean", "center", "left", "right")
    found = [getattr(result, f"overpotential_{side}") for side in ("mean", "min", "max")]
    found += [getattr(island, f"overpotential_{at}") for island in result.islands for at in places]
    found += [result.potential_top_mean, result.exposed_drive_max or 0.0]
    return np.array([*found, *(probe[-1] for probe in result.probes)])


def _shares(result: Any) -> Any:
    """Of all islands and of the film in the current."""
    found = [island.current_fraction or 0.0 for island in result.islands]
    film = result.interlayer
    return np.array([*found, 0.0 if film is None else film.current_fraction or 0.0])


def show(lines: list[dict[str, Any]], console: Console) -> None:
    """Print what was found."""
    judged = [line for line in lines if line.get("reference") == "converged"]
    refused = sum("refused" in line for line in lines)
    console.print(f"{len(lines)} cells, {refused} refused, {len(judged)} with a reference")
    table = Table(box=None)
    for heading in ("", "converged", *LARGEST, "largest"):
        table.add_column(heading)
    for solver in SOLVERS:
        solved = [line[solver] for line in judged if line[solver]["status"] == "converged"]
        wrong = [str(sum(one[name] > most for one in solved)) for name, most in LARGEST.items()]
        largest = [f"{max((one[name] for one in solved), default=0.0):.1e}" for name in LARGEST]
        table.add_row(solver, str(len(solved)), *wrong, " ".join(largest))
    console.print(table)
    for line in judged:
        for solver in SOLVERS:
            one = line[solver]
            if one["status"] != "converged" or any(one[n] > most for n, most in LARGEST.items()):
                console.print(f"number {line['number']}, {solver}: {one}")


def main() -> None:
    """Compute what is missing, and show all."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--first", type=int, default=0, help="number of the first cell")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--extreme", action="store_true", help="draw extreme ones")
    parser.add_argument("--processes", type=int, default=1)
    arguments = parser.parse_args()
    os.environ.update(ONE_THREAD)
    console = Console(width=120)
    file: Path = arguments.file
    text = file.read_text("utf-8") if file.exists() else ""
    # The last line may have been cut off.
    lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    known = {line["number"] for line in lines}
    asked = range(arguments.first, arguments.first + arguments.count)
    missing = [number for number in asked if number not in known]
    with (
        ProcessPoolExecutor(arguments.processes) as pool,
        file.open("a", encoding="utf-8") as out,
    ):
        compute = partial(outcome, extreme=arguments.extreme)
        futures = [pool.submit(compute, number) for number in missing]
        for future in track(as_completed(futures), total=len(futures), console=console):
            lines.append(future.result())
            out.write(json.dumps(lines[-1]) + "\n")
            out.flush()
    show([line for line in lines if line["number"] in asked], console)


if __name__ == "__main__":
    main()
