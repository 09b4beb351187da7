"""Computing the shapes over the current, and reading off where films begin to act."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.case.cell import Cell
from fem_island.case.contact_map import ContactMap
from fem_island.experiments.sweeps.running import sweep
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.materials import library as materials
from fem_island.studies.shapes.drawing import draw_shapes
from fem_island.studies.shapes.images import SHAPES, image_of

FILMS = ("Ag", "Au")
SIDE = 50e-6
"""Of the box [m]: the width of the paper's cell."""

COVERAGE = 0.1
PIXELS = 100
CURRENT = 2.5
"""At which the shapes are compared [A/m^2]: the paper's."""

_CURRENTS = np.geomspace(0.25, 250.0, 25)
"""At which every shape is computed [A/m^2]."""


@dataclass(frozen=True)
class ShapeAnswer:
    """What one shape comes to.

    Attributes:
        shape: Its name.
        coverage: Share of the bottom that is lithium.
        regions: Connected regions.
        overpotential: Mean on lithium at ``CURRENT`` [V].
        overpotential_error: Its estimated error [V].
        constriction_resistance: Of the box's area, at ``CURRENT`` [Ohm m^2].
        peak: Largest local current density there over the mean.
        onsets: Current density above which each film begins to act [A/m^2]; None outside of what
            was computed.
    """

    shape: str
    coverage: float
    regions: int
    overpotential: float
    overpotential_error: float
    constriction_resistance: float
    peak: float
    onsets: dict[str, float | None]


@dataclass(frozen=True)
class Report:
    """The study.

    Attributes:
        answers: Of every shape.
        currents: [A/m^2], shape (n,).
        drives: Largest drive beside lithium [V], shape (shapes, n).
        failures: Points without a solution.
        tolerance_not_met: Points that did not meet the tolerance.
        files: What was written.
    """

    answers: tuple[ShapeAnswer, ...]
    currents: Array
    drives: Array
    failures: int
    tolerance_not_met: int
    files: tuple[Path, ...] = ()


def run(
    out: Path | None, *, coverage: float = COVERAGE, side: float = SIDE, pixels: int = PIXELS
) -> Report:
    """Compute all shapes.

    Args:
        out: Folder for picture and numbers, or None.
        coverage: Share of the bottom that is lithium.
        side: Of the box [m].
        pixels: Along the side.

    Raises:
        OutputError: A file cannot be written.
    """
    answers, drives, failed, unmet = [], [], 0, 0
    for shape in SHAPES:
        image = image_of(shape, coverage, pixels)
        contact = ContactMap(image=image.astype(np.uint8), pixel=side / pixels)
        currents = np.unique(np.append(_CURRENTS, CURRENT))
        found = sweep(Cell(map=contact), current_density=currents)
        status = found["status"].values
        failed += int((status == 2).sum())
        unmet += int((status == 1).sum())
        drive = found["exposed_drive_max"].values
        drives.append(drive)
        answers.append(_answer(shape, contact, found.sel(current_density=CURRENT), currents, drive))
    report = Report(tuple(answers), currents, np.array(drives), failed, unmet)
    if out is None:
        return report
    make_folder(out)
    files = (out / "shapes.json", out / "shapes.png")
    numbers = {
        "answers": [asdict(answer) for answer in answers],
        "current_densities": currents,
        "exposed_drive_max": report.drives,
        "side": side,
        "pixels": pixels,
        "versions": versions(),
    }
    write_json(plain(numbers), files[0])
    images = [image_of(shape, coverage, pixels) for shape in SHAPES]
    draw_shapes(SHAPES, images, currents, report.drives, thresholds(), side, files[1])
    return Report(tuple(answers), currents, report.drives, failed, unmet, files)


def thresholds() -> dict[str, float]:
    """Potential above which each film gives lithium [V]."""
    films = materials.films()
    return {symbol: films[symbol].delithiation_potential.value for symbol in FILMS}


def _answer(shape: str, contact: ContactMap, at: Any, currents: Array, drive: Array) -> ShapeAnswer:
    mean = float(at["local_current_density_mean"])
    return ShapeAnswer(
        shape=shape,
        coverage=contact.coverage,
        regions=len(contact.regions),
        overpotential=float(at["overpotential_mean"]),
        overpotential_error=float(at["error_estimate_overpotential_mean"]),
        constriction_resistance=float(at["constriction_resistance"]),
        peak=float(at["local_current_density_max"]) / mean,
        onsets={film: _onset(currents, drive, level) for film, level in thresholds().items()},
    )


def _onset(currents: Array, drive: Array, level: float) -> float | None:
    """Where the drive passes a level, by a smooth curve of log I over it."""
    from scipy.interpolate import PchipInterpolator

    known = np.isfinite(drive)
    drive, currents = drive[known], currents[known]
    if len(drive) < 2 or not drive[0] < level < drive[-1]:
        return None
    return float(np.exp(PchipInterpolator(drive, np.log(currents))(level)))


def show(report: Report) -> None:
    """Print the answers as a table."""
    table = WholeTable(box=None, pad_edge=True, padding=(0, 2))
    headings = (
        "shape",
        "regions",
        "overpotential [mV]",
        "constriction [Ohm cm^2]",
        "peak current / mean",
        *(f"{film} acts above [mA/cm^2]" for film in FILMS),
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for answer in report.answers:
        onsets = [answer.onsets[film] for film in FILMS]
        table.add_row(
            answer.shape,
            str(answer.regions),
            f"{1e3 * answer.overpotential:.3f}",
            f"{1e4 * answer.constriction_resistance:.3f}",
            f"{answer.peak:.3f}",
            *("" if onset is None else f"{0.1 * onset:.4f}" for onset in onsets),
        )
    console = report_console(100)
    first = report.answers[0]
    console.print(
        f"{100 * first.coverage:.3g} % of the bottom in four shapes, at {0.1 * CURRENT:g} mA/cm^2"
    )
    console.print(table, crop=False)
    for file in report.files:
        console.print(f"written: {file}")
