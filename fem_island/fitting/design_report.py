"""A design for people: what each measurement would make of the parameters."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from fem_island.fitting.design import Candidate, Design
from fem_island.machine.terminal import WholeTable, report_console

_UNKNOWN = 3.0
"""Standard deviation of a logarithm from which on nothing is known."""


def show_design(title: str, found: Design) -> None:
    """Print the report on standard output."""
    console = report_console(100)
    console.print(Text(title, style="bold"))
    table = WholeTable()
    table.box = None
    table.add_column("with", justify="left")
    paths = list(found.now.deviations)
    for path in paths:
        table.add_column(path, justify="right")
    for each in (found.now, *found.candidates):
        table.add_row(each.words, *(_share(each, path) for path in paths))
    console.print(table, crop=False)
    for each in found.candidates:
        if each.reason:
            console.print(f"  {each.words}: {each.reason}")
    console.print(
        f"  standard deviations, for errors of {1e3 * found.error:g} mV and "
        f"{100 * found.impedance_error:g} % of an impedance; first order, so fit what you measure"
    )


def _share(candidate: Candidate, path: str) -> str:
    deviation = candidate.deviations.get(path, np.inf)
    return "not known" if not deviation < _UNKNOWN else f"{100 * deviation:.2g} %"
