"""A fit for people: what is known, what is not, and what to keep in mind."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from fem_island.fitting.parameters import FittedParameter
from fem_island.fitting.record import Fit
from fem_island.machine.terminal import WholeTable, report_console
from fem_island.quantities import Dimension, in_unit


def show_fit(title: str, fit: Fit) -> None:
    """Print the report on standard output."""
    report_console(100).print(fit_report(title, fit), crop=False)


def fit_report(title: str, fit: Fit) -> RenderableType:
    """The report as something that rich can print."""
    parts: list[RenderableType] = [Text(title, style="bold"), _table(fit)]
    parts += [_line(line) for line in lines(fit)]
    return Group(*parts)


def lines(fit: Fit) -> list[str]:
    """What the table does not have, a line each."""
    said = []
    values = ", ".join(f"{value:.3g}" for value in fit.singular_values)
    said.append(f"singular values of the data over their errors: {values}")
    for direction in fit.unidentified:
        said.append(f"not seen by the data: {direction.in_words(fit.coordinates)}")
    for one in fit.combinations:
        spread = f"+- {100 * one.deviation:.2g} %" if one.product else f"+- {one.deviation:.2g}"
        said.append(f"known: {one.words} = {one.shown} {spread}")
    said += [f"{one.path}: {one.reason}" for one in fit.parameters if one.reason]
    if not fit.identified:
        said.append("fem-island design says which further measurement would tell")
    misfit = f"misfit: root mean square {_root_mean_square(fit)}"
    if fit.probability is not None:
        misfit += f"; so large or larger in {100 * fit.probability:.2g} % of cases"
    said.append(misfit)
    by_differences = [
        one.name if not exact else f"{100 * (1 - exact):.2g} % of {one.name}"
        for one, exact in zip(fit.data, fit.exact, strict=True)
        if exact < 1
    ]
    if by_differences:
        said.append(f"derivatives by differences: {', '.join(by_differences)}")
    return [*said, *fit.remarks]


def _root_mean_square(fit: Fit) -> str:
    """Of the residuals: over their errors where these are known, else in the data's unit."""
    if fit.errors_known:
        return f"{fit.root_mean_square:.3g} times the errors"
    # Data of several kinds always come with errors.
    if fit.data[0].kind == "impedance":
        return f"{100 * fit.root_mean_square:.3g} % of the impedance"
    return f"{1e3 * fit.root_mean_square:.3g} mV"


def _table(fit: Fit) -> WholeTable:
    table = WholeTable()
    table.box = None
    for heading in ("", "value", "68 % interval", "95 % interval", ""):
        table.add_column(heading, justify="left" if heading == "" else "right")
    for each, one in zip(fit.coordinates, fit.parameters, strict=True):
        table.add_row(*_row(one, each.dimension))
    return table


def _row(one: FittedParameter, dimension: Dimension) -> tuple[str, ...]:
    def shown(value: float) -> str:
        return f"{in_unit(value, dimension):.4g}"

    def interval(ends: tuple[float, float] | None) -> str:
        return "none" if ends is None else f"{shown(ends[0])} .. {shown(ends[1])}"

    low, high = one.limits_95
    wide = interval(one.interval_95)
    if one.interval_95 is None and low is not None and high is None:
        wide = f"above {shown(low)}"
    elif one.interval_95 is None and high is not None and low is None:
        wide = f"below {shown(high)}"
    value = "not known" if one.value is None else shown(one.value)
    return one.path, value, interval(one.interval_68), wide, dimension.shown_in


def _line(text: str) -> RenderableType:
    return Padding(Text(text), (0, 0, 0, 2))
