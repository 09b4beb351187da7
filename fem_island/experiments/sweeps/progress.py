"""How far a sweep is, on standard error: a bar in a terminal, lines now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

_SECONDS_BETWEEN_LINES = 5.0

Show = Callable[[int, int], None]
"""Is told how many points of this run are done, and how many of them failed."""


@contextmanager
def display(points: int, *, before: int, failed_before: int, quiet: bool) -> Iterator[Show]:
    """The display that fits standard error, for the time of a ``with`` statement.

    Args:
        points: All points of the sweep.
        before: Those that were finished before this run.
        failed_before: Those of them that failed.
        quiet: Show nothing.
    """
    console = Console(stderr=True, highlight=False, markup=False)
    if quiet:
        yield lambda done, failed: None
    # Colours may be forced upon a file, which does not make it a terminal.
    elif console.file.isatty() or console.is_jupyter:
        with _bar(console) as bar:
            yield _in_bar(bar, points, before, failed_before)
    else:
        yield _in_lines(console, points, before, failed_before)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("points"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("{task.fields[rate]:.3g} points/s"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
    )


def _in_bar(bar: Progress, points: int, before: int, failed_before: int) -> Show:
    """What moves a bar."""
    start = time.monotonic()
    task = bar.add_task("", total=points, completed=before, failed=failed_before, rate=0.0)

    def show(done: int, failed: int) -> None:
        rate = done / max(time.monotonic() - start, 1e-9)
        bar.update(task, completed=before + done, failed=failed_before + failed, rate=rate)

    return show


def _in_lines(console: Console, points: int, before: int, failed_before: int) -> Show:
    """What prints a line now and then."""
    start = last = time.monotonic()

    def show(done: int, failed: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _SECONDS_BETWEEN_LINES or done == 0:
            return
        last = now
        rate = done / (now - start)
        finished = before + done
        line = (
            f"{finished} of {points} points, {failed_before + failed} failed, "
            f"{rate:.3g} points/s, {_time((points - finished) / rate)} left"
        )
        # Nobody has to listen.
        with suppress(OSError):
            console.print(line, soft_wrap=True)

    return show


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
