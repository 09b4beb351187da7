"""The worked examples of CONTRIBUTING.md work."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markdown_blocks import ROOT, Page, numbers_printed
from matplotlib import image

PAGE = Page("CONTRIBUTING.md")
KEY, DECLARED, COMPUTED, NUMBER, LAW, LAW_USED, MATERIAL, STUDY, PICTURE = PAGE.blocks("python")


def test_a_reported_number_is_two_lines(tmp_path: Path) -> None:
    package = tmp_path / "fem_island"
    shutil.copytree(ROOT / "fem_island", package, ignore=shutil.ignore_patterns("__pycache__"))
    for line, file, before in (
        (DECLARED, "result.py", "\n    @property\n    def peak_current_density"),
        (COMPUTED, "observables.py", "    return columns\n"),
    ):
        assert len(line.splitlines()) == 1
        path = package / "results" / file
        text = path.read_text("utf-8")
        assert text.count(before) == 1
        path.write_text(text.replace(before, line + before), "utf-8")
    alone, in_sweep, *rest = numbers_printed(f"{NUMBER}\n{EVERYWHERE}", tmp_path)
    # 85.2966 mV at the top less 84.6432 mV on the island.
    assert alone == pytest.approx(0.6534e-3, abs=2e-7)
    assert in_sweep == pytest.approx(alone, abs=1e-9)
    assert rest == [1.0] * 5


EVERYWHERE = """
import io
import pathlib
from rich.console import Console
from fem_island.experiments.point.report import result_report
from fem_island.results.reading import failed
from fem_island.results.variables import variables

assert pathlib.Path(fi.__file__).is_relative_to(pathlib.Path.cwd())
solution = fi.solve(fi.Cell(), solver="condensed")
said = Console(width=100, record=True, file=io.StringIO(), markup=False)
said.print(result_report("", solution.case, solution.result))
row = f"potential across the electrolyte, mean [mV] {1e3 * solution.result.ohmic_drop:.4f}"
about = {"long_name": "potential across the electrolyte, mean", "units": "V"}
for fine in (
    solution.result.record("")["ohmic_drop"] == solution.result.ohmic_drop,
    failed("", islands=1, solver="").record("")["ohmic_drop"] is None,
    maps.ohmic_drop.attrs == about,
    row in " ".join(said.export_text().split()),
    "ohmic_drop: Potential across the electrolyte, mean [V]." in fi.Result.__doc__,
):
    print(float(fine))
"""


def test_a_key_takes_units(tmp_path: Path) -> None:
    assert numbers_printed(KEY, tmp_path) == [1e-5]


def test_a_law_and_its_derivative(tmp_path: Path) -> None:
    slope, difference = numbers_printed(LAW, tmp_path)
    assert slope == pytest.approx(difference, rel=1e-6, abs=0)
    # b = 5 (e^x - e^-x) of x = 0.1 F / 2RT is 34.6 A/m^2, and b' / (1 + b / 50)^2 this.
    x = 0.05 * 96485.33212 / (8.314462618 * 298.15)
    kinetic = 10 * np.sinh(x)
    assert slope == pytest.approx(10 * np.cosh(x) * x / 0.1 / (1 + kinetic / 50) ** 2, rel=1e-9)


def test_a_law_of_ones_own_is_solved_by_both_solvers(tmp_path: Path) -> None:
    *_, newton, condensed, four, five = numbers_printed(f"{LAW}\n{LAW_USED}", tmp_path)
    # i = b / (1 + b / iL) = 25 A/m^2 is b = 50 with iL = 50 A/m^2, and b = 200 / 3 with 40 A/m^2.
    per_volt = 96485.33212 / (2 * 8.314462618 * 298.15)
    assert newton == condensed == five == pytest.approx(np.arcsinh(5.0) / per_volt, abs=2e-5)
    assert four == pytest.approx(np.arcsinh(20 / 3) / per_volt, abs=2e-5)


def test_a_material_is_described_as_the_others_are(tmp_path: Path) -> None:
    assert numbers_printed(MATERIAL, tmp_path) == [0.05]
    (entry,) = PAGE.blocks("toml")
    (example,) = tomllib.loads(entry)["films"].values()
    real = tomllib.loads((ROOT / "fem_island" / "materials" / "materials.toml").read_text("utf-8"))[
        "films"
    ]["Ag"]
    assert keys(example) == keys(real)


def keys(entry: Any) -> Any:
    """The tables and keys of an entry, without the values."""
    if isinstance(entry, list):
        return [keys(entry[0])]
    return {k: keys(v) for k, v in entry.items()} if isinstance(entry, dict) else None


def test_a_study_and_its_picture(tmp_path: Path) -> None:
    silver, gold = numbers_printed(f"{STUDY}\n{PICTURE}", tmp_path)
    assert silver == pytest.approx(0.46718, abs=1e-5)
    assert gold == pytest.approx(0.22347, abs=1e-5)
    picture = image.imread(tmp_path / "shares.png")[:, :, :3]
    assert len(np.unique((255 * picture).astype(int).reshape(-1, 3), axis=0)) > 20


def test_modules_and_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make ([a-z]+)", "".join(PAGE.blocks("sh")), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    table = [line for line in PAGE.text.splitlines() if line.startswith("| ")]
    names = re.findall(r"`([a-z_0-9]+)/?`", "".join(table))
    assert len(names) > 15
    there = {path.stem for path in (ROOT / "fem_island").rglob("*")}
    assert set(names) <= there
    for path in re.findall(r"`((?:tests|plots|cli)/[a-z_0-9/]+(?:\.py)?)`", PAGE.text):
        assert (ROOT / path).exists() or (ROOT / "fem_island" / path).exists(), path
