"""``--ranks N`` starts the launcher of its own environment, wherever PATH leads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xarray

COMMAND = Path(sys.executable).parent / "fem-island"


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=folder,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "map.toml").write_text('[sweep]\n"islands.width" = ["5 um", "8 um", "20 um"]\n')
    return tmp_path


def test_two_ranks_share_the_points(folder: Path) -> None:
    done = run("sweep", "map.toml", "--out", "two", "--ranks", "2", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 points: 3 converged; 3 computed in ")
    assert len(list((folder / "two" / "batches").iterdir())) == 2
    alone = run("sweep", "map.toml", "--out", "one", folder=folder)
    assert alone.returncode == 0, alone.stderr
    one, two = (xarray.load_dataset(folder / name / "results.nc") for name in ("one", "two"))
    assert one.equals(two)


def test_impossible_numbers_of_ranks(folder: Path) -> None:
    done = run("sweep", "map.toml", "--out", "none", "--ranks", "0", folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fem-island: --ranks = 0: must be a whole number from 1 to ")
    assert not (folder / "none").exists()
