"""What is left in contact where the circuit of the paper's Figure 4 b has the paper's numbers.

The paper fits R1 + (R2 // CPE) + W to spectra at the end of stripping. On copper R2 grows from 3.5
to 27 Ohm cm^2 over five cycles, on films by less than 1 Ohm cm^2 a cycle. Nothing that the model
has changes from cycle to cycle: this finds the states of one stripping run whose fits have these
R2, and says how much lithium is in contact there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from fem_island.experiments.impedance.in_time import SpectraInTime
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.plots import picture_file
from fem_island.plots.spectra import Curve, draw_spectra, frequency_text
from fem_island.studies.figure1 import paper as figure1_paper
from fem_island.studies.figure5 import paper
from fem_island.studies.figure5.in_time import Told, stripped

_NAME = "figure4"

_CYCLES = 5

_SEARCHED = np.geomspace(0.4, 3e-4, 24)
"""Shares of what can come back that are left where R2 is looked at first."""


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        wanted: R2 of the paper's cycles, even between the first and the last [Ohm m^2].
        found: Spectra with these R2, one for every cycle.
        contact: Share of the bottom in contact with lithium then.
        left: Share of what can come back that is left then.
        films: Largest R2 of the films over stripping, but for the moments when they take over.
        files: The files written.
    """

    wanted: Array
    found: SpectraInTime
    contact: Array
    left: Array
    films: dict[str, float]
    files: tuple[Path, ...]

    @property
    def fits(self) -> list[tuple[float, float, float]]:
        """R1, R2 [Ohm m^2] and misfit of every cycle."""
        return [_fit(spectrum) for spectrum in self.found.spectra]

    @property
    def conclusions(self) -> list[str]:
        """What the numbers need, one line each."""
        first, last = 100 * self.contact[0], 100 * self.contact[-1]
        lines = [
            "from the first to the fifth cycle the share of copper in contact with lithium at the "
            f"end of stripping must fall from {first:.0f} to {last:.1f} %, where "
            f"{1e4 * paper.TRANSFER_RESISTANCE:g} Ohm cm^2 of charge transfer and "
            f"{1e6 * 2 * figure1_paper.WIDTH:g} um from contact to contact are assumed",
        ]
        if self.films:
            held = ", ".join(f"{1e4 * value:.2f} on {name}" for name, value in self.films.items())
            lines.append(
                f"on films R2 at the end is {held} Ohm cm^2, that of their own reaction: growth of "
                "less than 1 Ohm cm^2 a cycle is what a film in contact gives"
            )
        return lines

    def record(self) -> dict[str, Any]:
        """As JSON, in SI units."""
        cycles = [
            {
                "cycle": number,
                "arc_resistance_wanted": wanted,
                "contact": contact,
                "left": left,
                "spectrum": spectrum.record(f"cycle {number}"),
            }
            for number, (wanted, contact, left, spectrum) in enumerate(
                zip(self.wanted, self.contact, self.left, self.found.spectra, strict=True), start=1
            )
        ]
        record: dict[str, Any] = plain(
            {
                "cycles": cycles,
                "films": self.films,
                "conclusions": self.conclusions,
                "error_estimate": {"voltage": self.found.run.voltage_error},
                "versions": versions(),
            }
        )
        return record


def run(folder: Path | str, told: Told = lambda line: None) -> Report:
    """Find the states, and write picture and numbers; numbers after every part.

    Args:
        folder: Where ``figure4`` goes as PNG, PDF and JSON.
        told: Called with a line about every part that begins.
    """
    folder = from_home(folder)
    make_folder(folder)
    copper, *films = figure1_paper.COLLECTORS
    wanted = np.linspace(*paper.COPPER_R2, _CYCLES)
    told("Cu: R2 while it is stripped")
    searched, _ = stripped(copper, _SEARCHED)
    along = np.array([_fit(spectrum)[1] for spectrum in searched.spectra])
    left = np.exp(np.interp(np.log(wanted), np.log(along), np.log(_SEARCHED)))
    told("Cu: spectra of five cycles")
    found, _ = stripped(copper, left)
    run = found.run
    covered = np.zeros_like(run.times) if run.lithium_width is None else run.lithium_width
    width = np.interp(found.times, run.times, covered)
    pictures = tuple(folder / f"{_NAME}.{ending}" for ending in ("png", "pdf"))
    numbers = folder / f"{_NAME}.json"
    files = (*pictures, numbers)
    report = Report(wanted, found, width / figure1_paper.WIDTH, left, {}, files)
    # What is done is kept, whatever happens to the parts after it.
    write_json(report.record(), numbers)
    for film in films:
        told(f"{film.name}: the end of stripping")
        spectra, _ = stripped(film, np.array([1e-2, 1e-3]))
        largest = max(_fit(spectrum)[1] for spectrum in spectra.spectra)
        report = replace(report, films=report.films | {film.name: largest})
        write_json(report.record(), numbers)
    picture_file.save(_draw(report), *pictures)
    return report


def show(report: Report) -> None:
    """Print what was found on standard output."""
    console = report_console(100)
    console.print(
        "Figure 4: R1 + (R2 // CPE) + W fitted to spectra of bare copper near the end of "
        "stripping; R2 of the paper's first and fifth cycle, even between; resistances in Ohm cm^2"
    )
    table = WholeTable(box=None, pad_edge=True, padding=(0, 0, 0, 2))
    headings = ("cycle", "R2, paper", "R2, fitted", "R1", "misfit [%]", "apex", "in contact [%]")
    for heading in headings:
        table.add_column(heading, justify="right")
    for number, (wanted, contact, spectrum, fit) in enumerate(
        zip(report.wanted, report.contact, report.found.spectra, report.fits, strict=True), start=1
    ):
        apexes = spectrum.features.apexes
        table.add_row(
            str(number),
            f"{1e4 * wanted:.4g}",
            f"{1e4 * fit[1]:.4g}",
            f"{1e4 * fit[0]:.4g}",
            f"{100 * fit[2]:.2g}",
            frequency_text(apexes[-1].frequency) if apexes else "-",
            f"{100 * contact:.2f}",
        )
    console.print(table, crop=False)
    for line in report.conclusions:
        console.print(f"- {line}")
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _draw(report: Report) -> Figure:
    curves = []
    for number, spectrum in enumerate(report.found.spectra, start=1):
        curves.append(Curve(f"cycle {number}", spectrum.frequencies, spectrum.impedance))
    return draw_spectra(curves)


def _fit(spectrum: Spectrum) -> tuple[float, float, float]:
    """R1, R2 [Ohm m^2] and misfit."""
    circuit = spectrum.circuit
    if circuit is None:
        raise ValueError("a spectrum of the paper's frequencies has a fit")
    return circuit.series_resistance.value, circuit.arc_resistance.value, circuit.misfit
