"""Paths as people write them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def from_home(path: Path | str) -> Path:
    """The path, where "~" at its beginning is the home folder, as in a shell.

    Example:
        >>> from_home("~/results") == Path.home() / "results", from_home("a/~")
        (True, PosixPath('a/~'))
    """
    path = Path(path)
    with suppress(RuntimeError):  # There is no such home.
        return path.expanduser()
    return path
