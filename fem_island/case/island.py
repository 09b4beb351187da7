"""An island of lithium: where it lies, how it reacts, and how much of it there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fem_island.case.geometry import Geometry
from fem_island.case.kinetic_changes import Changes
from fem_island.case.layer import InactiveFraction
from fem_island.case.readers import DecidesGrid
from fem_island.case.records import Record
from fem_island.case.value_types import Length, Position

ISLAND_WIDTH, DISC_RADIUS = 5e-6, 5e-6
"""Of an island of which the case does not say where it lies [m]."""

IslandShape = Literal["slab", "parabola", "triangle"]


class Island(Record):
    """Lithium that is left on the bottom.

    Example:
        >>> Island("5 um", center="10 um")
        Island('5 um', center='10 um')
    """

    first = "width"

    if TYPE_CHECKING:

        def __init__(self, width: Any = ..., **fields: Any) -> None:
            """All fields by name; the first one may do without it."""

    width: Annotated[Length, DecidesGrid()] = ISLAND_WIDTH
    """Width w [m]; of one with its center on a wall, half of that is in the cell."""
    center: Annotated[Position | None, DecidesGrid()] = None
    """Position of its middle [m]; by default the middle of the cell."""
    kinetics: Changes | None = None
    """What differs from the cell's kinetics."""
    thickness: Length | None = None
    """At the thickest place [m]; by default not known: stripping in time needs it."""
    shape: IslandShape = "slab"
    """Shape of the cross-section: "slab", "parabola" or "triangle"."""
    inactive_fraction: InactiveFraction = 0.0
    """Share of the lithium that has no contact and stays."""
    inner_radius: Annotated[Position | None, DecidesGrid()] = None
    """Inner radius in an axisymmetric cell [m], instead of width and center; by default 0."""
    outer_radius: Annotated[Length | None, DecidesGrid()] = None
    """Outer radius in an axisymmetric cell [m], instead of width and center; by default 5 um."""

    def keys_elsewhere(self, geometry: Geometry) -> list[str]:
        """Keys that say where it lies in another geometry than this."""
        if geometry == "planar":
            return [
                key for key in ("inner_radius", "outer_radius") if getattr(self, key) is not None
            ]
        # A case that was written out has all keys, those that do not count at their defaults.
        width = self.width != ISLAND_WIDTH or self.outer_radius is None
        found = ["width"] if "width" in self.model_fields_set and width else []
        return found + (["center"] if self.center is not None else [])


def island_between(start: float, end: float, geometry: Geometry) -> Island:
    """The island between two places along the bottom [m]."""
    if geometry == "planar":
        return Island(width=end - start, center=0.5 * (start + end))
    return Island(inner_radius=start, outer_radius=end)


def as_ring(island: Island) -> Island:
    """An island of an axisymmetric cell, with what the case does not say of its radii."""
    inner = 0.0 if island.inner_radius is None else island.inner_radius
    outer = DISC_RADIUS if island.outer_radius is None else island.outer_radius
    if (inner, outer) == (island.inner_radius, island.outer_radius):
        return island
    return island.model_copy(update={"inner_radius": inner, "outer_radius": outer})
