"""The paper's Figure 1 c: how the voltage rises while the last lithium is stripped."""

from fem_island.studies.figure1.study import run, show

__all__ = ["run", "show"]
