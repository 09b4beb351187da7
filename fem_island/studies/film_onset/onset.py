"""At which value of a key a film starts to act: the entry point of the Python interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fem_island.case.axes import ARGUMENTS, number_at
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.film import Interlayer
from fem_island.case.parsing import INPUT
from fem_island.case.readers import WholeNumberReader
from fem_island.case.shapes import Number
from fem_island.case.variants import OWN, with_film
from fem_island.errors import ComputationError, Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.machine.json_values import plain
from fem_island.quantities import TEMPERATURE
from fem_island.solvers.names import SolverName, check_solver
from fem_island.studies.film_onset.margin import Margin, margin_of
from fem_island.studies.film_onset.search import Crossing, Line

_LOOKED_AT = 33
"""Values between two of which a crossing is looked for, from that of the case on."""

_DECADES = 3.0
"""How far beside the value of the case is looked, where no range is given."""

_BISECTIONS = 30
"""Until a range ends where cases stop to be possible."""

_DEGREES = 100.0
"""The same for a temperature [K]."""


@dataclass(frozen=True, kw_only=True)
class Onset:
    """The value of a key at which a film starts to act.

    Attributes:
        case: What was asked about; ``vary`` and the film are replaced in it.
        vary: Path of the key.
        film: Name of the film.
        potential: Lowest potential of the film [V].
        between: Ends of the range that was searched, in SI units.
        crossing: Where the film starts to act; None where it acts everywhere or nowhere. Of several
            it is the one that is nearest to the value of the case.
        by_mean: The same judged as in the paper, by the mean overpotential on the islands.
        acts_everywhere: Whether the film acts at all values that were looked at.
        status: "converged", or "tolerance not met" where an estimate is above the tolerance.
    """

    case: Case = field(repr=False)
    vary: str
    film: str
    potential: float
    between: tuple[float, float]
    crossing: Crossing | None
    by_mean: Crossing | None
    acts_everywhere: bool
    status: Literal["converged", "tolerance not met"]

    @property
    def value(self) -> float | None:
        """The value, in SI units; None where the film acts everywhere or nowhere."""
        return None if self.crossing is None else self.crossing.value

    @property
    def error(self) -> float | None:
        """Its estimated error: how far the computed potentials are off. That of U is not in it."""
        return None if self.crossing is None else self.crossing.error

    def record(self, name: str) -> dict[str, Any]:
        """One JSON object, in SI units; null where there is no number.

        Args:
            name: Of the case.
        """
        found, mean = self.crossing, self.by_mean
        record: dict[str, Any] = plain(
            {
                "case": name,
                "vary": self.vary,
                "film": self.film,
                "potential": self.potential,
                "between": list(self.between),
                "value": self.value,
                "acts": self.acts,
                "error_estimate": {
                    "value": self.error,
                    "value_by_mean_overpotential": None if mean is None else mean.error,
                },
                "change_per_volt": None if found is None else found.per_volt,
                "value_by_mean_overpotential": None if mean is None else mean.value,
                "status": self.status,
                INPUT: self.case.tables(),
            }
        )
        return record

    @property
    def acts(self) -> str:
        """Where the film acts: "below" or "above" the value, "everywhere" or "nowhere"."""
        if self.crossing is None:
            return "everywhere" if self.acts_everywhere else "nowhere"
        return "below" if self.crossing.acts_below else "above"


def onset(
    cell: Cell | Case | Path | str,
    *,
    vary: str,
    film: str | Interlayer | None = None,
    between: tuple[float | str, float | str] | None = None,
    solver: SolverName = "condensed",
) -> Onset:
    """Find the value of a key at which a film starts to act.

    A film over the exposed bottom begins to give lithium where the largest drive beside the islands
    on bare copper passes its potential. That is solved for, and beside it the paper's condition, in
    which the mean overpotential on the islands is what must pass.

    Args:
        cell: The cell, a whole case, or the name of a case file.
        vary: Path of any numeric key of a case file, such as "islands.width",
            "operation.current_density" or "kinetics.exchange_current_density", or its short name in
            ``sweep``.
        film: Symbol of a material, a film, or "case" for that of the cell, which is the default.
        between: Ends of the range that is searched; by default three decades on both sides of the
            value of the case, as far as that is possible.
        solver: "condensed" or "newton".

    Raises:
        InputError: A value is not allowed, or the range holds no possible case.
        ComputationError: No case in the range has a solution.

    Example:
        >>> found = onset(Cell(), vary="islands.width", film="Ag")
        >>> round(1e6 * found.value, 3), found.acts, found.error < 1e-10
        (11.146, 'below', True)
        >>> round(1e6 * found.by_mean.value, 2)  # the paper's condition
        11.02
        >>> image = [[1, 0, 0, 0]] * 4  # a contact map
        >>> cell = Cell(map={"image": image, "pixel": "12.5 um"})
        >>> round(onset(cell, vary="operation.current_density", film="Ag").value, 3)  # A/m^2
        2.752
    """
    check_solver(solver)
    given = as_case(cell)
    case, layer = _filmed(given, film)
    path = ARGUMENTS.get(vary, vary)
    _, reader = number_at(path, place="vary")
    own = _value_of(case, path)
    low, high = _range(path, reader, own, between)
    even: Literal["linear", "log"] = (
        "log" if low * high > 0 and not _is_linear(reader) else "linear"
    )
    spaced = np.geomspace if even == "log" else np.linspace
    if isinstance(reader, WholeNumberReader):
        raise InputError([Fault("vary", vary, "is a whole number; vary one that changes evenly")])

    def is_possible(value: float) -> bool:
        return not _faults(case, path, value)

    def margin_at(value: float) -> Margin | None:
        if not is_possible(value):  # By rounding, at an end of the range.
            return None
        return margin_of(case.with_({path: value}), solver=solver)

    values = np.sort(np.asarray(spaced(low, high, _LOOKED_AT)))
    possible = _possible_values(is_possible, values)
    if not len(possible):
        raise InputError(_faults(case, path, float(values[len(values) // 2])))
    line = Line(margin_at, possible, start=own or float(possible[0]), even=even)
    crossing, by_mean = line.nearest("drive"), line.nearest("mean")
    if not line.margins:
        raise ComputationError(f"no case with {path} in this range has a solution")
    known = [margin.drive for margin in line.margins if np.isfinite(margin.drive)]
    unmet = any(margin.status != "converged" for margin in line.margins)
    return Onset(
        case=case,
        vary=path,
        film="film of the case" if layer.name == "film" else layer.name,
        potential=layer.potential_at(case.operation.temperature),
        between=(float(possible[0]), float(possible[-1])),
        crossing=crossing,
        by_mean=by_mean,
        acts_everywhere=bool(known) and min(known) > 0,
        status="tolerance not met" if unmet else "converged",
    )


def _filmed(case: Case, film: str | Interlayer | None) -> tuple[Case, Interlayer]:
    """The case, and the film as it reacts."""
    if isinstance(film, Interlayer):
        case, film = case.with_(interlayer=film), OWN
    if film is None and case.cell.interlayer is None:
        raise InputError([Fault("film", None, 'is missing; name one, such as "Ag"')])
    filmed = with_film(case, film or OWN)
    layer = filmed.cell.interlayer
    if layer is None:
        raise InputError([Fault("film", film, 'is no film; name one, such as "Ag"')])
    return filmed, layer


def _faults(case: Case, path: str, value: float) -> tuple[Fault, ...]:
    """What is wrong with a case at a value of a key."""
    try:
        case.with_({path: value})
    except InputError as error:
        return error.faults
    return ()


def _value_of(case: Case, path: str) -> float | None:
    """What the case says of a key; of a list of tables, the first one's."""
    place: Any = case.tables()
    for name in path.split("."):
        if isinstance(place, list):
            if name.isdecimal():
                place = place[int(name)] if int(name) < len(place) else None
                continue
            place = place[0] if place else None
        place = place.get(name) if isinstance(place, dict) else None
    if isinstance(place, dict):  # A number with its origin.
        place = place.get("value")
    return None if place is None else float(place)


def _range(
    path: str,
    reader: Number,
    own: float | None,
    between: tuple[float | str, float | str] | None,
) -> tuple[float, float]:
    """Ends of the range to search, in SI units."""
    if between is not None:
        try:
            low, high = sorted(reader.read(end) for end in between)
        except ValueError as error:
            raise InputError([Fault("between", list(between), str(error))]) from None
        if low == high:
            raise InputError([Fault("between", list(between), "must be two different values")])
        return low, high
    if not own:
        reason = f"is missing; the case has no value of {path} to search around"
        raise InputError([Fault("between", None, reason)])
    if _is_linear(reader):
        low, high = own - _DEGREES, own + _DEGREES
    else:
        low, high = sorted((own * 10**-_DECADES, own * 10**_DECADES))
    least, most = getattr(reader, "at_least", None), getattr(reader, "at_most", None)
    return (
        low if least is None else max(low, least),
        high if most is None else min(high, most),
    )


def _is_linear(reader: Number) -> bool:
    return reader.dimension is TEMPERATURE


def _possible_values(is_possible: Callable[[float], bool], values: Array) -> Array:
    """Those values that are possible, and the last ones before it stops to be so."""
    known = [is_possible(value) for value in values.tolist()]
    found = [value for value, possible in zip(values.tolist(), known, strict=True) if possible]
    for (one, good), (other, also) in pairwise(zip(values.tolist(), known, strict=True)):
        if good != also:
            inside, outside = (one, other) if good else (other, one)
            for _ in range(_BISECTIONS):
                middle = 0.5 * (inside + outside)
                inside, outside = (middle, outside) if is_possible(middle) else (inside, middle)
            found.append(inside)
    return np.unique(found)
