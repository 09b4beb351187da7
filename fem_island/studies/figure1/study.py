"""The paper's Figure 1 c from end to end: compute, draw, compare, say what does not fit."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fem_island import quantities
from fem_island.machine.json_values import plain
from fem_island.machine.paths import from_home
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, replacing, write_json
from fem_island.plots import picture_file
from fem_island.studies.figure1 import paper
from fem_island.studies.figure1.computing import Tail, Told, compute
from fem_island.studies.figure1.drawing import draw

_NAME = "figure1"
_HOUR = 3600.0


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        tails: All that were computed.
        files: The files written.
    """

    tails: tuple[Tail, ...]
    files: tuple[Path, ...]

    @property
    def unmet(self) -> int:
        """Runs that did not meet their tolerance."""
        return sum(tail.run.status != "converged" for tail in self.tails)

    def tail(self, name: str, density: float) -> Tail:
        """The tail of a collector at an i0 [A/m^2], with all lithium in contact."""
        return next(
            tail
            for tail in self.tails
            if tail.collector.name == name
            and tail.exchange_current_density == density
            and tail.efficiency == 1.0
        )

    @property
    def misfits(self) -> list[str]:
        """What does not fit the paper, one line each, from the numbers."""
        low, middle, high = paper.EXCHANGE_CURRENT_DENSITIES
        flat = {density: self.tail("Cu", density).flat for density in (low, middle, high)}
        silver = {density: self.tail("Ag", density).rises_at for density in (low, middle, high)}
        gold = self.tail("Au", high)
        drop = paper.CURRENT_DENSITY * paper.PELLET / gold.run.case.conductivity
        copper = self.tail("Cu", middle)
        missing = 1 - paper.COLLECTORS[0].efficiency
        first, second = (1e3 * voltage for voltage in paper.FLAT)
        plateaus = " and ".join(f"{1e3 * voltage:.0f}" for voltage in gold.plateaus)
        return [
            f"no i0 gives both: a flat part of {first:g} to {second:g} mV needs 5 mA/cm^2 or more "
            f"({_mv(flat[middle])} there, {_mv(flat[low])} mV at {0.1 * low:g}), and a slope of Ag "
            f"from 7.8 h needs {0.1 * low:g} ({_h(silver[low])} h there, {_h(silver[middle])} h at "
            f"{0.1 * middle:g}, {_h(silver[high])} h at {0.1 * high:g})",
            f"with all lithium in contact bare copper ends at {_h(copper.ends_at, 3)} h, and not "
            f"near {_h(paper.STRIPPING_STARTS * (2 - missing))} h: however uneven the lithium is, "
            f"{100 * missing:.2f} % of it must be inactive",
            f"the plateaus of Au lie at {plateaus} mV at best, where the paper has "
            f"{' and '.join(f'{1e3 * v:g}' for v in paper.COLLECTORS[2].plateaus)}: the drop "
            f"across the pellet alone is {_mv(drop)} mV",
        ]

    def record(self) -> dict[str, Any]:
        """As JSON, in SI units."""
        record: dict[str, Any] = plain(
            {
                "tails": [_record(tail) for tail in self.tails],
                "misfits": self.misfits,
                "versions": versions(),
            }
        )
        return record


def run(folder: Path | str, told: Told = lambda line: None) -> Report:
    """Compute the tails, and write picture, curves and numbers; curves after every run.

    Args:
        folder: Where ``figure1`` goes as PNG, PDF, CSV and JSON.
        told: Called with a line about every run that begins.
    """
    folder = from_home(folder)
    make_folder(folder)
    pictures = tuple(folder / f"{_NAME}.{ending}" for ending in ("png", "pdf"))
    curves, numbers = folder / f"{_NAME}.csv", folder / f"{_NAME}.json"
    tails: tuple[Tail, ...] = ()
    for tail in compute(told):
        # What is done is kept, whatever happens to the runs after it.
        tails = (*tails, tail)
        _write_curves(tails, curves)
    report = Report(tails, (*pictures, curves, numbers))
    write_json(report.record(), numbers)
    picture_file.save(draw(tails), *pictures)
    return report


def show(report: Report) -> None:
    """Print what was found on standard output."""
    console = report_console(100)
    console.print(
        "Figure 1 c: 1 mAh/cm^2 on copper, 0.25 mA/cm^2, times since plating began; assumed: "
        f"lithium of 0.6 to 1.1 of its mean on bare copper and within 3 % of it on films, over "
        f"{1e6 * paper.WIDTH:g} um; films with the i0 of lithium"
    )
    table = WholeTable(box=None, pad_edge=True, padding=(0, 0, 0, 2))
    headings = ("", "i0 [mA/cm^2]", "flat [mV]", "rises [h]", "plateaus [mV]", "ends [h]", "CE [%]")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number == 0 else "right")
    for collector in paper.COLLECTORS:
        slope = collector.slopes_from
        table.add_row(
            f"{collector.name}, paper",
            "",
            "8 to 15",
            "" if slope is None else f"{slope / _HOUR:.1f}",
            _plateaus(collector.plateaus),
            _h(paper.STRIPPING_STARTS * (1 + collector.efficiency)),
            f"{100 * collector.efficiency:.2f}",
        )
        for tail in (each for each in report.tails if each.collector == collector):
            inactive = 1 - tail.efficiency
            table.add_row(
                "  computed" + (f", {100 * inactive:.2f} % inactive" if inactive else ""),
                f"{0.1 * tail.exchange_current_density:g}",
                _mv(tail.flat),
                _h(tail.rises_at),
                _plateaus(tail.plateaus),
                _h(tail.ends_at, 3),
                f"{100 * tail.coulombic_efficiency:.2f}",
            )
    console.print(table, crop=False)
    worst = max(tail.run.voltage_error for tail in report.tails)
    console.print(
        f"voltages within {quantities.error_in_words(worst)} (estimated); "
        "rises: 5 mV above the flat part; "
        "plateaus: in the middle of what a step gives, with the drop across the pellet"
    )
    for line in report.misfits:
        console.print(f"- {line}")
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _record(tail: Tail) -> dict[str, Any]:
    return {
        "collector": tail.collector.name,
        "exchange_current_density": tail.exchange_current_density,
        "efficiency_asked": tail.efficiency,
        "status": tail.run.status,
        "flat_voltage": tail.flat,
        "rises_at": tail.rises_at,
        "plateaus": tail.plateaus,
        "ends_at": tail.ends_at,
        "coulombic_efficiency": tail.coulombic_efficiency,
        "events": [vars(event) for event in tail.run.events],
        "error_estimate": {"voltage": tail.run.voltage_error},
    }


def _write_curves(tails: tuple[Tail, ...], file: Path) -> None:
    with replacing(file) as unfinished, unfinished.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(
            ["collector", "i0 [A/m^2]", "efficiency asked [1]", "time [s]", "voltage [V]"]
        )
        for tail in tails:
            about = (tail.collector.name, tail.exchange_current_density, tail.efficiency)
            times = paper.STRIPPING_STARTS + tail.run.times
            for time, voltage in zip(times.tolist(), tail.voltage.tolist(), strict=True):
                writer.writerow([*about, repr(time), repr(voltage)])


def _plateaus(voltages: tuple[float, ...]) -> str:
    return ", ".join(f"{1e3 * voltage:.0f}" for voltage in voltages)


def _mv(voltage: float) -> str:
    return f"{1e3 * voltage:.1f}"


def _h(time: float, digits: int = 2) -> str:
    return f"{time / _HOUR:.{digits}f}"
