"""Every code block of the README does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
BIN = Path(sys.executable).parent
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCKS if kind == language]


def shell_lines() -> list[str]:
    lines = "".join(blocks("sh")).splitlines()
    commands = [line.split("   #")[0].split("  #")[0].strip() for line in lines]
    return [line for line in commands if line.startswith(".venv/bin/")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (case,) = blocks("toml")
    assert tomllib.loads(case)
    (folder / "case.toml").write_text(case)
    return folder


def test_the_first_script_and_what_follows(folder: Path) -> None:
    first, more = blocks("python")
    assert len([line for line in first.splitlines() if line]) == 4
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", first + more + "\nprint(len(list(cell.islands)))"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert run.returncode == 0, run.stderr
    printed = run.stdout.splitlines()
    assert float(printed[0]) == pytest.approx(0.0846432, abs=1e-6)
    for name in ("potential.png", "bottom.png", "results/solution.vtkhdf"):
        assert (folder / name).stat().st_size > 1000


def test_there_are_commands() -> None:
    assert len(shell_lines()) >= 6


@pytest.mark.parametrize("line", shell_lines())
def test_commands(line: str, folder: Path) -> None:
    command = line.replace(".venv/bin/", f"{BIN}/")
    run = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, cwd=folder
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout
    assert run.stderr == ""


def test_targets_of_make_exist() -> None:
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z0-9]+)\b(?= |`|\n)", README.read_text("utf-8")):
        if target in ("install", "test", "lint", "figure6"):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)
