"""The paper's Figure 5: what geometry its spectra need, and what they exclude."""

from fem_island.studies.figure5.study import run, show

__all__ = ["run", "show"]
