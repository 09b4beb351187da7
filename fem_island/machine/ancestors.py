"""The processes from which this one was started, as Linux shows them; elsewhere there are none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MPI_LIBRARY = re.compile(r"/lib(mpi|mpich|pmi|pmi2|pmix)(_abi)?\.so")


@dataclass(frozen=True)
class Ancestor:
    """A process above this one.

    Attributes:
        pid: Its number.
    """

    pid: int

    @property
    def name(self) -> str:
        """Of its executable file, at most 15 characters."""
        return self._text("comm").strip()

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which it was started; empty where it is somebody else's."""
        entries = (entry.partition("=") for entry in self._text("environ").split("\0"))
        return {name: value for name, _, value in entries if name}

    @property
    def has_loaded_mpi(self) -> bool:
        """Whether the library of an MPI, or that with which one finds its launcher, is in it."""
        return _MPI_LIBRARY.search(self._text("maps")) is not None

    def holds(self, descriptor: int) -> bool:
        """Whether this process got an open file of this number from it."""
        try:
            theirs = Path(f"/proc/{self.pid}/fd/{descriptor}").stat()
        except OSError:
            return False
        return os.path.samestat(theirs, os.fstat(descriptor))

    def _text(self, file: str) -> str:
        try:
            return Path(f"/proc/{self.pid}/{file}").read_text("utf-8", errors="replace")
        except OSError:
            return ""


def ancestors() -> Iterator[Ancestor]:
    """From the parent of this process upwards."""
    pid = os.getppid()
    while pid > 0:
        yield Ancestor(pid)
        try:
            status = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
        except OSError:
            return
        # The name, in brackets before it, may hold anything.
        pid = int(status.rpartition(")")[2].split()[1])
