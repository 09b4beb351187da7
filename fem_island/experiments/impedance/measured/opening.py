"""Opening files of measured numbers, or saying why they cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fem_island.experiments.impedance.measured.record import refused

_LARGEST = 200_000_000
"""Bytes of a file that is read."""


def check_file(path: Path) -> None:
    """Refuse what is no file that is there, or a very large one.

    Raises:
        InputError: With the reason.
    """
    try:
        if path.is_dir():
            raise refused("is a folder; give a file")
        if path.stat().st_size > _LARGEST:
            raise refused(f"is larger than {_LARGEST / 1e6:g} MB")
    except FileNotFoundError:
        raise refused("there is no such file") from None
    except OSError as error:
        raise refused(f"cannot be read: {error.strerror}") from None


def text_of(path: Path, *, unknown: Literal["ignore", "replace"]) -> str:
    """The contents of a text file.

    Args:
        path: The file.
        unknown: What is done with bytes that are no UTF-8, as those of degrees and Greek letters
            that instruments write as Windows does.

    Raises:
        InputError: It cannot be read, or is no text.
    """
    check_file(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refused(f"cannot be read: {error.strerror}") from None
    if b"\0" in content:
        raise refused("is not a text file")
    return content.decode("utf-8-sig", errors=unknown)
