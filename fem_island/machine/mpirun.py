"""The ``mpirun`` of this environment, also where it is not on PATH."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

NAMES = ("mpirun", "mpiexec")


def own_mpirun() -> Path | None:
    """The launcher that belongs to the MPI library in use; None where there is none.

    Tools that keep each command in an environment of its own do not put it on PATH, where that of
    another MPI may be instead, with which every process would be alone.
    """
    folders = dict.fromkeys(
        Path(folder)
        for folder in (
            Path(sys.executable).parent,
            sysconfig.get_path("scripts"),
            f"{sys.prefix}/bin",
        )
    )
    found = (folder / name for folder in folders for name in NAMES)
    return next((path for path in found if path.is_file()), None)
