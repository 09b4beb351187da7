"""The potential in the box over a contact map, drawn by pyvista: a program of its own.

See ``scene`` for why. It takes boxes as pickled tables from standard input, puts their images out
pickled, or with the argument "page" pages for browsers, and imports nothing of this package.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    with _plotter(box, bars=True) as plotter:
        image: npt.NDArray[np.uint8] = plotter.screenshot(return_img=True)
    return image


def page(box: Box) -> str:
    """A page of HTML in which a browser turns the box (vtk.js), without bars of colours."""
    # It adds what exports scenes to pyvista.
    import_module("trame_pyvista")
    with _plotter(box, bars=False) as plotter:
        text: str = plotter.trame.export_html(None).getvalue()
    return text


@contextmanager
def _plotter(box: Box, *, bars: bool) -> Iterator[Any]:
    """A window of pyvista with the box in it, which is closed in the end."""
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
        at_right = {**bar, "position_x": 0.9}
        plotter.add_mesh(back, show_scalar_bar=bars, scalar_bar_args=at_right, **shown)
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
            show_scalar_bar=bars,
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
        yield plotter
    finally:
        plotter.close()


def main() -> None:
    """Draw boxes, one after the other, or make pages of them, in a process of their own."""
    make = page if sys.argv[1:] == ["page"] else draw
    # Whatever libraries print must not get into the results.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    found = [make(Box(**table)) for table in pickle.load(sys.stdin.buffer)]
    results.write(pickle.dumps(found))
    results.flush()
    # What has been drawn is safe from what VTK does when it ends.
    os._exit(0)


if __name__ == "__main__":
    main()
