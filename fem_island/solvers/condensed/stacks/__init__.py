"""Many grids with the same lines, each stretched along the bottom in its own way, as one.

    places          how the nodes along the bottom are numbered, in all grids alike
    held            one stretch of the bottom with its ends held: its modes, kept
    chain           stretches side by side, coupled in every mode of the lines along y
    electrolyte     S and q of all grids, and the field along their bottoms
    operator        these as an ``Operator`` of the operating points
    chain_recovery  the field along the bottoms where grids have few points

Points that differ in lengths are then solved, checked and observed together, as the currents of one
geometry are. Start with ``electrolyte``, which states the mathematics.
"""

from __future__ import annotations

from fem_island.solvers.condensed.stacks.electrolyte import StackedElectrolyte, condense

__all__ = ["StackedElectrolyte", "condense"]
