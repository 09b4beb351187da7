"""Files of finished points: what was appended to one survives the end of its process at any moment.

A file belongs to one rank and is a sequence of frames, each on the disk before ``append`` returns:

    magic (4 bytes), length of the payload (8), CRC-32 of the payload (4), CRC-32 of these 16 (4)
    payload

The payload of the first frame names the sweep, that of each other one is a batch: an array in
NumPy's own format, one record per point, and reasons of failures as JSON. A file that ends inside a
frame was cut off by the end of its process; the rest of that frame is taken off before more is
appended. Anything else that does not fit was changed by someone, and is refused.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from fem_island.columns import Columns, Sizes, point_type
from fem_island.errors import Fault, InputError, OutputError
from fem_island.sweeps.plan import Integers
from fem_island.whole_files import sync

_MAGIC = b"FIB1"
_HEADER = struct.Struct("<4sQII")
_CHECKED = struct.Struct("<4sQI")
_SECONDS_TO_WAIT = 10.0


@dataclass(frozen=True)
class Batch:
    """Finished points.

    Attributes:
        points: Their numbers in the plan, shape (n,).
        columns: Their results.
    """

    points: Integers
    columns: Columns


def record_type(size: Sizes) -> np.dtype[np.void]:
    """The type of a point's record in a file: its number, then its results."""
    return np.dtype([("point", "<i8"), ("result", point_type(size))])


class BatchFile:
    """A file of batches to append to; use it in a ``with`` statement."""

    def __init__(self, path: Path, sweep: str) -> None:
        """Open the file, or make it.

        Args:
            path: The file.
            sweep: Fingerprint of the sweep that it belongs to.

        Raises:
            InputError: Another process appends to it, or it is not a file of this sweep.
            OutputError: It cannot be written.
        """
        self._path = path
        self._sweep = sweep
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise _cannot(path, error) from error
        try:
            self._lock()
            whole = _end_of_whole_frames(path, sweep)
            if whole < os.fstat(self._file).st_size:
                os.ftruncate(self._file, whole)
            if whole == 0:
                self._write(_named(sweep))
                sync(path.parent)
        except OSError as error:
            os.close(self._file)
            if isinstance(error, OutputError):
                raise
            raise _cannot(path, error) from error
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        """Start of the time in which it is open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        os.close(self._file)

    def append(self, batch: Batch) -> None:
        """Write a batch; on return it is on the disk.

        Raises:
            OutputError: It could not be written; what was there before still is.
        """
        columns = batch.columns
        records = np.empty(
            len(batch.points), dtype=[("point", "<i8"), ("result", columns.numbers.dtype)]
        )
        records["point"], records["result"] = batch.points, columns.numbers
        payload = io.BytesIO()
        np.lib.format.write_array(payload, records, allow_pickle=False)
        payload.write(json.dumps(columns.reasons).encode())
        self._write(payload.getvalue())

    def _write(self, payload: bytes) -> None:
        start = os.fstat(self._file).st_size
        checked = _CHECKED.pack(_MAGIC, len(payload), zlib.crc32(payload))
        frame = memoryview(checked + struct.pack("<I", zlib.crc32(checked)) + payload)
        try:
            while frame:
                frame = frame[os.write(self._file, frame) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, start)
            raise _cannot(self._path, error) from error

    def _lock(self) -> None:
        """A rank that was ended may live on for a moment, and must not write beside this one."""
        last = time.monotonic() + _SECONDS_TO_WAIT
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > last:
                    reason = "another process writes to this file"
                    raise InputError([Fault("", None, reason, str(self._path))]) from None
                time.sleep(0.05)


def read_batches(path: Path, sweep: str, size: Sizes) -> Iterator[Batch]:
    """All batches that were finished in a file.

    Args:
        path: The file.
        sweep: Fingerprint of the sweep that it must belong to.
        size: Sizes of that sweep's results.

    Raises:
        InputError: It is damaged, or is not a file of this sweep.
    """
    expected = record_type(size)
    for number, (place, payload) in enumerate(_frames(path)):
        if number == 0:
            _check_name(path, payload, sweep)
            continue
        stream = io.BytesIO(payload)
        try:
            records: npt.NDArray[np.void] = np.lib.format.read_array(stream, allow_pickle=False)
            reasons = {int(key): str(text) for key, text in json.loads(stream.read()).items()}
        except (ValueError, AttributeError) as error:
            raise _damaged(path, place) from error
        if records.dtype != expected:
            raise _damaged(path, place)
        yield Batch(records["point"].astype(np.int64), Columns(records["result"], reasons))


def _frames(path: Path) -> Iterator[tuple[int, bytes]]:
    """Place and payload of every whole frame."""
    place = 0
    with path.open("rb") as file:
        while True:
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                if header[: len(_MAGIC)] != _MAGIC[: len(header)]:
                    raise _damaged(path, place)
                return
            magic, length, check, check_of_header = _HEADER.unpack(header)
            if magic != _MAGIC or zlib.crc32(header[: _CHECKED.size]) != check_of_header:
                raise _damaged(path, place)
            payload = file.read(length)
            if len(payload) < length:
                return
            if zlib.crc32(payload) != check:
                raise _damaged(path, place)
            yield place, payload
            place += _HEADER.size + length


def _end_of_whole_frames(path: Path, sweep: str) -> int:
    end = 0
    for place, payload in _frames(path):
        if place == 0:
            _check_name(path, payload, sweep)
        end = place + _HEADER.size + len(payload)
    return end


def _named(sweep: str) -> bytes:
    return json.dumps({"sweep": sweep}).encode()


def _check_name(path: Path, payload: bytes, sweep: str) -> None:
    if payload != _named(sweep):
        reason = "is of another sweep; move it away"
        raise InputError([Fault("", None, reason, str(path))])


def _damaged(path: Path, place: int) -> InputError:
    reason = (
        f"is damaged or no file of fem-island, from byte {place} on; move it away, "
        "and what it held is computed again"
    )
    return InputError([Fault("", None, reason, str(path))])


def _cannot(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written: {error.strerror}; what was finished before is kept, "
        "and the same command goes on from there"
    )
