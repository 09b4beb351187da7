"""Sweeps give the same data on any number of ranks, and after any interruption."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sweep_runs
import xarray

from fem_island.experiments.sweeps.folder import describe
from fem_island.experiments.sweeps.plan import digest
from fem_island.experiments.sweeps.sweep_file import read_plan

# Three geometries for up to four ranks, series of several pieces, a tolerance that makes some
# points go through several meshes, and one series that plates.
MIXED = """
    [electrolyte]
    conductivity = "0.3 mS/cm"
    [interlayer]
    material = "Ag"
    reaction = "release"
    [accuracy]
    tolerance = "0.1 mV"
    [sweep]
    "islands.width" = ["30 um", "2 um", "9 um"]
    "operation.current_density" = { from = "-0.5 mA/cm^2", to = "10 mA/cm^2", count = 14 }
    """

# Many short tasks, so that a process can be ended between many batches; for the slow solver.
SHORT = """
    [accuracy]
    tolerance = "1 mV"
    [sweep]
    "islands.width" = { from = "2 um", to = "41 um", count = 90 }
    "operation.current_density" = ["0.5 mA/cm^2", "0.1 mA/cm^2"]
    """


LONGER, POINTS = SHORT.replace("count = 90", "count = 300"), 600
"""Enough tasks for ten starts of which each finishes some."""

NEWTON = ("--solver", "newton")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps")
    (folder / "mixed.toml").write_text(MIXED)
    (folder / "short.toml").write_text(SHORT)
    (folder / "longer.toml").write_text(LONGER)
    return folder


@pytest.fixture(scope="module", params=["condensed", "newton"])
def mixed(request: pytest.FixtureRequest, folder: Path) -> xarray.Dataset:
    """The results of one rank, by each of the solvers."""
    solver = str(request.param)
    out = folder / f"{solver}-alone"
    done = sweep_runs.run(folder / "mixed.toml", out, "--solver", solver)
    assert done.returncode == 0, done.stderr
    results = sweep_runs.load(out)
    assert results.attrs["solver"] == solver
    return results


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_any_number_of_ranks_gives_the_same_data(
    ranks: int, folder: Path, mixed: xarray.Dataset
) -> None:
    solver = str(mixed.attrs["solver"])
    out = folder / f"{solver}-{ranks}"
    done = sweep_runs.run(folder / "mixed.toml", out, "--solver", solver, ranks=ranks)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("42 points: 42 converged; 42 computed in ")
    assert done.stdout.count("\n") == 2
    sweep_runs.assert_equal_to_the_last_bit(mixed, sweep_runs.load(out))
    assert len(list((out / "batches").iterdir())) == ranks


def fingerprint(case: Path) -> str:
    return digest(describe(read_plan(case), "newton"))


def batch_bytes(out: Path) -> int:
    files = (out / "batches").glob("*") if (out / "batches").exists() else ()
    return sum(path.stat().st_size for path in files)


def ranks_of(out: Path) -> list[int]:
    """Processes of a sweep that compute: not the launcher and its helpers."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(out).encode() in arguments and b"python" in arguments[0]:
                found.append(int(entry.name))
    return found


def kill_one_rank(case: Path, out: Path, chance: random.Random) -> bool:
    """Start the sweep and end one of its ranks some time after it has finished something."""
    before = batch_bytes(out)
    launched = subprocess.Popen(
        sweep_runs.command(case, out, *NEWTON, "--quiet", ranks=2),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=sweep_runs.ENVIRONMENT,
    )
    last = time.monotonic() + 120
    while batch_bytes(out) <= before and launched.poll() is None and time.monotonic() < last:
        time.sleep(0.01)
    time.sleep(chance.uniform(0.0, 0.15))
    victims = ranks_of(out)
    killed = launched.poll() is None and bool(victims)
    if killed:
        os.kill(chance.choice(victims), signal.SIGKILL)
    status = launched.wait(timeout=60)
    return killed and status != 0


def test_ranks_killed_ten_times_lose_nothing_that_was_finished(folder: Path) -> None:
    case, out = folder / "longer.toml", folder / "killed"
    sweep, chance = fingerprint(case), random.Random(3)
    finished: set[int] = set()
    kills = 0
    for _ in range(10):
        kills += kill_one_rank(case, out, chance)
        now = sweep_runs.times_computed(out, sweep, islands=1)
        assert finished <= now.keys()
        finished = set(now)
        assert set(now.values()) <= {1}
    assert kills == 10
    assert 0 < len(finished) < POINTS

    done = sweep_runs.run(case, out, *NEWTON, ranks=2)
    assert done.returncode == 0, done.stderr
    assert f"{POINTS - len(finished)} computed in" in done.stdout
    assert f"{len(finished)} finished before" in done.stdout
    counts = sweep_runs.times_computed(out, sweep, islands=1)
    assert counts == dict.fromkeys(range(POINTS), 1)

    undisturbed = sweep_runs.run(case, folder / "undisturbed", *NEWTON)
    assert undisturbed.returncode == 0
    sweep_runs.assert_equal_to_the_last_bit(
        sweep_runs.load(folder / "undisturbed"), sweep_runs.load(out)
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> object:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", str(disk)]
    if subprocess.run(made, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("ranks", [None, 2])
def test_a_full_disk_is_said_and_loses_nothing(
    ranks: int | None, folder: Path, small_disk: Path
) -> None:
    case, out = folder / "short.toml", small_disk / "sweep"
    sweep = fingerprint(case)
    done = sweep_runs.run(case, out, *NEWTON, "--quiet", ranks=ranks)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("fem-island: ")]
    assert 1 <= len(lines) <= 2
    for line in lines:
        assert "rank-000" in line
        assert "cannot be written: No space left on device" in line
        assert "the same command goes on from there" in line
    assert "Traceback" not in done.stderr
    finished = sweep_runs.times_computed(out, sweep, islands=1)
    assert len(finished) > 20

    # Enough for the batches (64 kB), but not for the results (200 kB).
    subprocess.run(["mount", "-o", "remount,size=110k", str(small_disk)], check=True)
    done = sweep_runs.run(case, out, *NEWTON, "--quiet", ranks=ranks)
    assert done.returncode == 1
    assert "results.nc cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    now = sweep_runs.times_computed(out, sweep, islands=1)
    assert finished.keys() < now.keys()

    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    done = sweep_runs.run(case, out, *NEWTON, "--quiet", ranks=ranks)
    assert done.returncode == 0
    assert "180 converged; all were finished before" in done.stdout
    assert sweep_runs.times_computed(out, sweep, islands=1) == dict.fromkeys(range(180), 1)


def test_a_launcher_of_another_mpi_is_refused(folder: Path, tmp_path: Path) -> None:
    slurm = {"SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"}
    open_mpi = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "0"}
    for variables in (slurm, open_mpi):
        out = tmp_path / "out"
        alone = {key: v for key, v in sweep_runs.ENVIRONMENT.items() if not key.startswith("PMI")}
        done = subprocess.run(
            sweep_runs.command(folder / "short.toml", out),
            capture_output=True,
            text=True,
            check=False,
            env={**alone, **variables},
        )
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert "4 processes were started by a launcher which is not that of the MPI" in line
        assert not out.exists()


def test_a_folder_with_another_sweep_is_refused_once(folder: Path, mixed: xarray.Dataset) -> None:
    out = folder / f"{mixed.attrs['solver']}-alone"
    before = (out / "sweep.json").read_bytes()
    done = sweep_runs.run(folder / "short.toml", out, ranks=2)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "holds another sweep" in line
    assert (out / "sweep.json").read_bytes() == before
    assert json.loads(before)["solver"] == mixed.attrs["solver"]


COUNTING = """
import time
from mpi4py import MPI
from fem_island.experiments.sweeps.counters import SharedCounters
comm = MPI.COMM_WORLD
counters = SharedCounters(comm, 2)
comm.Barrier()
start = time.monotonic()
if comm.rank == 0:
    time.sleep(3)
    waited = 0.0
else:
    for _ in range(1000):
        counters.add(1, comm.rank)
    waited = time.monotonic() - start
longest = max(comm.allgather(waited))
if comm.rank == 0:
    print(counters.value(0), counters.value(1), longest, flush=True)
counters.free()
"""


def test_counting_does_not_wait_for_the_first_rank(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(COUNTING)
    done = subprocess.run(
        [str(sweep_runs.BIN / "mpirun"), "-n", "3", sys.executable, "counting.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=sweep_runs.ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    first, second, longest = done.stdout.split()
    assert (first, second) == ("0", "3000")
    # Not a measure of speed: who waits for the first rank waits for three seconds.
    assert float(longest) < 2.5


def test_ranks_with_different_sweeps_are_refused(tmp_path: Path) -> None:
    (tmp_path / "different.py").write_text(
        "from mpi4py import MPI; import fem_island as fi\n"
        "comm = MPI.COMM_WORLD\n"
        "try:\n"
        "    fi.sweep(fi.Cell(), island_width=[5e-6, (6 + comm.rank) * 1e-6], comm=comm)\n"
        "except fi.InputError as error:\n"
        "    print(error, flush=True)\n"
    )
    done = subprocess.run(
        [str(sweep_runs.BIN / "mpirun"), "-n", "2", sys.executable, "different.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=sweep_runs.ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("the ranks were given different sweeps") == 2
