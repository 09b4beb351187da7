"""The processes that compute: started when they are needed, ended when they take too long."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fem_island.errors import FemIslandError
from fem_island.page.pipes import LENGTH, framed


class LaneError(FemIslandError):
    """There is no answer; the message says why."""


@dataclass(frozen=True)
class _Running:
    process: asyncio.subprocess.Process
    input: asyncio.StreamWriter
    output: asyncio.StreamReader


class Lane:
    """One process, which all pages share; whoever asks first is answered first.

    Messages are tables of JSON, and answers are frames.
    """

    def __init__(self, first: object, *, seconds: float) -> None:
        """Start nothing yet.

        Args:
            first: What the process is told first, as JSON can say it.
            seconds: What an answer may take, before the process is ended.
        """
        self._seconds = seconds
        self._first = json.dumps(first).encode()
        self._lock = asyncio.Lock()
        self._running: _Running | None = None

    async def ready(self) -> None:
        """Start the process, so that the first message need not wait for it."""
        async with self._lock:
            if self._running is None:
                self._running = await self._started()

    async def ask(self, message: Mapping[str, Any]) -> bytes:
        """The answer to a message.

        Raises:
            LaneError: The process ended, or took too long.
        """
        async with self._lock:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._ask(json.dumps(message).encode())
            except TimeoutError:
                await self.end()
                raise LaneError(f"took longer than {self._seconds:g} s and was ended") from None
            except (OSError, EOFError) as error:
                await self.end()
                raise LaneError(f"the process that computes ended: {error}") from error
            except asyncio.CancelledError:
                # Its answer would be taken for that of the next message.
                await self.end()
                raise

    async def end(self) -> None:
        """End the process; the next message starts another one."""
        running, self._running = self._running, None
        if running is not None:
            running.input.close()
            if running.process.returncode is None:
                running.process.kill()
            await running.process.wait()

    async def _ask(self, message: bytes) -> bytes:
        running = self._running
        if running is None or running.process.returncode is not None:
            running = self._running = await self._started()
        running.input.write(framed(message))
        await running.input.drain()
        (length,) = LENGTH.unpack(await running.output.readexactly(LENGTH.size))
        return await running.output.readexactly(length)

    async def _started(self) -> _Running:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "fem_island.page.computing",
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
        )
        if process.stdin is None or process.stdout is None:
            raise LaneError("the process that computes has no pipes")
        process.stdin.write(framed(self._first))
        return _Running(process, process.stdin, process.stdout)


def _environment() -> dict[str, str]:
    """The same packages, wherever this process has them from, and one thread for each process."""
    path = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
