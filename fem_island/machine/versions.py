"""Which versions of what computed something."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = (
    "fem-island",
    "fenics-dolfinx",
    "dolfinx-solver-real",
    "fenics-basix",
    "gmsh",
    "numpy",
    "scipy",
)


@cache
def versions() -> dict[str, str]:
    """Versions of this package, Python and what the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
