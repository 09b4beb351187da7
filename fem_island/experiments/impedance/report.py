"""The numbers of a spectrum for people: a table in Ohm cm^2, and what to keep in mind."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from fem_island.case.case import Case
from fem_island.experiments.impedance.circuit import CircuitFit, Estimate
from fem_island.experiments.impedance.in_time import SpectraInTime
from fem_island.experiments.impedance.spectrum import Spectrum
from fem_island.experiments.point.report import remark_at_temperature
from fem_island.machine.terminal import WholeTable, report_console, report_line
from fem_island.plots.spectra import frequency_text
from fem_island.quantities import (
    AREA_RESISTANCE,
    CURRENT_DENSITY,
    POTENTIAL,
    error_in_words,
    in_unit,
)

_WARBURG_UNIT = "Ohm cm^2 s^-1/2"


def show_spectrum(title: str, spectrum: Spectrum) -> None:
    """Print the report on standard output."""
    report_console(100).print(spectrum_report(title, spectrum), crop=False)


def show_in_time(title: str, found: SpectraInTime) -> None:
    """Print the report of spectra at times of a run on standard output."""
    console = report_console(100)
    console.print(Text(title, style="bold"))
    asked = found.case.impedance
    if asked is not None and asked.current_density is not None:
        applied = f"{in_unit(asked.current_density, CURRENT_DENSITY):.4g}"
        line = f"spectra at {applied} {CURRENT_DENSITY.shown_in} of what the run has left then"
    else:
        line = "spectra at the current that flows then"
    for said in (line, *remark_at_temperature(found.case)):
        console.print(report_line(said, "dim"))
    run = found.run
    ended = f"the run ends at {run.times[-1]:.6g} s: {run.end.replace('_', ' ') or run.reason}"
    console.print(report_line(ended, "dim"))
    table = WholeTable(box=None, pad_edge=True, padding=(0, 0, 0, 2))
    for heading in ("time [s]", "voltage [mV]", "R_tot", "at no frequency", "R1", "R2", "apexes"):
        table.add_column(heading, justify="right")
    for spectrum in found.spectra:
        circuit, direct = spectrum.circuit, spectrum.resistance_dc
        apexes = [frequency_text(apex.frequency) for apex in spectrum.features.apexes]
        voltage = float(np.interp(spectrum.time or 0.0, run.times, run.voltage))
        table.add_row(
            f"{spectrum.time:.6g}",
            f"{in_unit(voltage, POTENTIAL):.4f}",
            f"{1e4 * spectrum.total_resistance:.5g}",
            "infinite" if direct is None else f"{1e4 * direct:.5g}",
            "" if circuit is None else f"{1e4 * circuit.series_resistance.value:.4g}",
            "" if circuit is None else f"{1e4 * circuit.arc_resistance.value:.4g}",
            ", ".join(apexes),
        )
    console.print(table, crop=False)
    errors = [spectrum.error_estimate for spectrum in found.spectra]
    if errors:
        line = (
            f"resistances in Ohm cm^2; spectra within {max(errors):.1e} of |Z| for what the run "
            f"has left, which is known as its voltage is: "
            f"to {error_in_words(run.voltage_error)}"
        )
        console.print(report_line(line))


def show_fits(title: str, fits: list[tuple[str, CircuitFit, str]]) -> None:
    """Print circuits that were fitted to the spectra of a file.

    Args:
        title: Of all of them.
        fits: Name of each spectrum, its circuit, and a line about it.
    """
    console = report_console(100)
    console.print(Text(title, style="bold"))
    for name, fit, line in fits:
        heading, test = report_line(name, "bold"), report_line(line)
        console.print(Group(heading, circuit_table(fit), test, *_hints(fit)), crop=False)


def spectrum_report(title: str, spectrum: Spectrum) -> RenderableType:
    """The report as something that rich can print."""
    parts: list[RenderableType] = [Text(title, style="bold")]
    parts += [report_line(line, "dim") for line in assumptions(spectrum.case)]
    parts.append(_numbers(spectrum))
    if spectrum.circuit is not None:
        parts.append(report_line("fitted circuit R1 + (R2 // CPE) + W", "bold"))
        parts.append(circuit_table(spectrum.circuit))
        parts += _hints(spectrum.circuit)
    return Group(*parts)


def assumptions(case: Case) -> list[str]:
    """What the model takes for granted in this case, one line each."""
    cell = case.cell
    current = case.operation.current_density
    applied = f"{in_unit(abs(current), CURRENT_DENSITY):.4g} {CURRENT_DENSITY.shown_in}"
    doing = "at rest" if current == 0 else f"{'stripping' if current > 0 else 'plating'} {applied}"
    lines = [f"small signal about the operating point: {doing}, {case.operation.temperature:g} K"]
    lines += remark_at_temperature(case)
    kinetics = [cell.island_kinetics(island) for island in cell.islands]
    kinetics += [] if cell.map is None else [cell.kinetics]
    if any(each.double_layer is None for each in kinetics):
        lines.append("no double layer on lithium (kinetics.double_layer is not given)")
    if cell.collector is None:
        lines.append(
            "exposed copper carries no current at any frequency ([collector] is not given)"
        )
    return lines


def circuit_table(fit: CircuitFit) -> RenderableType:
    """The fitted numbers with their intervals."""
    table = WholeTable(box=None, show_header=False, padding=(0, 1, 0, 2))
    rows = [
        ("R1", fit.series_resistance, 1e4, "Ohm cm^2"),
        ("R2", fit.arc_resistance, 1e4, "Ohm cm^2"),
        ("CPE Q", fit.arc_capacitance, 1e2, "uF s^(n-1)/cm^2"),
        ("CPE n", fit.arc_exponent, 1.0, ""),
        ("W sigma", fit.warburg_coefficient, 1e4, _WARBURG_UNIT),
    ]
    for name, estimate, factor, unit in rows:
        table.add_row(name, f"{factor * estimate.value:.5g} {unit}", _interval(estimate, factor))
    table.add_row("misfit", f"{100 * fit.misfit:.3g} % of |Z| (root mean square)", "")
    return table


def _numbers(spectrum: Spectrum) -> RenderableType:
    table = WholeTable(box=None, show_header=False, padding=(0, 1, 0, 2))
    found = spectrum.features
    unit = AREA_RESISTANCE.shown_in.replace("*", " ").replace("ohm", "Ohm")

    def resistance(value: float | None) -> str:
        return "infinite" if value is None else f"{1e4 * value:.6g} {unit}"

    table.add_row("resistance at no frequency", resistance(spectrum.resistance_dc), "dV/dI")
    table.add_row("total resistance", resistance(found.total_resistance), "width without the tail")
    table.add_row("left end", resistance(found.left_resistance), "2 MHz")
    table.add_row("right end", resistance(found.right_resistance), "valley before a tail, or 2 Hz")
    for apex in found.apexes:
        place = f"at {1e4 * apex.impedance.real:.5g} - {-1e4 * apex.impedance.imag:.5g} j {unit}"
        table.add_row("apex", frequency_text(apex.frequency), place)
    share = f"{spectrum.error_estimate:.1e} of |Z|"
    table.add_row("error estimate", share, "" if spectrum.reason is None else spectrum.status)
    return table


def _hints(fit: CircuitFit) -> list[RenderableType]:
    return [] if fit.hint is None else [report_line(fit.hint)]


def _interval(estimate: Estimate, factor: float) -> str:
    if estimate.interval_95 is None:
        return "not determined by these data"
    low, high = (factor * end for end in estimate.interval_95)
    return f"95 %: {low:.5g} to {high:.5g}"
