"""Uncertain results for people."""

from __future__ import annotations

from rich.text import Text

from fem_island.fitting.uncertainty.record import PROBABILITIES, UncertaintyRun, quantiles
from fem_island.fitting.uncertainty.sensitivity import Sensitivity
from fem_island.machine.terminal import WholeTable, report_console


def show_uncertainty(title: str, run: UncertaintyRun) -> None:
    """Print the report on standard output."""
    console = report_console(100)
    console.print(Text(title, style="bold"))
    for key in run.uncertainty.keys:
        console.print(f"  {key.path}: {key.words}")
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
