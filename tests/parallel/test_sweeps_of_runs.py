"""Sweeps of stripping runs and of spectra: the same to the last bit on any ranks, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import sweep_runs
import xarray

from fem_island.experiments.sweeps.experiments import experiment_named
from fem_island.experiments.sweeps.folder import describe
from fem_island.experiments.sweeps.plan import digest
from fem_island.experiments.sweeps.sweep_file import read_plan

# Grids of several sizes, curves of unequal length, and a current that nothing carries.
RUNS = """
    [[islands]]
    width = "10 um"
    thickness = "1 um"
    shape = "parabola"
    [kinetics]
    law = "linear"
    [stripping]
    tolerance = "1 mV"
    [sweep]
    "islands.width" = ["10 um", "4 um", "30 um"]
    "operation.current_density" = ["1 mA/cm^2", "0.2 mA/cm^2", "1e8 mA/cm^2"]
    """

SPECTRA = """
    [kinetics]
    double_layer = { capacitance = "10 uF/cm^2" }
    [sweep]
    "islands.width" = ["20 um", "4 um"]
    "operation.current_density" = { from = "-0.5 mA/cm^2", to = "5 mA/cm^2", count = 4 }
    """


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    (folder / "strip.toml").write_text(RUNS)
    (folder / "impedance.toml").write_text(SPECTRA)
    return folder


@pytest.fixture(scope="module", params=["strip", "impedance"])
def alone(request: pytest.FixtureRequest, folder: Path) -> tuple[str, xarray.Dataset]:
    """What is swept, and the results of one rank."""
    of = str(request.param)
    done = sweep_runs.run(folder / f"{of}.toml", folder / f"{of}-1", "--of", of)
    assert done.returncode == (1 if of == "strip" else 0), done.stderr
    return of, sweep_runs.load(folder / f"{of}-1")


@pytest.mark.parametrize("ranks", [2, 3])
def test_any_number_of_ranks_gives_the_same_data(
    ranks: int, folder: Path, alone: tuple[str, xarray.Dataset]
) -> None:
    of, data = alone
    out = folder / f"{of}-{ranks}"
    done = sweep_runs.run(folder / f"{of}.toml", out, "--of", of, "--quiet", ranks=ranks)
    assert done.returncode == (1 if of == "strip" else 0), done.stderr
    sweep_runs.assert_equal_to_the_last_bit(data, sweep_runs.load(out))


@pytest.mark.parametrize("alone", ["strip"], indirect=True)
def test_what_failed_has_its_reason_and_no_curve(alone: tuple[str, xarray.Dataset]) -> None:
    _, data = alone
    failed = data.sel(current_density=1e9)
    assert (failed.status == 2).all()
    assert all(reason for reason in failed.reason.values.ravel())
    assert np.isnan(failed.voltage).all()
    good = data.sel(current_density=[10.0, 2.0])
    lengths = np.isfinite(good.time).sum("time_index").values.ravel()
    assert len(set(lengths.tolist())) > 1
    assert lengths.max() == data.sizes["time_index"]


def test_ranks_killed_lose_no_run_that_was_finished(folder: Path) -> None:
    case, out = folder / "strip.toml", folder / "killed"
    experiment = experiment_named("strip")
    plan = read_plan(case, experiment=experiment)
    sweep = digest(describe(plan, "condensed"))
    chance = random.Random(5)
    finished: set[int] = set()
    for _ in range(3):
        launched = subprocess.Popen(
            sweep_runs.command(case, out, "--of", "strip", "--quiet"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=sweep_runs.ENVIRONMENT,
        )
        before, last = len(finished), time.monotonic() + 60
        while time.monotonic() < last and launched.poll() is None:
            batches = out / "batches"
            if batches.exists() and any(batches.iterdir()):
                now = sweep_runs.times_computed(out, sweep, rows=plan.layout)
                if len(now) > before:
                    break
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.1))
        if launched.poll() is None:
            os.kill(launched.pid, signal.SIGKILL)
        launched.wait(timeout=60)
        now = sweep_runs.times_computed(out, sweep, rows=plan.layout)
        assert finished <= now.keys()
        assert set(now.values()) <= {1}
        finished = set(now)
    assert finished
    done = sweep_runs.run(case, out, "--of", "strip", "--quiet", ranks=2)
    assert done.returncode == 1
    counts = sweep_runs.times_computed(out, sweep, rows=plan.layout)
    assert counts == dict.fromkeys(range(9), 1)
    fresh = sweep_runs.run(case, folder / "fresh", "--of", "strip", "--quiet")
    assert fresh.returncode == 1
    sweep_runs.assert_equal_to_the_last_bit(sweep_runs.load(folder / "fresh"), sweep_runs.load(out))
