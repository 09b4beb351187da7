"""The paper's Figure 6 as a study: computed, drawn, and compared with the numbers it prints."""

from fem_island.studies.figure6.study import run
from fem_island.studies.figure6.table import Report, show

__all__ = ["Report", "run", "show"]
