"""The study from end to end: compute, read off, draw and write."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from fem_island.experiments.point.solution import Solution
from fem_island.experiments.point.solve import solve_case
from fem_island.experiments.sweeps.running import sweep
from fem_island.machine.collective import on_first_rank
from fem_island.machine.communicator import Communicator, OneProcess
from fem_island.machine.paths import from_home
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import write_json
from fem_island.results.result import FAILED, TOLERANCE_NOT_MET
from fem_island.studies import onset
from fem_island.studies.figure6 import paper
from fem_island.studies.figure6_discs.cells import SHAPES, WIDTH
from fem_island.studies.figure6_discs.table import Compared, Onset, Report

_NAME = "figure6_axisymmetric"


@dataclass(frozen=True)
class Computed:
    """All that the study computes, in the order of ``SHAPES``.

    Attributes:
        maps: Over the width of the stripe that an island stands for, and the current density.
        solutions: For the widths of the paper's panels, at its current: of every shape those of all
            panels.
    """

    maps: tuple[xr.Dataset, ...]
    solutions: tuple[tuple[Solution, ...], ...]


def run(folder: Path, comm: Communicator, *, progress: bool = False) -> Report:
    """Compute the maps, and write the figure and the numbers. Collective.

    Args:
        folder: Where ``figure6_axisymmetric`` goes as PNG, PDF and JSON.
        comm: Who shares the work.
        progress: Show on standard error how far it is.

    Returns:
        What was found, on every rank; operating points without a solution are counted in it.

    Raises:
        InputError: The folder cannot be made.
        ComputationError: One of the islands of the panels could not be computed.
        OutputError: A file cannot be written.
    """
    from fem_island.plots import picture_file, style

    start = time.perf_counter()
    folder = from_home(folder)
    png, pdf, numbers = (folder / f"{_NAME}.{ending}" for ending in ("png", "pdf", "json"))
    picture_file.prepare(png, comm)
    computed = compute(comm, progress=progress)
    seconds = time.perf_counter() - start
    report = analyse(computed, seconds=seconds, files=(png, pdf, numbers))

    def write() -> None:
        from fem_island.studies.figure6_discs import drawing

        write_json(report.record(versions()), numbers)
        with style.applied():
            picture_file.save(drawing.draw(computed.maps, computed.solutions[1]), png, pdf)

    on_first_rank(comm, write)
    return report


def compute(comm: Communicator, *, progress: bool = False) -> Computed:
    """Solve the maps and the islands of the panels. Collective.

    The latter are small problems, which every rank solves for itself.
    """
    maps = []
    for shape in SHAPES:
        found = sweep(
            shape.case,
            axes={shape.key: shape.value(paper.ISLAND_WIDTHS)},
            current_density=paper.CURRENT_DENSITIES,
            progress=progress,
            comm=comm,
        )
        (axis,) = (name for name in found.dims if str(name).startswith("island_"))
        found = found.rename({axis: "island_width"})
        about = {"long_name": "width of the stripe that it stands for", "units": "m"}
        widths = xr.Variable("island_width", paper.ISLAND_WIDTHS, about)
        maps.append(found.assign_coords(island_width=widths))
    solutions = tuple(
        tuple(
            solve_case(shape.with_width(panel.island_width), OneProcess(), solver="condensed")
            for panel in paper.PANELS
        )
        for shape in SHAPES
    )
    return Computed(tuple(maps), solutions)


def analyse(computed: Computed, *, seconds: float, files: tuple[Path, ...]) -> Report:
    """Read islands and onsets off what was computed.

    Args:
        computed: The solutions.
        seconds: Wall time.
        files: What was written.
    """
    compared, onsets = [], []
    for shape, maps, solutions in zip(SHAPES, computed.maps, computed.solutions, strict=True):
        for panel, solution in zip(paper.PANELS, solutions, strict=True):
            result, bottom = solution.result, solution.bottom
            covered = sum(bottom.size(part) for part in bottom if part.island is not None)
            coverage = covered / bottom.extent
            estimate = result.error_estimate
            compared.append(
                Compared(
                    shape.name,
                    panel.island_width,
                    shape.size_at(coverage),
                    coverage,
                    result.overpotential_mean,
                    None if estimate is None else estimate.overpotential_mean,
                    result.constriction_resistance,
                )
            )
        for film in paper.FILMS:
            potential = paper.delithiation_potential(film)
            width = onset.onset_width(
                maps, current_density=paper.CURRENT_DENSITY, potential=potential
            )
            size = None if width is None else float(shape.size(shape.value(np.array(width))))
            onsets.append(
                Onset(shape.name, film, potential, size, shape.closed_form_size(potential))
            )
    failed = sum(int((maps["status"] == FAILED).sum()) for maps in computed.maps)
    unmet = sum(int((maps["status"] == TOLERANCE_NOT_MET).sum()) for maps in computed.maps)
    return Report(
        compared=tuple(compared),
        onsets=tuple(onsets),
        cell_width=WIDTH,
        points=sum(maps["status"].size for maps in computed.maps),
        failures=failed,
        tolerance_not_met=unmet,
        charge_imbalance=max(float(maps["charge_imbalance"].max()) for maps in computed.maps),
        seconds=seconds,
        files=files,
    )
