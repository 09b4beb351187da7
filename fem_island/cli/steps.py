"""Telling of the steps of a computation that may be a long one."""

from __future__ import annotations

import time
from collections.abc import Callable

from fem_island.cli.process import say

_SECONDS_IN_SILENCE = 5.0
"""After them every step is told on standard error."""


def steps_told(title: str, *, at_once: bool = False) -> Callable[[str], None]:
    """What is to be called with each step in words.

    Args:
        title: Of what is computed.
        at_once: Tell of the first steps too: the computation is known to be long.
    """
    start = time.monotonic()

    def show(step: str) -> None:
        if at_once or time.monotonic() - start > _SECONDS_IN_SILENCE:
            say(f"{title}: {step}")

    return show
