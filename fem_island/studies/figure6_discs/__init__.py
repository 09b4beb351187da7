"""The paper's map for discs beside that for stripes: what its cell means for real islands."""

from fem_island.studies.figure6_discs.study import run
from fem_island.studies.figure6_discs.table import Report, show

__all__ = ["Report", "run", "show"]
