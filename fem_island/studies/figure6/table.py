"""What the study found: the paper's numbers beside the computed ones, for people and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fem_island.machine.terminal import WholeTable, report_console
from fem_island.studies.figure6 import paper

_MICRO, _MILLI, _PER_MA_CM2 = 1e6, 1e3, 0.1
_FAILURES_SHOWN = 10
_PLAIN_WIDTH = 100


@dataclass(frozen=True)
class Quoted:
    """A number that the paper quotes, beside the computed one.

    Attributes:
        island_width: w [m].
        current_density: I [A/m^2].
        paper: Overpotential in the paper [V].
        computed: Mean overpotential computed here [V].
    """

    island_width: float
    current_density: float
    paper: float
    computed: float


@dataclass(frozen=True)
class Contour:
    """Where a film's line on the map is at 0.25 mA/cm^2.

    Attributes:
        film: Symbol.
        potential: U [V].
        width: Island size at onset [m], judged by the mean overpotential on the island as in the
            paper; None where the map does not have it.
        closed_form: The same where the electrolyte's resistance does not matter [m].
        width_by_drive: Judged by the largest driving potential beside the island instead [m].
    """

    film: str
    potential: float
    width: float | None
    closed_form: float
    width_by_drive: float | None


@dataclass(frozen=True)
class Onset:
    """The size at onset for some exchange current density, at 0.25 mA/cm^2.

    Attributes:
        film: Symbol.
        exchange_current_density: i0 [A/m^2].
        width: Computed [m]; None where a solution is missing.
        closed_form: Where the electrolyte's resistance does not matter [m].
    """

    film: str
    exchange_current_density: float
    width: float | None
    closed_form: float


@dataclass(frozen=True)
class Point:
    """An operating point without a solution.

    Attributes:
        island_width: w [m].
        current_density: I [A/m^2].
        exchange_current_density: i0 [A/m^2].
        reason: Why there is none.
    """

    island_width: float
    current_density: float
    exchange_current_density: float
    reason: str

    def __str__(self) -> str:
        """On one line, in the units that users think in."""
        return (
            f"{self.island_width * _MICRO:g} um, "
            f"{self.current_density * _PER_MA_CM2:.4g} mA/cm^2, "
            f"i0 = {self.exchange_current_density * _PER_MA_CM2:.4g} mA/cm^2: {self.reason}"
        )


@dataclass(frozen=True)
class Report:
    """What the study found.

    Attributes:
        quoted: The paper's numbers beside the computed ones.
        errors: Estimated error of each of them [V].
        contours: The films' lines on the map.
        onsets: Sizes at onset against the exchange current density.
        points: Operating points of the map.
        failed: Operating points without a solution, of the map and beside it.
        tolerance_not_met: How many of all were solved less exactly than wanted.
        charge_imbalance: The largest of all solutions.
        error_estimate: The largest estimated error of a mean overpotential [V]; None where
            nothing was estimated.
        seconds: Wall time.
        files: What was written.
        probability: That each film acts at 0.25 mA/cm^2, by film and size, for what is known of
            the exchange current density.
    """

    quoted: tuple[Quoted, ...]
    errors: tuple[float | None, ...]
    contours: tuple[Contour, ...]
    onsets: tuple[Onset, ...]
    points: int
    failed: tuple[Point, ...]
    tolerance_not_met: int
    charge_imbalance: float
    error_estimate: float | None
    seconds: float
    files: tuple[Path, ...]
    probability: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def failures(self) -> int:
        """How many operating points have no solution."""
        return len(self.failed)

    def record(self, versions: dict[str, str]) -> dict[str, Any]:
        """The contents of ``figure6.json``, SI units."""
        return {
            "quoted": [asdict(entry) for entry in self.quoted],
            "onset_width": {contour.film: contour.width for contour in self.contours},
            "onset_width_closed_form": {
                contour.film: contour.closed_form for contour in self.contours
            },
            "onset_width_by_exposed_drive": {
                contour.film: contour.width_by_drive for contour in self.contours
            },
            "onset_current_density": paper.CURRENT_DENSITY,
            "onset_against_exchange_current_density": [asdict(entry) for entry in self.onsets],
            "exchange_current_density": paper.IMPLIED_EXCHANGE_CURRENT_DENSITY,
            "exchange_current_density_of_impedance": paper.exchange_current_density_of_impedance(),
            "probability_of_acting": self.probability,
            "points": self.points,
            "failures": self.failures,
            "failed": [asdict(point) for point in self.failed],
            "tolerance_not_met": self.tolerance_not_met,
            "charge_imbalance": self.charge_imbalance,
            "error_estimate": {"overpotential_mean": self.error_estimate},
            "seconds": self.seconds,
            "versions": versions,
        }


def show(report: Report) -> None:
    """Print the tables and what the reader must know beside them."""
    console = report_console(_PLAIN_WIDTH)
    console.print(_quoted_table(report), crop=False)
    console.print()
    console.print(_contour_table(report), crop=False)
    console.print()
    for line in _remarks(report):
        console.print(line)
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _quoted_table(report: Report) -> WholeTable:
    table = WholeTable(title="Figure 6 of Sandoval et al. (2023), mean overpotential on the island")
    table.box, table.title_justify = None, "left"
    for heading in ("panel", "island [um]", "current [mA/cm^2]", "paper [mV]", "computed [mV]", ""):
        table.add_column(heading, justify="right")
    for panel, quoted, error in zip(paper.PANELS, report.quoted, report.errors, strict=True):
        table.add_row(
            panel.letter,
            f"{quoted.island_width * _MICRO:g}",
            f"{quoted.current_density * _PER_MA_CM2:g}",
            f"{quoted.paper * _MILLI:.0f}",
            f"{quoted.computed * _MILLI:.4f}",
            "" if error is None else f"+- {error * _MILLI:.0e}",
        )
    return table


def _contour_table(report: Report) -> WholeTable:
    current = f"{paper.CURRENT_DENSITY * _PER_MA_CM2:g} mA/cm^2"
    table = WholeTable(title=f"Island size below which a film gives up lithium at {current}")
    table.box, table.title_justify = None, "left"
    headings = ("film", "above [mV]", "map [um]", "closed form [um]", "difference [um]")
    for heading in (*headings, "by largest drive [um]"):
        table.add_column(heading, justify="right")
    for contour in report.contours:
        difference = None if contour.width is None else contour.width - contour.closed_form
        table.add_row(
            f"Li-{contour.film}",
            f"{contour.potential * _MILLI:g}",
            _in_um(contour.width, "not on the map"),
            _in_um(contour.closed_form),
            "" if difference is None else f"{difference * _MICRO:+.1e}",
            _in_um(contour.width_by_drive, "not on the map"),
        )
    return table


def _remarks(report: Report) -> list[str]:
    implied = paper.IMPLIED_EXCHANGE_CURRENT_DENSITY * _PER_MA_CM2
    measured = paper.exchange_current_density_of_impedance()
    resistance = paper.interface_resistance().value * 1e4
    sizes = ", ".join(
        f"{width * _MICRO:.2g} um ({film})"
        for film, width in zip(paper.FILMS, paper.closed_form_widths(measured), strict=True)
    )
    lines = [
        "The paper does not state the exchange current density. What its numbers imply is "
        f"i0 = {implied:g} mA/cm^2, and the conclusion hangs on it: with the "
        f"{measured * _PER_MA_CM2:.1f} mA/cm^2 of an interface resistance of {resistance:g} "
        f"Ohm cm^2 the films act only for islands below {sizes}.",
        "Onset is judged by the mean overpotential on the island, as in the paper; the largest "
        "drive is that on the exposed bottom.",
    ]
    if report.probability:
        errors = [sizes["closed_form_error"] for sizes in report.probability.values()]
        error_of_form = max(errors) * _MILLI
        said = "; ".join(
            f"Li-{film} "
            + ", ".join(f"{100 * p:.0f} % at {size}" for size, p in sizes.items() if " " in size)
            for film, sizes in report.probability.items()
        )
        lines.append(
            "If i0 is known only to be in 0.1 to 100 mA/cm^2 (lognormal, 95 %), the films act at "
            f"0.25 mA/cm^2 with a probability of: {said} (closed form; solutions at "
            f"onset miss the potential by at most {error_of_form:.0e} mV)."
        )
    error = report.error_estimate
    estimated = "" if error is None else f"; overpotentials to {error * _MILLI:.0e} mV (estimated)"
    lines.append(
        f"{report.points} points, {report.failures} failed; charge balanced to "
        f"{report.charge_imbalance:.0e}{estimated}; {report.seconds:.1f} s"
    )
    if report.tolerance_not_met:
        lines.append(f"{report.tolerance_not_met} points did not meet the tolerance")
    lines += [f"no solution: {point}" for point in report.failed[:_FAILURES_SHOWN]]
    if report.failures > _FAILURES_SHOWN:
        lines.append(f"and {report.failures - _FAILURES_SHOWN} more without a solution")
    return lines


def _in_um(width: float | None, missing: str = "") -> str:
    return missing if width is None else f"{width * _MICRO:.4f}"
