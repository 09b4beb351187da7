"""Which points of a plan to ask whether they are possible, where most can be told apart at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fem_island.experiments.sweeps.stacks.layouts import moves
from fem_island.experiments.sweeps.stacks.roles import Roles
from fem_island.machine.equal_rows import equal_rows

_MOST_ASKED = 1000
"""Points of doubtful layouts that are asked for their faults; more of them are only counted."""


def suspects(roles: Roles) -> Iterable[tuple[int, int]] | None:
    """Points to ask, and for how many each stands.

    Where none of them has a fault all points are possible; None if every series has to be asked.
    """
    plan = roles.plan
    if not roles.movable or roles.checks_itself:
        return None
    currents = plan.current_densities(np.arange(len(plan)))
    doubtful = np.broadcast_to(~roles.layouts.possible, len(plan))
    where = plan.labels(lambda axis: moves(axis.path))
    where = np.where(doubtful, where, -1)
    rows = np.column_stack([roles.other_labels, np.sign(currents).astype(np.int64), where])
    _, first, counts = np.unique(equal_rows(rows), return_index=True, return_counts=True)
    order = np.argsort(first)
    first, counts = first[order], counts[order]
    asked = (where[first] < 0) | (np.cumsum(where[first] >= 0) <= _MOST_ASKED)
    found = list(zip(first[asked].tolist(), counts[asked].tolist(), strict=True))
    beyond = int(counts[~asked].sum())
    if beyond:
        point, count = found.pop()
        found.append((point, count + beyond))
    return found
