"""Random thickness images that are stripped: ends, charge, and how well each run is known.

    python benchmarks/random_thickness.py FILE.jsonl [--first N] [--count N] [--finer]

Images are drawn from their number alone (``tests/map_cases.py``): hills, noise, steps, slabs and
layers of 3 to 11 pixels along a side, with and without films. With ``--finer`` each is stripped
again with pixels half as long, steps half as long at most and a fourth of the bend, and the
estimated errors of voltage and time are compared with the differences. Results are appended to
FILE, a line each; what is there already is not computed again.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np

import fem_island as fi
from fem_island.experiments.stripping.case_stores import map_stores_of, settings
from fem_island.experiments.stripping.map_march import march_map
from fem_island.experiments.stripping.map_record import MapRun
from fem_island.experiments.stripping.map_run import first_fineness
from fem_island.experiments.stripping.pacing import ByVoltage
from fem_island.experiments.stripping.recording import record_of
from many_strippings import report_ends

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from map_cases import random_thickness_case
from stripping_curves import difference, difference_of_events


def finer_run(case: fi.Case, run: fi.StrippingRun) -> MapRun:
    """The same with pixels and steps half as long as those of a run, at its instants."""
    stores = map_stores_of(case)
    reacts = stores.cells(case.cell.electrolyte.height).size
    fineness = first_fineness(stores, settings(case).tolerance)
    while fineness.parts < isqrt(run.degrees_of_freedom // reacts):
        fineness = fineness.finer()
    fineness = fineness.finer()
    pace = ByVoltage(fineness.bend, fineness.step)
    marched = march_map(case, stores.refined(fineness.parts), pace, run.times[1:-1])
    return record_of(case, marched.instants, marched.march, marched.history, kind=MapRun)


def stripped(number: int, *, finer: bool) -> dict[str, Any]:
    """What becomes of an image."""
    case = random_thickness_case(number)
    start = time.process_time()
    try:
        run = fi.strip(case)
    except fi.FemIslandError as error:
        return {"number": number, "end": "", "error": f"{type(error).__name__}: {error}"}
    found = {
        "number": number,
        "end": run.end,
        "status": run.status,
        "reason": run.reason,
        "seconds": time.process_time() - start,
        "steps": run.steps,
        "degrees_of_freedom": run.degrees_of_freedom,
        "charge_imbalance": run.charge_imbalance,
        "lasts": float(run.times[-1]),
        "estimate": run.voltage_error,
        "estimate_of_time": run.time_error,
    }
    if finer:
        better = finer_run(case, run)
        found |= {
            "error": difference(run, better),
            "error_shifted": difference(run, better, shift=run.time_error),
            "error_of_events": difference_of_events(run, better),
            "error_of_end": abs(float(run.times[-1] - better.times[-1])),
        }
    return found


def report(found: list[dict[str, Any]]) -> None:
    """Print the figures."""
    compared = report_ends(found, "images")
    if compared:
        for key, words in (("error", "the voltage alone"), ("error_shifted", "voltage and time")):
            ratios = np.array([each[key] / each["estimate"] for each in compared])
            worst = compared[int(ratios.argmax())]["number"]
            below = f"{(ratios > 1).sum()} of {len(compared)} below the error"
            print(f"estimates of {words}: {below}, at most {ratios.max():.2f} times ({worst})")
        late = [each["error_of_events"] > each["estimate_of_time"] for each in compared]
        print(f"estimates of times of events below their error: {sum(late)}")


def main() -> None:
    """Strip what is missing, and sum up."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--finer", action="store_true")
    asked = parser.parse_args()
    lines = asked.results.read_text("utf-8").splitlines() if asked.results.exists() else []
    known = {each["number"]: each for each in map(json.loads, lines)}
    numbers = range(asked.first, asked.first + asked.count)
    with asked.results.open("a", encoding="utf-8") as file:
        for number in numbers:
            if number not in known:
                known[number] = stripped(number, finer=asked.finer)
                file.write(json.dumps(known[number]) + "\n")
                file.flush()
    report([known[number] for number in numbers])


if __name__ == "__main__":
    main()
