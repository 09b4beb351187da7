"""The base of all input records: frozen, complete, and refusing with one line per fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from fem_island import quantities
from fem_island.errors import Fault, InputError, shortened
from fem_island.quantities import Dimension

FROM_CASE_FILE = {"unit_required": True}
"""Validation context in which a number without its unit is refused."""

_FAULTS = "fem_island_faults"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Record(BaseModel):
    """An immutable, validated record. Unknown keys are refused.

    To change one, make a new one from ``dict(record) | changes``: pydantic's own ``model_copy``
    does not validate.

    Raises:
        InputError: With one fault per thing that is wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, **data: Any) -> None:
        """Validate the fields given by name."""
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            raise InputError(faults_of(error, type(self))) from None

    # Pydantic then validates records inside records itself, so that the faults of all of them are
    # collected; without it, it would call __init__ for each and stop at the first.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


@dataclass(frozen=True, kw_only=True)
class QuantityReader:
    """Reads a quantity and holds it to SI bounds.

    Attributes:
        dimension: What it must be.
        above: It must be larger.
        at_least: Smallest value.
        at_most: Largest value.
    """

    dimension: Dimension
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def read(self, value: object, *, unit_required: bool = False) -> float:
        """The value in SI units.

        Raises:
            ValueError: It is not such a quantity, or out of bounds; the message says what is
                allowed.
        """
        dimension = self.dimension
        number = quantities.to_si(value, dimension, unit_required=unit_required)
        if self.above is not None and not number > self.above:
            raise ValueError(f"must be above {shown(self.above, dimension)}")
        if self.at_least is not None and not number >= self.at_least:
            raise ValueError(f"must be at least {shown(self.at_least, dimension)}")
        if self.at_most is not None and not number <= self.at_most:
            raise ValueError(f"must be at most {shown(self.at_most, dimension)}")
        return number

    def __call__(self, value: object, info: ValidationInfo) -> float:
        """Read a field of a record that pydantic validates."""
        return self.read(value, unit_required=bool((info.context or {}).get("unit_required")))


@dataclass(frozen=True, kw_only=True)
class WholeNumberReader:
    """Reads a whole number and holds it to bounds.

    Attributes:
        at_least: Smallest value.
        at_most: Largest value.
    """

    at_least: int
    at_most: int

    def __call__(self, value: object) -> int:
        """The number.

        Raises:
            ValueError: It is not whole, or out of bounds; the message says what is allowed.
        """
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole or not self.at_least <= int(value) <= self.at_most:  # type: ignore[call-overload]
            raise ValueError(f"must be a whole number from {self.at_least} to {self.at_most}")
        return int(value)  # type: ignore[call-overload, no-any-return]


def quantity(
    dimension: Dimension,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> BeforeValidator:
    """A validator that reads a quantity and holds it to SI bounds."""
    return BeforeValidator(
        QuantityReader(dimension=dimension, above=above, at_least=at_least, at_most=at_most)
    )


def shown(number: float, dimension: Dimension) -> str:
    """A bound as people would write it."""
    return f"{quantities.in_unit(number, dimension):g} {dimension.shown_in}".strip()


Length = Annotated[float, quantity(quantities.LENGTH, at_least=1e-9, at_most=1.0)]
Position = Annotated[float, quantity(quantities.LENGTH, at_least=0.0, at_most=1.0)]
Conductivity = Annotated[float, quantity(quantities.CONDUCTIVITY, at_least=1e-9, at_most=1e9)]
ExchangeCurrentDensity = Annotated[
    float, quantity(quantities.CURRENT_DENSITY, at_least=1e-12, at_most=1e12)
]
CurrentDensity = Annotated[float, quantity(quantities.CURRENT_DENSITY, at_least=-1e9, at_most=1e9)]
TransferCoefficient = Annotated[float, quantity(quantities.PURE_NUMBER, above=0.0, at_most=2.0)]
Temperature = Annotated[float, quantity(quantities.TEMPERATURE, at_least=100.0, at_most=2000.0)]
EquilibriumPotential = Annotated[
    float, quantity(quantities.POTENTIAL, at_least=-10.0, at_most=10.0)
]
ArealCapacity = Annotated[float, quantity(quantities.AREAL_CAPACITY, above=0.0, at_most=3.6e7)]
Share = Annotated[float, quantity(quantities.PURE_NUMBER, at_least=0.0, at_most=1.0)]
Degree = Annotated[int, BeforeValidator(WholeNumberReader(at_least=1, at_most=6))]
Tolerance = Annotated[float, quantity(quantities.POTENTIAL, at_least=1e-10, at_most=0.1)]


def as_sequence(value: object) -> object:
    """A list or an array as a tuple, for fields that hold several values; all else as it is."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(value) if isinstance(value, list) else value


def as_pair(value: object) -> object:
    """Like ``as_sequence``, but refuse what are not two values.

    Raises:
        ValueError: They are not two.
    """
    value = as_sequence(value)
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError('must be a list of two values, such as ["5 um", "10 um"]')
    return value


Pair = Annotated[tuple[Position, Position], BeforeValidator(as_pair)]


def refuse(faults: Iterable[Fault]) -> None:
    """Raise from a validator of a whole record what it found; keys are relative to the record."""
    found = tuple(faults)
    if found:
        raise PydanticCustomError(_FAULTS, "several faults", {"faults": found})


def faults_of(error: ValidationError, record: type[BaseModel]) -> list[Fault]:
    """The faults that pydantic collected, in the words of this package."""
    faults: list[Fault] = []
    for detail in error.errors(include_url=False):
        key = ".".join(key_part(part) for part in detail["loc"])
        if detail["type"] == _FAULTS:
            for fault in detail["ctx"]["faults"]:
                faults.append(replace(fault, key=".".join(p for p in (key, fault.key) if p)))
        else:
            faults.append(_fault(key, detail, record))
    return faults


def key_part(part: int | str) -> str:
    """A part of a key's path as a case file would write it: in quotes where it needs them."""
    text = str(part)
    return text if _BARE_KEY.fullmatch(text) else shortened(text)


def _fault(key: str, detail: ErrorDetails, record: type[BaseModel]) -> Fault:
    value = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            allowed = ", ".join(_fields_beside(detail["loc"], record))
            return Fault(key, value, f"is not a known key here; known are {allowed}")
        case "missing":
            return Fault(key, None, "is missing")
        case "literal_error":
            return Fault(key, value, f"is not one of {detail['ctx']['expected']}")
        case "model_type" | "model_attributes_type" | "dict_type":
            return Fault(key, value, "must be a table of keys and values")
        case "tuple_type" | "list_type":
            return Fault(key, value, "must be a list")
        case "too_long":
            return Fault(key, value, f"must have at most {detail['ctx']['max_length']} entries")
        case "too_short":
            least = detail["ctx"]["min_length"]
            entries = "entry" if least == 1 else "entries"
            return Fault(key, value, f"must have at least {least} {entries}")
        case "string_type":
            return Fault(key, value, "must be text in quotes")
        case "value_error":
            return Fault(key, value, str(detail["ctx"]["error"]))
        case _:
            return Fault(key, value, detail["msg"][0].lower() + detail["msg"][1:])


def _fields_beside(location: tuple[int | str, ...], record: type[BaseModel]) -> list[str]:
    """Names of the fields of the record that the last part of ``location`` was meant for."""
    for part in location[:-1]:
        if isinstance(part, str) and part in record.model_fields:
            inner = record_in(record.model_fields[part].annotation)
            record = inner or record
    return list(record.model_fields)


def record_in(annotation: Any) -> type[BaseModel] | None:
    """The record that a field holds, or holds several of; None where it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner: tuple[Any, ...] = getattr(annotation, "__args__", ())
    return next((found for arg in inner if (found := record_in(arg))), None)
