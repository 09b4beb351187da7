"""Every code block of the README does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from markdown_blocks import Page, numbers_printed

BIN = Path(sys.executable).parent
README = Page("README.md")


def shell_lines() -> list[str]:
    lines = "".join(README.blocks("sh")).splitlines()
    commands = [line.split("   #")[0].split("  #")[0].strip() for line in lines]
    return [line for line in commands if line.startswith(".venv/bin/")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    for case in README.blocks("toml"):
        assert tomllib.loads(case)
        name = re.match(r"# (\w+\.toml)\n", case)
        assert name is not None
        (folder / name[1]).write_text(case)
    return folder


def test_the_first_script_and_what_follows(folder: Path) -> None:
    first, more, own, *_ = README.blocks("python")
    assert len([line for line in first.splitlines() if line]) == 4
    assert numbers_printed(first + more + own, folder) == [pytest.approx(0.0846432, abs=1e-6)]
    for name in ("potential.png", "bottom.png", "results/solution.vtkhdf"):
        assert (folder / name).stat().st_size > 1000


def test_sweeps_from_python_and_their_file(folder: Path) -> None:
    *_, read, sweep = README.blocks("python")
    (line,) = [line for line in shell_lines() if "mpirun" in line and "sweep" in line]
    command = line.replace(".venv/bin/", f"{BIN}/").replace("--out map", "--out for-python")
    subprocess.run(command, shell=True, capture_output=True, check=True, cwd=folder)
    (share,) = numbers_printed(read.replace("map/results.nc", "for-python/results.nc"), folder)
    assert 0.5 < share < 1.0
    assert numbers_printed(sweep, folder) == [pytest.approx(0.0846432, abs=1e-6)]


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
    # A sweep says how far it is where it takes long.
    # A sweep says how far it is where it takes long, and a figure what it computes.
    progress = re.compile(r".* points/s, |fem-island: figure5: ")
    assert [said for said in run.stderr.splitlines() if not progress.match(said)] == []


def test_targets_of_make_exist() -> None:
    makefile = README.path.with_name("Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z0-9]+)\b(?= |`|\n)", README.text):
        if target in ("install", "test", "lint", "figure6"):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)
