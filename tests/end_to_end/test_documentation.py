"""The documentation does what it says: its code blocks run, and its numbers are measured ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import measured
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


@pytest.mark.parametrize(
    ("name", "needs"),
    [(name, block.needs) for name in WITH_CODE for block in blocks(DOCS / name) if block.needs],
)
def test_other_packages_are_there_for_the_blocks_that_need_them(
    name: str, needs: tuple[str, ...]
) -> None:
    """A block whose packages are missing is only compiled: said here, as a test that is skipped."""
    for module in needs:
        pytest.importorskip(module, reason=f"a block of {name} needs {module}")


@pytest.mark.parametrize("name", NAMES)
def test_named_targets_and_scripts_exist(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert missing_targets(prose) == []
    for script in re.findall(r"`((?:scripts|benchmarks|meshes)/[\w./-]+)`", prose):
        assert (ROOT / script).exists(), script


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Notebooks are left out: they have tests of their own."""
    pytest.importorskip("sphinx")
    options = ["-W", "--keep-going", "-n", "-q", "-D", "nb_execution_mode=off"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            *options,
            "-d",
            tmp_path / "trees",
            DOCS,
            tmp_path / "site",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Mean thickness" in (tmp_path / "site" / "api" / "cells.html").read_text("utf-8")
    # A term with what it means below it is a list of definitions, and no colon is left over.
    for name, terms in (("solvers", 3), ("own_cell", 4), ("films", 3)):
        page = (tmp_path / "site" / f"{name}.html").read_text("utf-8")
        definitions = "".join(re.findall(r'<dl class="simple myst">.*?</dl>', page, re.DOTALL))
        assert definitions.count("<dt>") == terms
        assert "<p>: " not in page


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
    text = (ROOT / "README.md").read_text("utf-8")
    assert measured.readme(text) == text
    for name in ("map", "films", "ranks"):
        run = json.loads((ROOT / "benchmarks" / "data" / f"{name}_run.json").read_text("utf-8"))
        assert f"Measured on {run['date']}, {run['processor']}." in text


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
