"""The numbers of a stripping run for people: what happened, when, and at which voltage."""

from __future__ import annotations

import math

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from fem_island import quantities
from fem_island.case.case import Case
from fem_island.case.stripping import SAID_BY_STEPS
from fem_island.experiments.point.report import remark_at_temperature
from fem_island.experiments.stripping.case_stores import settings
from fem_island.experiments.stripping.crowding import Crowding, crowdings
from fem_island.experiments.stripping.happenings import CRITICAL, CUTOFF
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.machine.terminal import WholeTable, report_console, report_line
from fem_island.quantities import AREAL_CAPACITY, CURRENT_DENSITY, POTENTIAL
from fem_island.surface.measure import measure_of

_STEPS_SHOWN = 6

_ENDS = {
    "cutoff_voltage": "the cut-off voltage was reached",
    "lithium_gone": "no lithium was left",
    "all_empty": "neither lithium nor film had any charge left",
    "duration": "the time was over",
}


def show_run(title: str, run: StrippingRun) -> None:
    """Print the report on standard output."""
    report_console(100).print(run_report(title, run), crop=False)


def run_report(title: str, run: StrippingRun) -> RenderableType:
    """The report as something that rich can print."""
    parts: list[RenderableType] = [Text(title, style="bold")]
    parts += [report_line(line, "dim") for line in assumptions(run.case)]
    parts.append(_table(run))
    parts += [report_line(line) for line in remarks(run)]
    return Group(*parts)


def assumptions(case: Case) -> list[str]:
    """What the model assumes and the user should know."""
    cell = case.cell
    density = cell.kinetics.exchange_current_density_at(case.operation.temperature)
    i0 = quantities.in_unit(density, CURRENT_DENSITY)
    lines = [f"{_applied(case)}; i0 of lithium {i0:.6g} mA/cm^2"]
    lines += remark_at_temperature(case)
    lines += _unused(case)
    if cell.lithium is not None and cell.lithium.profile is None:
        electrolyte, layer = cell.electrolyte, cell.lithium
        measure = measure_of(electrolyte.geometry)
        places = (np.arange(4096) + 0.5) / 4096 * electrolyte.span
        thickness = layer.thickness_at(places, electrolyte)
        mean = 1e6 * float(np.average(thickness, weights=measure.weight(places)))
        if layer.variation > 1:
            lines.append(f"mean thickness with the negative cut off: {mean:.4g} um")
        elif layer.variation > 0 and not measure.is_uniform:
            lines.append(f"mean thickness over the area: {mean:.4g} um")
    if cell.interlayer is not None and cell.interlayer.reaction == "none":
        lines.append('the film is passive (reaction = "none"): it gives no lithium')
    return lines


def remarks(run: StrippingRun) -> list[str]:
    """How it ended, how good the numbers are, and what a lab asks."""
    ended = _ENDS.get(run.end, "a step of time has no solution that was found")
    if run.end == CUTOFF and all(event.event != CUTOFF for event in run.events):
        ended = "nothing that is in contact has any charge left: the voltage rises without limit"
    lines = [f"ended because {ended}"]
    largest = run.local_current_density_max
    if np.isfinite(largest).any():
        first = quantities.in_unit(float(largest[0]), CURRENT_DENSITY)
        line = f"largest local current density: {first:.4g} mA/cm^2 at the start"
        at_half = _at_half(run)
        if at_half is not None:
            then = quantities.in_unit(at_half, CURRENT_DENSITY)
            line += f", {then:.4g} when half of the lithium is gone"
        lines.append(line)
        lines += [_above(each) for each in crowdings(run)]
    critical = settings(run.case).critical_current_density
    if critical is not None:
        lost = next((event.time for event in run.events if event.event == CRITICAL), None)
        words = "stays below the critical one"
        if lost is not None:
            # That time is there twice: what has lost contact no longer counts at the second.
            left = run.lithium_charge[np.searchsorted(run.times, lost)]
            share = 1 - left / run.lithium_charge[0]
            words = f"passes the critical one at {lost:.6g} s, after {share:.1%} of the lithium"
        lines.append(f"the local current density {words}")
    lines.append(
        f"{run.status}" + (f": {run.reason}" if run.reason else "") + f"; {run.error_words}, "
        f"{run.steps} steps, {run.degrees_of_freedom} unknowns, "
        f"charge balanced to {run.charge_imbalance:.0e}"
    )
    return lines


def _applied(case: Case) -> str:
    """The current that flows, or the currents of a protocol."""

    def shown(density: float) -> str:
        return f"{quantities.in_unit(density, CURRENT_DENSITY):g}"

    if not case.protocol:
        return f"{shown(case.operation.current_density)} mA/cm^2 applied"
    currents = [shown(step.current_density) for step in case.protocol]
    if len(currents) > _STEPS_SHOWN:
        currents = [*currents[:_STEPS_SHOWN], "..."]
    number = len(case.protocol)
    steps = "step" if number == 1 else "steps"
    return f"a protocol of {number} {steps}: {', '.join(currents)} mA/cm^2 applied"


def _unused(case: Case) -> list[str]:
    """What is given and does not count, since a protocol says it for each of its steps."""
    if not case.protocol or case.stripping is None:
        return []
    said = {f"stripping.{name}" for name in case.stripping.model_fields_set}
    given = [path for path in SAID_BY_STEPS if path in said]
    if not given:
        return []
    verb = "does" if len(given) == 1 else "do"
    return [f"{' and '.join(given)} {verb} not count: the steps of the protocol have their own"]


def _at_half(run: StrippingRun) -> float | None:
    """Largest local current density when half of the lithium is gone first [A/m^2]."""
    charge = run.lithium_charge
    below = np.flatnonzero(charge <= 0.5 * charge[0])
    if len(below) == 0 or not charge[0] > 0:
        return None
    after = int(below[0])
    times, left = (values[after - 1 : after + 1][::-1] for values in (run.times, charge))
    half = float(np.interp(0.5 * charge[0], left, times))
    found = float(np.interp(half, run.times, run.local_current_density_max))
    return found if np.isfinite(found) else None


def _above(crowded: Crowding) -> str:
    """What happens above a local current density."""
    over = f"{quantities.in_unit(crowded.current_density, CURRENT_DENSITY):.3g} mA/cm^2"
    if crowded.time is None:
        return f"never above {over} on the lithium"
    return (
        f"above {over} on the lithium from {crowded.time:.5g} s, while "
        f"{100 * crowded.lithium_share:.3g} % of the lithium goes"
    )


def _table(run: StrippingRun) -> WholeTable:
    table = WholeTable(box=None, pad_edge=True, padding=(0, 0, 0, 2))
    headings = ("", "time [s]", "capacity [uAh/cm^2]", "voltage [mV]", "film's share [%]")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number == 0 else "right")
    rows = [("start", float(run.times[0]), float(run.voltage[0]))]
    # Two of the same time may lie on both sides of a jump.
    rows += [(event.event, event.time, event.voltage) for event in run.events]
    if not run.events or run.events[-1].time < run.times[-1]:
        rows.append(("end", float(run.times[-1]), float(run.voltage[-1])))
    for name, time, voltage in rows:
        share = float(np.interp(time, run.times, run.film_share))
        both = np.flatnonzero(run.times == time)
        if len(both) > 1:
            nearer = both[np.abs(run.voltage[both] - voltage).argmin()]
            share = float(run.film_share[nearer])
        capacity = float(np.interp(time, run.times, run.capacity))
        table.add_row(
            name,
            f"{time:.3f}",
            f"{quantities.in_unit(capacity, AREAL_CAPACITY):.4f}",
            f"{quantities.in_unit(voltage, POTENTIAL):.4f}",
            "" if math.isnan(share) else f"{100 * share:.2f}",
        )
    return table
