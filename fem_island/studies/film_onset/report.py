"""An onset in words."""

from __future__ import annotations

from rich.text import Text

from fem_island.case.axes import TEMPERATURE, number_at
from fem_island.case.writing import number_text
from fem_island.experiments.point.report import assumptions, temperature_remark
from fem_island.machine.terminal import report_console
from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.quantities import POTENTIAL, Dimension
from fem_island.results.showing import DIGITS, DIGITS_OF_ERRORS
from fem_island.studies.film_onset.onset import Onset
from fem_island.studies.film_onset.search import Crossing

_WIDTH = 118
_MILLIVOLT = 1e-3


def show(title: str, found: Onset) -> None:
    """Print it on standard output."""
    console = report_console(_WIDTH)
    console.print(Text(title, style="bold"))
    for line in assumptions(found.case)[:-1]:
        console.print(Text(f"  {line}", style="dim"))
    for line in lines(found):
        console.print(Text(f"  {line}"))


def lines(found: Onset) -> list[str]:
    """What was found, line by line."""
    _, reader = number_at(found.vary)
    dimension = reader.dimension
    low, high = (number_text(end, dimension, 4) for end in found.between)
    potential = number_text(found.potential, POTENTIAL)
    at_reference = found.case.operation.temperature == REFERENCE_TEMPERATURE
    varied = found.vary == TEMPERATURE
    said = temperature_remark(found.case, differs=varied and at_reference)  # else said before
    said.append(f"{found.film}, {potential}: {_said(found, dimension)}")
    if found.crossing is not None:
        moved = number_text(_MILLIVOLT * found.crossing.per_volt, dimension, 3)
        said.append(
            f"1 mV more in the film's potential moves this by {moved}; U has no error in it"
        )
    if found.by_mean is not None:
        said.append(
            "by the paper's condition, the mean overpotential on the islands: "
            f"{_value(found.by_mean, dimension)}"
        )
    return [*said, f"{found.status}; searched from {low} to {high}"]


def _said(found: Onset, dimension: Dimension) -> str:
    if found.crossing is None:
        return f"acts {found.acts} in this range of {found.vary}"
    side = "below" if found.crossing.acts_below else "above"
    return f"acts {side} {found.vary} = {_value(found.crossing, dimension)}"


def _value(crossing: Crossing, dimension: Dimension) -> str:
    value = number_text(crossing.value, dimension, DIGITS)
    if crossing.error != crossing.error:
        return f"{value} (error not known)"
    error = number_text(crossing.error, dimension, DIGITS_OF_ERRORS)
    return f"{value} (estimated error {error})"
