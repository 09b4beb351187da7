"""A sweep of stripping runs on two ranks: rate, CPU time and memory.

    python benchmarks/stripping_sweep.py --runs 1000

Widths, thicknesses, currents and films (none, silver and gold, each thin and thick) at 100 uV.
What is finished is kept in --out, so the same command goes on after an interruption; the figures
are then of what was left. Fewer runs thin out the currents.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent

FILMS: dict[str, tuple[str, str] | None] = {
    "none": None,
    "Ag_20": ("Ag", "20 nm"),
    "Ag_100": ("Ag", "100 nm"),
    "Au_20": ("Au", "20 nm"),
    "Au_100": ("Au", "100 nm"),
}

CASE = """
[[islands]]
width = "20 um"
thickness = "2 um"
shape = "parabola"

[stripping]
tolerance = "100 uV"

[sweep]
"islands.width" = ["2 um", "5 um", "10 um", "20 um", "40 um"]
"islands.thickness" = ["0.5 um", "1 um", "2 um", "4 um"]

[sweep."operation.current_density"]
from = "0.05 mA/cm^2"
to = "1 mA/cm^2"
count = {currents}
spacing = "log"
"""

FILM = """
[interlayer]
material = "{material}"
thickness = "{thickness}"
reaction = "release"
"""


def cpu_seconds() -> float:
    """Of all processes that were started and have ended [s]."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the sweeps and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("stripping_sweep"))
    arguments = parser.parse_args()
    currents = max(2, arguments.runs // (20 * len(FILMS)))
    arguments.out.mkdir(parents=True, exist_ok=True)
    figures = {}
    for name, film in FILMS.items():
        case = arguments.out / f"{name}.toml"
        text = CASE.format(currents=currents)
        if film:
            text = FILM.format(material=film[0], thickness=film[1]) + text
        case.write_text(text)
        command = [BIN / "mpirun", "-n", str(arguments.ranks), BIN / "fem-island", "sweep", case]
        command += ["--of", "strip", "--quiet", "--out", arguments.out / name]
        before, start = cpu_seconds(), time.perf_counter()
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        figures[name] = {
            "outcome": done.stdout.splitlines()[:1],
            "seconds": round(time.perf_counter() - start, 1),
            "cpu_seconds": round(cpu_seconds() - before, 1),
            "largest_process_megabytes": round(largest / 1024),
        }
        print(name, json.dumps(figures[name]), flush=True)


if __name__ == "__main__":
    main()
