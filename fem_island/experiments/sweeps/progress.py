"""How far a sweep is: a live bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

_SECONDS_BETWEEN_LINES = 5.0


class Display(Protocol):
    """Shows how many points are done; use it in a ``with`` statement."""

    def __enter__(self) -> Self:
        """Start to show."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop to show."""

    def update(self, done: int, failed: int) -> None:
        """Say how many points of this run are done, and how many of them failed."""


def display(points: int, *, before: int, failed_before: int, quiet: bool) -> Display:
    """The display that fits standard error.

    Args:
        points: All points of the sweep.
        before: Those that were finished before this run.
        failed_before: Those of them that failed.
        quiet: Show nothing.
    """
    console = Console(stderr=True, highlight=False, markup=False)
    if quiet:
        return _Nothing()
    kind = _Bar if console.is_terminal or console.is_jupyter else _Lines
    return kind(console, points, before, failed_before)


class _Nothing:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def update(self, done: int, failed: int) -> None:
        pass


class _Bar:
    def __init__(self, console: Console, points: int, before: int, failed_before: int) -> None:
        self._progress = Progress(
            TextColumn("points"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]} failed"),
            TextColumn("{task.fields[rate]:.3g} points/s"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
        )
        self._before, self._failed_before = before, failed_before
        self._start = time.monotonic()
        self._task = self._progress.add_task(
            "", total=points, completed=before, failed=failed_before, rate=0.0
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def update(self, done: int, failed: int) -> None:
        self._progress.update(
            self._task,
            completed=self._before + done,
            failed=self._failed_before + failed,
            rate=done / max(time.monotonic() - self._start, 1e-9),
        )


class _Lines:
    def __init__(self, console: Console, points: int, before: int, failed_before: int) -> None:
        self._console = console
        self._points, self._before, self._failed_before = points, before, failed_before
        self._start = self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def update(self, done: int, failed: int) -> None:
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN_LINES or done == 0:
            return
        self._last = now
        rate = done / (now - self._start)
        finished = self._before + done
        left = (self._points - finished) / rate
        line = (
            f"{finished} of {self._points} points, {self._failed_before + failed} failed, "
            f"{rate:.3g} points/s, {_time(left)} left"
        )
        # Nobody has to listen.
        with suppress(OSError):
            self._console.print(line, soft_wrap=True)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
