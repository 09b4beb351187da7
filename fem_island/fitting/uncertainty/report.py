"""Uncertain results for people."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from fem_island.case.axes import TEMPERATURE
from fem_island.experiments.point.report import FOLLOWS_TEMPERATURE, temperature_remark
from fem_island.fitting.scaling import case_with
from fem_island.fitting.uncertainty.record import PROBABILITIES, UncertaintyRun, quantiles
from fem_island.fitting.uncertainty.sensitivity import Sensitivity
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.materials.library import films


def show_uncertainty(title: str, run: UncertaintyRun) -> None:
    """Print the report on standard output."""
    console = report_console(100)
    console.print(Text(title, style="bold"))
    for key in run.uncertainty.keys:
        console.print(f"  {key.path}: {key.words}")
    for line in fixed_at_reference(run):
        console.print(f"  {line}")
    console.print(f"  {run.count} samples, {run.failed} without a solution")
    console.print(_numbers(run), crop=False)
    for acts in run.films:
        low, high = (100 * end for end in acts.interval_95)
        console.print(
            f"  {acts.film} acts with a probability of {100 * acts.probability:.1f} % "
            f"(95 % interval of the count {low:.1f} to {high:.1f} %; judged by {run.judged})"
        )
        if acts.beyond_cell:
            console.print(
                f"    at any size that fits into the cell in {100 * acts.beyond_cell:.1f} % of the "
                "samples, whose onset is that of the closed form"
            )
    for name, indices in [
        *((spread.name, spread.sensitivities) for spread in run.spreads),
        *((f"ln of onset size, {acts.film}", acts.sensitivities) for acts in run.films),
    ]:
        if indices:
            console.print(_indices(name, indices), crop=False)


def fixed_at_reference(run: UncertaintyRun) -> list[str]:
    """What does not follow the temperature, where that is not 298.15 K in all samples."""
    # What is uncertain is said, though it may be 0 in some samples.
    said = {
        path: float(values[np.abs(values).argmax()])
        for path, values in run.table.items()
        if path.endswith(FOLLOWS_TEMPERATURE)
    }
    case, film = case_with(run.case.tables(), said), run.case.cell.interlayer
    own = None if film is None else film.material
    named = {acts.film for acts in run.films} & (films().keys() - {own})
    besides = ("U of the films" if film is None else f"U of {'/'.join(sorted(named))}",)
    differs = TEMPERATURE in run.table or case.operation.temperature != REFERENCE_TEMPERATURE
    return temperature_remark(case, differs=differs, besides=besides if named else ())


def _numbers(run: UncertaintyRun) -> WholeTable:
    table = WholeTable(title="quantiles")
    table.box, table.title_justify = None, "left"
    for heading in ("", "unit", *(f"{100 * p:g} %" for p in PROBABILITIES)):
        table.add_column(heading, justify="right" if heading.endswith("%") else "left")
    for spread in run.spreads:
        values = quantiles(spread.shown_values).values()
        table.add_row(spread.path, spread.shown_in, *(f"{value:.5g}" for value in values))
    for acts in run.films:
        found = quantiles(1e6 * acts.widths.values).values()
        table.add_row(f"onset size, {acts.film}", "um", *(f"{value:.4g}" for value in found))
    return table


def _indices(name: str, indices: tuple[Sensitivity, ...]) -> WholeTable:
    table = WholeTable(title=f"Sobol indices of {name}, with 95 % intervals")
    table.box, table.title_justify = None, "left"
    for heading in ("", "first", "total"):
        table.add_column(heading, justify="left" if heading == "" else "right")
    for each in indices:
        table.add_row(
            each.path,
            f"{each.first:.3f} ({each.first_interval[0]:.3f} .. {each.first_interval[1]:.3f})",
            f"{each.total:.3f} ({each.total_interval[0]:.3f} .. {each.total_interval[1]:.3f})",
        )
    return table
