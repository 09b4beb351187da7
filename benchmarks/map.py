"""Operating points per second and core, and worst errors, of this package and of its peers.

    .venv/bin/python benchmarks/map.py [--only NAME ...] [--widths N] [--output FILE.json]

Every contender computes the mean and the largest overpotential of the default cell for 50 island
widths and 50 applied current densities, in a process of its own, on one core. Set-up of every
geometry counts; imports and first compilation do not. The errors are those against
``data/map_50x50.json``; every contender is tuned to the same worst error of the largest
overpotential.

The peers other than DOLFINx come from an optional group: pip install --group benchmark
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from peers.measuring import CONTENDERS, PEERS, Measurement, measure
from peers.problem import SkippedError

WANTED_ERROR = 1e-6
"""Of the largest overpotential [V]."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main() -> int:
    """Measure, print and write; 1 if something failed or missed the wanted error."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=tuple(CONTENDERS), metavar="NAME")
    parser.add_argument("--widths", type=int, help="only so many of the 50 widths, spread evenly")
    parser.add_argument("--output", type=Path, help="write the numbers here, as JSON")
    options = parser.parse_args()
    os.environ.update(ONE_THREAD)

    console = Console(width=110)
    console.print(f"{date.today()}, {processor()}, load {os.getloadavg()[0]:.1f} at the start")
    done: list[Measurement] = []
    failed = False
    for name in options.only or CONTENDERS:
        console.print(f"measuring {name} ...")
        try:
            done.append(measured_apart(name, options.widths))
        except SkippedError as reason:
            console.print(f"{name} skipped: {reason}", style="yellow", markup=False)
        except Exception as error:
            console.print(f"{name} failed: {error}", style="red", markup=False)
            failed = True
    if done:
        show(done, console)
    if options.output:
        options.output.write_text(json.dumps(record(done), indent=1) + "\n")
    return int(failed or any(missed(measurement) for measurement in done))


def measured_apart(name: str, widths: int | None) -> Measurement:
    """Measure in a new process, where no other contender's libraries are loaded."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, name, widths).result()


def missed(measurement: Measurement) -> bool:
    """Whether its error is larger than wanted."""
    return measurement.worst_error_largest > WANTED_ERROR


def best_peer(done: list[Measurement]) -> Measurement | None:
    """The fastest peer that has the wanted error."""
    peers = [one for one in done if one.name in PEERS and not missed(one)]
    return max(peers, key=lambda one: one.points_per_second, default=None)


def show(done: list[Measurement], console: Console) -> None:
    """Print the table, and under it settings and versions."""
    table = Table()
    table.add_column("", no_wrap=True)
    headers = ("unknowns", "points", "s", "core s", "points/s", "error mean", "error max", "ratio")
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    best = best_peer(done)
    for one in done:
        ratio = one.points_per_second / best.points_per_second if best else None
        table.add_row(
            one.title,
            f"{one.unknowns:.0f}",
            str(one.points),
            f"{one.seconds:.2f}",
            f"{one.core_seconds:.2f}",
            f"{one.points_per_second:.0f}",
            f"{one.worst_error_mean:.1e}",
            f"{one.worst_error_largest:.1e}" + (" !" if missed(one) else ""),
            "-" if ratio is None else f"{ratio:.2f}",
        )
    console.print(table)
    console.print(
        "unknowns: median; points/s: per second of processor time; errors: worst of the map [V]; "
        f"!: larger than {WANTED_ERROR:g} V; ratio: to the fastest peer without !"
    )
    for one in done:
        packages = ", ".join(f"{name} {number}" for name, number in one.versions.items())
        console.print(f"{one.title}: {one.settings} ({packages})", markup=False, highlight=False)


def record(done: list[Measurement]) -> dict[str, object]:
    """All numbers, to make documentation from."""
    best = best_peer(done)
    return {
        **when_and_where(),
        "wanted_error": WANTED_ERROR,
        "best_peer": best.name if best else None,
        "measurements": [
            {**asdict(one), "points_per_second": one.points_per_second} for one in done
        ],
    }


def when_and_where() -> dict[str, str]:
    """What every record of a run says."""
    return {
        "date": date.today().isoformat(),
        "processor": processor(),
        "python": platform.python_version(),
    }


def processor() -> str:
    """The model's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
