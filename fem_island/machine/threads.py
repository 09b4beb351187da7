"""Threads that share loops over large arrays.

NumPy and SciPy compute without the interpreter's lock, so that parts of a loop run side by side. As
many are used as ``OMP_NUM_THREADS`` says, by default as many as there are cores; one where several
processes were started together, since each has a core of its own then.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fem_island.machine.launcher import launched_size

_MOST = 8
"""Threads at most: memory serves no more."""


def allowed_threads() -> int:
    """How many threads this process may use.

    Example:
        >>> allowed_threads() >= 1
        True
    """
    if launched_size() > 1:
        return 1
    # A list says one number for each level of nesting.
    said = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if said.isdecimal() and int(said) > 0:
        return min(int(said), _MOST)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, _MOST)


class Threads:
    """Some threads, which end with it.

    Attributes:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        """Start none yet; they start with the first work.

        Args:
            count: How many there are; with 1 all work is done at once by who asks for it.
        """
        self.count = count
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def share(self, length: int, work: Callable[[int, int], None]) -> None:
        """Do work for 0 to a length, every thread a part of it, and wait for all.

        Args:
            length: How much there is to do.
            work: Does it from a place up to another.
        """
        if self._pool is None:
            work(0, length)
            return
        ends = [length * number // self.count for number in range(self.count + 1)]
        list(self._pool.map(work, ends[:-1], ends[1:]))
