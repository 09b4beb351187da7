"""How long a map of the probability that silver acts takes, and how right its onsets are.

    python benchmarks/probability_map.py [--samples N] [--checked N]

Island sizes and currents of the paper's map, 50 each; i0, the film's potential, the conductivity
and the transfer coefficients are uncertain. Currents at onset are checked by solutions at places
and samples drawn at random, at a tolerance of 0.1 uV.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter

import numpy as np

import fem_island as fi
from fem_island.case.uncertain import read_uncertainty
from fem_island.fitting.uncertainty.maps import default_axes
from fem_island.fitting.uncertainty.sampling import samples

POTENTIAL = "interlayer.equilibrium_potential"
ANODIC = "kinetics.anodic_transfer_coefficient"
KNOWN = read_uncertainty(
    {
        "kinetics.exchange_current_density": {
            "distribution": "lognormal",
            "low": "0.1 mA/cm^2",
            "high": "100 mA/cm^2",
        },
        POTENTIAL: {"distribution": "normal", "mean": "50 mV", "deviation": "5 mV"},
        "electrolyte.conductivity": {
            "distribution": "normal",
            "mean": "1.8 mS/cm",
            "deviation": "0.18 mS/cm",
        },
        ANODIC: {"distribution": "uniform", "low": 0.3, "high": 0.7},
        "kinetics.cathodic_transfer_coefficient": {"complement_of": ANODIC},
    }
)
SILVER = fi.Case(cell=fi.Cell(interlayer=fi.interlayer("Ag")))


def main() -> None:
    """Compute the map, check it, and print what came out."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--checked", type=int, default=300)
    asked = parser.parse_args()
    widths, currents = default_axes(SILVER)
    start = time.process_time()
    found = fi.probability_map(
        SILVER, KNOWN, island_widths=widths, current_densities=currents, count=asked.samples
    )
    seconds = time.process_time() - start
    drawn = found.attrs["samples"]
    print(f"{len(widths)} x {len(currents)}, {drawn} samples: {seconds:.1f} s of processor time")
    print(f"largest standard error from sampling {float(found.standard_error.max()):.4f}")
    print(
        f"largest error of the probability from solutions {float(found.error_estimate.max()):.4f}"
    )

    table = samples(KNOWN, asked.samples)
    inputs = [path for path in table if path != POTENTIAL]
    bare = fi.Case(cell=fi.Cell(), accuracy={"tolerance": 1e-7})
    solve = fi.function(
        bare, inputs=[*inputs, "islands.width", "current_density"], output="exposed_drive_max"
    )
    draw = np.random.default_rng(0)
    size, sample = (
        draw.integers(len(widths), size=asked.checked),
        draw.integers(drawn, size=asked.checked),
    )
    onsets = found.onset_current_density.to_numpy()[size, sample]
    columns = [*(table[path][sample] for path in inputs), widths[size], onsets]
    missed = np.abs(solve(np.stack(columns, axis=1)) - table[POTENTIAL][sample])
    print(f"{asked.checked} onsets: potential missed by {1e6 * np.nanmax(missed):.2f} uV at most")


if __name__ == "__main__":
    main()
