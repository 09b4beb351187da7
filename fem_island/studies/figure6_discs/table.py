"""What the study found, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fem_island.machine.terminal import WholeTable, report_console
from fem_island.studies.figure6 import paper

_MICRO, _MILLI, _PER_MA_CM2, _OHM_CM2 = 1e6, 1e3, 0.1, 1e4
_PLAIN_WIDTH = 100
_WORDS = {"stripes": "stripe", "width": "disc, same width", "coverage": "disc, same coverage"}


@dataclass(frozen=True)
class Compared:
    """An island that stands for a stripe of the paper, at 0.25 mA/cm^2.

    Attributes:
        shape: "stripes", "width" or "coverage".
        stripe_width: Of the paper's stripe [m].
        size: Width of the stripe, or diameter of the disc [m].
        coverage: Share of the bottom that is lithium.
        overpotential_mean: [V].
        error_estimate: Of it [V]; None where it could not be estimated.
        constriction_resistance: [Ohm m^2].
    """

    shape: str
    stripe_width: float
    size: float
    coverage: float
    overpotential_mean: float
    error_estimate: float | None
    constriction_resistance: float | None


@dataclass(frozen=True)
class Onset:
    """The size below which a film gives up lithium at 0.25 mA/cm^2.

    Attributes:
        shape: "stripes", "width" or "coverage".
        film: Symbol.
        potential: U [V].
        size: Width of a stripe, or diameter of a disc [m]; None where the map does not have it.
        closed_form: The same where the electrolyte's resistance does not matter [m].
    """

    shape: str
    film: str
    potential: float
    size: float | None
    closed_form: float


@dataclass(frozen=True)
class Report:
    """What the study found.

    Attributes:
        compared: Islands of the paper's panels.
        onsets: Sizes at onset.
        cell_width: Width of the stripes' cell, and diameter of the discs' [m].
        points: Operating points of all maps.
        failures: How many of them have no solution.
        tolerance_not_met: How many were solved less exactly than wanted.
        charge_imbalance: The largest of the maps.
        seconds: Wall time.
        files: What was written.
    """

    compared: tuple[Compared, ...]
    onsets: tuple[Onset, ...]
    cell_width: float
    points: int
    failures: int
    tolerance_not_met: int
    charge_imbalance: float
    seconds: float
    files: tuple[Path, ...]

    def record(self, versions: dict[str, str]) -> dict[str, Any]:
        """The contents of ``figure6_axisymmetric.json``, SI units."""
        found = asdict(self)
        del found["files"]
        return {
            **found,
            "current_density": paper.CURRENT_DENSITY,
            "exchange_current_density": paper.IMPLIED_EXCHANGE_CURRENT_DENSITY,
            "versions": versions,
        }


def show(report: Report) -> None:
    """Print the tables and what the reader must know beside them."""
    console = report_console(_PLAIN_WIDTH)
    console.print(_islands(report), crop=False)
    console.print()
    console.print(_sizes(report), crop=False)
    console.print()
    for line in _remarks(report):
        console.print(line)
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _islands(report: Report) -> WholeTable:
    current = f"{paper.CURRENT_DENSITY * _PER_MA_CM2:g} mA/cm^2"
    table = WholeTable(
        title=f"The paper's islands as stripes and as discs, mean overpotential at {current}"
    )
    table.box, table.title_justify = None, "left"
    for heading in ("stripe [um]", "taken as", "size [um]", "coverage [%]"):
        table.add_column(heading, justify="left" if heading == "taken as" else "right")
    for heading in ("mean [mV]", "", "constriction\n[Ohm cm^2]"):
        table.add_column(heading, justify="right")
    for one in sorted(report.compared, key=lambda each: -each.stripe_width):
        error, constriction = one.error_estimate, one.constriction_resistance
        table.add_row(
            f"{one.stripe_width * _MICRO:g}",
            _WORDS[one.shape],
            f"{one.size * _MICRO:.4g}",
            f"{100 * one.coverage:.4g}",
            f"{one.overpotential_mean * _MILLI:.4f}",
            "" if error is None else f"+- {error * _MILLI:.0e}",
            "" if constriction is None else f"{constriction * _OHM_CM2:.4f}",
        )
    return table


def _sizes(report: Report) -> WholeTable:
    current = f"{paper.CURRENT_DENSITY * _PER_MA_CM2:g} mA/cm^2"
    table = WholeTable(title=f"Size below which a film gives up lithium at {current}")
    table.box, table.title_justify = None, "left"
    for heading in ("film", "above [mV]", "of", "map [um]", "closed form [um]"):
        table.add_column(heading, justify="left" if heading == "of" else "right")
    for one in report.onsets:
        # Discs have one size at onset, whatever stripe they stand for.
        if one.shape == "coverage":
            continue
        table.add_row(
            f"Li-{one.film}",
            f"{one.potential * _MILLI:g}",
            "stripes" if one.shape == "stripes" else "discs, diameter",
            "not on the map" if one.size is None else f"{one.size * _MICRO:.4f}",
            f"{one.closed_form * _MICRO:.4f}",
        )
    return table


def _remarks(report: Report) -> list[str]:
    width = f"{report.cell_width * _MICRO:g} um"
    lines = [
        f"A stripe of width w in a cell of {width} covers w / W of the copper; a disc of that "
        "diameter in a cylinder of that diameter covers the square of it only, so that its "
        "current density, and with it the overpotential, is larger.",
        "At equal coverage the kinetics are the same, and only the way of the current through "
        "the electrolyte differs: a disc draws it together from all sides.",
        f"{report.points} points, {report.failures} failed; charge balanced to "
        f"{report.charge_imbalance:.0e}; {report.seconds:.1f} s",
    ]
    if report.tolerance_not_met:
        lines.append(f"{report.tolerance_not_met} points did not meet the tolerance")
    return lines
