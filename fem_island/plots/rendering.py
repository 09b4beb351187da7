"""Having scenes drawn by pyvista in a process of its own, which may fail without harm."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from fem_island.errors import FemIslandError, MissingSystemLibraryError, on_one_line
from fem_island.machine.libraries import VTK_LIBRARIES, require_libraries
from fem_island.plots import box_scene, scene
from fem_island.plots.box_scene import Box
from fem_island.plots.scene import Scene
from fem_island.plots.turned_scene import TurnedScene

logger = logging.getLogger(__name__)

_SECONDS = 120.0
_OF_PYVISTA = "PYVISTA_"
_OF_PYTHON_AND_MATPLOTLIB = ("PYTHONOPTIMIZE", "PYTHONWARNINGS", "MPLBACKEND")


class RenderingError(FemIslandError):
    """Pyvista cannot draw here; the message says why."""


def rendered(
    scenes: Sequence[Scene | TurnedScene | Box], *, program: ModuleType = scene
) -> list[npt.NDArray[np.uint8]]:
    """Images of scenes, each of shape (pixels, pixels, 3).

    Args:
        scenes: What to draw.
        program: The module that draws such scenes.

    Raises:
        RenderingError: Pyvista is missing, or there is no OpenGL context.
        MissingSystemLibraryError: There is no OpenGL library.
    """
    images: list[npt.NDArray[np.uint8]] = _answered(program, scenes)
    return images


def page_of(box: Box) -> str:
    """A page of HTML in which a browser shows a box from all sides.

    Raises:
        RenderingError: Pyvista or trame-pyvista is missing, or there is no OpenGL context.
        MissingSystemLibraryError: There is no OpenGL library.
    """
    if not makes_pages():
        raise RenderingError("trame-pyvista is not installed (pip install 'fem-island[scene]')")
    pages: list[str] = _answered(box_scene, [box], "page")
    return pages[0]


def makes_pages() -> bool:
    """Whether what makes pages of HTML is installed."""
    return find_spec("trame_pyvista") is not None


def _answered(
    program: ModuleType, scenes: Sequence[Scene | TurnedScene | Box], *arguments: str
) -> Any:
    """What a program makes of scenes."""
    if find_spec("pyvista") is None:
        raise RenderingError("pyvista is not installed (pip install 'fem-island[pictures]')")
    require_libraries(VTK_LIBRARIES, "VTK")
    file = Path(str(program.__file__))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", str(file), *arguments],
            input=pickle.dumps([vars(one) for one in scenes]),
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            cwd=file.parent,
            env=_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderingError(f"the process that draws: {on_one_line(str(error))}") from error
    if done.returncode != 0:
        raise RenderingError(_reason(done))
    return pickle.loads(done.stdout)


def images_of(scenes: Sequence[Scene]) -> list[npt.NDArray[np.uint8] | None]:
    """Images of scenes; None for all, and a line in the log, where pyvista cannot draw."""
    try:
        return [*rendered(scenes)]
    except (RenderingError, MissingSystemLibraryError) as error:
        logger.warning("the field is drawn by matplotlib, not by pyvista: %s", error)
        return [None] * len(scenes)


def _environment() -> dict[str, str]:
    """The variables of this process without those that change how the libraries draw."""
    names = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OF_PYVISTA) and name not in _OF_PYTHON_AND_MATPLOTLIB
    }
    # The same packages, wherever this process has them from, and no module beside the program.
    names["PYTHONPATH"] = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
    names["MATPLOTLIBRC"] = str(Path(mpl.get_data_path()) / "matplotlibrc")
    return names


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Why there is no image, on one line."""
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        return f"VTK finds no OpenGL context that works here ({name} while drawing)"
    lines = done.stderr.decode("utf-8", "replace").split("\n")
    said = next((line for line in reversed(lines) if line.strip()), "")
    return on_one_line(f"VTK cannot draw here: {said}")
