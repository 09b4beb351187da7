"""What is fitted to what: the table ``[fit]`` of a case file.

[fit]
parameters = { "kinetics.exchange_current_density" = {}, "islands.width" = { start = "3 um" } }
data = [{ file = "points.csv", kind = "points", error = "1 mV" }]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from fem_island.case.axes import number_at
from fem_island.case.case import Case
from fem_island.case.file import beside, case_from_table, read_table
from fem_island.case.keys import key_at
from fem_island.case.parsing import JSON
from fem_island.case.readers import FROM_CASE_FILE, QuantityReader
from fem_island.case.records import Record, faults_of
from fem_island.case.shapes import Key, Number, inner_table
from fem_island.case.shorter_forms import as_sequence
from fem_island.case.tables_beside import FIT, without_others
from fem_island.case.value_types import PositiveNumber
from fem_island.errors import Fault, InputError
from fem_island.quantities import AREA

DataKind = Literal["points", "stripping", "impedance"]

Area = Annotated[float, QuantityReader(dimension=AREA, above=0.0)]

PARAMETER_KEYS = ("bounds", "start", "logarithmic")
"""What may be said of a parameter."""

FIT_DESCRIPTION = (
    "For fem-island fit: keys that are fitted, by their paths, and the measured data that they are "
    "fitted to."
)

MOST_PARAMETERS = 20


def _as_text(error: object) -> object:
    """A share may be a plain number; a potential without a unit is refused where it is read."""
    return str(error) if isinstance(error, int | float) and not isinstance(error, bool) else error


class Data(Record):
    """One set of measured data."""

    file: str
    """File of the data, relative to the case file."""
    kind: DataKind = "points"
    """What it holds: "points" of current and overpotential or voltage, a "stripping" curve, or an
    "impedance" spectrum."""
    error: Annotated[str | None, BeforeValidator(_as_text)] = None
    """Standard deviation: a potential, such as "1 mV", or for a spectrum a share of the impedance,
    such as "1 %"; by default it is estimated from the misfit."""
    weight: PositiveNumber = 1.0
    """Of these data against others where no error is given."""
    area: Area | None = None
    """Area of the cell; needed where the file has a current or a resistance instead of one per
    area."""
    positive_current: Literal["stripping", "plating"] = "stripping"
    """What a current above 0 does in the file."""
    changes: Annotated[tuple[str, ...], BeforeValidator(as_sequence), Field(max_length=100)] = ()
    """What was different when it was measured, as texts KEY=VALUE."""


@dataclass(frozen=True)
class Parameter:
    """A key that is fitted.

    Attributes:
        path: The key's path in a case file.
        key: The key.
        reader: What reads its numbers.
        bounds: Lowest and highest value that was given [SI], or None.
        start: Where the search starts [SI]; None is the value of the case.
        logarithmic: Whether its logarithm is what is fitted; None where nothing was said.
        scale: What is not fitted in its logarithm has at least this scale [SI].
    """

    path: str
    key: Key
    reader: Number
    bounds: tuple[float, float] | None = None
    start: float | None = None
    logarithmic: bool | None = None
    scale: float = 0.0


@dataclass(frozen=True)
class Fitting:
    """What a case file says of a fit.

    Attributes:
        case: What is fitted.
        parameters: What is fitted.
        data: The data.
        folder: Where relative names of files begin.
    """

    case: Case
    parameters: tuple[Parameter, ...]
    data: tuple[Data, ...]
    folder: Path


def read_fitting(path: Path, changes: Iterable[str] = (), *, data_required: bool = True) -> Fitting:
    """Read a case file with a table ``[fit]``.

    Args:
        path: The file.
        changes: Assignments made to what it says, as ``--set`` does.
        data_required: Refuse a fit without data.

    Raises:
        InputError: With every fault.
    """
    try:
        table = beside(read_table(path, changes), path)
        if FIT not in table:
            missing = 'is missing: what is fitted, such as parameters = { "islands.width" = {} }'
            raise InputError([Fault(f"[{FIT}]", None, missing)])
        unit_required = path.suffix.lower() != JSON
        said = table[FIT]
        case = without_others(table)
        faults: list[Fault] = []
        parameters: tuple[Parameter, ...] = ()
        data: tuple[Data, ...] = ()
        if not isinstance(said, Mapping):
            raise InputError([Fault(FIT, said, "must be a table of parameters and data")])
        faults += [
            Fault(f"{FIT}.{name}", value, "is not a known key here; known are parameters, data")
            for name, value in said.items()
            if name not in ("parameters", "data")
        ]
        try:
            case_from_table(case, unit_required=unit_required)
        except InputError as error:
            faults += error.faults
        try:
            parameters = read_parameters(said.get("parameters"), unit_required=unit_required)
        except InputError as error:
            faults += error.faults
        try:
            if data_required or "data" in said:
                data = read_data(said.get("data"))
        except InputError as error:
            faults += error.faults
        if faults:
            raise InputError(faults)
        found = case_from_table(case, unit_required=unit_required)
        return Fitting(found, parameters, data, path.parent)
    except InputError as error:
        raise error.in_file(str(path)) from None


def read_parameters(given: object, *, unit_required: bool = True) -> tuple[Parameter, ...]:
    """The keys that are fitted.

    Args:
        given: Paths with what is said of each, or paths alone.
        unit_required: Refuse quantities without a unit; else they are SI.

    Raises:
        InputError: With every fault.
    """
    if isinstance(given, Sequence) and not isinstance(given, str):
        given = {path: {} for path in given if isinstance(path, str)}
    if not isinstance(given, Mapping) or not given:
        form = 'must name what is fitted, such as { "kinetics.exchange_current_density" = {} }'
        raise InputError([Fault(f"{FIT}.parameters", given, form)])
    found: list[Parameter] = []
    faults: list[Fault] = []
    for path, said in _flat(given):
        try:
            found.append(_parameter(path, said, unit_required=unit_required))
        except InputError as error:
            faults += error.faults
    if len(found) > MOST_PARAMETERS:
        reason = f"are {len(found)}; at most {MOST_PARAMETERS} can be fitted"
        faults.append(Fault(f"{FIT}.parameters", None, reason))
    if faults:
        raise InputError(faults)
    return tuple(found)


def read_data(given: object) -> tuple[Data, ...]:
    """The data that a fit is made to.

    Raises:
        InputError: With every fault.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        form = 'must be a list of data, such as [{ file = "points.csv", error = "1 mV" }]'
        raise InputError([Fault(f"{FIT}.data", given, form)])
    found: list[Data] = []
    faults: list[Fault] = []
    for number, each in enumerate(given):
        place = f"{FIT}.data.{number}"
        try:
            found.append(Data.model_validate(each, context=FROM_CASE_FILE))
        except ValidationError as error:
            for fault in faults_of(error, Data):
                key = ".".join(part for part in (place, fault.key) if part)
                faults.append(Fault(key, fault.value, fault.message))
    if faults:
        raise InputError(faults)
    return tuple(found)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Paths, also those that were written without quotes, which TOML reads as nested tables."""
    for name, value in table.items():
        path = f"{prefix}{name}"
        key = key_at(path.split("."))
        inside = key is None or inner_table(key.shape) is not None
        if isinstance(value, Mapping) and value and inside:
            yield from _flat(value, f"{path}.")
        else:
            yield path, value


def _parameter(path: str, said: object, *, unit_required: bool) -> Parameter:
    place = f'{FIT}.parameters."{path}"'
    key, reader = number_at(path, place=place)
    if not isinstance(reader, QuantityReader):
        raise InputError([Fault(place, None, "takes whole numbers, which cannot be fitted")])
    if not isinstance(said, Mapping):
        raise InputError([Fault(place, said, f"must be a table of {', '.join(PARAMETER_KEYS)}")])
    faults = [
        Fault(f"{place}.{name}", value, f"is not one of {', '.join(PARAMETER_KEYS)}")
        for name, value in said.items()
        if name not in PARAMETER_KEYS
    ]

    def read(name: str, value: object) -> float:
        try:
            return reader.read(value, unit_required=unit_required)
        except ValueError as error:
            faults.append(Fault(f"{place}.{name}", value, str(error)))
            return float("nan")

    bounds = None
    if said.get("bounds") is not None:
        given = as_sequence(said["bounds"])
        if not isinstance(given, tuple) or len(given) != 2:
            faults.append(Fault(f"{place}.bounds", said["bounds"], "must be a list of two values"))
        else:
            bounds = (read("bounds.0", given[0]), read("bounds.1", given[1]))
            if bounds[0] >= bounds[1]:
                faults.append(Fault(f"{place}.bounds", list(given), "must rise"))
    start = read("start", said["start"]) if said.get("start") is not None else None
    if bounds is not None and start is not None and not bounds[0] <= start <= bounds[1]:
        faults.append(Fault(f"{place}.start", said["start"], "is outside the bounds"))
    logarithmic = said.get("logarithmic")
    if logarithmic is not None and not isinstance(logarithmic, bool):
        faults.append(Fault(f"{place}.logarithmic", logarithmic, "must be true or false"))
    lowest = bounds[0] if bounds is not None else reader.at_least
    if logarithmic is True and reader.above != 0 and (lowest is None or lowest < 0):
        reason = "can be below 0, where there is no logarithm; give bounds above 0"
        faults.append(Fault(f"{place}.logarithmic", None, reason))
    if faults:
        raise InputError(faults)
    return Parameter(path, key, reader, bounds, start, logarithmic)
