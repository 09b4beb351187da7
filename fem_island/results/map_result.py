"""What a solution on a contact map reports: what every solution does, and its regions."""

from __future__ import annotations

from typing import Any

from fem_island.quantities import AREA, LENGTH
from fem_island.results.declared import declared, described, reported
from fem_island.results.result import IslandResult, Result


@declared
class RegionResult(IslandResult):
    """What is reported of one connected region of lithium.

    Its center is the pixel nearest its centroid; it has no left and right edge.
    """

    area: float = reported("area of a region", AREA)
    centroid: Any = reported("centroid of a region", LENGTH, note="x and y.", along="axis")


@declared
class MapResult(Result):
    """The numbers of one solution on a contact map."""

    islands: tuple[RegionResult, ...] = described(
        "one entry per connected region of lithium, the 1,000 largest, largest first",
        along="island",
    )
    coverage: float = reported("share of the bottom that is lithium")
    regions: int = reported("connected regions of lithium", dtype="i4")
