"""Computing the shapes over the current, and reading off where films begin to act."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import xarray as xr

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
        constriction_error: Its estimated error [Ohm m^2].
        peak: Largest local current density there over the mean.
        peak_error: Its estimated error.
        onsets: Current density above which each film begins to act [A/m^2]; None outside of what
            was computed.
        onset_errors: Their estimated errors [A/m^2].
    """

    shape: str
    coverage: float
    regions: int
    overpotential: float
    overpotential_error: float
    constriction_resistance: float
    constriction_error: float
    peak: float
    peak_error: float
    onsets: dict[str, float | None]
    onset_errors: dict[str, float | None]


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
        answers.append(_answer(shape, contact, found))
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


def _answer(shape: str, contact: ContactMap, found: xr.Dataset) -> ShapeAnswer:
    at = found.sel(current_density=CURRENT)
    mean = float(at["local_current_density_mean"])
    currents = found["current_density"].values
    drive, unsure = (
        found[name].values for name in ("exposed_drive_max", "error_estimate_exposed_drive_max")
    )
    onsets = {film: _onset(currents, drive, unsure, level) for film, level in thresholds().items()}
    return ShapeAnswer(
        shape=shape,
        coverage=contact.coverage,
        regions=len(contact.regions),
        overpotential=float(at["overpotential_mean"]),
        overpotential_error=float(at["error_estimate_overpotential_mean"]),
        constriction_resistance=float(at["constriction_resistance"]),
        constriction_error=float(at["error_estimate_constriction_resistance"]),
        peak=float(at["local_current_density_max"]) / mean,
        peak_error=float(at["error_estimate_local_current_density_max"]) / mean,
        onsets={film: value for film, (value, _) in onsets.items()},
        onset_errors={film: error for film, (_, error) in onsets.items()},
    )


def _onset(
    currents: Array, drive: Array, unsure: Array, level: float
) -> tuple[float | None, float | None]:
    """Where the drive passes a level, by a smooth curve of log I over it, and its error.

    The error is that of the drive on both sides, and what the curve through every other point is
    off where it leaves points out.
    """
    from scipy.interpolate import PchipInterpolator

    known = np.isfinite(drive)
    currents, drive, unsure = currents[known], drive[known], unsure[known]
    if len(drive) < 2 or not drive[0] < level < drive[-1]:
        return None, None
    curve = PchipInterpolator(drive, np.log(currents))
    value = float(np.exp(curve(level)))
    after = int(np.searchsorted(drive, level))
    error = float(curve(level, 1)) * float(unsure[after - 1 : after + 1].max())
    # Without the points beside it the curve is off by more than with them.
    fewer = np.delete(np.arange(len(drive)), after if after < len(drive) - 1 else after - 1)
    if len(fewer) > 2:
        without = PchipInterpolator(drive[fewer], np.log(currents[fewer]))
        error += abs(float(without(level)) - float(curve(level)))
    return value, value * error


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
        table.add_column(heading, justify="right", no_wrap=True)
    for answer in report.answers:
        table.add_row(
            answer.shape,
            str(answer.regions),
            _sure(1e3 * answer.overpotential, 1e3 * answer.overpotential_error),
            _sure(1e4 * answer.constriction_resistance, 1e4 * answer.constriction_error),
            _sure(answer.peak, answer.peak_error),
            *(_sure_onset(answer, film) for film in FILMS),
        )
    console = report_console(170)
    first = report.answers[0]
    console.print(
        f"{100 * first.coverage:.3g} % of the bottom in four shapes, at {0.1 * CURRENT:g} mA/cm^2"
    )
    console.print(table, crop=False)
    console.print("  numbers behind +- are their estimated errors")
    for file in report.files:
        console.print(f"written: {file}")


def _sure_onset(answer: ShapeAnswer, film: str) -> str:
    value, error = answer.onsets[film], answer.onset_errors[film]
    return "" if value is None or error is None else _sure(0.1 * value, 0.1 * error)


def _sure(value: float, error: float) -> str:
    """A number with its estimated error, to the digits that this leaves.

    Example:
        >>> _sure(1.23456, 0.0042), _sure(12.3456789, 1e-9)
        ('1.235 +- 0.0042', '12.34568 +- 1e-09')
    """
    digits = 4 if not error > 0 else int(np.clip(-np.floor(np.log10(error)), 0, 5))
    return f"{value:.{digits}f} +- {error:.2g}"
