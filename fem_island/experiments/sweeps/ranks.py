"""Sharing the pieces of a plan out over MPI ranks.

Ranks draw tasks, runs of pieces of one group, from a counter in the memory of rank 0: no rank is
lost to a master, and rank 0 computes too. More counters hold how many points are done and how many
failed, so that rank 0 can show it, and whether to stop.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, cast

import numpy as np

from fem_island.errors import FemIslandError
from fem_island.experiments.sweeps.batches import Batch
from fem_island.experiments.sweeps.counters import SharedCounters
from fem_island.experiments.sweeps.piecework import solved
from fem_island.experiments.sweeps.plan import Integers, Pieces, Plan
from fem_island.machine.collective import raise_first
from fem_island.machine.communicator import Communicator
from fem_island.results.columns import Columns
from fem_island.solvers.choice import SeriesSolver

if TYPE_CHECKING:
    from mpi4py import MPI

_TASKS_PER_RANK = 4
"""Tasks that every rank should find, so that none waits long for the last."""

_SECONDS_PER_BATCH = 0.2
"""Work that may be lost: what is computed is handed on at least this often, and hardly more often,
since to be sure that it is on the disk takes milliseconds."""

_DRAWN, _POINTS, _FAILURES, _STOPPED = range(4)


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
    """What all ranks know of the work: tasks drawn, points done and failed, whether to stop."""

    def __init__(self, comm: Communicator) -> None:
        """Start with no task drawn and no point counted. Collective."""
        self._counters = SharedCounters(comm, 4)

    def draw(self) -> int:
        """The number of the next task, which no other rank gets."""
        return self._counters.add(_DRAWN, 1)

    def add(self, columns: Columns) -> None:
        """Count finished points."""
        failed = int(np.count_nonzero(columns.failed))
        self._counters.add(_POINTS, len(columns))
        self._counters.add(_FAILURES, failed)

    def read(self) -> tuple[int, int]:
        """Points done, and those of them that failed."""
        return self._counters.value(_POINTS), self._counters.value(_FAILURES)

    def stop(self) -> None:
        """Tell all ranks to take no more work."""
        self._counters.add(_STOPPED, 1)

    @property
    def stopped(self) -> bool:
        """Whether a rank has said so."""
        return self._counters.value(_STOPPED) > 0

    def free(self) -> None:
        """Free the counters. Collective."""
        self._counters.free()


def compute(
    plan: Plan,
    pieces: Pieces,
    missing: Integers,
    *,
    solver: SeriesSolver,
    comm: Communicator,
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

    Raises:
        FemIslandError: What ``finish`` raised on a rank, on all of them; each has finished what it
            had begun.
    """
    shared = tasks(pieces, missing, comm.size)
    tally = Tally(comm)
    failure: FemIslandError | None = None
    try:
        for batch in _computed(plan, pieces, _own(shared, tally), solver):
            finish(batch)
            tally.add(batch.columns)
            if comm.rank == 0:
                show(*tally.read())
    except FemIslandError as error:
        failure = error
        tally.stop()
    _wait(comm, lambda: show(*tally.read()))
    tally.free()
    raise_first(comm, failure)


def _own(shared: list[Integers], tally: Tally) -> Iterator[int]:
    """The pieces of the tasks that this rank draws, until there are none or a rank has failed."""
    while (number := tally.draw()) < len(shared):
        for piece in shared[number].tolist():
            if tally.stopped:
                return
            yield piece


def _computed(
    plan: Plan, pieces: Pieces, own: Iterable[int], solver: SeriesSolver
) -> Iterator[Batch]:
    """Batches of finished points, each after some time and at the end."""
    since = time.monotonic()
    done: list[Batch] = []
    for piece in own:
        points = pieces.points(piece)
        done.append(Batch(points, solved(plan, points, solver)))
        if time.monotonic() - since > _SECONDS_PER_BATCH:
            yield Batch.joined(done)
            since, done = time.monotonic(), []
    if done:
        yield Batch.joined(done)


def _wait(comm: Communicator, meanwhile: Callable[[], None]) -> None:
    """Wait for all ranks without taking their cores from them. Collective."""
    if comm.size == 1:
        return
    request = cast("MPI.Comm", comm).Ibarrier()
    while not request.Test():
        time.sleep(0.02)
        if comm.rank == 0:
            meanwhile()
