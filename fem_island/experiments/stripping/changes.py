"""What changes a state without time: nuclei, metal that loses contact, and what rounding left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fem_island.experiments.stripping.instant import Instant
from fem_island.surface.charge_state import State


def nucleated(now: Instant, threshold: float | None) -> State | None:
    """The state with lithium nuclei where the drive has become negative enough; None without any.

    Args:
        now: The instant.
        threshold: Overpotential that nuclei need [V]; None lets there be none.
    """
    if threshold is None or now.current_density >= 0:
        return None
    state = now.state
    wants = (state.bare[0] > 0) & (now.cell_drives <= -threshold)
    starts = np.logical_and(wants, np.logical_not(state.ready))
    return replace(state, ready=np.logical_or(state.ready, starts)) if starts.any() else None


def emptied(state: State) -> State:
    """The state without all that is left to give."""
    capacities = [rung.capacity for rung in state.ladder.film]
    return replace(
        state,
        mid=np.full_like(state.mid, -1.0),
        tilt=np.zeros_like(state.tilt),
        bend=np.zeros_like(state.bend),
        taken=np.array(capacities).reshape(state.taken.shape),
    )


def without_contact(now: Instant, critical: float | None) -> State | None:
    """The state without the metal that carries too much, and the film beneath it; None if none is.

    Args:
        now: The instant.
        critical: Largest local current density [A/m^2] that leaves metal in contact; None is any.
    """
    if critical is None or now.current_density <= 0:
        return None
    state = now.state
    over = np.nan_to_num(now.local_densities, nan=0.0) > critical
    if not over.any():
        return None
    taken = state.taken.copy()
    for number, rung in enumerate(state.ladder.film):
        taken[number, over] = rung.capacity[over]
    return replace(
        state,
        mid=np.where(over, -1.0, state.mid),
        tilt=np.where(over, 0.0, state.tilt),
        bend=np.where(over, 0.0, state.bend),
        taken=taken,
        lost=np.where(over, state.lost + state.charge, state.lost),
    )
