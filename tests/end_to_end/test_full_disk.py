"""A disk without space ends a command in one line, after the numbers that had room."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

CASE = """
[[islands]]
width = "10 um"
thickness = "1 um"
shape = "parabola"
[kinetics]
double_layer = { capacitance = "10 uF/cm^2" }
"""

ROOM = 8192
"""Largest size of a file [bytes]: enough for the numbers of a point, for nothing else."""


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


@pytest.mark.parametrize(
    ("command", "missing", "kept"),
    [
        ("solve case.toml --solver condensed --out out", "case.vtkhdf", "case.json"),
        ("strip case.toml --out out", "case.csv", None),
        ("impedance case.toml --out out", "case.impedance.json", "case.impedance.csv"),
        ("compare case.toml --films none,Ag --out out", "case.films.nc", None),
    ],
)
def test_a_full_disk(command: str, missing: str, kept: str | None, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE)
    done = subprocess.run(
        [sys.executable, "-m", "fem_island.cli", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit_files,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"fem-island: case.toml: out/{missing} cannot be written: ")
    assert "mean" in done.stdout or "time [s]" in done.stdout or "R_tot" in done.stdout
    left = {file.name for file in (tmp_path / "out").iterdir()}
    assert missing not in left
    assert not any(name.startswith(".") for name in left)
    assert kept is None or kept in left
