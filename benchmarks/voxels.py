"""What electrolytes of voxels cost: cubes with random pores, one operating point to 1e-8 V.

    python benchmarks/voxels.py [--pores 0.2] [--size 0] [--kinetics 0.5] [SIDE ...]

Processor time on one core (set OMP_NUM_THREADS=1), iterations of conjugate gradients in all steps
of Newton's method, and the largest memory, of a process of its own for every side. Pores are single
voxels, or blobs of a size in voxels; lithium covers a tenth of the bottom.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
from scipy.ndimage import gaussian_filter

import fem_island as fi
from contact_maps import blobs
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.voxel_level import solve_voxels


def porous(side: int, share: float, size: float) -> np.ndarray:
    """Conductivities in mS/cm: 1.8, and 0 in pores."""
    if share == 0:
        return np.full((side, side, side), 1.8, dtype=np.float32)
    field = np.random.default_rng(1).random((side, side, side), dtype=np.float32)
    if size > 0:
        field = gaussian_filter(field, size)
    return np.where(field > np.quantile(field, share), np.float32(1.8), np.float32(0.0))


def measure(side: int, asked: argparse.Namespace) -> None:
    """Print the figures of one side."""
    contact = blobs(side)
    electrolyte = fi.Electrolyte(
        geometry="map",
        height=side * contact.pixel,
        conductivity_image=porous(side, asked.pores, asked.size),
        conductivity_unit="mS/cm",
    )
    kinetics = {"exchange_current_density": f"{asked.kinetics} mA/cm^2"}
    case = fi.Case(cell=fi.Cell(electrolyte=electrolyte, map=contact, kinetics=kinetics))
    start = time.process_time()
    connected = Connected.of(case)
    prepared = time.process_time() - start
    level = solve_voxels(case, connected, tolerance=1e-8)
    spent = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    top = float(level.columns.numbers["potential_top_mean"][0])
    print(
        f"{side}^3 = {side**3 / 1e6:.1f} million voxels, {100 * asked.pores:g} % pores: "
        f"{level.solution.iterations} iterations in {level.solution.steps} steps, {spent:.1f} s "
        f"({prepared:.1f} s to find what is connected), {memory:.2f} GB, top {1e3 * top:.4f} mV",
        flush=True,
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sides", nargs="*", type=int, default=[100, 200, 300], metavar="SIDE")
    parser.add_argument("--pores", type=float, default=0.2)
    parser.add_argument("--size", type=float, default=0.0)
    parser.add_argument("--kinetics", type=float, default=0.5)
    asked = parser.parse_args()
    if len(asked.sides) == 1:
        measure(asked.sides[0], asked)
        return
    for side in asked.sides:
        options = [f"--{name}={getattr(asked, name)}" for name in ("pores", "size", "kinetics")]
        subprocess.run([sys.executable, __file__, *options, str(side)], check=True)


if __name__ == "__main__":
    main()
