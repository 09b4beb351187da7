"""How stripping and spectra of contact maps grow with their pixels.

    python benchmarks/maps_in_time.py FILE.jsonl [SIDE ...] [--only strip|impedance]

Islands of 6 um, thickest in the middle, on 30 % of the bottom are stripped to 0.5 mV, with check
and finer attempts where this takes them; maps with double layers have 61 frequencies, to 1e-4.
Every run is a process of its own; printed are processor time, the largest memory and the estimated
error. Results are appended to FILE, a line each; what is there already is not computed again. Set
OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

import fem_island as fi
from contact_maps import blobs


def stripped(side: int) -> dict[str, Any]:
    """A thickness image in time."""
    field = gaussian_filter(np.random.default_rng(3).standard_normal((side, side)), 6.0)
    field -= np.quantile(field, 0.7)
    thickness = 3 * np.maximum(field / field.max(), 0)
    run = fi.strip(fi.Cell(map={"thickness": thickness, "pixel": "0.5 um"}), tolerance="0.5 mV")
    return {
        "unknowns": run.degrees_of_freedom,
        "steps": run.steps,
        "newton_iterations": run.newton_iterations,
        "estimate": run.voltage_error,
        "estimate_of_time": run.time_error,
        "charge_imbalance": run.charge_imbalance,
        "status": run.status,
    }


def spectrum(side: int) -> dict[str, Any]:
    """A contact map at 61 frequencies."""
    layer = {"double_layer": {"capacitance": "10 uF/cm^2"}}
    cell = fi.Cell(map=blobs(side), kinetics=layer, collector=layer)
    found = fi.impedance(cell, current_density="0.25 mA/cm^2", tolerance=1e-4)
    return {
        "frequencies": len(found.frequencies),
        "estimate": found.error_estimate,
        "status": found.status,
    }


KINDS = {"strip": stripped, "impedance": spectrum}


def measured(kind: str, side: int) -> dict[str, Any]:
    """The figures of one run, in a process of its own."""
    command = [sys.executable, __file__, "-", str(side), "--only", kind]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def main() -> None:
    """Compute what is missing, and print it."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="- for one run that prints its line")
    parser.add_argument("sides", type=int, nargs="*", default=[128, 256, 512, 1024])
    parser.add_argument("--only", choices=KINDS)
    asked = parser.parse_args()
    if str(asked.results) == "-":
        start = time.process_time()
        found = KINDS[asked.only](asked.sides[0])
        found["seconds"] = time.process_time() - start
        found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(json.dumps({"kind": asked.only, "side": asked.sides[0], **found}))
        return
    lines = asked.results.read_text("utf-8").splitlines() if asked.results.exists() else []
    known = {(each["kind"], each["side"]): each for each in map(json.loads, lines)}
    for kind in KINDS if asked.only is None else [asked.only]:
        for side in asked.sides:
            if (kind, side) not in known:
                known[kind, side] = measured(kind, side)
                with asked.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(known[kind, side]) + "\n")
            one = known[kind, side]
            print(
                f"{kind} of {side} x {side}: {one['seconds']:.1f} s, {one['memory']:.2f} GB, "
                f"estimated error {one['estimate']:.1e}, {one['status']}",
                flush=True,
            )


if __name__ == "__main__":
    main()
