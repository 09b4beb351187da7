"""Random cells that are stripped: whether each ends with its reason and keeps its charge.

    python benchmarks/many_strippings.py RESULTS.jsonl [COUNT] [--tolerance V] [--tenth]
        [--siblings]

Writes a line per cell, and goes on where it was interrupted. With ``--tenth`` every cell is run
again at a tenth of its tolerance, and the estimated errors of voltage and time are compared with
the differences. With ``--siblings`` the cells are like those of the reference, not drawn over all
there may be. A run of more than LIMIT seconds of processor time is ended, and counts as one that
hangs.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

import numpy as np

import fem_island as fi

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from random_stripping import random_stripping_case
from stripping_curves import difference, difference_of_events
from stripping_siblings import sibling_case

LIMIT = 180
"""Processor time of one cell [s]."""


def stripped(number: int, case: fi.Case, *, tenth: bool) -> dict[str, Any]:
    """What becomes of a cell."""
    start = time.process_time()
    try:
        run = fi.strip(case)
    except fi.FemIslandError as error:
        return {"number": number, "end": "", "error": f"{type(error).__name__}: {error}"}
    found = {
        "number": number,
        "end": run.end,
        "status": run.status,
        "seconds": time.process_time() - start,
        "steps": run.steps,
        "newton_iterations": run.newton_iterations,
        "degrees_of_freedom": run.degrees_of_freedom,
        "charge_imbalance": run.charge_imbalance,
        "least_lithium": float(run.bottom.thickness.min()),
        "estimate": run.voltage_error,
    }
    if tenth:
        finer = fi.Stripping.model_validate(case.stripping).tolerance / 10
        better = fi.strip(case, tolerance=finer, times=run.times[1:-1])
        found["error"] = difference(run, better)
        found["error_unshifted"] = difference(run, better, shift=run.time_error)
        found["error_of_events"] = difference_of_events(run, better)
        found["estimate_of_time"] = run.time_error
        found["estimate_of_tenth"] = better.voltage_error
    return found


def one(number: int, case: fi.Case, tenth: bool, lines: Any) -> None:
    """Strip a cell in a process of its own."""
    limit = 10 * LIMIT if tenth else LIMIT
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    lines.send(stripped(number, case, tenth=tenth))


def main() -> None:
    """Strip them and print what was found."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("count", type=int, nargs="?", default=200)
    parser.add_argument("--tolerance", type=float, default=10e-6, help="of the voltage [V]")
    parser.add_argument("--tenth", action="store_true")
    parser.add_argument("--siblings", action="store_true")
    options = parser.parse_args()
    drawn = sibling_case if options.siblings else random_stripping_case
    path, count, tenth = options.results, options.count, options.tenth
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    known = {each["number"]: each for each in map(json.loads, lines)}
    fork = multiprocessing.get_context("fork")
    for number in range(count):
        if number in known:
            continue
        inner, outer = fork.Pipe(duplex=False)
        case = drawn(number, tolerance=options.tolerance)
        process = fork.Process(target=one, args=(number, case, tenth, outer))
        process.start()
        outer.close()
        try:
            known[number] = inner.recv()
        except EOFError:
            known[number] = {"number": number, "end": "", "error": "hangs or crashes"}
        process.join()
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(known[number]) + "\n")
    report([known[number] for number in range(count)])


def report_ends(found: list[dict[str, Any]], what: str) -> list[dict[str, Any]]:
    """Print how runs of cells or images have ended; returns those that were compared."""
    ended = [each for each in found if each["end"]]
    for each in found:
        if not each["end"]:
            print(f"{each['number']}: {each['error']}")
    ends = [each["end"] for each in ended]
    print(f"{len(ended)} of {len(found)} {what} end: ", end="")
    print(", ".join(f"{end} {ends.count(end)}" for end in sorted(set(ends))))
    print(f"largest error of the charge {max(each['charge_imbalance'] for each in ended):.1e}")
    print(f"tolerance not met: {sum(each['status'] != 'converged' for each in ended)}")
    seconds = np.array([each["seconds"] for each in ended])
    print(f"processor time: median {np.median(seconds):.2f} s, longest {seconds.max():.1f} s")
    return [each for each in ended if "error" in each]


def report(found: list[dict[str, Any]]) -> None:
    """Print the figures."""
    compared = report_ends(found, "cells")
    below = [each for each in compared if each["error"] > each["estimate"]]
    far = [each for each in compared if each["estimate"] > 20 * each["error"] > 40e-6]
    if compared:
        print(f"of {len(compared)} estimates {len(below)} below the error, {len(far)} far above")
        shifted = [each for each in compared if each["error_unshifted"] > each["estimate"]]
        late = [each for each in compared if each["error_of_events"] > each["estimate_of_time"]]
        print(f"with estimates of the time: {len(shifted)} below, {len(late)} of events too small")


if __name__ == "__main__":
    main()
