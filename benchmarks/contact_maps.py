"""What contact maps cost: random blobs with slow and with fast kinetics, to 0.1 mV, on one core.

    python benchmarks/contact_maps.py [SIDE ...] [--blob PIXELS] [--tolerance TEXT]

Processor time of the first level alone, and of whole processes of ``fem-island solve`` from their
start to the printed report, with estimates, and the largest memory of these.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.ndimage import gaussian_filter

import fem_island as fi
from fem_island.solvers.cosine.level import solve_level
from fem_island.surface.contact import Contact

KINETICS = {"slow": "0.5 mA/cm^2", "fast": "1000 mA/cm^2"}

CASE = """
[electrolyte]
geometry = "map"
[kinetics]
exchange_current_density = "{exchange}"
[map]
image = "blobs.npy"
pixel = "0.5 um"
[accuracy]
tolerance = "{tolerance}"
"""


def blobs(side: int, *, width: float = 12.0, coverage: float = 0.1) -> fi.ContactMap:
    """Random blobs of a width in pixels."""
    field = gaussian_filter(np.random.default_rng(3).standard_normal((side, side)), width / 2)
    image = (field > np.quantile(field, 1 - coverage)).astype(np.uint8)
    return fi.ContactMap(image=image, pixel="0.5 um")


def alone(contact: fi.ContactMap, exchange: str) -> str:
    """The first level: seconds, steps and iterations."""
    cell = fi.Cell(map=contact, kinetics={"exchange_current_density": exchange})
    case = fi.Case(cell=cell)
    start = time.process_time()
    solution = solve_level(case, Contact.of(case), 1, tolerance=1e-9, coarser=None).solution
    seconds = time.process_time() - start
    return f"{seconds:.2f} s ({solution.steps} steps, {solution.iterations} iterations)"


def whole_process(folder: Path, exchange: str, tolerance: str) -> str:
    """``fem-island solve``: seconds of user and system, memory, and the estimated error."""
    (folder / "map.toml").write_text(CASE.format(exchange=exchange, tolerance=tolerance))
    command = [sys.executable, "-m", "fem_island.cli", "solve", "map.toml", "--json"]
    with (folder / "out.json").open("w") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
    record = json.loads((folder / "out.json").read_text())
    error = 1e3 * record["error_estimate"]["overpotential_mean"]
    return (
        f"{used.ru_utime + used.ru_stime:.2f} s, {used.ru_maxrss / 1e6:.2f} GB, "
        f"{record['degrees_of_freedom']} unknowns, estimated error {error:.1e} mV, "
        f"{record['status']}, exit status {os.waitstatus_to_exitcode(status)}"
    )


def main() -> None:
    """Print the figures."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("sides", type=int, nargs="*", default=[512, 1024, 2048])
    parser.add_argument("--blob", type=float, default=12.0)
    parser.add_argument("--tolerance", default="0.1 mV")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    for side in asked.sides:
        contact = blobs(side, width=asked.blob)
        with TemporaryDirectory() as name:
            folder = Path(name)
            np.save(folder / "blobs.npy", contact.source.values)
            for kind, exchange in KINETICS.items():
                print(f"{side} x {side}, {kind} kinetics", flush=True)
                print(f"  one level alone: {alone(contact, exchange)}", flush=True)
                process = whole_process(folder, exchange, asked.tolerance)
                print(f"  whole process: {process}", flush=True)


if __name__ == "__main__":
    main()
