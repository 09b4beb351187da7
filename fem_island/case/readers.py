"""What reads the values of keys: quantities, whole numbers, names, and lists of them.

A reader turns what people write into what a record holds, or says what is allowed. It is at the
same time the description of its key: the reference, the schema and the axes of sweeps ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from fem_island import quantities
from fem_island.case.origin import Sourced, number_as_json
from fem_island.quantities import PURE_NUMBER, Dimension

FROM_CASE_FILE = {"unit_required": True}
"""Validation context in which a number without its unit is refused."""


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
                number_as_json, when_used="json"
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
class DecidesGrid:
    """Marks a key of which the grid depends: where things lie, and how well they are resolved."""


@dataclass(frozen=True)
class FileName:
    """Marks a key that takes the name of a file, beside the case file."""


def shown(number: float, dimension: Dimension) -> str:
    """A bound as people would write it."""
    return f"{quantities.in_unit(number, dimension):g} {dimension.shown_in}".strip()
