"""What spectra cost: one in a session, and a thousand of different cells.

    python benchmarks/impedance.py [COUNT]

Processor time on one core (set OMP_NUM_THREADS=1), which other work on the machine changes little.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import fem_island as fi
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.solvers.condensed.spectra import ImpedanceSolver

LAYER = {"double_layer": {"capacitance": "10 uF/cm^2"}}


def cell(width: float, exchange_current_density: float) -> fi.Case:
    """The paper's cell with touching copper, a width and a rate."""
    return fi.Case(
        cell=fi.Cell(
            islands=[{"width": width}],
            kinetics={"exchange_current_density": exchange_current_density, **LAYER},
            collector=LAYER,
        )
    )


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    case = cell(5e-6, 5.0)
    impedance_of_case(case)
    one = []
    for _ in range(20):
        start = time.process_time()
        spectrum = impedance_of_case(case)
        one.append(time.process_time() - start)
    error = spectrum.error_estimate
    print(f"one spectrum of 61 frequencies: {1e3 * np.median(one):.0f} ms, error {error:.0e}")
    solver = ImpedanceSolver()
    start = time.process_time()
    worst = 0.0
    for width in np.geomspace(1e-6, 40e-6, max(1, count // 25)):
        for rate in np.geomspace(1.0, 500.0, 25):
            spectrum = impedance_of_case(cell(float(width), float(rate)), solver)
            worst = max(worst, spectrum.error_estimate)
    taken = time.process_time() - start
    print(f"{count} spectra with features and fit: {taken:.1f} s, largest error {worst:.0e}")


if __name__ == "__main__":
    main()
