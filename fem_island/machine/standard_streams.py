"""What the command prints to: always there, and never a reason to stop computing.

A closed stream is as good as one to nowhere. That a stream is full, or that its reader has enough,
is noted, and what was to be printed after it is dropped; files are written all the same.
"""

from __future__ import annotations

import io
import os
import sys
from select import select
from typing import Any

_OUTPUT, _ERROR = 1, 2


class Stream(io.FileIO):
    """A file descriptor that takes everything.

    Attributes:
        failure: Why something could not be written; None while all was.
    """

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write the bytes, or drop them where that fails or has failed."""
        length = memoryview(data).nbytes
        if self.failure is None:
            try:
                while (written := super().write(data)) is None:
                    # It is of those that do not wait by themselves.
                    select([], [self], [])
                return written
            except OSError as error:
                self.failure = error
        return length


def open_standard_streams() -> Stream:
    """Put such streams in the place of Python's own; returns that of standard output.

    They write names of files as the bytes that these are, and in an encoding that lacks a character
    its number.
    """
    # What is opened next must not take the place of a stream that is closed.
    for number in (0, _OUTPUT, _ERROR):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    output = Stream(_OUTPUT, "w", closefd=False)
    sys.stdout = _text(output, sys.stdout)
    sys.stderr = _text(Stream(_ERROR, "w", closefd=False), sys.stderr)
    return output


def _text(stream: Stream, usual: Any) -> io.TextIOWrapper:
    encoding = "utf-8" if usual is None else usual.encoding
    utf8 = encoding.lower().replace("-", "") == "utf8"
    if usual is not None:
        usual.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(stream),
        encoding=encoding,
        errors="surrogateescape" if utf8 else "backslashreplace",
        line_buffering=True,
    )
