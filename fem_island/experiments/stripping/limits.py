"""What a phase can reach: its cut-off, the start of a film's step, a critical current density."""

from __future__ import annotations

from operator import methodcaller

from fem_island.experiments.stripping.happenings import CRITICAL, CUTOFF, Happenings
from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.phase import Phase, Settings
from fem_island.experiments.stripping.stepping import Excess


def beyond_cutoff(phase: Phase, settings: Settings, instant: Instant) -> float:
    """How far the voltage is beyond the cut-off [V]; below 0 where there is none."""
    if phase.cutoff is None:
        return -1.0
    added = settings.in_series(phase.current_density)
    return phase.direction * (instant.voltage + added - phase.cutoff)


def excesses(phase: Phase, settings: Settings, happenings: Happenings) -> list[tuple[str, Excess]]:
    """Names of what can be reached, with how far an instant is beyond it.

    Args:
        phase: The current, and its cut-off.
        settings: What is in series, and the critical current density.
        happenings: What has happened: a film's step starts only once.
    """
    found: list[tuple[str, Excess]] = []
    if phase.current_density > 0:
        for rung, number in enumerate(happenings.numbers, start=1):
            name = f"film_step_{number}_starts"
            if number is not None and not happenings.known(name):
                found.append((name, methodcaller("excess_of", rung)))
    if phase.cutoff is not None:
        found.append((CUTOFF, lambda instant: beyond_cutoff(phase, settings, instant)))
    if settings.critical is not None and phase.current_density > 0:
        found.append((CRITICAL, methodcaller("excess_over", settings.critical)))
    return found
