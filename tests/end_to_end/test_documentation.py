"""The documentation does what it says: its code blocks run, and its numbers are measured ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from documentation_pages import DOCS, ROOT, Block, blocks, check_names, missing_targets, pages, run

from fem_island.materials import constants
from fem_island.studies.figure6 import paper

NAMES = [str(page.relative_to(DOCS)) for page in pages()]
WITH_CODE = [name for name in NAMES if blocks(DOCS / name)]


@pytest.mark.parametrize("name", WITH_CODE)
def test_code_blocks(name: str, tmp_path: Path) -> None:
    """From top to bottom in one folder, as a reader would."""
    for block in blocks(DOCS / name):
        run(block, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_named_targets_and_scripts_exist(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert missing_targets(prose) == []
    for script in re.findall(r"`((?:scripts|benchmarks|meshes)/[\w./-]+)`", prose):
        assert (ROOT / script).exists(), script


def test_all_blocks_are_found() -> None:
    for name in NAMES:
        text = (DOCS / name).read_text("utf-8")
        fences = re.findall(r"^```(\w+)$", text, re.MULTILINE)
        assert fences == [block.language for block in blocks(DOCS / name)], name


@pytest.mark.parametrize(
    "command", ["sbatch scripts/missing.slurm", "make missing", ".venv/bin/fem-island missing"]
)
def test_names_in_blocks_that_are_not_run_are_checked(command: str) -> None:
    with pytest.raises(AssertionError):
        check_names(Block("sh", command + "\n", "cannot be run"))


def test_the_readme_states_the_last_runs_of_the_benchmarks() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    data = ROOT / "benchmarks" / "data"
    table = [line for line in readme.splitlines() if line.startswith("| ") and " V |" in line]
    measured = json.loads((data / "map_run.json").read_text("utf-8"))
    rows = [
        [
            f"{one['unknowns']:.0f}",
            f"{one['points_per_second']:,.0f}",
            *(
                f"{one[f'worst_error_{which}']:.0e} V".replace("e-0", "e-")
                for which in ("mean", "largest")
            ),
        ]
        for one in measured["measurements"]
    ]
    stated = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert [row for row in rows if row not in [cells[1:] for cells in stated]] == []
    assert measured["date"] in readme
    ranks = json.loads((data / "ranks_run.json").read_text("utf-8"))
    assert all(f"{one['ratio']:.2f}" in readme for one in ranks["measurements"])


@pytest.mark.parametrize(
    ("name", "said", "number"),
    [
        ("own_cell.md", "gives 25.7 mA/cm²", paper.exchange_current_density_of_impedance() / 10),
        (
            "model.md",
            "$RT/F$ = 25.7 mV",
            1e3 * constants.GAS_CONSTANT * 298.15 / constants.FARADAY_CONSTANT,
        ),
    ],
)
def test_numbers_in_prose(name: str, said: str, number: float) -> None:
    assert said in (DOCS / name).read_text("utf-8")
    assert f" {number:.1f} " in said
    assert paper.interface_resistance().value == pytest.approx(1e-4)


def test_the_rate_in_prose() -> None:
    measured = json.loads((ROOT / "benchmarks" / "data" / "map_run.json").read_text("utf-8"))
    rates = {one["name"]: one["points_per_second"] for one in measured["measurements"]}
    assert "Ten thousand points take about a second" in (DOCS / "own_sweep.md").read_text("utf-8")
    assert 8_000 < rates["condensed"] < 12_500
