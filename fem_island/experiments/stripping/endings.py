"""The last instant of a run whose cells have nothing left to carry the current with."""

from __future__ import annotations

from dataclasses import replace

from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.stepping import Trial

LITTLE, VANISHING = 1e-9, 1e-12
"""Shares of the charge: between them the last of it is vanishing, and the voltage may rise."""

_NEAR = 0.1
"""What the voltage may lack of the cut-off [V], and not more than it has risen."""

_ROOT = 1e-6
"""How close to the cut-off a step ends where time has the digits for it [V]."""


def risen(now: Instant, steady: float, missing: float) -> Instant | None:
    """The instant at the cut-off that the vanishing last of the charge reaches, or None.

    What is left then differs between places by less than can be computed, so that the run ends
    before the cut-off, at the same time.

    Args:
        now: The latest instant.
        steady: Voltage before the last of the charge began to vanish [V].
        missing: What the voltage lacks of the cut-off [V].
    """
    if missing > min(_NEAR, now.voltage - steady):
        return None
    return replace(now, drive=now.drive + missing, iterations=0)


def at_most(now: Instant, beyond: float) -> Instant:
    """The instant at the cut-off, where the voltage jumps over it within rounding of the time.

    Args:
        now: Where it is found beyond the cut-off.
        beyond: By how much [V]; what is less than digits of a root stays.
    """
    return now if abs(beyond) <= _ROOT else replace(now, drive=now.drive - beyond)


def emptied_by(trial: Trial) -> Instant:
    """The end of a step after which nothing carries the current, with the drive of that step."""
    return replace(trial.before, state=trial.state, drive=trial.frozen.solved.drive, iterations=0)
