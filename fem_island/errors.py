"""What can go wrong, as types that carry the value and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the input.

    Attributes:
        key: Path of the key, for example ``islands.0.width``; empty for the input as a whole.
        value: What was given; None where nothing was.
        message: What is wrong and what is allowed.
        file: The case file, or None for input from Python or the command line.
    """

    key: str
    value: object
    message: str
    file: str | None = None

    def __str__(self) -> str:
        """One line: file, key, value and what is allowed."""
        place = self.key if self.value is None else f"{self.key} = {shortened(self.value)}"
        file = on_one_line(self.file or "")
        return ": ".join(part for part in (file, place, self.message) if part)


def shortened(value: object) -> str:
    """The value on one line, as a case file would show it, cut where it is long."""
    try:
        text = on_one_line(json.dumps(value, ensure_ascii=False))
    except TypeError:
        text = on_one_line(str(value))
    except (ValueError, RecursionError):  # too many digits or levels to print
        text = "..."
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def on_one_line(text: str) -> str:
    """The text without line breaks and what a terminal would not print."""
    return " ".join("".join(c if c.isprintable() else "?" for c in text).split())


def no_entry(name: str, count: int) -> str:
    """What to say of the number of an entry that a list of so many does not have."""
    there = "is 1 entry" if count == 1 else f"are {count} entries"
    return f"no entry {name}: there {there}, counted from 0"


class FemIslandError(Exception):
    """Base of all errors that this package raises on purpose.

    Attributes:
        on_all_ranks: Whether every rank raises it, so that none waits for another.
    """

    on_all_ranks = False


class InputError(FemIslandError, ValueError):
    """The input was refused before anything was computed.

    Attributes:
        faults: All that is wrong with it, one entry per fault.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Collect the faults; the message has one line for each."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        """Pickle by the faults: ranks send errors to one another."""
        return InputError, (self.faults,)

    def in_file(self, file: str | None) -> InputError:
        """The same faults, said to be in ``file``."""
        return InputError(replace(fault, file=file) for fault in self.faults)

    def placed(self, file: str) -> InputError:
        """The same faults; those of no file are said to be in ``file``."""
        return InputError(
            fault if fault.file else replace(fault, file=file) for fault in self.faults
        )


class ComputationError(FemIslandError, RuntimeError):
    """A computation ended without an acceptable solution; the message says why."""


class ConvergenceError(ComputationError):
    """Newton's method and continuation failed; the message says how far they came."""


class MeshingError(ComputationError):
    """Gmsh could not mesh the cell."""


class OutputError(FemIslandError, OSError):
    """A file could not be written."""


class MissingSystemLibraryError(FemIslandError, ImportError):
    """Something that no Python package brings is missing; the message says what to install."""
