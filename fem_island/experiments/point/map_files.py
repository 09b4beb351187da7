"""Files of a solved contact map: numbers, arrays, fields for ParaView, pictures."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.errors import MissingSystemLibraryError
from fem_island.experiments.point.field_files import MICROMETRE, as_texts
from fem_island.machine.arrays import Array
from fem_island.machine.versions import versions
from fem_island.machine.vtkhdf import HEXAHEDRON, QUADRILATERAL, Grid, write_grid
from fem_island.machine.whole_files import make_folder, replacing, write_json
from fem_island.plots.rendering import RenderingError, makes_pages
from fem_island.surface.contact import FILM, LITHIUM

if TYPE_CHECKING:
    from fem_island.experiments.point.map_solution import MapSolution

logger = logging.getLogger(__name__)

_MOST_ACROSS, _LAYERS = 96, 33
"""Intervals along a side and layers of the field that is written; above the bottom it is smooth."""

_MOST_CELLS = 2**20
"""Of the bottom that is written; larger images are thinned out."""

_TAGS = {LITHIUM: 1, FILM: 2}
_TAG_NAMES = {"1": "lithium", "2": "film", "3": "bare current collector"}


def write_map(solution: MapSolution, folder: Path, name: str) -> list[Path]:
    """Write the numbers, then the arrays and the pictures of a solution.

    ``NAME.json``, ``.current_density.npy`` (row by row as the image), ``.vtkhdf`` (the box),
    ``.bottom.vtkhdf``, ``.map.png``, ``.box.png`` where pyvista can draw, and ``.box.html``
    where trame-pyvista is there too.

    Args:
        solution: What to write.
        folder: Made where it does not exist.
        name: What the names of the files start with.

    Returns:
        The files written.

    Raises:
        OutputError: A file cannot be written.
    """
    endings = ("json", "current_density.npy", "vtkhdf", "bottom.vtkhdf", "map.png")
    numbers, array, box, bottom, picture = (folder / f"{name}.{ending}" for ending in endings)
    make_folder(folder)
    about = provenance(solution)
    write_json({"result": solution.result.record(name), **about}, numbers)
    with replacing(array) as unfinished, unfinished.open("wb") as file:
        np.save(file, solution.current_density_map())
    write_grid(box_grid(solution, as_texts(about)), box)
    write_grid(bottom_grid(solution, as_texts({**about, "tag_names": _TAG_NAMES})), bottom)
    solution.plot(picture)
    files = [numbers, array, box, bottom, picture]
    scenes = [folder / f"{name}.box.png"]
    scenes += [folder / f"{name}.box.html"] if makes_pages() else []
    for scene in scenes:
        try:
            solution.plot_box(scene)
        except (RenderingError, MissingSystemLibraryError) as error:
            logger.warning("the box is not drawn: %s", error)
            break
        files.append(scene)
    return files


def provenance(solution: MapSolution) -> dict[str, Any]:
    """What was computed, by which versions: the case in SI units, the pixels, the packages."""
    state = solution.bottom_state
    return {
        "case": solution.case.model_dump(mode="json"),
        "discretisation": {"pixel": state.pixel, "parts_of_an_edge": state.refinement},
        "versions": versions(),
    }


def box_grid(solution: MapSolution, about: dict[str, str]) -> Grid:
    """The potential in the box, on hexahedra that get thinner towards the bottom."""
    field = solution.field
    width, depth, height = field.size
    heights = height * np.linspace(0.0, 1.0, _LAYERS) ** 2
    layers = np.stack([field.layer(z, most=_MOST_ACROSS) for z in heights.tolist()])
    count, rows, columns = layers.shape
    x, y = np.linspace(0, width, columns), np.linspace(0, depth, rows)
    at_z, at_y, at_x = np.meshgrid(heights, y, x, indexing="ij")
    points = np.stack([at_x, at_y, at_z], axis=-1).reshape(-1, 3) / MICROMETRE
    number = np.arange(count * rows * columns).reshape(count, rows, columns)
    low, high = number[:-1], number[1:]
    corners = [part for level in (low, high) for part in _around(level)]
    cells = np.stack([part.ravel() for part in corners], axis=1)
    return Grid(
        points=points,
        cells=cells,
        shape=HEXAHEDRON,
        point_data={"potential_V": layers.ravel()},
        about=about,
    )


def _around(numbers: Any) -> list[Any]:
    """Numbers of the four corners of every cell of a layer, in VTK's order."""
    return [
        numbers[..., :-1, :-1],
        numbers[..., :-1, 1:],
        numbers[..., 1:, 1:],
        numbers[..., 1:, :-1],
    ]


def bottom_grid(solution: MapSolution, about: dict[str, str]) -> Grid:
    """The bottom as pixels: what lies there, its region, its current, and what drives it."""
    state = solution.bottom_state
    image = state.contact.image
    rows, columns = image.shape
    step = max(1, int(np.ceil(np.sqrt(rows * columns / _MOST_CELLS))))
    rows, columns = -(-rows // step), -(-columns // step)
    edge = step * image.pixel
    x = np.minimum(edge * np.arange(columns + 1), image.width)
    y = np.minimum(edge * np.arange(rows + 1), image.depth)
    at_y, at_x = np.meshgrid(y, x, indexing="ij")
    points = np.stack([at_x, at_y, np.zeros_like(at_x)], axis=-1).reshape(-1, 3) / MICROMETRE
    number = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    cells = np.stack([part.ravel() for part in _around(number)], axis=1)
    places = np.ix_(
        np.minimum(np.arange(rows + 1) * step, image.shape[0]) * state.refinement,
        np.minimum(np.arange(columns + 1) * step, image.shape[1]) * state.refinement,
    )
    kinds = image.classes[::step, ::step]
    tags = np.full(kinds.shape, 3, dtype=np.int32)
    for kind, tag in _TAGS.items():
        present = kind != FILM or state.contact.has_film
        tags[(kinds == kind) & present] = tag
    density: Array = solution.current_density_map()[::step, ::step]
    return Grid(
        points=points,
        cells=cells,
        shape=QUADRILATERAL,
        point_data={"drive_V": state.corners[places].ravel()},
        cell_data={
            "tag": tags.ravel(),
            "island": (image.regions.numbers[::step, ::step] - 1).ravel(),
            "current_density_A_per_m2": density.ravel(),
        },
        about=about,
    )
