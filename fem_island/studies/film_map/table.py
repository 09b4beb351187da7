"""What the study found, for people and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fem_island import quantities
from fem_island.case.case import Case
from fem_island.experiments.point.film_report import origin_of_film_i0
from fem_island.machine.json_values import plain
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.materials.library import label_of
from fem_island.quantities import AREAL_CAPACITY, CURRENT_DENSITY, LENGTH, POTENTIAL, TIME
from fem_island.studies.film_map.answers import FACTORS, Answer, Side
from fem_island.studies.film_map.grids import COMPARED_OVERPOTENTIAL, WHERE_FILM
from fem_island.studies.film_map.sizes import sizes_of

_PLAIN_WIDTH = 128


@dataclass(frozen=True)
class Report:
    """What the study found.

    Attributes:
        case: What was varied.
        answers: For every film.
        sides: Which side of a film gives more.
        points: Operating points of each grid, for one film.
        failures: Operating points without a solution.
        tolerance_not_met: Operating points solved less exactly than wanted.
        seconds: Wall time.
        files: What was written.
    """

    case: Case
    answers: tuple[Answer, ...]
    sides: tuple[Side, ...]
    points: dict[str, int]
    failures: int
    tolerance_not_met: int
    seconds: float
    files: tuple[Path, ...]

    def record(self, versions: dict[str, str]) -> dict[str, Any]:
        """The contents of ``film_map.json``, SI units, null where there is no number."""
        return {
            "case": self.case.model_dump(mode="json"),
            "compared_overpotential": COMPARED_OVERPOTENTIAL,
            "films": [plain(asdict(entry) | {"acts": entry.acts}) for entry in self.answers],
            "sides": [
                plain(asdict(entry) | {"far_field_leads": entry.far_field_leads})
                for entry in self.sides
            ],
            "points": self.points,
            "failures": self.failures,
            "tolerance_not_met": self.tolerance_not_met,
            "seconds": self.seconds,
            "versions": versions,
        }


def show(report: Report) -> None:
    """Print the tables and what they mean."""
    console = report_console(_PLAIN_WIDTH)
    console.print(_films(report), crop=False)
    console.print()
    for line in [*_prediction(report), "", *_where(report), "", *_remarks(report)]:
        console.print(line)
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _films(report: Report) -> WholeTable:
    current = quantities.in_unit(abs(report.case.operation.current_density), CURRENT_DENSITY)
    sizes = sizes_of(report.case)
    width = quantities.in_unit(sizes.of_island(report.case), LENGTH)
    table = WholeTable(title=f"What films do below 100 mV of overpotential, at {current:g} mA/cm^2")
    table.box, table.title_justify = None, "left"
    for heading in (
        "film",
        "U\n[mV]",
        "acts below\n100 mV",
        f"{sizes.several}\nbelow [um]",
        f"{width:g} um {sizes.one}:\nshare [%]",
        "\nrelief",
        "overpot.\n[mV]",
        "empty after\n[min]",
        "at 100 mV:\nshare [%]",
        "\nrelief",
        "below 100 mV, of all\n[uAh/cm^2]",
    ):
        table.add_column(heading, justify="right", no_wrap=heading == "film")
    for entry in report.answers:
        table.add_row(*_row(entry))
    return table


def _row(entry: Answer) -> tuple[str, ...]:
    below, whole = (
        quantities.in_unit(value, AREAL_CAPACITY)
        for value in (entry.capacity_below, entry.capacity)
    )
    return (
        label_of(entry.film),
        f"{quantities.in_unit(entry.potential, POTENTIAL):g}",
        "yes" if entry.acts else "no",
        _onset(entry),
        _number(entry.share, lambda x: 100 * x, ".2f"),
        _number(entry.relief, lambda x: x, ".2f"),
        _number(entry.overpotential_mean, lambda x: 1e3 * x, ".2f"),
        _number(entry.time_until_empty, lambda x: quantities.in_unit(x, TIME), ".3g"),
        _number(entry.share_above, lambda x: 100 * x, ".2f"),
        _number(entry.relief_above, lambda x: x, ".2f"),
        f"{below:.1f} of {whole:.1f}",
    )


def _onset(entry: Answer) -> str:
    if not entry.acts or entry.onset_width is None:
        return "none"
    return "all" if math.isinf(entry.onset_width) else f"{entry.onset_width * 1e6:.2f}"


def _number(value: float | None, scaled: Any, digits: str) -> str:
    return "" if value is None or math.isnan(value) else format(scaled(value), digits)


def _prediction(report: Report) -> list[str]:
    size, constriction = report.points["size"], report.points["constriction"]
    worst = max(report.answers, key=lambda entry: entry.misses)
    constricted = max(report.answers, key=lambda entry: entry.misses_constricted)
    by_drive = sum(
        entry.misses_by_drive + entry.misses_constricted_by_drive for entry in report.answers
    )
    return [
        "Does the threshold predict the action? A film begins to give lithium where the largest "
        "drive beside the islands on bare copper passes its potential: wrong at "
        f"{by_drive} of {len(report.answers) * (size + constriction)} points.",
        "Judged by the mean overpotential on the island, as in the paper, that is nearly right "
        f"where kinetics decide (wrong at {worst.misses} of {size} points at most, {worst.film}), "
        "and misses films that act where the electrolyte's resistance counts (wrong at "
        f"{constricted.misses_constricted} of {constriction}, {constricted.film}). The threshold "
        "says whether, not how much: see the shares.",
    ]


def _where(report: Report) -> list[str]:
    length = sizes_of(report.case).length
    lines = [
        "Where does it act? With one island the drive rises or falls all the way from the island "
        "to the wall. It is larger far from the island, and so is the release, wherever lithium "
        "gives more per area than the film beside it - at every Wagner number, if both have the "
        "same kinetics. The edge leads only for a film so much faster that it gives more per area "
        f"than the lithium; the Wagner number kappa R T / (F i0 {length}) says by how much either "
        "leads."
    ]
    for side in report.sides:
        current = quantities.in_unit(side.current_density, CURRENT_DENSITY)
        what = (
            f"  Li-{WHERE_FILM}, i0 of the film {side.film_ratio:g} times that of lithium, "
            f"{current:g} mA/cm^2: "
        )
        lines.append(what + _side(side))
    return lines


def _side(side: Side) -> str:
    if side.gives_nothing:
        return "the film gives nothing"
    if side.edge_leads:
        largest, wagner = side.edge_excess
        return f"the edge leads, by up to {largest:.3g} times at {wagner:.2g}"
    if not side.far_field_leads:
        return "edge or far field lead, depending on the Wagner number"
    parts = [
        f"by {factor:g} times below {number:.2g}"
        for factor, number in zip(FACTORS, side.at_factors, strict=True)
        if number is not None
    ]
    if side.idle_below is not None:
        parts.append(f"idle beside the island below {side.idle_below:.2g}")
    return "the far field leads" + (", " + ", ".join(parts) if parts else ", hardly")


def _remarks(report: Report) -> Sequence[str]:
    return [
        f"The films' i0 is {origin_of_film_i0(report.case.cell.interlayer)}, and all "
        "lithium of a film comes out at its lowest potential until that plateau ends; fem-island "
        "materials says how sure the potentials and capacities are.",
        f"{report.failures} points failed, {report.tolerance_not_met} did not meet the tolerance; "
        f"{report.seconds:.1f} s",
    ]
