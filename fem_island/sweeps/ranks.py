"""Sharing the pieces of a plan out over MPI ranks.

Ranks draw tasks, runs of pieces of one group, from a counter in the memory of rank 0, by one-sided
communication: no rank is lost to a master, and rank 0 computes too. Two more counters hold how many
points are done and how many failed, so that rank 0 can show it.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from mpi4py import MPI
from mpi4py.util.sync import Counter

import numpy as np

from fem_island.cell import Case
from fem_island.columns import STATUSES, Columns
from fem_island.sweeps.batches import Batch
from fem_island.sweeps.plan import CutsSeries, Integers, Pieces, Plan
from fem_island.trace import Array

_TASKS_PER_RANK = 4
"""Tasks that every rank should find, so that none waits long for the last."""

_SECONDS_PER_BATCH = 0.5
"""Work that may be lost: what is computed is handed on at least this often."""

_FAILED = STATUSES.index("failed")


class SeriesSolver(CutsSeries, Protocol):
    """What a sweep needs of a solver; see ``newton.NewtonSolver``."""

    @property
    def name(self) -> str:
        """Which one it is."""

    def solve(self, case: Case, current_densities: Array) -> Columns:
        """Solve a case at ascending currents; depends on the arguments only, to the last bit."""


def tasks(pieces: Pieces, missing: Integers, ranks: int) -> list[Integers]:
    """Runs of missing pieces to hand out: whole groups, and parts of those that are large.

    Args:
        pieces: The pieces of the plan.
        missing: Which of them are to be computed, ascending.
        ranks: Who shares them.
    """
    if len(missing) == 0:
        return []
    lengths = np.diff(pieces.starts)[missing]
    largest = math.ceil(lengths.sum() / (_TASKS_PER_RANK * ranks))
    cuts = np.flatnonzero(np.diff(pieces.groups[missing])) + 1
    found: list[Integers] = []
    for group, sizes in zip(np.split(missing, cuts), np.split(lengths, cuts), strict=True):
        count = math.ceil(sizes.sum() / largest) if ranks > 1 else 1
        parts = (np.cumsum(sizes) - sizes) * count // sizes.sum()
        found.extend(np.split(group, np.flatnonzero(np.diff(parts)) + 1))
    return found


class Tally:
    """Points done and failed, on all ranks together."""

    def __init__(self, comm: MPI.Intracomm) -> None:
        """Start at zero. Collective."""
        self._counters = [Counter(comm=comm) for _ in range(2)] if comm.size > 1 else []
        self._own = [0, 0]

    def add(self, columns: Columns) -> None:
        """Count finished points."""
        failed = int(np.count_nonzero(columns.numbers["status"] == _FAILED))
        for number, more in enumerate((len(columns), failed)):
            self._own[number] += more
            if self._counters:
                self._counters[number].next(more)

    def read(self) -> tuple[int, int]:
        """Points done, and those of them that failed."""
        if self._counters:
            return self._counters[0].next(0), self._counters[1].next(0)
        return self._own[0], self._own[1]

    def free(self) -> None:
        """Free the counters. Collective."""
        for counter in self._counters:
            counter.free()


def compute(
    plan: Plan,
    pieces: Pieces,
    missing: Integers,
    *,
    solver: SeriesSolver,
    comm: MPI.Intracomm,
    finish: Callable[[Batch], None],
    show: Callable[[int, int], None],
) -> None:
    """Compute pieces, shared over the ranks. Collective.

    Args:
        plan: The sweep.
        pieces: How it is cut for the solver.
        missing: Which pieces to compute; the same on all ranks.
        solver: Of this rank alone.
        comm: The ranks.
        finish: Keeps a finished batch; a point counts as done when it returns.
        show: Is told on rank 0 how many points are done and failed.
    """
    shared = tasks(pieces, missing, comm.size)
    tally = Tally(comm)
    with _drawn(comm) as numbers:
        for number in numbers:
            if number >= len(shared):
                break
            for batch in _computed(plan, pieces, shared[number], solver):
                finish(batch)
                tally.add(batch.columns)
                if comm.rank == 0:
                    show(*tally.read())
        _wait(comm, lambda: show(*tally.read()))
        tally.free()


@contextmanager
def _drawn(comm: MPI.Intracomm) -> Iterator[Iterator[int]]:
    """Numbers from 0 on, each of which one rank gets. Collective."""
    if comm.size == 1:
        yield itertools.count()
        return
    counter = Counter(comm=comm)
    yield counter
    counter.free()


def _computed(plan: Plan, pieces: Pieces, task: Integers, solver: SeriesSolver) -> Iterator[Batch]:
    """Batches of finished points, each after some time and at the end."""
    since = time.monotonic()
    done: list[Batch] = []
    for piece in task.tolist():
        points = pieces.points(piece)
        case = plan.case_at(int(points[0]))
        done.append(Batch(points, solver.solve(case, plan.current_densities(points))))
        if time.monotonic() - since > _SECONDS_PER_BATCH:
            yield _joined(done)
            since, done = time.monotonic(), []
    if done:
        yield _joined(done)


def _joined(batches: list[Batch]) -> Batch:
    reasons: dict[int, str] = {}
    before = 0
    for batch in batches:
        reasons |= {before + n: reason for n, reason in batch.columns.reasons.items()}
        before += len(batch.points)
    return Batch(
        np.concatenate([batch.points for batch in batches]),
        Columns(np.concatenate([batch.columns.numbers for batch in batches]), reasons),
    )


def _wait(comm: MPI.Intracomm, meanwhile: Callable[[], None]) -> None:
    """Wait for all ranks without taking their cores from them. Collective."""
    if comm.size == 1:
        return
    request = comm.Ibarrier()
    while not request.Test():
        time.sleep(0.02)
        if comm.rank == 0:
            meanwhile()
