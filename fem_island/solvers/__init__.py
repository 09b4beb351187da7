"""Solving the discrete equations to a tolerance: ``condensed`` on grids, ``meshed`` in DOLFINx."""
