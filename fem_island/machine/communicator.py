"""Who shares the work: the ranks of MPI, or one process where nothing of MPI is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class Communicator(Protocol):
    """What is used of ``mpi4py.MPI.Comm``; all methods are collective."""

    @property
    def rank(self) -> int:
        """Number of this process."""

    @property
    def size(self) -> int:
        """How many processes there are."""

    def bcast(self, obj: Any, root: int = 0) -> Any:
        """What rank ``root`` gave, on all ranks."""

    def gather(self, sendobj: Any, root: int = 0) -> list[Any] | None:
        """What every rank gave, on rank ``root``."""

    def allgather(self, sendobj: Any) -> list[Any]:
        """What every rank gave, on all ranks."""


@dataclass(frozen=True)
class OneProcess:
    """This process alone, which needs no MPI.

    Example:
        >>> alone = OneProcess()
        >>> alone.rank, alone.size, alone.allgather(7)
        (0, 1, [7])
    """

    rank: int = 0
    size: int = 1

    def bcast(self, obj: Any, root: int = 0) -> Any:
        """The object itself."""
        return obj

    def gather(self, sendobj: Any, root: int = 0) -> list[Any] | None:
        """The object alone."""
        return [sendobj]

    def allgather(self, sendobj: Any) -> list[Any]:
        """The object alone."""
        return [sendobj]
