"""Whether two checkouts compute the same, by their commands.

    .venv/bin/python scripts/compare_checkouts.py OLD NEW [--bitwise] [--keep FOLDER]

Runs, in each checkout with its own .venv: ``solve --json`` by both solvers on the reference cases
of ``tests/data`` and on the README's case with films, ``figure6``, and the README's sweep with
films by both solvers. Keys, statuses and texts must be the same. Numbers may differ as far as
``allowed`` says; of charge imbalance, iterations, unknowns and seconds, only the keys are compared.
With --bitwise all that is printed must be equal to the last byte, but for the seconds, and so must
the data of results.nc (its attributes that say when and by which version it was made may differ).

Prints the largest difference of every kind of number; the exit status is 1 if one is beyond what is
allowed.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from reference_cases import CASES, case_file  # noqa: E402

SOLVERS = ("newton", "condensed")
TOLERANCE = 1e-6
"""Asked of the reference cases [V]."""

NOT_COMPARED = ("charge_imbalance", "newton_iterations", "degrees_of_freedom", "seconds")
VARYING_ATTRIBUTES = ("date_created", "history", "versions")
POTENTIALS = ("overpotential", "potential", "exposed_drive", "probes")
FRACTIONS = ("current_fraction", "current_evenness")

TEXTS_SHOWN = 20


@dataclass
class Comparison:
    """What was found.

    Attributes:
        numbers: Pairs of numbers by what was run and their kind, with their paths.
        differences: What should be the same and is not, in words.
    """

    numbers: dict[tuple[str, str], list[tuple[str, float, float]]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def texts(self, where: str, old: Any, new: Any) -> None:
        """Two texts, or anything else, that must be the same."""
        if old != new:
            self.differences.append(f"{where}: {shortened(old)} became {shortened(new)}")

    def add(self, run: str, path: str, old: float, new: float) -> None:
        """Two numbers."""
        if kind := kind_of(path):
            self.numbers.setdefault((run, kind), []).append((path, old, new))


def shortened(value: Any) -> str:
    """A value in at most 80 letters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def kind_of(path: str) -> str:
    """The kind of number that stands at a path of keys; empty where it is not compared."""
    if path.endswith(NOT_COMPARED):
        return ""
    name = re.sub(r"^\d+\.", "", path)
    estimate = name.startswith("error_estimate")
    name = re.sub(r"^(error_estimate[._])?((islands|interlayer)[._](\d+\.)?)?", "", name)
    if name.endswith(FRACTIONS):
        kind = "fraction"
    elif "current_density" in name:
        kind = "current density"
    elif name.startswith(POTENTIALS) or re.fullmatch(r"quoted\.\d+\.computed", name):
        kind = "potential"
    else:
        kind = "other"
    return f"estimate of {kind}" if estimate else kind


def allowed(kind: str, largest: float, old: float) -> float:
    """How far a number may be off.

    Args:
        kind: Of ``kind_of``.
        largest: The largest magnitude of its kind.
        old: What it was.
    """
    if kind.startswith("estimate"):
        floor = {"potential": 1e-13, "fraction": 1e-12}
        return max(1e-2 * abs(old), floor.get(kind.removeprefix("estimate of "), 1e-10))
    if kind == "fraction":
        return 1e-12
    return 1e-9 * abs(old) if kind == "other" else 1e-12 * largest


# -- what is run -----------------------------------------------------------------------------------


def readme_block(name: str) -> str:
    """A case file of the README."""
    found = re.search(rf"^```toml\n(# {name}\n.*?)^```$", readme(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit(f"README.md has no {name}")
    return found[1]


def readme() -> str:
    """The README of this checkout."""
    return (ROOT / "README.md").read_text("utf-8")


def write_cases(folder: Path) -> list[str]:
    """Write all case files; returns the names of those that are solved."""
    names = []
    for case in CASES:
        names.append(f"{case['id']}.toml")
        (folder / names[-1]).write_text(case_file(case, TOLERANCE), "utf-8")
    for name in ("case.toml", "map.toml"):
        (folder / name).write_text(readme_block(name), "utf-8")
    return [*names, "case.toml"]


def run_all(checkout: Path, folder: Path) -> None:
    """Run all commands of a checkout in a folder, and keep what they print there."""
    folder.mkdir(parents=True)
    names = write_cases(folder)
    for solver in SOLVERS:
        run(checkout, folder, f"{solver}.jsonl", "solve", *names, "--json", "--solver", solver)
        out = f"sweep-{solver}"
        run(checkout, folder, "", "sweep", "map.toml", "--out", out, "--solver", solver)
    run(checkout, folder, "", "figure6", "--out", "figure6")


def run(checkout: Path, folder: Path, output: str, *words: str) -> None:
    """Run one command; 3 is a solution that misses its tolerance, which is compared too."""
    command = [str(checkout / ".venv" / "bin" / "fem-island"), *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)}:\n{done.stderr.decode()}")
    if output:
        (folder / output).write_bytes(done.stdout)


# -- what is compared ------------------------------------------------------------------------------


def compare(old: Path, new: Path, *, bitwise: bool) -> Comparison:
    """Compare what two checkouts wrote."""
    found = Comparison()
    texts = [*(f"{solver}.jsonl" for solver in SOLVERS), "figure6/figure6.json"]
    for name in texts:
        before, after = ((folder / name).read_text("utf-8") for folder in (old, new))
        if bitwise:
            timed = r'"seconds": [0-9.e-]+'
            found.texts(name, *(re.sub(timed, "", text) for text in (before, after)))
        compare_json(found, name, parsed(before), parsed(after))
    for solver in SOLVERS:
        name = f"sweep-{solver}/results.nc"
        before, after = (load(folder / name) for folder in (old, new))
        compare_datasets(found, name, before, after, bitwise=bitwise)
    return found


def parsed(text: str) -> Any:
    """One JSON object, or one per line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def load(path: Path) -> xarray.Dataset:
    """A file of results, as it is stored."""
    return xarray.load_dataset(path, engine="h5netcdf", mask_and_scale=False)


def compare_json(found: Comparison, run: str, old: Any, new: Any, path: str = "") -> None:
    """Walk two JSON values side by side."""
    where = f"{run}: {path}"
    if isinstance(old, dict) and isinstance(new, dict):
        found.texts(f"{where} (keys)", sorted(old), sorted(new))
        for key in old.keys() & new.keys():
            compare_json(found, run, old[key], new[key], f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        found.texts(f"{where} (length)", len(old), len(new))
        for number, pair in enumerate(zip(old, new, strict=False)):
            compare_json(found, run, *pair, f"{path}.{number}" if path else str(number))
    elif is_number(old) and is_number(new):
        found.add(run, path, float(old), float(new))
    else:
        found.texts(where, old, new)


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def compare_datasets(
    found: Comparison, run: str, old: xarray.Dataset, new: xarray.Dataset, *, bitwise: bool
) -> None:
    """Walk two files of results side by side."""
    found.texts(
        f"{run} (variables)", sorted(map(str, old.variables)), sorted(map(str, new.variables))
    )
    attributes = [
        {key: value for key, value in one.attrs.items() if key not in VARYING_ATTRIBUTES}
        for one in (old, new)
    ]
    if not bitwise:  # the version is part of both
        attributes = [{**one, "source": "", "sweep": ""} for one in attributes]
    found.texts(f"{run} (attributes)", *attributes)
    for name in map(str, old.variables.keys() & new.variables.keys()):
        before, after = old[name], new[name]
        where = f"{run}: {name}"
        found.texts(f"{where} (dimensions)", (before.dims, before.shape), (after.dims, after.shape))
        found.texts(f"{where} (type)", before.dtype, after.dtype)
        found.texts(f"{where} (attributes)", words_of(before), words_of(after))
        if before.shape != after.shape:
            continue
        one, other = before.to_numpy(), after.to_numpy()
        if bitwise:
            found.texts(f"{where} (bytes)", one.tobytes(), other.tobytes())
        if one.dtype.kind == "f":
            found.texts(f"{where} (missing)", *(np.isnan(v).tobytes() for v in (one, other)))
            there = ~(np.isnan(one) | np.isnan(other))
            for pair in zip(one[there].tolist(), other[there].tolist(), strict=True):
                found.add(run, name, *pair)
        elif name not in NOT_COMPARED:
            found.texts(where, one.tolist(), other.tolist())


def words_of(variable: xarray.DataArray) -> dict[str, str]:
    """The attributes of a variable as texts."""
    return {key: str(value) for key, value in variable.attrs.items()}


# -- what is shown ---------------------------------------------------------------------------------


def rows(found: Comparison) -> Iterator[tuple[tuple[str, ...], bool]]:
    """A row for each run and kind of number, and whether all of its numbers are as allowed."""
    for (name, kind), numbers in sorted(found.numbers.items()):
        largest = max(abs(old) for _, old, _ in numbers)
        off = [(abs(new - old), allowed(kind, largest, old), path) for path, old, new in numbers]
        shares = [excess(difference, limit) for difference, limit, _ in off]
        worst = max(range(len(off)), key=shares.__getitem__)
        difference, limit, path = off[worst]
        fine = shares[worst] <= 1
        place = path if difference else ""
        row = (
            f"{largest:.3g}",
            f"{difference:.1e}",
            f"{limit:.1e}",
            place,
            "" if fine else "beyond",
        )
        yield (name, kind, str(len(numbers)), *row), fine


def excess(difference: float, limit: float) -> float:
    """How many times as large as allowed a difference is."""
    if difference == 0:
        return 0.0
    return difference / limit if limit else math.inf


def show(found: Comparison, console: Console) -> bool:
    """Print all that was found; returns whether it is as allowed."""
    table = Table()
    for heading in ("output", "kind", "numbers", "largest", "difference", "allowed", "where", ""):
        table.add_column(
            heading, justify="left" if heading in ("output", "kind", "where") else "right"
        )
    fine = not found.differences
    for row, good in rows(found):
        table.add_row(*row)
        fine = fine and good
    console.print(table)
    for line in found.differences[:TEXTS_SHOWN]:
        console.print(line, markup=False, highlight=False)
    if len(found.differences) > TEXTS_SHOWN:
        console.print(f"and {len(found.differences) - TEXTS_SHOWN} more")
    console.print("as allowed" if fine else "beyond what is allowed")
    return fine


def main() -> int:
    """Run both checkouts, compare and print."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--bitwise", action="store_true", help="allow no difference at all")
    parser.add_argument(
        "--keep", type=Path, help="keep what both wrote here, and use what is there"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        places = [folder / "old", folder / "new"]
        missing = [
            (checkout.resolve(), place)
            for checkout, place in zip((options.old, options.new), places, strict=True)
            if not place.exists()
        ]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda pair: run_all(*pair), missing))
        found = compare(*places, bitwise=options.bitwise)
    return 0 if show(found, Console(width=140)) else 1


if __name__ == "__main__":
    sys.exit(main())
