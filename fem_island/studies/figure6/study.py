"""The study from end to end: compute, read off, draw and write."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.island import Island
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
from fem_island.studies.figure6 import paper, probability, scan
from fem_island.studies.figure6.scan import Trial
from fem_island.studies.figure6.table import Contour, Onset, Point, Quoted, Report

_FIGURE, _MEANING, _PROBABILITY = "figure6", "figure6_meaning", "figure6_probability"


@dataclass(frozen=True)
class Computed:
    """All that the study computes.

    Attributes:
        solutions: Of the panels.
        maps: Results over island width and current density.
        scan: Results for the two islands of every trial, along "point".
        trials: For which the size at onset is read off from the scan.
    """

    solutions: tuple[Solution, ...]
    maps: xr.Dataset
    scan: xr.Dataset
    trials: tuple[Trial, ...]


def run(folder: Path, comm: Communicator, *, progress: bool = False) -> Report:
    """Compute the figure and those on its meaning, and write them and the numbers. Collective.

    Args:
        folder: Where ``figure6``, ``figure6_meaning`` and ``figure6_probability`` go as PNG and
            PDF, and ``figure6.json``.
        comm: Who shares the work.
        progress: Show on standard error how far it is.

    Returns:
        What was found, on every rank; operating points without a solution are counted in it.

    Raises:
        InputError: The folder cannot be made.
        ComputationError: One of the two fields could not be computed.
        OutputError: A file cannot be written.
    """
    from fem_island.plots import picture_file

    start = time.perf_counter()
    folder = from_home(folder)
    pictures = {
        name: tuple(folder / f"{name}.{ending}" for ending in ("png", "pdf"))
        for name in (_FIGURE, _MEANING, _PROBABILITY)
    }
    numbers = folder / f"{_FIGURE}.json"
    for file in pictures[_FIGURE]:
        picture_file.prepare(file, comm)
    computed = compute(comm, progress=progress)
    widths = scan.onset_widths(computed.scan, computed.trials)
    chances = on_first_rank(comm, probability.compute)
    report = analyse(
        computed,
        widths,
        seconds=time.perf_counter() - start,
        files=(*(file for each in pictures.values() for file in each), numbers),
    )
    if chances is not None:
        report = replace(report, probability=probability.at_paper_current(chances))
    on_first_rank(comm, lambda: write_json(report.record(versions()), numbers))
    _draw(computed, widths, chances, pictures, comm)
    return report


def compute(comm: Communicator, *, progress: bool = False) -> Computed:
    """Solve the panels, the map, and the islands near onset. Collective.

    The panels are two small problems, which every rank solves for itself: so the numbers are the
    same to the last bit for any number of ranks.
    """
    solutions = tuple(
        solve_case(
            Case(
                cell=Cell(islands=(Island(width=panel.island_width),)),
                operation=Operation(current_density=panel.current_density),
            ),
            OneProcess(),
            solver="condensed",
        )
        for panel in paper.PANELS
    )
    maps = sweep(
        paper.CASE,
        island_width=paper.ISLAND_WIDTHS,
        current_density=paper.CURRENT_DENSITIES,
        progress=progress,
        comm=comm,
    )
    trials = scan.trials()
    beside = sweep(
        paper.CASE,
        island_width=np.concatenate([trial.island_widths for trial in trials]),
        exchange_current_density=np.repeat(
            [t.exchange_current_density for t in trials], len(scan.BESIDE)
        ),
        zip=True,
        comm=comm,
    )
    return Computed(solutions, maps, beside, trials)


def analyse(
    computed: Computed,
    widths: tuple[float | None, ...],
    *,
    seconds: float,
    files: tuple[Path, ...],
) -> Report:
    """Read the paper's numbers and the onsets off what was computed.

    Args:
        computed: The solutions.
        widths: Size at onset for every trial [m].
        seconds: Wall time.
        files: What was written.
    """
    results = [solution.result for solution in computed.solutions]
    sweeps = (computed.maps, computed.scan)
    estimates = [result.error_estimate for result in results]
    errors = tuple(None if e is None else e.overpotential_mean for e in estimates)
    return Report(
        quoted=tuple(
            Quoted(
                panel.island_width, panel.current_density, panel.paper, result.overpotential_mean
            )
            for panel, result in zip(paper.PANELS, results, strict=True)
        ),
        errors=errors,
        contours=tuple(_contour(film, computed.maps) for film in paper.FILMS),
        onsets=tuple(
            Onset(trial.film, trial.exchange_current_density, width, trial.closed_form)
            for trial, width in zip(computed.trials, widths, strict=True)
        ),
        points=computed.maps["status"].size,
        failed=tuple(point for dataset in sweeps for point in _failed(dataset)),
        tolerance_not_met=sum(
            int((dataset["status"] == TOLERANCE_NOT_MET).sum()) for dataset in sweeps
        )
        + sum(result.status == "tolerance not met" for result in results),
        charge_imbalance=_largest(
            [result.charge_imbalance for result in results],
            *(dataset["charge_imbalance"].to_numpy() for dataset in sweeps),
        )
        or 0.0,
        error_estimate=_largest(
            [error for error in errors if error is not None],
            *(dataset["error_estimate_overpotential_mean"].to_numpy() for dataset in sweeps),
        ),
        seconds=seconds,
        files=files,
    )


def _contour(film: str, maps: xr.Dataset) -> Contour:
    potential = paper.delithiation_potential(film)
    by_overpotential, by_drive = (
        onset.onset_width(
            maps,
            current_density=paper.CURRENT_DENSITY,
            potential=potential,
            variable=variable,
        )
        for variable in ("overpotential_mean", "exposed_drive_max")
    )
    closed_form = onset.closed_form_width(paper.CASE, potential)
    return Contour(film, potential, by_overpotential, closed_form, by_drive)


def _failed(dataset: xr.Dataset) -> list[Point]:
    """The points without a solution, whatever the dimensions of the dataset are."""
    failed = dataset["status"] == FAILED
    points = []
    for place in np.argwhere(failed.to_numpy()):
        at = dataset.isel(dict(zip(failed.dims, place, strict=True)))
        points.append(
            Point(
                island_width=float(at["island_width"]),
                reason=str(at["reason"].item()),
                current_density=float(at.get("current_density", paper.CURRENT_DENSITY)),
                exchange_current_density=float(
                    at.get("exchange_current_density", paper.IMPLIED_EXCHANGE_CURRENT_DENSITY)
                ),
            )
        )
    return points


def _largest(*parts: object) -> float | None:
    """The largest finite number, or None where there is none."""
    values = np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in parts])
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else None


def _draw(
    computed: Computed,
    widths: tuple[float | None, ...],
    chances: dict[str, xr.Dataset] | None,
    pictures: dict[str, tuple[Path, ...]],
    comm: Communicator,
) -> None:
    """Draw the figures on rank 0. Collective."""
    from fem_island.studies.figure6 import drawing, meaning

    def draw() -> None:
        figure = drawing.draw(computed.maps, computed.solutions)
        drawing.write(figure, pictures[_FIGURE])
        figure = meaning.draw(computed.maps, computed.trials, widths)
        drawing.write(figure, pictures[_MEANING])
        if chances is not None:
            drawing.write(probability.draw(chances), pictures[_PROBABILITY])

    on_first_rank(comm, draw)
