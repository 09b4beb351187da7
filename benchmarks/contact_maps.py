"""What contact maps cost: random blobs with slow and with fast kinetics, to 0.1 mV.

    python benchmarks/contact_maps.py [SIDE ...]

Processor time on one core (set OMP_NUM_THREADS=1) of the first level alone and of all, with the
estimates, and the largest memory of the process until then.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
from scipy.ndimage import gaussian_filter

import fem_island as fi
from fem_island.solvers.cosine.level import solve_level
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.surface.contact import Contact

KINETICS = {"slow": "0.5 mA/cm^2", "fast": "1000 mA/cm^2"}


def blobs(side: int, coverage: float = 0.1) -> fi.ContactMap:
    """Random blobs of about 12 pixels."""
    field = gaussian_filter(np.random.default_rng(3).standard_normal((side, side)), 6.0)
    image = (field > np.quantile(field, 1 - coverage)).astype(np.uint8)
    return fi.ContactMap(image=image, pixel="0.5 um")


def main() -> None:
    """Print the figures."""
    sides = [int(text) for text in sys.argv[1:]] or [512, 1024, 2048]
    for side in sides:
        contact = blobs(side)
        for kind, exchange in KINETICS.items():
            cell = fi.Cell(map=contact, kinetics={"exchange_current_density": exchange})
            case = fi.Case(cell=cell, accuracy=fi.Accuracy(tolerance="0.1 mV"))
            start = time.process_time()
            level = solve_level(case, Contact.of(case), 1, tolerance=1e-9, coarser=None)
            alone = time.process_time() - start
            start = time.process_time()
            columns = CosineSolver().solve(case, np.array([2.5]))
            whole = time.process_time() - start
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            error = float(columns.numbers["error_estimate_overpotential_mean"][0])
            print(
                f"{side} x {side}, {kind} kinetics: one level {alone:.2f} s "
                f"({level.solution.steps} steps, {level.solution.iterations} iterations), "
                f"whole {whole:.2f} s, {memory:.2f} GB, estimated error {1e3 * error:.1e} mV"
            )


if __name__ == "__main__":
    main()
