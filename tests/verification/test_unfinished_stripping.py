"""A stripping run that was interrupted goes on where it was, and is the same to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fem_island as fi
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.kept_solutions import kept_solutions
from fem_island.experiments.stripping.run import strip_case

ISLAND = fi.Island(width="11 um", thickness="2 um", shape="parabola")
CASE = fi.Case(
    cell=fi.Cell(islands=[ISLAND], interlayer=fi.interlayer("Ag", reaction="release")),
    stripping={"tolerance": "100 uV", "times": ["5 min", "10 min"]},
)
ACROSS = np.cos(np.pi * (np.arange(8) + 0.5) / 8)
HEIGHTS = 1e-6 * (2 + 0.5 * np.add.outer(ACROSS, 0.7 * ACROSS))


class Stopped(Exception):
    """What interrupts a run."""


def stop_at(share: float, error: type[Exception] = Stopped) -> Any:
    """A progress that interrupts the run where so much of the charge is gone."""

    def look(instant: Any, gone: float) -> None:
        if gone > share:
            raise error("stopped")

    return look


def interrupted(path: Path, case: fi.Case, progress: Any) -> int:
    """Run a case until it is interrupted; how many answers it has computed then."""
    with (
        pytest.raises(Stopped),
        kept_solutions(path, case, "condensed", after=0.0) as kept,
    ):
        strip_case(case, progress=progress, kept=kept)
    assert path.stat().st_size > 1000
    return kept.computed


def test_interrupted_run_goes_on_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "run.unfinished"
    whole = strip_case(CASE)
    first = interrupted(path, CASE, stop_at(0.3))
    # What was being written is cut off, as where the machine has failed.
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 5)
    second = interrupted(path, CASE, stop_at(0.9))
    told: list[str] = []
    with kept_solutions(path, CASE, "condensed", resumed=lambda: told.append("on")) as kept:
        run = strip_case(CASE, kept=kept)
    assert told == ["on"]
    assert first > 10
    assert second > 10
    assert kept.given == first - 1 + second
    assert kept.computed > 10
    assert np.array_equal(run.times, whole.times)
    assert np.array_equal(run.voltage, whole.voltage)
    assert np.array_equal(run.bottom.film_charge, whole.bottom.film_charge)
    assert run.events == whole.events
    assert (run.voltage_error, run.time_error) == (whole.voltage_error, whole.time_error)
    assert run.newton_iterations == whole.newton_iterations
    assert list(tmp_path.iterdir()) == []


def test_map_goes_on_to_the_last_bit(tmp_path: Path) -> None:
    np.save(tmp_path / "h.npy", HEIGHTS)
    where = {"thickness": str(tmp_path / "h.npy"), "thickness_unit": "m", "pixel": "2 um"}
    cell = fi.Cell(electrolyte={"geometry": "map"}, map=where)
    case = fi.Case(cell=cell, stripping={"tolerance": "5 mV"})
    path = tmp_path / "run.unfinished"
    whole = strip_case(case)
    first = interrupted(path, case, stop_at(0.5))
    run = fi.strip(case, unfinished=path)
    assert first > 10
    assert np.array_equal(run.voltage, whole.voltage)
    assert run.voltage_error == whole.voltage_error
    assert not path.exists()


def test_answers_of_another_case_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "run.unfinished"
    interrupted(path, CASE, stop_at(0.5))
    other = CASE.model_copy(update={"operation": fi.Operation(current_density=2.0)})
    with kept_solutions(path, other, "condensed") as kept:
        assert not kept.has_answers
        run = strip_case(other, kept=kept)
    assert kept.given == 0
    assert np.array_equal(run.voltage, strip_case(other).voltage)


def test_short_or_failed_run_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "run.unfinished"
    with pytest.raises(Stopped), kept_solutions(path, CASE, "condensed") as kept:
        strip_case(CASE, progress=stop_at(0.1), kept=kept)
    assert list(tmp_path.iterdir()) == []
    with (
        pytest.raises(ConvergenceError),
        kept_solutions(path, CASE, "condensed", after=0.0) as kept,
    ):
        strip_case(CASE, progress=stop_at(0.1, ConvergenceError), kept=kept)
    assert list(tmp_path.iterdir()) == []


def test_two_runs_do_not_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "run.unfinished"
    with kept_solutions(path, CASE, "condensed", after=0.0) as kept:
        with kept_solutions(path, CASE, "condensed", after=0.0) as other:
            strip_case(CASE, kept=other)
        assert other.computed == 0
        strip_case(CASE, kept=kept)
    assert kept.computed > 100
    assert list(tmp_path.iterdir()) == []
