"""One problem shared by several ranks gives the numbers of one rank."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
CASES = {
    "paper": "",
    "several": """
        [electrolyte]
        conductivity = "0.1 mS/cm"
        [[islands]]
        width = "4 um"
        center = "2 um"
        [[islands]]
        width = "9 um"
        kinetics = { exchange_current_density = "5 mA/cm^2" }
        [interlayer]
        material = "Au"
        reaction = "release"
        [operation]
        current_density = "1 mA/cm^2"
        [output]
        probes = [["25 um", "7.5 um"], ["0 um", "0 um"], ["50 um", "15 um"]]
        """,
}


def run(ranks: int, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(BIN / "mpirun"), "-n", str(ranks), str(BIN / "fem-island"), "solve", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranks")
    for name, text in CASES.items():
        (folder / f"{name}.toml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def alone(folder: Path) -> list[dict[str, Any]]:
    return run(1, folder, "paper.toml", "several.toml", "--json")


def flat(value: object, place: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)  # type: ignore[assignment]
    else:
        return {place: value}
    return {key: v for name, part in parts for key, v in flat(part, f"{place}.{name}").items()}


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_agree(ranks: int, folder: Path, alone: list[dict[str, Any]]) -> None:
    together = run(ranks, folder, "paper.toml", "several.toml", "--json")
    assert len(together) == len(alone) == 2
    for ours, theirs in zip(together, alone, strict=True):
        one, other = flat(ours), flat(theirs)
        assert one.keys() == other.keys()
        for key, value in one.items():
            # The imbalance and the estimates are differences near rounding.
            if "imbalance" in key or "estimate" in key:
                continue
            if isinstance(value, float):
                assert value == pytest.approx(other[key], rel=1e-9, abs=1e-10), key
            else:
                assert value == other[key], key


def test_two_ranks_write_the_files_of_one_solution(folder: Path) -> None:
    out = folder / "out"
    records = run(2, folder, "several.toml", "--json", "--out", str(out))
    assert len(records) == 1
    names = {path.name for path in out.iterdir()}
    assert names == {
        *("several.json", "several.bottom.csv", "several.vtkhdf", "several.bottom.vtkhdf"),
        *("several.potential.png", "several.bottom.png"),
    }
    written = json.loads((out / "several.json").read_text())["result"]
    assert written["overpotential_mean"] == records[0]["overpotential_mean"]


def test_wrong_input_is_said_once(folder: Path) -> None:
    (folder / "wrong.toml").write_text('[electrolyte]\nwidth = "5 V"\n')
    done = subprocess.run(
        [str(BIN / "mpirun"), "-n", "2", str(BIN / "fem-island"), "solve", "wrong.toml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("electrolyte.width") == 1


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command.replace("BIN/", f"{BIN}/")],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=120,
    )


def test_a_case_file_that_can_be_read_once_only(folder: Path, alone: list[dict[str, Any]]) -> None:
    done = shell(folder, "BIN/mpirun -n 2 BIN/fem-island solve <(cat several.toml) --json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["overpotential_mean"] == pytest.approx(alone[1]["overpotential_mean"], abs=1e-10)


def test_a_file_that_cannot_be_written_is_a_failure_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "blocked" / "paper.vtkhdf").mkdir(parents=True)
    done = shell(
        folder,
        "BIN/mpirun -n 2 BIN/fem-island solve paper.toml several.toml --json --out blocked",
    )
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    lines = [line for line in done.stderr.splitlines() if line.startswith("fem-island: ")]
    assert len(lines) == 1
    assert "paper.vtkhdf cannot be written" in lines[0]
    assert (folder / "blocked" / "several.vtkhdf").stat().st_size > 1000


def test_what_fails_on_the_first_rank_fails_on_all(folder: Path) -> None:
    code = (
        "from mpi4py import MPI; import fem_island as fi\n"
        "import fem_island.solvers.meshed.gmsh_session as m\n"
        "m.GMSH_LIBRARIES = ('libmissing.so.1',)\n"
        "import fem_island.machine.libraries as s\n"
        "s._DEBIAN_PACKAGES['libmissing.so.1'] = 'libmissing1'\n"
        "try:\n    fi.solve(fi.Cell(), comm=MPI.COMM_WORLD)\n"
        "except ImportError as error:\n    print(error, flush=True)\n"
    )
    (folder / "broken.py").write_text(code)
    done = shell(folder, f"BIN/mpirun -n 2 {sys.executable} broken.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("apt-get install libmissing1") == 2
