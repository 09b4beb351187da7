"""A field turned about its axis, as an image: drawn by pyvista like ``scene``, in its process.

A quarter is cut away, so that the section is seen on two planes, and the bottom below it: the discs
and rings of lithium and film. It takes scenes as pickled tables from standard input, puts the
images out pickled, and imports nothing of this package.
"""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

MICROMETRE = 1e-6
"""Length of one unit of the scene [m]."""

_TURNED = 270.0
"""Degrees."""

_STEPS = 135


@dataclass(frozen=True)
class TurnedScene:
    """What is to be seen.

    Attributes:
        r: Positions of the columns of the field, from the axis on [m], shape (n,).
        z: Positions of its rows [m], shape (m,).
        potential: phi [V], shape (m, n).
        limits: Potentials at the ends of the colour map [V].
        colors: Name of matplotlib's colour map.
        rings: Inner radius [m], outer radius [m] and colour of what lies on the bottom.
        thickness: Of these below z = 0 [m].
        pixels: Of the longer side.
    """

    r: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    potential: npt.NDArray[np.float64]
    limits: tuple[float, float]
    colors: str
    rings: tuple[tuple[float, float, str], ...]
    thickness: float
    pixels: int


def draw(scene: TurnedScene) -> npt.NDArray[np.uint8]:
    """The image of a scene, shape (pixels, pixels, 3)."""
    # VTK's default looks for an X server first, and complains where there is none.
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    pyvista: Any = import_module("pyvista")
    radius, height = float(scene.r[-1]) / MICROMETRE, float(scene.z[-1]) / MICROMETRE
    plotter = pyvista.Plotter(
        off_screen=True, window_size=(scene.pixels, round(scene.pixels * _ratio(radius, height)))
    )
    try:
        plotter.set_background("white")
        plotter.enable_anti_aliasing("ssaa")
        body = _turned(pyvista, scene.r, scene.z, scene.potential)
        plotter.add_mesh(
            body.extract_surface(),
            scalars="potential",
            cmap=scene.colors,
            clim=scene.limits,
            show_scalar_bar=False,
            ambient=0.8,
            diffuse=0.25,
            specular=0.0,
        )
        for inner, outer, color in scene.rings:
            ring = _turned(
                pyvista,
                np.array([inner, outer]),
                np.array([-scene.thickness, 0.0]),
                np.zeros((2, 2)),
                degrees=360.0,
            )
            plotter.add_mesh(ring.extract_surface(), color=color, ambient=0.4, diffuse=0.65)
        camera = plotter.camera
        # The quarter that is cut away is the one in front.
        camera.position = (2.2 * radius, -2.2 * radius, 1.9 * radius + height)
        camera.focal_point = (0.0, 0.0, 0.5 * height)
        camera.up = (0.0, 0.0, 1.0)
        camera.enable_parallel_projection()
        camera.parallel_scale = _scale(radius, height)
        plotter.renderer.ResetCameraClippingRange()
        image: npt.NDArray[np.uint8] = plotter.screenshot(return_img=True)
    finally:
        plotter.close()
    return image


def _scale(radius: float, height: float) -> float:
    """Half of the height of the picture, in um."""
    return 0.6 * radius + 0.5 * height


def _ratio(radius: float, height: float) -> float:
    """Height of the picture over its width."""
    return _scale(radius, height) / (1.04 * radius)


def _turned(
    pyvista: Any,
    r: npt.NDArray[np.float64],
    z: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    *,
    degrees: float = _TURNED,
) -> Any:
    """A grid in the half plane, turned about its axis; the missing quarter is x > 0, y < 0."""
    angles = np.radians(np.linspace(0.0, degrees, _STEPS))
    angle, up, out = np.meshgrid(angles, z / MICROMETRE, r / MICROMETRE, indexing="ij")
    grid = pyvista.StructuredGrid(out * np.cos(angle), out * np.sin(angle), up)
    repeated = np.broadcast_to(values, (_STEPS, *values.shape))
    grid.point_data["potential"] = repeated.ravel(order="F")
    return grid


def main() -> None:
    """Draw scenes, one after the other, in a process of their own."""
    # Whatever libraries print must not get into the images.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    images = [draw(TurnedScene(**table)) for table in pickle.load(sys.stdin.buffer)]
    results.write(pickle.dumps(images))
    results.flush()
    # What has been drawn is safe from what VTK does when it ends.
    os._exit(0)


if __name__ == "__main__":
    main()
