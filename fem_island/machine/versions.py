"""Which versions of what computed something."""

from __future__ import annotations

import platform
from functools import cache

_OWN = "fem-island"
_PACKAGES = (
    _OWN,
    "fenics-dolfinx",
    "dolfinx-solver-real",
    "fenics-basix",
    "gmsh",
    "numpy",
    "scipy",
)


def own_version() -> str:
    """Version of this package."""
    # Takes a twentieth of the time of help to load.
    from importlib.metadata import version

    return version(_OWN)


@cache
def versions() -> dict[str, str]:
    """Versions of this package, Python and what the numbers depend on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
