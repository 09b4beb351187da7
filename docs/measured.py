"""What the last runs of the benchmarks measured, as tables of the documentation and the README.

    .venv/bin/python docs/measured.py       writes the tables of the README afresh

The runs are in ``benchmarks/data``; each is what its benchmark wrote with ``--output``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from markup import table

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DATA = ROOT / "benchmarks" / "data"


def blocks() -> dict[str, str]:
    """All tables, by their names."""
    return {"map": on_map(), "with_films": with_films(), "ranks": on_ranks()}


def on_map() -> str:
    """Points per second and errors, of this package and its peers."""
    run = _run("map")
    rows = [
        (
            one["title"],
            f"{one['unknowns']:.0f}",
            _rounded(one["points_per_second"]),
            f"{_power(one['worst_error_mean'])} V",
            f"{_power(one['worst_error_largest'])} V",
        )
        for one in sorted(run["measurements"], key=lambda one: -one["points_per_second"])
    ]
    headings = ("", "unknowns", "points per core-second", "worst error, mean", "largest")
    return f"{_when(run)}\n\n{table(headings, rows, right='1234')}"


def with_films() -> str:
    """What a film that reacts costs."""
    run = _run("films")
    rows = [
        (one["film"], _rounded(one["points_per_second"]), f"{one['of_bare_copper']:.2f}")
        for one in run["measurements"]
    ]
    headings = ("film", "points per core-second", "of bare copper's")
    return f"{_when(run)}\n\n{table(headings, rows, right='12')}"


def on_ranks() -> str:
    """What a second rank brings."""
    run = _run("ranks")
    rows = [
        (f"`{one['solver']}`", f"{one['points']:,}", str(one["ranks"]), f"{one['ratio']:.2f}")
        for one in run["measurements"]
    ]
    headings = ("solver", "points", "ranks", "times as fast as one rank")
    return f"{_when(run)}\n\n{table(headings, rows, right='123')}"


def readme(text: str) -> str:
    """The README with its tables made afresh."""
    for name, block in blocks().items():
        start, end = f"<!-- made by `make readme`: {name} -->\n", "<!-- end -->\n"
        if text.count(start) != 1:
            raise SystemExit(f"README.md has no place, or several, for the table {name}")
        before, _, rest = text.partition(start)
        text = f"{before}{start}{block}{end}{rest.partition(end)[2]}"
    return text


def _run(name: str) -> dict[str, Any]:
    run: dict[str, Any] = json.loads((DATA / f"{name}_run.json").read_text("utf-8"))
    return run


def _when(run: dict[str, Any]) -> str:
    return f"Measured on {run['date']}, {run['processor']}."


def _rounded(number: float) -> str:
    """A rate to three digits."""
    return f"{float(f'{number:.3g}'):,.0f}"


def _power(number: float) -> str:
    """An error to one digit."""
    return re.sub(r"e-0", "e-", f"{number:.0e}")


if __name__ == "__main__":
    README.write_text(readme(README.read_text("utf-8")), "utf-8")
