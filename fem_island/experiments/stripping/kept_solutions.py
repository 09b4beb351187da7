"""What a run has solved, in a file, so that an interrupted one is not computed again.

A run is decided by the answers to its equations: how long its steps are, what happens, whether it
is made again on a finer grid. So what is kept is every answer, in order. A run that is taken up
again is the same one: as long as there are answers it is given these, and it goes on to the last
bit as if nothing had been.

    first line    what the answers are of, as JSON
    every answer  kind, Newton steps, number of drives; then the drives [V]
"""

from __future__ import annotations

import json
import logging
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.cells import Cells, Reaction
from fem_island.experiments.stripping.quasistatic import Balance, NothingReactsError, Solved
from fem_island.machine.arrays import Array
from fem_island.machine.versions import versions
from fem_island.solvers.names import SolverName

logger = logging.getLogger(__name__)

_FORMAT = "fem_island stripping 1"
_HEAD = struct.Struct("<iiq")
_SOLVED, _NOTHING_REACTS, _FAILED = range(3)

_LONG = 10.0
"""A run that takes no longer is not worth a file [s]."""

_BETWEEN_WRITES = 1.0
_MOST_BYTES = 2**30
"""Of the file: what a long run on many pixels solves beyond that is computed again."""


class KeptSolutions:
    """The answers of a run, from a file and into it.

    Attributes:
        given: How many answers of the file have been used.
        computed: How many had to be computed.
    """

    def __init__(
        self, file: BinaryIO | None = None, *, head: bytes = b"", after: float = _LONG
    ) -> None:
        """Look whether a file has answers of the run.

        Args:
            file: Opened to be read and written, or None to keep nothing.
            head: What its answers must be of.
            after: Seconds from which on a run is worth the file.
        """
        self.given = self.computed = 0
        self._file = file
        self._begins = time.monotonic() + after
        self._next = 0.0
        self._size = 0
        self._held: list[bytes] = []
        self._reads = file is not None and file.read(len(head)) == head
        if self._reads:
            self._begins = 0.0
        elif file is not None:
            self._end_at(0)
            self._held.append(head)

    @property
    def has_answers(self) -> bool:
        """Whether the file is of this run."""
        return self._reads

    def around(self, balance: Balance) -> Balance:
        """The same balance, whose answers are kept."""
        return balance if self._file is None else _KeptBalance(balance, self)

    def solved(self, balance: Balance, reaction: Reaction, start: Array | None) -> Solved:
        """The next answer of the file, or else that of the balance, which goes into it."""
        answer = self._read() if self._reads else None
        if answer is None:
            return self._computed(balance, reaction, start)
        self.given += 1
        kind, iterations, drive = answer
        if kind == _NOTHING_REACTS:
            raise NothingReactsError("nothing is left that could carry the current")
        if kind == _FAILED:
            raise ConvergenceError("Newton's method failed for a step of stripping")
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            density, _ = reaction(balance.grid.cell_drives(drive))
        return Solved(drive, density, iterations)

    def flush(self) -> None:
        """Write what is held back, if the run is long enough to be worth it."""
        if self._file is None or not self._held or time.monotonic() < self._begins:
            return
        data = b"".join(self._held)
        self._held = []
        self._size += len(data)
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            logger.warning("what is solved is not kept any more: %s", error.strerror)
            self._size = _MOST_BYTES

    def _read(self) -> tuple[int, int, Array] | None:
        """The next answer of the file, or None where there is none that is whole."""
        if self._file is None:
            return None
        place = self._file.tell()
        start = self._file.read(_HEAD.size)
        if len(start) == _HEAD.size:
            kind, iterations, count = _HEAD.unpack(start)
            values = self._file.read(8 * count) if 0 <= count <= _MOST_BYTES else b""
            if len(values) == 8 * count:
                return kind, iterations, np.frombuffer(values).copy()
        # What was being written when the run was interrupted is not there whole.
        self._end_at(place)
        return None

    def _end_at(self, place: int) -> None:
        """Go on writing at a place of the file."""
        self._reads = False
        if self._file is not None:
            self._file.seek(place)
            self._file.truncate()
            self._size = place

    def _computed(self, balance: Balance, reaction: Reaction, start: Array | None) -> Solved:
        self.computed += 1
        try:
            found = balance.solve(reaction, start)
        except NothingReactsError:
            self._keep(_NOTHING_REACTS, 0, np.zeros(0))
            raise
        except ConvergenceError:
            self._keep(_FAILED, 0, np.zeros(0))
            raise
        self._keep(_SOLVED, found.iterations, found.drive)
        return found

    def _keep(self, kind: int, iterations: int, drive: Array) -> None:
        if self._file is None or self._size >= _MOST_BYTES:
            return
        self._held += [_HEAD.pack(kind, iterations, len(drive)), drive.tobytes()]
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _BETWEEN_WRITES
            self.flush()


@dataclass(frozen=True)
class _KeptBalance:
    """A balance whose answers are kept; see ``Balance``."""

    balance: Balance
    kept: KeptSolutions

    @property
    def grid(self) -> Cells:
        """The cells."""
        return self.balance.grid

    @property
    def conductivity(self) -> float:
        """Kappa [S/m]."""
        return self.balance.conductivity

    @property
    def current_density(self) -> float:
        """I [A/m^2]."""
        return self.balance.current_density

    @property
    def top_mean(self) -> tuple[Array, float]:
        """Mean at the top: weights of the unknowns, and metres per I / kappa."""
        return self.balance.top_mean

    def solve(self, reaction: Reaction, start: Array | None) -> Solved:
        """See ``Balance.solve``."""
        return self.kept.solved(self.balance, reaction, start)


@contextmanager
def kept_solutions(
    path: Path | None,
    case: Case,
    solver: SolverName,
    *,
    after: float = _LONG,
    resumed: Callable[[], None] = lambda: None,
) -> Iterator[KeptSolutions]:
    """The answers of a run in a file, which is gone when the run is finished.

    Args:
        path: The file; None keeps nothing.
        case: What is run.
        solver: What finds the potential.
        after: Seconds from which on a run is worth the file.
        resumed: Called where the file has answers of this run.
    """
    if path is None:
        yield KeptSolutions()
        return
    head = {"of": _FORMAT, "case": case.to_json(), "solver": solver, "versions": versions()}
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        yield KeptSolutions()  # another process is at it, or the folder takes no files
        return
    try:
        path.touch()
        with path.open("r+b") as file:
            kept = KeptSolutions(file, head=json.dumps(head).encode() + b"\n", after=after)
            if kept.has_answers:
                resumed()
            try:
                yield kept
            finally:
                kept.flush()
    except ConvergenceError:
        path.unlink()  # it would fail again
        raise
    else:
        path.unlink()
    finally:
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
