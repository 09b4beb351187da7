"""Random contact maps: how far numbers are off, and whether their estimates cover that.

    python benchmarks/random_maps.py FILE.jsonl [--first N] [--count N] [--siblings]

Every map is drawn from its number alone (``tests/map_cases.py``): blobs, salt and pepper, one
pixel, strips and all lithium, with kinetics from slow to primary, both signs, and bare, with films
that do nothing, are reversible or release their lithium; or siblings of the reference cases. A map
is solved on 1, 2, 4, ... parts of its pixels' edges. Where any of these would be the last one, what
is reported is compared with what the last three converge to, as far as that is surer than a third
of the difference.

Results are appended to FILE, a line each; what is there already is not computed again. The table
has, for every number, how many errors were compared, how many were above their estimates, and the
error over the estimate: median, 98 of 100, largest, and the map of that.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import map_cases

from fem_island.errors import ComputationError
from fem_island.solvers.cosine.accuracy import estimated
from fem_island.solvers.cosine.level import Level, solve_level
from fem_island.surface.contact import Contact

MEANS = ("potential_top_mean", "overpotential_mean", "interlayer_current_fraction")
PLACES = (
    "overpotential_max",
    "local_current_density_max",
    "local_current_density_min",
    "exposed_drive_max",
    "interlayer_current_density_max",
)
PIXELS = 2**17
"""Of the finest level, but at least four parts of an edge."""

PRECISION = 1e-11
"""Error of the discrete equations [V]."""

FLOOR = 1e-10
"""Smallest error that counts: V, or relative."""

SURE = 1 / 3
"""Largest error of a reference over the difference to it."""


def compared(number: int, *, siblings: bool) -> dict[str, Any]:
    """What one map comes to: its errors over their estimates, level by level."""
    drawn = map_cases.sibling_case if siblings else map_cases.random_case
    case = drawn(number)
    contact = Contact.of(case)
    start = time.process_time()
    levels: list[Level] = []
    found: list[dict[str, float]] = []
    parts = 1
    try:
        while parts <= 4 or contact.image.classes.size * parts**2 <= PIXELS:
            coarser = levels[-1] if levels else None
            levels.append(solve_level(case, contact, parts, tolerance=PRECISION, coarser=coarser))
            left_out = [level.left_out() for level in levels[-2:]]
            columns, _ = estimated(levels[-2:], left_out, 1.0)
            found.append({name: float(columns.numbers[name][0]) for name in _kept()})
            parts *= 2
    except ComputationError as error:
        return {"number": number, "reason": str(error)}
    values = [
        {name: float(level.columns.numbers[name][0]) for name in (*MEANS, *PLACES)}
        for level in levels[-3:]
    ]
    ratios: dict[str, list[float]] = {}
    for name in (*MEANS, *PLACES):
        expected, unsure = _limit([each[name] for each in values], mean=name in MEANS)
        floor = FLOOR * (1 if "density" not in name else max(abs(expected), 1e-300))
        for each in found[:-1]:
            off = abs(each[name] - expected)
            if off > floor and unsure < SURE * off:
                ratios.setdefault(name, []).append(off / each[f"error_estimate_{name}"])
    return {"number": number, "seconds": time.process_time() - start, "ratios": ratios}


def _kept() -> list[str]:
    names = (*MEANS, *PLACES)
    return [*names, *(f"error_estimate_{name}" for name in names)]


def _limit(values: list[float], *, mean: bool) -> tuple[float, float]:
    """What three levels converge to, and how unsure that is."""
    first, second, third = values
    if not mean:
        return third, 2 * abs(third - second)
    ratio = (third - second) / (second - first) if second != first else 0.25
    ratio = float(np.clip(ratio, 0.2, 0.62))
    step = ratio / (1 - ratio) * (third - second)
    return third + step, 0.3 * abs(step)


def main() -> None:
    """Compute what is missing, and print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--siblings", action="store_true")
    asked = parser.parse_args()
    known = {}
    if asked.file.exists():
        lines = asked.file.read_text("utf-8").splitlines()
        known = {record["number"]: record for record in map(json.loads, lines)}
    numbers = range(asked.first, asked.first + asked.count)
    with asked.file.open("a", encoding="utf-8") as file:
        for number in track([n for n in numbers if n not in known], console=Console(stderr=True)):
            known[number] = compared(number, siblings=asked.siblings)
            file.write(json.dumps(known[number]) + "\n")
            file.flush()
    _show([known[number] for number in numbers])


def _show(records: list[dict[str, Any]]) -> None:
    console = Console()
    failed = [record for record in records if "reason" in record]
    console.print(f"{len(records)} maps, {len(failed)} without a solution")
    for record in failed:
        console.print(f"  {record['number']}: {record['reason']}")
    table = Table("number", "compared", "above", "median", "98 %", "largest", "of map")
    for name in (*MEANS, *PLACES):
        pairs = [
            (ratio, record["number"])
            for record in records
            for ratio in record.get("ratios", {}).get(name, [])
        ]
        if not pairs:
            continue
        ratios = np.array([ratio for ratio, _ in pairs])
        largest, number = max(pairs)
        shown = (f"{value:.2g}" for value in (*np.quantile(ratios, (0.5, 0.98)), largest))
        above = str(int((ratios > 1).sum()))
        table.add_row(name, str(len(pairs)), above, *shown, str(number))
    console.print(table)


if __name__ == "__main__":
    main()
