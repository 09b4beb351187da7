"""How much faster a sweep is on two ranks than on one, for the part that computes.

    .venv/bin/python benchmarks/ranks.py [--ranks N] [--rounds N] [--solver NAME] [--output FILE]

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
from argparse import ArgumentParser
from datetime import date
from pathlib import Path

from map import processor

BIN = Path(sys.executable).parent
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


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--widths", type=int, default=50)
    parser.add_argument("--solver", default="newton")
    parser.add_argument("--output", type=Path, help="write the numbers here, as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case.toml"
        case.write_text(SWEEP.replace("WIDTHS", str(options.widths)))
        pairs = []
        for number in range(options.rounds):
            pair = [
                seconds(case, Path(folder) / f"{number}-{ranks}", ranks, options.solver)
                for ranks in (1, options.ranks)
            ]
            pairs.append(pair)
            print(f"1 rank {pair[0]:.1f} s, {options.ranks} ranks {pair[1]:.1f} s", flush=True)
    points = 50 * options.widths
    one, several = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratios = sorted(alone / shared for alone, shared in pairs)
    print(
        f"{points} points, solver {options.solver}: median {one:.1f} s on 1 rank "
        f"({points / one:.0f} points/s), {several:.1f} s on {options.ranks} "
        f"({points / several:.0f} points/s); ratio {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    if options.output:
        measured = {
            "solver": options.solver,
            "points": points,
            "ranks": options.ranks,
            "seconds": [one, several],
            "ratio": statistics.median(ratios),
        }
        found = {"date": date.today().isoformat(), "processor": processor()}
        text = json.dumps({**found, "measurements": [measured]}, indent=1)
        options.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
