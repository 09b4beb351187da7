"""What reads the values of keys: quantities, whole numbers, names, and lists of them.

A reader turns what people write into what a record holds, or says what is allowed. It is at the
same time the description of its key: the reference, the schema and the axes of sweeps ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import Annotated, Any

import numpy as np
from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from fem_island import quantities
from fem_island.errors import shortened
from fem_island.quantities import (
    AREAL_CAPACITY,
    CONDUCTIVITY,
    CURRENT_DENSITY,
    LENGTH,
    MOLAR_ENERGY,
    POTENTIAL,
    PURE_NUMBER,
    TEMPERATURE,
    TEMPERATURE_COEFFICIENT,
    Dimension,
)

FROM_CASE_FILE = {"unit_required": True}
"""Validation context in which a number without its unit is refused."""


class Sourced(float):
    """A number that says where it is from; one that does not was given by the user.

    It is a float in every other way, and equal to the same number without an origin. As JSON it is
    an object of ``value`` and ``origin``, which is read back as the same.

    Attributes:
        origin: Where the number is from, as a report says it.

    Example:
        >>> number = Sourced(5.0, "assumed")
        >>> number == 5.0, origin_of(number), origin_of(5.0)
        (True, 'assumed', 'given')
    """

    __slots__ = ("origin",)
    origin: str

    def __new__(cls, value: float, origin: str) -> Sourced:
        """Make the number."""
        made = super().__new__(cls, value)
        made.origin = origin
        return made

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """What copies are made from."""
        return float(self), self.origin


def origin_of(value: float) -> str:
    """Where a number of a record is from; "given" where it does not say."""
    return value.origin if isinstance(value, Sourced) else "given"


def _as_json(value: float) -> object:
    if isinstance(value, Sourced):
        return {"value": float(value), "origin": value.origin}
    return value


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
        if isinstance(value, Sourced):
            return Sourced(self._bounded(value), value.origin)
        if isinstance(value, Mapping) and not unit_required and value.keys() == {"value", "origin"}:
            return Sourced(self.read(value["value"]), str(value["origin"]))
        return self._bounded(quantities.to_si(value, self.dimension, unit_required=unit_required))

    def _bounded(self, number: float) -> float:
        dimension = self.dimension
        if self.above is not None and not number > self.above:
            raise ValueError(f"must be above {shown(self.above, dimension)}")
        if self.at_least is not None and not number >= self.at_least:
            raise ValueError(f"must be at least {shown(self.at_least, dimension)}")
        if self.at_most is not None and not number <= self.at_most:
            raise ValueError(f"must be at most {shown(self.at_most, dimension)}")
        return number

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this, and what JSON has of it."""
        return core_schema.with_info_plain_validator_function(
            self._validated,
            serialization=core_schema.plain_serializer_function_ser_schema(
                _as_json, when_used="json"
            ),
        )

    def _validated(self, value: object, info: ValidationInfo) -> float:
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

    @property
    def dimension(self) -> Dimension:
        """What it is: a number without a unit."""
        return PURE_NUMBER

    def read(self, value: object) -> int:
        """The number.

        Raises:
            ValueError: It is not whole, or out of bounds; the message says what is allowed.
        """
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole or not self.at_least <= int(value) <= self.at_most:  # type: ignore[call-overload]
            raise ValueError(f"must be a whole number from {self.at_least} to {self.at_most}")
        return int(value)  # type: ignore[call-overload, no-any-return]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True)
class NameReader:
    """Reads the name of something that is in a table.

    Attributes:
        kind: What it is a name of.
        names: Lists what there is.
    """

    kind: str
    names: Callable[[], Iterable[str]]

    def read(self, value: str) -> str:
        """The name.

        Raises:
            ValueError: There is no such thing; the message says what there is.
        """
        known = list(self.names())
        if value not in known:
            raise ValueError(f"is not a known {self.kind}; known are {', '.join(known)}")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.no_info_after_validator_function(self.read, handler(source))


@dataclass(frozen=True)
class ChoiceReader:
    """Reads one of several texts that are only known when a case is read.

    Attributes:
        values: Lists them.
    """

    values: Callable[[], Iterable[str]]

    def read(self, value: str) -> str:
        """The text.

        Raises:
            PydanticKnownError: It is none of them.
        """
        allowed = list(self.values())
        if value not in allowed:
            raise PydanticKnownError("literal_error", {"expected": listed(allowed)})
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.no_info_after_validator_function(self.read, handler(source))


def listed(values: Iterable[str]) -> str:
    """Texts as a message lists them.

    Example:
        >>> listed(["linear", "tafel"])
        "'linear' or 'tafel'"
    """
    *others, last = (f"'{value}'" for value in values)
    return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True)
class ByFirst:
    """Reads a record also from the one value that says most of it, from Python alone.

    Attributes:
        key: What the value is of the record.
        several: Whether the field holds several records: then one such value is one record.
    """

    key: str
    several: bool = False

    def read(self, value: Any, *, from_file: bool) -> Any:
        """A table where such a value was given; anything else as it is.

        Raises:
            ValueError: It is from a case file, where a table must be written.
        """
        if self.several:
            value = as_sequence(value)
        if not _is_plain(value):
            return value
        if from_file:
            table = f"{{ {self.key} = {shortened(value)} }}"
            if self.several:
                raise ValueError(f"must be a list of tables, such as [{table}]")
            raise ValueError(f"must be a table of keys and values, such as {table}")
        return ({self.key: value},) if self.several else {self.key: value}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.with_info_before_validator_function(self._validated, handler(source))

    def _validated(self, value: Any, info: ValidationInfo) -> Any:
        return self.read(value, from_file=bool((info.context or {}).get("unit_required")))


def _is_plain(value: object) -> bool:
    """Whether it is a text, a number or a quantity."""
    number = isinstance(value, str | Real | Decimal) and not isinstance(value, bool)
    return number or (hasattr(value, "m_as") and getattr(value, "shape", ()) == ())


@dataclass(frozen=True)
class DecidesGrid:
    """Marks a key of which the grid depends: where things lie, and how well they are resolved."""


@dataclass(frozen=True)
class FileName:
    """Marks a key that takes the name of a file, beside the case file."""


SPACED_KEYS = ("from", "to", "per_decade")
"""Of a range of values that are evenly spaced in their logarithm."""

_MOST_SPACED = 10_000
_PER_DECADE = QuantityReader(dimension=PURE_NUMBER, above=0.0, at_most=1000.0)


@dataclass(frozen=True)
class SpacedReader:
    """Reads several quantities: a list, or a range { from, to, per_decade } that stands for one.

    Both ends of a range are hit, so that the spacing is rounded.

    Attributes:
        each: Reads one of them, all above 0.

    Example:
        >>> reader = SpacedReader(QuantityReader(dimension=LENGTH, above=0.0))
        >>> len(reader.read({"from": "1 m", "to": "1 um", "per_decade": 10}, unit_required=True))
        61
    """

    each: QuantityReader

    def read(self, value: object, *, unit_required: bool = False) -> object:
        """The values of a range in SI units; anything else as a sequence, if it is one.

        Raises:
            ValueError: It is no such range; the message says what is allowed.
        """
        if not isinstance(value, Mapping):
            return as_sequence(value)
        if set(value) != set(SPACED_KEYS):
            named = ", ".join(SPACED_KEYS)
            raise ValueError(f"must be a list, or a range with the keys {named}")
        first, last = (
            self.each.read(value[k], unit_required=unit_required) for k in ("from", "to")
        )
        decades = abs(np.log10(first / last))
        count = round(float(decades) * _PER_DECADE.read(value["per_decade"])) + 1
        if count > _MOST_SPACED:
            raise ValueError(f"must be at most {_MOST_SPACED} values")
        return tuple(np.geomspace(first, last, count).tolist())

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic reads a field that is annotated with this."""
        return core_schema.with_info_wrap_validator_function(self._validated, handler(source))

    def _validated(
        self, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        needed = bool((info.context or {}).get("unit_required"))
        read = self.read(value, unit_required=needed)
        return read if isinstance(value, Mapping) else handler(read)


def shown(number: float, dimension: Dimension) -> str:
    """A bound as people would write it."""
    return f"{quantities.in_unit(number, dimension):g} {dimension.shown_in}".strip()


def as_sequence(value: object) -> object:
    """A list or an array as a tuple, for fields that hold several values; all else as it is."""
    if getattr(value, "shape", ()) != ():
        value = elements_of(value)
    return tuple(value) if isinstance(value, list) else value


def elements_of(array: Any) -> list[Any]:
    """The elements of an array of NumPy, xarray or pandas; those of pint keep their units."""
    return list(array) if hasattr(array, "m_as") else np.asarray(array).tolist()


def as_pair(value: object) -> object:
    """Like ``as_sequence``, but refuse what are not two values.

    Raises:
        ValueError: They are not two.
    """
    value = as_sequence(value)
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError('must be a list of two values, such as ["5 um", "10 um"]')
    return value


def as_place(value: object) -> object:
    """Like ``as_sequence``, but refuse what are not two values, or three on a contact map.

    Raises:
        ValueError: They are neither.
    """
    value = as_sequence(value)
    if isinstance(value, tuple) and len(value) == 3:
        return value
    return as_pair(value)


Length = Annotated[float, QuantityReader(dimension=LENGTH, at_least=1e-9, at_most=1.0)]
Position = Annotated[float, QuantityReader(dimension=LENGTH, at_least=0.0, at_most=1.0)]
Pair = Annotated[tuple[Position, Position], BeforeValidator(as_pair)]
Place = Annotated[
    tuple[Position, ...], BeforeValidator(as_place), Field(min_length=2, max_length=3)
]
Conductivity = Annotated[float, QuantityReader(dimension=CONDUCTIVITY, at_least=1e-9, at_most=1e9)]
CurrentDensity = Annotated[
    float, QuantityReader(dimension=CURRENT_DENSITY, at_least=-1e9, at_most=1e9)
]
ExchangeCurrentDensity = Annotated[
    float, QuantityReader(dimension=CURRENT_DENSITY, at_least=1e-12, at_most=1e12)
]
TransferCoefficient = Annotated[
    float, QuantityReader(dimension=PURE_NUMBER, above=0.0, at_most=2.0)
]
Temperature = Annotated[
    float, QuantityReader(dimension=TEMPERATURE, at_least=100.0, at_most=2000.0)
]
EquilibriumPotential = Annotated[
    float, QuantityReader(dimension=POTENTIAL, at_least=-10.0, at_most=10.0)
]
ArealCapacity = Annotated[float, QuantityReader(dimension=AREAL_CAPACITY, above=0.0, at_most=3.6e7)]
ActivationEnergy = Annotated[
    float, QuantityReader(dimension=MOLAR_ENERGY, at_least=0.0, at_most=1e6)
]
PotentialCoefficient = Annotated[
    float, QuantityReader(dimension=TEMPERATURE_COEFFICIENT, at_least=-0.1, at_most=0.1)
]
PositiveNumber = Annotated[float, QuantityReader(dimension=PURE_NUMBER, above=0.0)]
Share = Annotated[float, QuantityReader(dimension=PURE_NUMBER, at_least=0.0, at_most=1.0)]
Degree = Annotated[int, WholeNumberReader(at_least=1, at_most=6)]
Tolerance = Annotated[float, QuantityReader(dimension=POTENTIAL, at_least=1e-10, at_most=0.1)]
