"""The triangles of the contenders without a mesh generator of their own: from Gmsh."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gmsh

SCRIPT = Path(__file__).parents[2] / "meshes" / "planar.geo"


@contextmanager
def graded_model(width: float, *, edge_size: float, growth: float) -> Iterator[Any]:
    """A meshed cell in Gmsh, finest at the edges of the island.

    Args:
        width: Of the island [um].
        edge_size: Element size at its edges, as a share of its width.
        growth: Increase of the size per distance from there.

    Yields:
        ``gmsh.model``.
    """
    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        numbers = {"island_width": width, "edge_size": edge_size * width, "growth": growth}
        for name, value in numbers.items():
            gmsh.parser.setNumber(name, [value])
        gmsh.merge(str(SCRIPT))
        gmsh.model.mesh.generate(2)
        yield gmsh.model
    finally:
        gmsh.finalize()
