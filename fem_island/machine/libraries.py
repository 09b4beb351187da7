"""What the machine must bring beside Python packages, and what to install where it is missing."""

from __future__ import annotations

import ctypes
import shutil
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from fem_island.errors import MissingSystemLibraryError

GMSH_LIBRARIES = (
    "libGL.so.1",
    "libGLU.so.1",
    "libXft.so.2",
    "libXcursor.so.1",
    "libXinerama.so.1",
    "libgomp.so.1",
)
VTK_LIBRARIES = ("libGL.so.1", "libEGL.so.1")

_DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLU.so.1": "libglu1-mesa",
    "libXft.so.2": "libxft2",
    "libXcursor.so.1": "libxcursor1",
    "libXinerama.so.1": "libxinerama1",
    "libgomp.so.1": "libgomp1",
}


def require_libraries(names: Sequence[str], needed_by: str) -> None:
    """Check that shared libraries can be loaded, before a package that would crash without them.

    Args:
        names: File names, keys of the table above.
        needed_by: What needs them, for the message.

    Raises:
        MissingSystemLibraryError: Names the packages to install.
    """
    missing = []
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    if missing:
        packages = " ".join(_DEBIAN_PACKAGES[name] for name in missing)
        raise MissingSystemLibraryError(
            f"{needed_by} needs {', '.join(missing)}; "
            f"on Debian or Ubuntu: apt-get install {packages}"
        )


def require_compiler() -> None:
    """Check for the C compiler with which DOLFINx compiles forms at first use.

    Raises:
        MissingSystemLibraryError: Names the packages to install.
    """
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not any(shutil.which(name) for name in (compiler, "cc", "gcc")) or not header.is_file():
        raise MissingSystemLibraryError(
            "DOLFINx compiles forms at first use and needs a C compiler with Python's headers; "
            "on Debian or Ubuntu: apt-get install gcc libc6-dev python3-dev"
        )
