"""Points of a plan that are solved together although their cells differ in numbers.

    roles      what each axis changes: the current, where islands lie, parameters of laws, or other
    layouts    where islands lie at all points at once
    links      which numbers of a case an axis sets
    families   points that differ in the first three alone, with the same stretches from left to
               right, whose lengths are of the same size: one template, one grid
    template   what the points of a family share, and the points on it
    suspects   which points to ask whether they are possible
    stacks     all of it, of one plan

All follows from the plan alone, so that what comes out is the same for any number of ranks and
after any interruption.
"""

from __future__ import annotations

from fem_island.experiments.sweeps.stacks.stacks import Stacks

__all__ = ["Stacks"]
