"""How long stripping takes: the cells of ``tests/data/stripping_cases.json`` at 10 uV.

    python benchmarks/stripping.py [NAME ...] [--rounds N]

Processor time on one core (set OMP_NUM_THREADS=1) inside ``fi.strip``, without imports and first
use; the least of some rounds. What is found must meet the tolerances of the tests.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

import fem_island as fi

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from stripping_cases import CASES, case_of, complaints


def main() -> None:
    """Print a line per cell."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(CASES), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    fi.strip(case_of("paper_w5_bare", tolerance=1e-3))
    for name in options.names:
        case = case_of(name)
        seconds = []
        for _ in range(options.rounds):
            start = time.process_time()
            run = fi.strip(case)
            seconds.append(time.process_time() - start)
        print(
            f"{name:22} {min(seconds):6.2f} s {run.degrees_of_freedom:4d} unknowns "
            f"{run.steps:4d} steps {run.newton_iterations:5d} Newton steps, "
            f"error {1e6 * run.voltage_error:.1f} uV",
            *complaints(name, run),
            flush=True,
        )


if __name__ == "__main__":
    main()
