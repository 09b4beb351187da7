"""What geometry the paper's resistances need, from end to end: compute, read off, draw, say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.plots import picture_file
from fem_island.plots.spectra import frequency_text
from fem_island.studies.figure5 import in_time, paper
from fem_island.studies.figure5.drawing import draw, draw_in_time
from fem_island.studies.figure5.geometry import COLLECTORS, PERIODS, SHARES, Map, compute
from fem_island.studies.figure5.in_time import MARKED, Cycle, Told

_NAME = "figure5_geometry"
_IN_TIME = "figure5_in_time"

_WANTED = (paper.COPPER_R2[0], paper.GOLD_R2[0], paper.GOLD_R2[1], paper.COPPER_R2[1])


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        maps: One for what the copper beside the contacts does.
        cycles: Plating and stripping of copper, silver and gold.
        files: The files written.
    """

    maps: tuple[Map, ...]
    cycles: tuple[Cycle, ...]
    files: tuple[Path, ...]

    @property
    def conclusions(self) -> list[str]:
        """What the paper's numbers need and exclude, one line each, from the maps."""
        touching, gap = self.maps
        high = paper.COPPER_R2[1]
        _, near = touching.needed(high)
        _, far = gap.needed(high)
        capacitance = 1 / (2 * np.pi * paper.FEATURE * high)
        return [
            f"at {1e4 * high:g} Ohm cm^2 with touching copper the apex lies at "
            f"{_span(near)}: where contacts are close, at 1 / (2 pi R C), so that "
            f"{paper.FEATURE:g} Hz needs {100 * capacitance:.0f} uF/cm^2 on all of the copper, or "
            "contacts that are further apart than the pellet is thick",
            f"with copper behind a gap of {1e9 * paper.GAP:g} nm it lies above "
            f"{frequency_text(float(np.nanmin(far)))} whatever R_tot is: it is that of the lithium "
            f"alone, and a gap excludes a feature near {paper.FEATURE:g} Hz unless lithium has "
            f"{100 / (2 * np.pi * paper.FEATURE * paper.TRANSFER_RESISTANCE):.0f} uF/cm^2",
            f"a resistance that grows from {1e4 * paper.COPPER_R2[0]:g} to {1e4 * high:g} Ohm cm^2 "
            f"at one share of contact takes a longer period: {_periods(touching)}",
            *self._in_time,
        ]

    @property
    def unmet(self) -> int:
        """Cells whose run or spectra did not meet their tolerance."""
        return sum(cycle.stripped.status != "converged" for cycle in self.cycles)

    @property
    def _in_time(self) -> list[str]:
        """What follows from the spectra in time."""
        copper, *films = self.cycles
        end = copper.at(MARKED["t6"])
        apex = end.features.apexes[-1].frequency if end.features.apexes else float("nan")
        worst = ", ".join(f"{1e4 * cycle.resistances.max():.1f} on {cycle.name}" for cycle in films)
        return [
            f"stripped to its end, bare copper has {1e4 * end.total_resistance:.0f} Ohm cm^2 with "
            f"an apex at {frequency_text(apex)}: the last lithium alone explains a second feature "
            f"near {paper.FEATURE:g} Hz, without any change of the interface",
            "films end with the R_tot of their own reaction, after a rise where they take over (at "
            f"most {worst}, of the times taken): the paper's 5 to 8 Ohm cm^2 on Au need a slower "
            "film, or one that is not in contact everywhere",
        ]

    def record(self) -> dict[str, Any]:
        """As JSON, in SI units."""
        maps = [
            {
                "collector": one.name,
                "total_resistance": one.resistance,
                "apex": one.apex,
                "error_estimate": one.error,
                "needed": [
                    dict(
                        zip(
                            ("total_resistance", "share", "apex"),
                            (wanted, *one.needed(wanted)),
                            strict=True,
                        )
                    )
                    for wanted in _WANTED
                ],
            }
            for one in self.maps
        ]
        record: dict[str, Any] = plain(
            {
                "periods": PERIODS,
                "shares": SHARES,
                "maps": maps,
                "in_time": [
                    {
                        "collector": cycle.name,
                        "times": cycle.times,
                        "total_resistance": cycle.resistances,
                        "marked": {
                            mark: cycle.at(left).record(cycle.name) for mark, left in MARKED.items()
                        },
                        "error_estimate": {
                            "impedance": max(one.error_estimate for one in cycle.stripped.spectra),
                            "voltage": cycle.stripped.run.voltage_error,
                        },
                    }
                    for cycle in self.cycles
                ],
                "conclusions": self.conclusions,
                "versions": versions(),
            }
        )
        return record


def run(folder: Path | str, told: Told = lambda line: None) -> Report:
    """Compute the maps and the spectra in time, and write pictures and numbers.

    Args:
        folder: Where ``figure5_geometry`` goes as PNG, PDF and JSON, and ``figure5_in_time``.
        told: Called with a line about every part that begins.
    """
    folder = from_home(folder)
    make_folder(folder)
    cycles = tuple(in_time.compute(told))
    in_time_pictures = tuple(folder / f"{_IN_TIME}.{ending}" for ending in ("png", "pdf"))
    picture_file.save(draw_in_time(cycles), *in_time_pictures)
    told("geometry: spectra over spacing and share of contacts")
    maps = tuple(compute(name, collector) for name, collector in COLLECTORS.items())
    pictures = tuple(folder / f"{_NAME}.{ending}" for ending in ("png", "pdf"))
    numbers = folder / f"{_NAME}.json"
    report = Report(maps, cycles, (*in_time_pictures, *pictures, numbers))
    write_json(report.record(), numbers)
    picture_file.save(draw(maps), *pictures)
    return report


def show(report: Report) -> None:
    """Print what was found on standard output."""
    console = report_console(100)
    console.print(
        "R_tot of contacts in a regular row on a 0.75 mm pellet at rest; assumed: "
        f"{1e4 * paper.TRANSFER_RESISTANCE:g} Ohm cm^2 of charge transfer, "
        f"{100 * paper.DOUBLE_LAYER:g} uF/cm^2"
    )
    for one in report.maps:
        table = WholeTable(title=one.name, title_justify="left", box=None)
        table.add_column("from contact to contact")
        for wanted in _WANTED:
            table.add_column(f"{1e4 * wanted:g} Ohm cm^2", justify="right")
        found = [one.needed(wanted) for wanted in _WANTED]
        for place, period in enumerate(PERIODS):
            cells = [
                "-"
                if np.isnan(shares[place])
                else f"{100 * shares[place]:.1f} %, {frequency_text(apexes[place])}"
                for shares, apexes in found
            ]
            table.add_row(f"{1e6 * period:.4g} um", *cells)
        console.print(table, crop=False)
    console.print(
        "While they are plated and stripped (figure1's cells; t4, t5, t6: beginning of stripping, "
        "a tenth left, the end; Ohm cm^2)"
    )
    table = WholeTable(box=None)
    table.add_column("")
    for mark in MARKED:
        table.add_column(f"{mark}: R_tot, R1, R2, apex", justify="right")
    for cycle in report.cycles:
        table.add_row(cycle.name, *(_marked(cycle.at(left)) for left in MARKED.values()))
    console.print(table, crop=False)
    for line in report.conclusions:
        console.print(f"- {line}")
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _marked(spectrum: Spectrum) -> str:
    circuit, apexes = spectrum.circuit, spectrum.features.apexes
    fitted = (
        "-"
        if circuit is None
        else f"{1e4 * circuit.series_resistance.value:.1f}, "
        f"{1e4 * circuit.arc_resistance.value:.2f}"
    )
    apex = frequency_text(apexes[-1].frequency) if apexes else "-"
    return f"{1e4 * spectrum.total_resistance:.2f}, {fitted}, {apex}"


def _span(frequencies: Any) -> str:
    known = frequencies[np.isfinite(frequencies)]
    if not len(known):
        return "no frequency of the map"
    low, high = known.min(), known.max()
    first, last = frequency_text(float(low)), frequency_text(float(high))
    return first if first == last else f"{first} to {last}"


def _periods(one: Map) -> str:
    """Which periods have the paper's smallest and largest resistance at 10 % contact."""
    along = np.array(
        [np.exp(np.interp(np.log(0.1), np.log(SHARES), np.log(row))) for row in one.resistance]
    )
    places = [np.exp(np.interp(np.log(r), np.log(along), np.log(PERIODS))) for r in paper.COPPER_R2]
    shown = [
        f"below {1e6 * PERIODS[0]:.3g}" if r < along[0] else f"{1e6 * place:.3g}"
        for r, place in zip(paper.COPPER_R2, places, strict=True)
    ]
    return f"at 10 % {shown[0]} um for the first and {shown[1]} um for the second"
