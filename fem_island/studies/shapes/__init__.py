"""The same coverage in other shapes: what that changes."""

from fem_island.studies.shapes.study import Report, run, show

__all__ = ["Report", "run", "show"]
