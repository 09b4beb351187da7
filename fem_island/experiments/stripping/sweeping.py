"""Sweeps of stripping runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fem_island.case.case import Case
from fem_island.case.stripping import SAID_BY_STEPS
from fem_island.errors import ComputationError
from fem_island.experiments.stripping.case_stores import check_stores
from fem_island.experiments.stripping.curves import (
    CURVES,
    ENDS,
    TIME_INDEX,
    KeptRun,
    KeptRunOfWholeCell,
)
from fem_island.experiments.stripping.happenings import event_names
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.experiments.stripping.run import strip_case
from fem_island.experiments.sweeps.names import ExperimentName
from fem_island.machine.arrays import Array
from fem_island.results.columns import Columns
from fem_island.results.result import STATUSES
from fem_island.results.variables import Layout
from fem_island.solvers.choice import SeriesSolver
from fem_island.solvers.names import SolverName


@dataclass(frozen=True)
class StrippingRuns:
    """Every point is one run; see ``Experiment``."""

    name: ExperimentName = "strip"
    title: str = "Lithium islands and films while they are stripped"

    def check(self, case: Case) -> None:
        """Refuse what ``strip`` refuses."""
        check_stores(case)

    def without_effect(self, case: Case) -> Mapping[str, str]:
        """What a protocol says itself."""
        reason = "changes nothing: the steps of the protocol have their own"
        return dict.fromkeys(SAID_BY_STEPS, reason) if case.protocol else {}

    def layout(self, case: Case) -> Layout:
        """A row for every run; how long its curves are is known at its end."""
        planar = case.cell.electrolyte.geometry == "planar"
        record = KeptRun if planar else KeptRunOfWholeCell
        return Layout(record, {TIME_INDEX: 0, "event": len(_events(case))}, open=TIME_INDEX)

    def coordinates(self, case: Case) -> dict[str, Any]:
        """Names of events."""
        return {"event": ("event", _events(case), {"long_name": "what happened"})}

    @contextmanager
    def solver(self, name: SolverName) -> Iterator[SeriesSolver]:
        """The condensed one."""
        yield _Solver()


class _Solver:
    """Strips cells, one after another."""

    name = "condensed"

    def pieces(self, count: int, *, islands: int) -> list[slice]:
        """Runs have nothing in common."""
        return [slice(number, number + 1) for number in range(count)]

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """The run of a case, whose current is the one given."""
        layout = StrippingRuns().layout(case)
        try:
            run = strip_case(case)
        except ComputationError as error:
            return Columns(layout.missing.copy(), {0: str(error)}, layout.record)
        rows = layout.opened_to(len(run.times))
        columns = Columns.missing(1, rows)
        _fill(columns.numbers[0], run, _events(case))
        if run.reason:
            columns.reasons[0] = run.reason
        return columns


def _fill(row: Any, run: StrippingRun, events: list[str]) -> None:
    row["status"] = STATUSES.index(run.status)
    row["end"] = ENDS.index(run.end)
    row["time"] = run.times
    row["applied_current_density"] = run.current_density
    for name in CURVES:
        values = getattr(run, name)
        if values is not None:
            row[name] = values
    for event in run.events:
        place = events.index(event.event)
        row["event_time"][place], row["event_voltage"][place] = event.time, event.voltage
    row["charge_imbalance"] = run.charge_imbalance
    row["error_estimate_voltage"] = run.voltage_error
    row["error_estimate_time"] = run.time_error
    row["steps"] = run.steps


def _events(case: Case) -> list[str]:
    film = case.cell.interlayer
    steps = 0 if film is None or film.reaction == "none" else len(film.steps)
    islands = 0 if case.cell.lithium is not None else len(case.cell.islands)
    return event_names(islands=islands, film_steps=steps)
