"""How far a run in time is, on standard error."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fem_island.cli.process import say

if TYPE_CHECKING:
    from fem_island.experiments.stripping.instant import Instant

_QUIET_SECONDS = 3.0
"""Until a run that goes on says how far it is."""

_BETWEEN_LINES = 2.0


class RunProgress:
    """Says on standard error how far a run is, once it takes more than a few seconds."""

    def __init__(self, title: str) -> None:
        """Begin to wait."""
        self._title = title
        self._next = time.monotonic() + _QUIET_SECONDS

    def __call__(self, instant: Instant, gone: float) -> None:
        """Say it where it is time to."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BETWEEN_LINES
        say(
            f"{self._title}: {instant.time:.4g} s, {1e3 * instant.voltage:.3f} mV, "
            + (
                f"{100 * gone:.1f} % of the charge gone"
                if gone >= 0
                else f"{-100 * gone:.1f} % more charge than at the start"
            )
        )
