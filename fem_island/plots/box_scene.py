"""The potential in the box over a contact map, drawn by pyvista: a program of its own.

See ``scene`` for why. It takes a box as a pickled table from standard input, puts the image out
pickled, or writes a scene for browsers, and imports nothing of this package.
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


@dataclass(frozen=True)
class Box:
    """What is to be seen; lengths in um.

    Attributes:
        x: Positions of the columns, shape (n,).
        y: Positions of the rows, shape (m,).
        z: Heights of the layers, shape (l,).
        potential: phi [mV], shape (l, m, n).
        bottom: Local current density of pixels [mA/cm^2], NaN beside lithium, (rows, columns).
        colors: Name of matplotlib's colour map of the potential.
        bottom_colors: That of the current.
        ground: Colour of the bottom where nothing reacts.
        pixels: Of the longer side.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    potential: npt.NDArray[np.float64]
    bottom: npt.NDArray[np.float64]
    colors: str
    bottom_colors: str
    ground: str
    pixels: int


def draw(box: Box) -> npt.NDArray[np.uint8]:
    """The image of a box, shape (height, width, 3)."""
    # VTK's default looks for an X server first, and complains where there is none.
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    pyvista: Any = import_module("pyvista")
    grid = pyvista.RectilinearGrid(box.x, box.y, box.z)
    grid.point_data["potential [mV]"] = box.potential.ravel()
    width, depth, height = float(box.x[-1]), float(box.y[-1]), float(box.z[-1])
    bar = {
        "color": "black",
        "vertical": True,
        "height": 0.55,
        "width": 0.05,
        "position_y": 0.25,
        "fmt": "%.4g",
    }
    plotter = pyvista.Plotter(off_screen=True, window_size=(box.pixels, int(0.62 * box.pixels)))
    try:
        plotter.set_background("white")
        plotter.enable_anti_aliasing("ssaa")
        shown = {
            "scalars": "potential [mV]",
            "cmap": box.colors,
            "lighting": False,
            "clim": [float(box.potential.min()), float(box.potential.max())],
        }
        # The two sides at the back.
        back = pyvista.RectilinearGrid(box.x, [depth], box.z)
        back.point_data["potential [mV]"] = box.potential[:, -1].ravel()
        left = pyvista.RectilinearGrid([0.0], box.y, box.z)
        left.point_data["potential [mV]"] = box.potential[:, :, 0].ravel()
        plotter.add_mesh(back, scalar_bar_args={**bar, "position_x": 0.9}, **shown)
        plotter.add_mesh(left, show_scalar_bar=False, **shown)
        rows, columns = box.bottom.shape
        bottom = pyvista.ImageData(
            dimensions=(columns + 1, rows + 1, 1),
            spacing=(width / columns, depth / rows, 1.0),
        )
        bottom.cell_data["current [mA/cm2]"] = box.bottom.ravel()
        plotter.add_mesh(
            bottom,
            scalars="current [mA/cm2]",
            cmap=box.bottom_colors,
            nan_color=box.ground,
            lighting=False,
            scalar_bar_args={**bar, "position_x": 0.06},
        )
        plotter.add_mesh(grid.outline(), color="#333333", line_width=2)
        size = max(width, depth)
        plotter.camera.position = (1.35 * size, -1.25 * size, 1.25 * size)
        plotter.camera.focal_point = (0.5 * width, 0.5 * depth, 0.3 * height)
        plotter.camera.up = (0.0, 0.0, 1.0)
        plotter.camera.enable_parallel_projection()
        plotter.reset_camera()
        plotter.camera.zoom(1.25)
        image: npt.NDArray[np.uint8] = plotter.screenshot(return_img=True)
    finally:
        plotter.close()
    return image


def main() -> None:
    """Draw boxes, one after the other, in a process of their own."""
    # Whatever libraries print must not get into the images.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    images = [draw(Box(**table)) for table in pickle.load(sys.stdin.buffer)]
    results.write(pickle.dumps(images))
    results.flush()
    # What has been drawn is safe from what VTK does when it ends.
    os._exit(0)


if __name__ == "__main__":
    main()
