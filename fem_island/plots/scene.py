"""The field as an image, drawn by pyvista without a display: a program of its own.

VTK ends the process where it finds no OpenGL context, so it is given one that may end:
``rendering`` runs this file. It takes scenes as pickled tables from standard input, puts the images
out pickled, and imports nothing of this package.
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

ARROW_HEIGHT = 0.62
"""Where on a path its arrow is, as a share of the height."""


@dataclass(frozen=True)
class Scene:
    """What is to be seen.

    Attributes:
        x: Positions of the columns of the field [m], shape (n,); below 0 left of an axis.
        y: Positions of its rows [m], shape (m,).
        potential: phi [V], shape (m, n).
        conductivity: kappa [S/m].
        has_current: Without current there are no paths.
        limits: Potentials at the ends of the colour map [V].
        colors: Name of matplotlib's colour map.
        boxes: Left end [m], right end [m] and colour of what lies on the bottom.
        strip: Thickness of these below y = 0 [m].
        exaggeration: How much longer a length is drawn along y than along x.
        starts: Where paths of the current begin at the top [m].
        pixels: Of the longer side.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    potential: npt.NDArray[np.float64]
    conductivity: float
    has_current: bool
    limits: tuple[float, float]
    colors: str
    boxes: tuple[tuple[float, float, str], ...]
    strip: float
    exaggeration: float
    starts: npt.NDArray[np.float64]
    pixels: int

    @property
    def width(self) -> float:
        """From the first column to the last [m]."""
        return float(self.x[-1] - self.x[0])


def draw(scene: Scene) -> npt.NDArray[np.uint8]:
    """The image of a scene, shape (pixels, pixels, 3)."""
    # VTK's default looks for an X server first, and complains where there is none.
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    pyvista: Any = import_module("pyvista")
    exaggeration, pixels = scene.exaggeration, scene.pixels
    # Everything below is drawn in stretched coordinates, where tangents of the paths stretch too.
    width, y = scene.width, exaggeration * scene.y
    height, strip = float(y[-1]), exaggeration * scene.strip
    grid = pyvista.RectilinearGrid(scene.x / MICROMETRE, y / MICROMETRE, [0.0])
    grid.point_data["potential"] = scene.potential.ravel()
    slope_y, slope_x = np.gradient(scene.potential, scene.y, scene.x)
    current = -scene.conductivity * np.column_stack(
        [slope_x.ravel(), exaggeration * slope_y.ravel(), np.zeros(slope_x.size)]
    )
    grid.point_data["current density"] = current
    scale = pixels / max(width, height + strip)
    size = (round(scale * width), round(scale * (height + strip)))
    plotter = pyvista.Plotter(off_screen=True, window_size=size)
    try:
        plotter.set_background("white")
        plotter.enable_anti_aliasing("ssaa")
        plotter.add_mesh(
            grid,
            scalars="potential",
            cmap=scene.colors,
            clim=scene.limits,
            lighting=False,
            show_scalar_bar=False,
        )
        if scene.has_current:
            _add_paths(pyvista, plotter, grid, scene, height, 0.002 * pixels)
        for start, end, color in scene.boxes:
            ends = (start / MICROMETRE, end / MICROMETRE)
            box = pyvista.Box((*ends, -strip / MICROMETRE, 0.0, -0.01, 0.01))
            plotter.add_mesh(box, color=color, lighting=False)
        camera = plotter.camera
        middle = ((scene.x[0] + width / 2) / MICROMETRE, (height - strip) / 2 / MICROMETRE)
        camera.enable_parallel_projection()
        camera.position = (*middle, 100.0)
        camera.focal_point = (*middle, 0.0)
        camera.up = (0.0, 1.0, 0.0)
        camera.parallel_scale = (height + strip) / 2 / MICROMETRE
        plotter.renderer.ResetCameraClippingRange()
        image: npt.NDArray[np.uint8] = plotter.screenshot(return_img=True)
    finally:
        plotter.close()
    return image


def _add_paths(
    pyvista: Any, plotter: Any, grid: Any, scene: Scene, height: float, thickness: float
) -> None:
    width, starts = scene.width, scene.starts / MICROMETRE
    y = np.full(len(starts), 0.995 * height / MICROMETRE)
    seeds = pyvista.PolyData(np.column_stack([starts, y, np.zeros(len(starts))]))
    size = (width + height) / MICROMETRE
    paths = grid.streamlines_from_source(
        seeds,
        vectors="current density",
        integration_direction="both",
        max_length=10 * size,
        integrator_type=4,
        initial_step_length=0.001 * size,
        step_unit="l",
        max_steps=5000,
        terminal_speed=1e-30,
    )
    if paths.n_points == 0:
        return
    lifted = paths.translate((0.0, 0.0, 0.005))
    plotter.add_mesh(lifted, color="white", line_width=thickness, lighting=False)
    arrows = _arrows(pyvista, paths, height / MICROMETRE, width / MICROMETRE)
    if arrows is not None:
        plotter.add_mesh(arrows, color="white", lighting=False)


def _arrows(pyvista: Any, paths: Any, height: float, width: float) -> Any:
    """An arrow head on every path, at two thirds of the height, along the current."""
    points = []
    directions = []
    for number in range(paths.n_cells):
        line = paths.get_cell(number)
        ids = line.point_ids
        at = paths.points[ids]
        place = int(np.argmin(np.abs(at[:, 1] - ARROW_HEIGHT * height)))
        if abs(at[place, 1] - ARROW_HEIGHT * height) < 0.05 * height:
            points.append(at[place] + (0.0, 0.0, 0.006))
            directions.append(paths.point_data["current density"][ids[place]])
    if not points:
        return None
    heads = pyvista.PolyData(np.array(points))
    heads["direction"] = np.array(directions)
    triangle = pyvista.Triangle([[0.5, 0.0, 0.0], [-0.5, 0.32, 0.0], [-0.5, -0.32, 0.0]])
    return heads.glyph(
        orient="direction", scale=False, factor=min(0.055 * height, 0.0165 * width), geom=triangle
    )


def main() -> None:
    """Draw scenes, one after the other, in a process of their own."""
    # Whatever libraries print must not get into the images.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    images = [draw(Scene(**table)) for table in pickle.load(sys.stdin.buffer)]
    results.write(pickle.dumps(images))
    results.flush()
    # What has been drawn is safe from what VTK does when it ends.
    os._exit(0)


if __name__ == "__main__":
    main()
