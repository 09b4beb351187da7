"""Files of one solution: the field for ParaView, pictures, and numbers with their provenance."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fem_island.errors import MissingSystemLibraryError
from fem_island.experiments.point.field_files import write_bottom, write_field
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.results.profile import write_profile

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from fem_island.experiments.point.solution import Solution


def write_solution(solution: Solution, folder: Path, name: str) -> list[Path]:
    """Write the numbers, then the pictures of a solution; the first rank alone does.

    ``NAME.json``, ``.bottom.csv``, ``.vtkhdf``, ``.bottom.vtkhdf``, ``.potential.png`` and
    ``.bottom.png``; of a cylinder ``.turned.png`` too, where pyvista can draw.

    Args:
        solution: What to write.
        folder: Made where it does not exist.
        name: What the names of the files start with.

    Returns:
        The files written; none on other ranks.

    Raises:
        OutputError: A file cannot be written.
    """
    if solution.rank > 0:
        return []
    endings = ("json", "bottom.csv", "vtkhdf", "bottom.vtkhdf", "potential.png", "bottom.png")
    numbers, table, field, bottom, picture, profile = (folder / f"{name}.{e}" for e in endings)
    make_folder(folder)
    about = provenance(solution)
    write_json({"result": solution.result.record(name), **about}, numbers)
    write_profile(solution.bottom_state, table)
    write_field(solution, field, about)
    write_bottom(solution, bottom, about)
    solution.plot(picture)
    solution.plot_profile(profile)
    written = [numbers, table, field, bottom, picture, profile]
    if solution.case.cell.electrolyte.geometry == "axisymmetric":
        from fem_island.plots.rendering import RenderingError

        turned = folder / f"{name}.turned.png"
        try:
            solution.plot_turned(turned)
        except (RenderingError, MissingSystemLibraryError) as error:
            logger.warning("no picture of the cylinder: %s", error)
        else:
            written.append(turned)
    return written


def provenance(solution: Solution) -> dict[str, Any]:
    """What was computed, by which versions: the case in SI units, the mesh, the packages."""
    grading = solution.resolution.grading
    return {
        "case": solution.case.model_dump(mode="json"),
        "discretisation": {
            "degree": solution.degree,
            "edge_size": grading.edge_size,
            "growth": grading.growth,
            "max_size": grading.max_size,
        },
        "versions": versions(),
    }
