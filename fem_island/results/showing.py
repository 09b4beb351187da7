"""A result as one line for a prompt, and as a table for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from fem_island.quantities import AREA_RESISTANCE, PURE_NUMBER, in_unit
from fem_island.results.variables import numbers_of, variables

if TYPE_CHECKING:
    from fem_island.results.result import Result

DIGITS, DIGITS_OF_ERRORS = 7, 2
"""Of numbers that are shown with their estimated errors, and of these."""


def prompt_line(result: Result) -> str:
    """The status and the main number with its estimated error."""
    if result.reason and result.status == "failed":
        return f"failed: {result.reason}"
    error = getattr(result.error_estimate, "overpotential_mean", None)
    said = "" if error is None else f" (estimated error {1e3 * error:.1g} mV)"
    value = result.overpotential_mean
    return f"{result.status}, mean overpotential {1e3 * value:.4f} mV{said}, solver {result.solver}"


def html_rows(result: Result) -> Iterator[tuple[str, str, str, str]]:
    """Name, value in the unit people use, estimated error, and what it is, of every number."""
    record: type = type(result)
    known = dict(numbers_of(result))
    estimates = {one.error_of: one.name for one in variables(record) if one.error_of}
    for variable in variables(record):
        value = known.get(variable.name)
        if variable.dtype != "f8" or variable.dimensions or variable.error_of or value is None:
            continue
        quantity = variable.quantity
        unit = "Ohm cm^2" if quantity is AREA_RESISTANCE else quantity.shown_in
        factor = 1.0 if quantity is PURE_NUMBER else in_unit(1.0, quantity)
        error = known.get(estimates.get(variable.name, ""))
        shown = "" if error is None else f"{factor * error:.{DIGITS_OF_ERRORS}g} {unit}"
        number = f"{factor * value:.{DIGITS}g} {unit}".strip()
        yield variable.name, number, shown, variable.words


def html_table(result: Result) -> str:
    """All single numbers of a result with their estimated errors."""
    heading = "<tr><th></th><th>value</th><th>estimated error</th><th></th></tr>"
    rows = "".join(
        "<tr>" + "".join(_cell(text) for text in row) + "</tr>" for row in html_rows(result)
    )
    return f"<table><caption>{escape(prompt_line(result))}</caption>{heading}{rows}</table>"


def _cell(text: str) -> str:
    return f'<td style="text-align:left">{escape(text)}</td>'
