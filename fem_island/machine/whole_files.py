"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from fem_island.errors import OutputError


def write_json(record: dict[str, Any], path: Path) -> None:
    """Write a record.

    Raises:
        OutputError: The file cannot be written.
    """
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def make_folder(folder: Path) -> None:
    """Make a folder where there is none.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made a folder: {error.strerror}") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of ``path`` once it is complete and on the disk.

    Raises:
        OutputError: The file cannot be written.
    """
    unfinished = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    try:
        yield unfinished
        # VTK says nothing where it could not write.
        if unfinished.stat().st_size == 0:
            raise OutputError(f"{path} cannot be written")
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    except FileNotFoundError as error:
        reason = "" if path.parent.is_dir() else f": there is no folder {path.parent}"
        raise OutputError(f"{path} cannot be written{reason}") from error
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        # Where a file cannot be written, there may be none to take away; the reason above counts.
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or the list of files of a folder, is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
