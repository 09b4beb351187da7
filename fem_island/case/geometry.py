"""Geometries of a cell: what a point of its plane stands for, and what its lengths are called.

planar        a rectangle, the same at every depth: x along the bottom, y upwards
axisymmetric  a cylinder, of which it is the half plane between axis and wall: r and z
map           a box over an image of what touches it: x along columns, y along rows, z upwards
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from fem_island.errors import Fault, InputError

Geometry = Literal["planar", "axisymmetric", "map"]

KEY = "electrolyte.geometry"
"""The key of a case file that chooses one."""


@dataclass(frozen=True)
class Naming:
    """What is called what in a geometry.

    Attributes:
        span: Key of the electrolyte's length along the bottom.
        along: Coordinate along the bottom.
        up: Coordinate upwards from it.
        island_keys: Keys that say where an island lies.
        island_places: Its first end, its middle and its other end.
    """

    span: str
    along: str
    up: str
    island_keys: tuple[str, ...]
    island_places: tuple[str, str, str]


NAMING: dict[Geometry, Naming] = {
    "planar": Naming("width", "x", "y", ("width", "center"), ("left", "center", "right")),
    "axisymmetric": Naming(
        "radius",
        "r",
        "z",
        ("inner_radius", "outer_radius"),
        ("inner", "middle", "outer"),
    ),
    "map": Naming("table [map]", "x", "z", (), ("", "center", "")),
}


def belongs_elsewhere(key: str, value: object, geometry: Geometry, keys: Collection[str]) -> Fault:
    """The fault of a key that another geometry has.

    Args:
        key: Its path.
        value: What it was given.
        geometry: That of the case.
        keys: What this one has in its place.
    """
    instead = " and ".join(keys)
    return Fault(key, value, f'is for another geometry than "{geometry}", which has {instead}')


def require_geometry(geometry: Geometry, what: str, *, among: Collection[str]) -> None:
    """Refuse what is not there in a geometry.

    Args:
        geometry: That of the case.
        what: What is asked for.
        among: Geometries in which it is there.

    Raises:
        InputError: It is not there.

    Example:
        >>> require_geometry("planar", "stripping", among=("planar",))
    """
    if geometry not in among:
        known = " or ".join(f'"{name}"' for name in among)
        raise InputError([Fault(KEY, geometry, f"must be {known} for {what}")])
