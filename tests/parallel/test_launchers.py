"""Variables of a launcher reach processes that it did not start: one alone computes all the same.

A world that cannot be is one line and exit status 2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
COMMAND, MPIRUN = str(BIN / "fem-island"), str(BIN / "mpirun")
MEAN = pytest.approx(0.0846432178, abs=1e-9)
"""Overpotential of the paper's cell, by the test of the reference cases."""

# One process of a step of several, and where nothing answers.
PMIX = {"PMIX_RANK": "1", "PMIX_NAMESPACE": "slurm.pmix.1.0", "PMIX_VERSION": "5.0"}
PMI = {"PMI_RANK": "1", "PMI_SIZE": "2", "PMI_FD": "99"}
LEFT_OVER = {
    "pmix": PMIX,
    "pmix-slurm": {**PMIX, "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"},
    "hydra": {**PMI, "MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "1", "PMI_HOSTNAME": "one"},
    "hydra-slurm": {**PMI, "SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1"},
    "hydra-port": {"PMI_PORT": "localhost:1", "PMI_ID": "1", "MPI_LOCALNRANKS": "2"},
    "pmi-one": {"PMI_RANK": "0", "PMI_SIZE": "1"},
    "local": {"MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "1"},
    "open-mpi-one": {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "1", **PMIX},
}
IMPOSSIBLE = {
    "open-mpi": {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", **PMIX},
    "pmi": {"PMI_RANK": "1", "PMI_SIZE": "2"},
    "slurm": {"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1", **PMIX},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("launchers")
    (folder / "good.toml").touch()
    (folder / "bad.toml").write_text('[electrolyte]\nwidth = "5 V"\n')
    return folder


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
    )


def means(done: subprocess.CompletedProcess[str]) -> list[float]:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [json.loads(line)["overpotential_mean"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", LEFT_OVER)
def test_one_process_alone_computes(kind: str, folder: Path) -> None:
    done = run(folder, COMMAND, "solve", "good.toml", "--json", **LEFT_OVER[kind])
    assert means(done) == [MEAN]


@pytest.mark.parametrize("kind", LEFT_OVER)
def test_a_wrong_file_is_said_whatever_the_rank(kind: str, folder: Path) -> None:
    done = run(folder, COMMAND, "solve", "bad.toml", **LEFT_OVER[kind])
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "electrolyte.width" in line


@pytest.mark.parametrize("kind", IMPOSSIBLE)
@pytest.mark.parametrize("case", ["good.toml", "bad.toml"])
def test_a_world_that_cannot_be_is_a_line(kind: str, case: str, folder: Path) -> None:
    done = run(folder, COMMAND, "solve", case, "--out", f"out-{kind}", **IMPOSSIBLE[kind])
    assert not (folder / f"out-{kind}").exists()
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "2 processes were started by a launcher which is not that of the MPI" in line
    (size,) = {name for name in IMPOSSIBLE[kind] if "SIZE" in name or "NUM_TASKS" in name}
    assert line.endswith(f"a process alone runs without {size}")


@pytest.mark.parametrize("kind", ["pmix", "hydra", "open-mpi", "slurm"])
def test_a_program_that_imports_the_package_computes_alone(kind: str, folder: Path) -> None:
    """And what runs below it finds the variables that it would have found."""
    variables = {**LEFT_OVER, **IMPOSSIBLE}[kind]
    program = (
        "import json, os; import fem_island as fi\n"
        "print(fi.solve(fi.Cell()).result.overpotential_mean)\n"
        "print(json.dumps(dict(os.environ)))\n"
    )
    done = run(folder, sys.executable, "-c", program, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    mean, after = done.stdout.splitlines()
    assert float(mean) == MEAN
    assert variables.items() <= json.loads(after).items()


@pytest.mark.parametrize("kind", ["pmix", "hydra"])
def test_a_sweep_alone(kind: str, folder: Path) -> None:
    (folder / "sweep.toml").write_text('[sweep]\n"islands.width" = ["5 um", "20 um"]\n')
    command = (COMMAND, "sweep", "sweep.toml", "--out", f"out-{kind}", "--solver", "newton")
    done = run(folder, *command, "--quiet", **LEFT_OVER[kind])
    assert done.returncode == 0, done.stderr
    assert "2 converged" in done.stdout
    assert (folder / f"out-{kind}" / "results.nc").is_file()


STARTS_MPI = "from mpi4py import MPI"
DRIVERS = {
    "without-mpi": ([], "", True),
    "with-mpi": ([], STARTS_MPI, True),
    # The file through which the rank speaks to its launcher is open in the command too.
    "inheriting": ([], STARTS_MPI, False),
    "port": (["-pmi-port"], STARTS_MPI, True),
}


@pytest.mark.parametrize("kind", DRIVERS)
def test_a_command_that_a_rank_runs_is_alone(kind: str, folder: Path) -> None:
    options, first, closes = DRIVERS[kind]
    program = (
        f"import subprocess, sys\n{first}\n"
        "for file in ('good.toml', 'bad.toml'):\n"
        f"    command = [{COMMAND!r}, 'solve', file, '--json']\n"
        f"    done = subprocess.run(command, capture_output=True, text=True, close_fds={closes})\n"
        "    print(repr((done.returncode, done.stdout[:95], done.stderr)) + '\\n', end='')\n"
    )
    (folder / f"{kind}.py").write_text(program)
    done = run(folder, MPIRUN, *options, "-n", "2", sys.executable, f"{kind}.py")
    assert done.returncode == 0, done.stderr
    lines = sorted(line for line in done.stdout.splitlines() if line)
    assert len(lines) == 4
    for good in lines[:2]:
        assert good.startswith("(0, ")
        assert '"overpotential_mean": 0.0846432' in good
    for bad in lines[2:]:
        assert bad.startswith("(2, '', 'fem-island: bad.toml: electrolyte.width")
        assert bad.count("\\n") == 1


@pytest.mark.parametrize("launcher", [("mpirun",), ("mpirun", "-pmi-port"), ("mpiexec.gforker",)])
def test_two_ranks_below_variables_of_another_launcher(
    launcher: tuple[str, ...], folder: Path
) -> None:
    name, *more = launcher
    command = (str(BIN / name), *more, "-n", "2", COMMAND, "solve", "good.toml", "--json")
    assert means(run(folder, *command, **IMPOSSIBLE["open-mpi"])) == [MEAN]


def test_a_shell_of_one_rank_runs_several_commands(folder: Path) -> None:
    commands = f"{COMMAND} solve good.toml --json; {COMMAND} solve good.toml --json"
    assert means(run(folder, MPIRUN, "-n", "1", "bash", "-c", commands)) == [MEAN, MEAN]


def test_a_launcher_that_has_served_its_program_is_a_line(folder: Path) -> None:
    commands = f"{COMMAND} solve good.toml --json; {COMMAND} solve good.toml --json"
    done = run(folder, MPIRUN, "-n", "2", "bash", "-c", commands)
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 1
    (line,) = done.stderr.splitlines()
    assert "give every command an mpirun of its own" in line
