"""The study from end to end: compute, answer, draw and write."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.case.case import Case
from fem_island.machine.collective import on_first_rank
from fem_island.machine.communicator import Communicator
from fem_island.machine.paths import from_home
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import write_json
from fem_island.results.dataset_file import write_dataset
from fem_island.results.dataset_table import write_table
from fem_island.studies.film_map import answers, grids
from fem_island.studies.film_map.computing import Computed, compute
from fem_island.studies.film_map.sizes import sizes_of
from fem_island.studies.film_map.table import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME = "film_map"
_FIGURES = ("share", "relief", "constriction", "where", "answer")
_DATA = ("size", "constriction", "where", "curves")


def run(
    folder: Path,
    comm: Communicator,
    *,
    case: Case | None = None,
    films: Sequence[str],
    count: int = 50,
    progress: bool = False,
) -> Report:
    """Compute what films do, and write maps, figures and numbers. Collective.

    Args:
        folder: Where ``film_map_*.png`` and ``.pdf``, ``film_map_*.nc`` and ``.csv``, and
            ``film_map.json`` go.
        comm: Who shares the work.
        case: The cell and how it is run; by default the paper's.
        films: Symbols of materials.
        count: Points along each axis of the map over island size and current.
        progress: Show on standard error how far it is.

    Returns:
        What was found, on every rank; points without a solution are counted in it.

    Raises:
        InputError: A film is not known, the case does not fit a grid, or the folder cannot be made.
        OutputError: A file cannot be written.
    """
    from fem_island.plots import picture_file, style

    start = time.perf_counter()
    case, folder = case or Case(), from_home(folder)
    grids.check_case(case)
    pictures = {
        name: tuple(folder / f"{_NAME}_{name}.{ending}" for ending in ("png", "pdf"))
        for name in _FIGURES
    }
    data = {name: folder / f"{_NAME}_{name}.nc" for name in _DATA}
    numbers = folder / f"{_NAME}.json"
    picture_file.prepare(pictures[_FIGURES[0]][0], comm)
    computed = compute(case, films, comm, count=count, progress=progress)
    found, sides = answers.answers(case, films, computed), answers.sides(computed.where)

    report = Report(
        case=case,
        answers=found,
        sides=sides,
        points=grids.grids(case, count=count).points,
        failures=answers.failures(computed),
        tolerance_not_met=answers.tolerance_not_met(computed),
        seconds=time.perf_counter() - start,
        files=(
            *(file for files in pictures.values() for file in files),
            *(file for kept in data.values() for file in (kept, kept.with_suffix(".csv"))),
            numbers,
        ),
    )

    def write() -> None:
        for name, file in data.items():
            results = getattr(computed, name).assign_attrs(case=case.to_json())
            write_dataset(results, file)
            write_table(results, file.with_suffix(".csv"))
        write_json(report.record(versions()), numbers)
        with style.applied():
            for name, figure in _figures(case, computed, found, sides).items():
                picture_file.save(figure, *pictures[name])

    on_first_rank(comm, write)
    return report


def _figures(
    case: Case,
    computed: Computed,
    found: tuple[answers.Answer, ...],
    sides: tuple[answers.Side, ...],
) -> dict[str, Figure]:
    from fem_island.studies.film_map import drawing, release_drawing

    sizes = sizes_of(case)
    over_sizes = drawing.size_axes(sizes)
    constriction = drawing.draw_share(
        computed.constriction, found, drawing.constriction_axes(sizes)
    )
    drawing.add_wagner_lines(constriction, case)
    return {
        "share": drawing.draw_share(computed.size, found, over_sizes),
        "relief": drawing.draw_relief(computed.size, found, over_sizes),
        "constriction": constriction,
        "where": release_drawing.draw_where(computed.profiles, sides, sizes),
        "answer": release_drawing.draw_answer(computed.curves, found, sizes),
    }
