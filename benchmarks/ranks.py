"""How much faster a sweep is on two ranks than on one, for the part that computes.

    .venv/bin/python benchmarks/ranks.py [--ranks N] [--rounds N] [--output FILE]

Runs the same sweep in turn on one rank and on several, each time in a new folder, and prints the
median of each and the ratio of every pair. The machine must have that many cores free.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

from map import when_and_where

BIN = Path(sys.executable).parent
WIDTHS = {"condensed": 2000, "newton": 16}
"""Enough for a sweep of each solver that is long enough to measure; 50 currents each."""

SWEEP = """
[sweep]
"islands.width" = { from = "1 um", to = "49 um", count = WIDTHS }
"operation.current_density" = { from = "0.5 A/m^2", to = "50 A/m^2", count = 50, spacing = "log" }
"""


def seconds(case: Path, out: Path, ranks: int, solver: str) -> float:
    """Seconds that the sweep says it took to compute."""
    command = [str(BIN / "mpirun"), "-n", str(ranks), str(BIN / "fem-island"), "sweep", str(case)]
    done = subprocess.run(
        [*command, "--out", str(out), "--quiet", "--solver", solver],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    found = re.search(r"computed in ([0-9.]+) s", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout)
    return float(found[1])


def measured(solver: str, widths: int, ranks: int, rounds: int) -> dict[str, object]:
    """Run the sweep of one solver in turn on one rank and on several."""
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.toml"
        case.write_text(SWEEP.replace("WIDTHS", str(widths)))
        for number in range(rounds):
            pair = [
                seconds(case, Path(folder) / f"{number}-{count}", count, solver)
                for count in (1, ranks)
            ]
            pairs.append(pair)
            print(f"1 rank {pair[0]:.1f} s, {ranks} ranks {pair[1]:.1f} s", flush=True)
    points = 50 * widths
    one, several = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratios = sorted(alone / shared for alone, shared in pairs)
    print(
        f"{points} points, solver {solver}: median {one:.1f} s on 1 rank "
        f"({points / one:.0f} points/s), {several:.1f} s on {ranks} "
        f"({points / several:.0f} points/s); ratio {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    return {
        "solver": solver,
        "points": points,
        "ranks": ranks,
        "seconds": [one, several],
        "ratio": statistics.median(ratios),
    }


def main() -> None:
    """Measure, print and write."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--solver", choices=tuple(WIDTHS), action="append", help="by default both")
    parser.add_argument("--widths", type=int, help="so many instead of enough to measure")
    parser.add_argument("--output", type=Path, help="write the numbers here, as JSON")
    options = parser.parse_args()
    found = [
        measured(solver, options.widths or WIDTHS[solver], options.ranks, options.rounds)
        for solver in options.solver or WIDTHS
    ]
    if options.output:
        text = json.dumps({**when_and_where(), "measurements": found}, indent=1)
        options.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
