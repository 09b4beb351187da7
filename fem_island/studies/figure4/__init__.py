"""The paper's Figure 4: fits to spectra of copper at the end of stripping, cycle after cycle."""

from fem_island.studies.figure4.study import run, show

__all__ = ["run", "show"]
