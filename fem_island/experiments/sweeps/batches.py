"""Files of finished points: what was appended to one survives the end of its process at any moment.

A file belongs to one rank and is a sequence of frames, each on the disk before ``append`` returns:

    magic (4 bytes), length of the payload (8), CRC-32 of the payload (4), CRC-32 of these 16 (4)
    payload

The payload of the first frame says as JSON which sweep it is and what a record holds. That of each
other one is a batch: the number of points (8 bytes), the length of their longest curve (8 bytes, 0
where there are none), one record per point, and reasons of failures as JSON. A file that ends
inside a frame, or in zeros, was cut off by the end of its process or of its machine; what is not
whole is taken off before more is appended. Anything else that does not fit was changed by someone,
and is refused.
"""

from __future__ import annotations

import json
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import lock_descriptor

from fem_island.errors import Fault, InputError, OutputError
from fem_island.experiments.sweeps.plan import Integers
from fem_island.machine.whole_files import sync
from fem_island.results.columns import Columns
from fem_island.results.variables import Layout

_MAGIC = b"FIB2"
_HEADER = struct.Struct("<4sQII")
_CHECKED = struct.Struct("<4sQI")
_COUNTS = struct.Struct("<QQ")
SECONDS_TO_WAIT = 10.0
"""For a rank that was ended."""


@dataclass(frozen=True)
class Batch:
    """Finished points.

    Attributes:
        points: Their numbers in the plan, shape (n,).
        columns: Their results.
    """

    points: Integers
    columns: Columns

    @classmethod
    def joined(cls, parts: Sequence[Batch]) -> Batch:
        """All points of several batches."""
        points = np.concatenate([part.points for part in parts])
        return cls(points, Columns.joined([part.columns for part in parts]))


def record_type(layout: Layout) -> np.dtype[np.void]:
    """The type of a point's record in a file: its number, then its results."""
    return np.dtype([("point", "<i8"), ("result", layout.dtype)])


class BatchFile(AbstractContextManager["BatchFile"]):
    """A file of batches to append to; use it in a ``with`` statement."""

    def __init__(
        self,
        path: Path,
        sweep: str,
        layout: Layout,
        *,
        seconds_to_wait: float = SECONDS_TO_WAIT,
    ) -> None:
        """Open the file, or make it.

        Args:
            path: The file.
            sweep: Fingerprint of the sweep that it belongs to.
            layout: How the results of a point lie in memory.
            seconds_to_wait: How long another process may go on writing to it.

        Raises:
            InputError: Another process appends to it, or it is not a file of this sweep.
            OutputError: It cannot be written.
        """
        self._path = path
        self._layout = layout
        first = _first_payload(sweep, record_type(layout))
        with ExitStack() as opened:
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
                opened.callback(os.close, self._file)
                self._lock(seconds_to_wait)
                whole = _end_of_whole_frames(path, first)
                if whole < os.fstat(self._file).st_size:
                    os.ftruncate(self._file, whole)
                if whole == 0:
                    self._write(first)
                    sync(path.parent)
            except OutputError:
                raise
            except OSError as error:
                raise _cannot(path, error) from error
            opened.pop_all()

    def __exit__(self, *error: object) -> None:
        """Close the file, which frees its lock."""
        os.close(self._file)

    def append(self, batch: Batch) -> None:
        """Write a batch; on return it is on the disk.

        Raises:
            OutputError: It could not be written; what was there before still is.
        """
        layout = self._layout.opened_for(batch.columns.numbers.dtype)
        records = np.empty(len(batch.points), dtype=record_type(layout))
        records["point"], records["result"] = batch.points, batch.columns.numbers
        reasons = json.dumps(batch.columns.reasons).encode()
        counts = _COUNTS.pack(len(records), layout.open_length)
        self._write(counts + records.tobytes() + reasons)

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

    def _lock(self, seconds_to_wait: float) -> None:
        """A rank that was ended may live on for a moment, and must not write beside this one."""
        last = time.monotonic() + seconds_to_wait
        while not lock_descriptor(self._file, blocking=False):
            if time.monotonic() > last:
                reason = "another process writes to this file"
                raise InputError([Fault("", None, reason, str(self._path))])
            time.sleep(0.05)


def read_batches(path: Path, sweep: str, layout: Layout) -> Iterator[Batch]:
    """All batches that were finished in a file.

    Args:
        path: The file.
        sweep: Fingerprint of the sweep that it must belong to.
        layout: How the results of a point lie in memory.

    Raises:
        InputError: It is damaged, or is not a file of this sweep.
    """
    first = _first_payload(sweep, record_type(layout))
    for number, (_, payload) in enumerate(_frames(path)):
        if number == 0:
            _check_first(path, payload, first)
            continue
        count, length = _COUNTS.unpack_from(payload)
        record = record_type(layout.opened_to(length))
        records = np.frombuffer(payload, dtype=record, count=count, offset=_COUNTS.size)
        reasons = json.loads(payload[_COUNTS.size + records.nbytes :])
        numbered = {int(key): str(reason) for key, reason in reasons.items()}
        yield Batch(
            records["point"].astype(np.int64), Columns(records["result"], numbered, layout.record)
        )


def is_batch_file(path: Path) -> bool:
    """Whether a file starts as one of a sweep does, or is still empty."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) in (b"", _MAGIC)


def _frames(path: Path) -> Iterator[tuple[int, bytes]]:
    """Place and payload of every whole frame."""
    place = 0
    with path.open("rb") as file:
        while True:
            header = file.read(_HEADER.size)
            if not header.strip(b"\0") and _only_zeros(file):
                return
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


def _only_zeros(file: BinaryIO) -> bool:
    """Whether nothing else follows: a file system had made room that was never written to."""
    return all(not part.strip(b"\0") for part in iter(partial(file.read, 1 << 20), b""))


def _end_of_whole_frames(path: Path, first: bytes) -> int:
    end = 0
    for place, payload in _frames(path):
        if place == 0:
            _check_first(path, payload, first)
        end = place + _HEADER.size + len(payload)
    return end


def _first_payload(sweep: str, record: np.dtype[np.void]) -> bytes:
    return json.dumps({"sweep": sweep, "record": record.descr}).encode()


def _check_first(path: Path, payload: bytes, wanted: bytes) -> None:
    if payload != wanted:
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
