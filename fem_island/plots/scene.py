"""The field as an image: potential and current paths, rendered by pyvista without a display."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.machine.libraries import VTK_LIBRARIES, require_libraries
from fem_island.plots.style import POTENTIAL_MAP, color_of
from fem_island.solvers.meshed.meshing import MICROMETRE
from fem_island.surface.bottom import Bottom

if TYPE_CHECKING:
    from fem_island.solvers.solved import SolvedPoint

PATHS = 20
"""Paths of the current that are drawn; they start evenly spaced where the current is uniform, so
each stands for the same part of it."""

_COLUMNS, _ROWS, _EDGE_POINTS = 200, 100, 16
PIXELS = 2000
"""Of the longer side of a field, where it is a picture by itself."""

_STRIP = 0.035
_ARROW_HEIGHT = 0.62


@dataclass(frozen=True)
class SampledField:
    """A potential on a rectangular grid that is fine where the field is.

    Attributes:
        x: Positions [m], shape (n,).
        y: Positions [m], shape (m,).
        potential: phi [V], shape (m, n).
    """

    x: Array
    y: Array
    potential: Array


def sample_field(solution: SolvedPoint) -> SampledField:
    """Sample a solution for drawing. Collective; every rank gets all of it."""
    domain = solution.domain
    x = [np.linspace(0.0, domain.width, _COLUMNS)]
    near = np.geomspace(1e-4, 0.5, _EDGE_POINTS)
    for stretch in domain.bottom:
        x += [stretch.start + stretch.length * near, stretch.end - stretch.length * near]
    columns = np.unique(np.clip(np.concatenate(x), 0.0, domain.width).round(14))
    rows = domain.height * np.concatenate(
        [[0.0], np.geomspace(1e-4, 0.02, 12), np.linspace(0.03, 1.0, _ROWS)]
    )
    points = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    values = solution.potential(points).reshape(len(rows), len(columns))
    return SampledField(columns, rows, values)


def render_field(
    field: SampledField,
    bottom: Bottom,
    *,
    conductivity: float,
    current_density: float,
    limits: tuple[float, float],
    exaggeration: float = 1.0,
    pixels: int = PIXELS,
) -> tuple[npt.NDArray[np.uint8], float]:
    """Draw a sampled field.

    Args:
        field: The field.
        bottom: What lies where.
        conductivity: kappa [S/m].
        current_density: I [A/m^2]; without current there are no paths.
        limits: Potentials at the ends of the colour map [V].
        exaggeration: How much longer a length is drawn along y than along x.
        pixels: Of the longer side.

    Returns:
        The image, shape (pixels, pixels, 3), and the thickness of the strip below y = 0 that shows
        what lies on the bottom [m].

    Raises:
        MissingSystemLibraryError: There is no OpenGL library.
    """
    pyvista = load_pyvista()
    # Everything below is drawn in stretched coordinates, where tangents of the paths stretch too.
    width, y = float(field.x[-1]), exaggeration * field.y
    height = float(y[-1])
    strip = max(_STRIP * min(height, 0.3 * width), 0.004 * max(height, width))
    grid = pyvista.RectilinearGrid(field.x / MICROMETRE, y / MICROMETRE, [0.0])
    grid.point_data["potential"] = field.potential.ravel()
    slope_y, slope_x = np.gradient(field.potential, field.y, field.x)
    current = -conductivity * np.column_stack(
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
            cmap=POTENTIAL_MAP,
            clim=limits,
            lighting=False,
            show_scalar_bar=False,
        )
        if current_density:
            _add_paths(pyvista, plotter, grid, width, height, 0.002 * pixels)
        for stretch in bottom:
            ends = (stretch.start / MICROMETRE, stretch.end / MICROMETRE)
            box = pyvista.Box((*ends, -strip / MICROMETRE, 0.0, -0.01, 0.01))
            plotter.add_mesh(box, color=color_of(stretch), lighting=False)
        camera = plotter.camera
        middle = (width / 2 / MICROMETRE, (height - strip) / 2 / MICROMETRE)
        camera.enable_parallel_projection()
        camera.position = (*middle, 100.0)
        camera.focal_point = (*middle, 0.0)
        camera.up = (0.0, 1.0, 0.0)
        camera.parallel_scale = (height + strip) / 2 / MICROMETRE
        plotter.renderer.ResetCameraClippingRange()
        image = plotter.screenshot(return_img=True)
    finally:
        plotter.close()
    return image, strip / exaggeration


def _add_paths(
    pyvista: Any, plotter: Any, grid: Any, width: float, height: float, thickness: float
) -> None:
    starts = (np.arange(PATHS) + 0.5) / PATHS * width / MICROMETRE
    y = np.full(PATHS, 0.995 * height / MICROMETRE)
    seeds = pyvista.PolyData(np.column_stack([starts, y, np.zeros(PATHS)]))
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
        place = int(np.argmin(np.abs(at[:, 1] - _ARROW_HEIGHT * height)))
        if abs(at[place, 1] - _ARROW_HEIGHT * height) < 0.05 * height:
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


def load_pyvista() -> Any:
    """Import pyvista for pictures without a display.

    Raises:
        MissingSystemLibraryError: VTK would crash, since there is no OpenGL library.
    """
    require_libraries(VTK_LIBRARIES, "VTK")
    # VTK's default looks for an X server first, and complains where there is none.
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    import pyvista

    return pyvista
