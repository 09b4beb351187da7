"""Time and memory of one operating point over the number of islands, on one core.

    python benchmarks/islands.py [--kinds NAME ...] [--counts N ...] [--solver NAME] [--limit S]

Every cell is solved in a process of its own, at 0.25 mA/cm^2 and the default tolerance. Seconds are
processor time of the solution without imports, memory is the largest resident set of the process
less that after the imports. The kinds:

    equal      5 um islands in the middle of periods of 50 um
    different  random widths (5 to 40 % of the period) and places
    film       the same beside a reversible film of silver
    fast film  the same with i0 = 100 A/cm^2, whose current crowds at the islands' edges
    kinetics   the same islands, bare, with i0 from 1e-2 to 1e4 A/m^2

A cell is at most 1000 times as wide as it is high: above 300 islands the period is 14 um.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from concurrent.futures import ProcessPoolExecutor, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

COUNTS = (1, 3, 10, 50, 100, 300, 1000)
KINDS = ("equal", "different", "film", "fast film", "kinetics")
CURRENT_DENSITY = 2.5

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Measured:
    """One solution.

    Attributes:
        seconds: Processor time.
        megabytes: Largest memory beyond that of the imports.
        unknowns: Of the reported solution.
        status: "converged", "tolerance not met" or "failed".
        estimate: Of the largest overpotential [V].
    """

    seconds: float
    megabytes: float
    unknowns: int
    status: str
    estimate: float


def cell_data(kind: str, count: int) -> dict[str, Any]:
    """A cell of a kind, as keyword arguments."""
    period = 50e-6 if count <= 300 else 14e-6
    random = np.random.default_rng(count)
    islands = []
    for number in range(count):
        width, center = 0.1, 0.5
        if kind != "equal":
            width, center = random.uniform(0.05, 0.4), random.uniform(0.3, 0.7)
        island: dict[str, Any] = {"width": period * width, "center": period * (number + center)}
        if kind == "kinetics":
            i0 = float(10 ** random.uniform(-2, 4))
            island["kinetics"] = {"exchange_current_density": i0}
        islands.append(island)
    data: dict[str, Any] = {"electrolyte": {"width": count * period}, "islands": islands}
    if "film" in kind:
        data["interlayer"] = {"material": "Ag", "reaction": "reversible"}
        if kind == "fast film":
            data["interlayer"]["exchange_current_density"] = "100 A/cm^2"
    return data


def measure(kind: str, count: int, solver: str) -> Measured:
    """Solve one cell; in a process of its own."""
    import fem_island as fi
    from fem_island.solvers.choice import series_solver

    case = fi.Case(cell=fi.Cell(**cell_data(kind, count)))
    before = _peak_megabytes()
    start = time.process_time()
    with series_solver("newton" if solver == "newton" else "condensed") as chosen:
        columns = chosen.solve(case, np.array([CURRENT_DENSITY]))
    seconds = time.process_time() - start
    numbers = columns.numbers[0]
    return Measured(
        seconds=seconds,
        megabytes=_peak_megabytes() - before,
        unknowns=int(numbers["degrees_of_freedom"]),
        status=("converged", "tolerance not met", "failed")[int(numbers["status"])],
        estimate=float(numbers["error_estimate_overpotential_max"]),
    )


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured_apart(kind: str, count: int, solver: str, limit: float) -> Measured | str:
    """Measure in a new process; why not, if it does not end."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        future = pool.submit(measure, kind, count, solver)
        try:
            return future.result(timeout=limit)
        except TimeoutError:
            for process in pool._processes.values():
                process.terminate()
            return f"more than {limit:.0f} s"
        except BrokenProcessPool:
            return "killed"


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, metavar="NAME")
    parser.add_argument("--counts", nargs="+", type=int, default=COUNTS, metavar="N")
    parser.add_argument("--solver", choices=("condensed", "newton"), default="condensed")
    parser.add_argument("--limit", type=float, default=300, help="seconds of wall time for a cell")
    options = parser.parse_args()
    os.environ.update(ONE_THREAD)
    table = Table(title=f"{options.solver}, load {os.getloadavg()[0]:.1f} at the start")
    table.add_column("kind")
    for header in ("islands", "unknowns", "s", "MB", "status", "estimate [V]"):
        table.add_column(header, justify="right", no_wrap=True)
    for kind in options.kinds:
        for count in options.counts:
            one = measured_apart(kind, count, options.solver, options.limit)
            if isinstance(one, str):
                table.add_row(kind, str(count), "", "", "", one, "")
                continue
            table.add_row(
                kind,
                str(count),
                f"{one.unknowns:,}",
                f"{one.seconds:.2f}",
                f"{one.megabytes:.0f}",
                one.status,
                f"{one.estimate:.1e}",
            )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
