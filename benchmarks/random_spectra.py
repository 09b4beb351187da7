"""Random spectra against much finer grids: do the estimates cover the errors, and at what cost?

    python benchmarks/random_spectra.py 300
    python benchmarks/random_spectra.py 30 --maps

Cells of any kind: rest, stripping and plating with unequal transfer coefficients, one to three
islands, double layers, diffusion, copper that touches or is behind a gap, films that give or take
with and without a chemical capacitance, pellet, counter electrode and leads. A line a case: its
seed, the largest relative error over all frequencies and at no frequency, the estimate, seconds.
Cases that were computed before, in the file given by --out, are not computed again.

With --maps they are contact maps (``tests/map_cases.py``): blobs, salt, strips of 2 to 24 pixels
along a side, kinetics from slow to primary, double layers, diffusion, gaps, films, at random
frequencies and to random tolerances, each against pixels half as long or shorter.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import fem_island as fi
from fem_island.case.case import Case
from fem_island.case.impedance import Impedance
from fem_island.errors import FemIslandError
from fem_island.solvers.condensed.impedance_grids import Rung
from fem_island.solvers.condensed.small_signal import SmallSignal
from fem_island.solvers.condensed.spectra import ImpedanceSolver
from fem_island.solvers.cosine.spectra import MapImpedanceSolver
from fem_island.solvers.response import SolvedSpectrum

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from map_cases import random_spectrum_case

FINEST = (Rung(9, 1.5, 3e-4), Rung(9, 1.2, 2e-4))
"""Against which errors are measured: one rung finer than any that is used, and its check."""

FREQUENCIES = np.geomspace(2e6, 2.0, 13)

MAP_PIXELS, FINER_MAP_PIXELS = 2**14, 2**16
"""Up to which pixels of maps are cut, and those of what they are compared with."""


def drawn(seed: int) -> Case:
    """A case of any kind."""
    chance = np.random.default_rng(seed)

    def log(low: float, high: float) -> float:
        return float(np.exp(chance.uniform(np.log(low), np.log(high))))

    def maybe(share: float) -> bool:
        return bool(chance.random() < share)

    def layer() -> dict[str, Any]:
        return {"capacitance": log(1e-3, 1.0), "exponent": float(chance.choice([1.0, 0.9, 0.75]))}

    width = log(10e-6, 1e-3)
    count = int(chance.choice([1, 1, 1, 2, 3]))
    places = np.sort(chance.uniform(0.02, 0.98, 2 * count)) * width
    islands = [
        {"width": float(right - left), "center": float(0.5 * (left + right))}
        for left, right in places.reshape(count, 2)
    ]
    if count == 1 and maybe(0.5):
        islands = [{"width": float(chance.uniform(0.05, 1.0) * width)}]
    anodic = float(chance.uniform(0.3, 0.7))
    kinetics: dict[str, Any] = {
        "exchange_current_density": log(0.5, 500.0),
        "anodic_transfer_coefficient": anodic,
        "cathodic_transfer_coefficient": 1 - anodic,
    }
    if maybe(0.8):
        kinetics["double_layer"] = layer()
    if maybe(0.25):
        kinetics["warburg_coefficient"] = log(1e-5, 1e-3)
    cell: dict[str, Any] = {
        "electrolyte": {
            "width": width,
            "height": log(0.1, 1.5) * width,
            "conductivity": log(0.01, 1.0),
        },
        "kinetics": kinetics,
        "islands": islands,
    }
    if maybe(0.6):
        collector: dict[str, Any] = {"double_layer": layer()}
        if maybe(0.4):
            collector["gap"] = log(1e-9, 1e-6)
            if maybe(0.5):
                collector["gap_extent"] = [(0.0, 0.5 * width)]
        cell["collector"] = collector
    if maybe(0.4):
        film: dict[str, Any] = {
            "material": str(chance.choice(["Ag", "Au"])),
            "reaction": str(chance.choice(["release", "reversible"])),
        }
        if maybe(0.5):
            film["chemical_capacitance"] = log(1.0, 1e3)
        if maybe(0.5):
            film["double_layer"] = layer()
        cell["interlayer"] = film
    if maybe(0.4):
        cell["series"] = {"pellet": 2.0 * width, "resistance": log(1e-6, 1e-4)}
        if maybe(0.5):
            cell["series"]["counter"] = {
                "exchange_current_density": log(5.0, 500.0),
                "double_layer": layer(),
            }
    sign = float(chance.choice([0.0, 1.0, 1.0, -1.0]))
    current = sign * log(0.1, 50.0)
    return Case(cell=fi.Cell(**cell), operation={"current_density": current})


def compared(seed: int) -> dict[str, Any]:
    """The errors and the estimate of a case."""
    case = drawn(seed)
    start = time.process_time()
    try:
        found = ImpedanceSolver().solve(case, FREQUENCIES, tolerance=1e-6)
    except FemIslandError as reason:
        return {"seed": seed, "failed": str(reason)}
    seconds = time.process_time() - start
    fine = ImpedanceSolver(ladder=FINEST).solve(case, FREQUENCIES, tolerance=1e-9)
    return {
        "seed": seed,
        "error": _difference(found, fine),
        "estimate": found.error,
        "seconds": seconds,
        "unknowns": _unknowns(found),
        "islands": len(case.cell.islands),
        "error_of_fine": fine.error,
    }


def compared_map(seed: int) -> dict[str, Any]:
    """The errors and the estimate of a contact map."""
    case = random_spectrum_case(seed, most=24)
    chance = np.random.default_rng([19, seed])
    high, low = 10 ** chance.uniform(4, 7), 10 ** chance.uniform(-2, 2)
    frequencies = np.geomspace(high, low, int(chance.integers(2, 30)))
    tolerance = Impedance.model_validate(case.impedance).accepted("map")
    start = time.process_time()
    try:
        solver = MapImpedanceSolver(largest=MAP_PIXELS)
        found = solver.solve(case, frequencies, tolerance=tolerance)
    except FemIslandError as reason:
        return {"seed": seed, "failed": str(reason)}
    seconds = time.process_time() - start
    finer = MapImpedanceSolver(largest=FINER_MAP_PIXELS)
    fine = finer.solve(case, frequencies, tolerance=0.1 * found.error)
    return {
        "seed": seed,
        "error": _difference(found, fine),
        "estimate": found.error,
        "tolerance": tolerance,
        "seconds": seconds,
        "frequencies": len(frequencies),
        "error_of_fine": fine.error,
    }


def _difference(found: SolvedSpectrum, fine: SolvedSpectrum) -> float:
    """The largest relative one, at all frequencies and at none."""
    error = float(np.abs(found.impedance / fine.impedance - 1).max())
    if np.isfinite(fine.resistance_dc):
        error = max(error, abs(found.resistance_dc / fine.resistance_dc - 1))
    return error


def _unknowns(found: SolvedSpectrum) -> int:
    modelled = found.response.modelled
    return modelled.geometry.operator.size if isinstance(modelled, SmallSignal) else 0


def main() -> None:
    """Compute what is missing, and sum up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--maps", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    compare = compared_map if arguments.maps else compared
    if arguments.out is None:
        name = "random_map_spectra" if arguments.maps else "random_spectra"
        arguments.out = Path(f"{name}.jsonl")
    known = {}
    if arguments.out.exists():
        for line in arguments.out.read_text("utf-8").splitlines():
            one = json.loads(line)
            known[one["seed"]] = one
    with arguments.out.open("a", encoding="utf-8") as file:
        for seed in range(arguments.count):
            if seed not in known:
                known[seed] = compare(seed)
                file.write(json.dumps(known[seed]) + "\n")
                file.flush()
    found = [one for one in known.values() if "error" in one]
    ratios = np.array([one["error"] / one["estimate"] for one in found])
    seconds = np.array([one["seconds"] for one in found])
    print(f"{len(found)} spectra, {len(known) - len(found)} without an operating point")
    print(f"largest error {max(one['error'] for one in found):.1e}")
    print(f"error over estimate: largest {ratios.max():.2g}, above 1 in {(ratios > 1).sum()}")
    print(f"seconds: median {np.median(seconds):.2f}, largest {seconds.max():.2f}")


if __name__ == "__main__":
    main()
