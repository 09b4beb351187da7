"""Whole numbers that all ranks share, in the memory of rank 0, by one-sided communication.

mpi4py has a counter too, but it asks rank 0 for a lock at every access, and so waits while rank 0
computes. Here the lock is taken once, shared, and what is shared are atomic operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from fem_island.machine.communicator import Communicator

if TYPE_CHECKING:
    from mpi4py import MPI


class SharedCounters:
    """Several counters that start at 0."""

    def __init__(self, comm: Communicator, count: int) -> None:
        """Make the counters. Collective.

        Args:
            comm: Who shares them; alone, a rank needs no communication.
            count: How many.
        """
        self._own = np.zeros(count, dtype=np.int64)
        self._window: MPI.Win | None = None
        if comm.size > 1:
            from mpi4py import MPI

            size = self._own.nbytes if comm.rank == 0 else 0
            ranks = cast(MPI.Intracomm, comm)
            self._window = MPI.Win.Allocate(size, self._own.itemsize, comm=ranks)
            if comm.rank == 0:
                np.frombuffer(self._window.tomemory(), dtype=np.int64)[:] = 0
            comm.allgather(None)
            self._window.Lock_all(MPI.MODE_NOCHECK)

    def add(self, which: int, increment: int) -> int:
        """Add to a counter; returns its value before."""
        before = np.zeros(1, dtype=np.int64)
        if self._window is None:
            before[0] = self._own[which]
            self._own[which] += increment
        else:
            from mpi4py import MPI

            more = np.array([increment], dtype=np.int64)
            self._window.Fetch_and_op(more, before, 0, which, MPI.SUM)
            self._window.Flush(0)
        return int(before[0])

    def value(self, which: int) -> int:
        """The value of a counter."""
        return self.add(which, 0)

    def free(self) -> None:
        """Give back the memory of the counters. Collective."""
        if self._window is not None:
            self._window.Unlock_all()
            self._window.Free()
            self._window = None
