"""What follows of declarations: variables, how rows of them lie in memory, and records of rows.

    >>> from fem_island.quantities import POTENTIAL, TIME
    >>> from fem_island.results.declared import declared, reported
    >>> @declared
    ... class Curve:
    ...     '''A curve over time.'''
    ...     voltage: npt.NDArray[np.float64] = reported("voltage", POTENTIAL, along="time")
    ...     end: float | None = reported("time at which the cell is empty", TIME)
    >>> [(one.name, one.unit, one.dimensions) for one in variables(Curve)]
    [('voltage', 'V', ('time',)), ('end', 's', ())]
    >>> rows = Layout(Curve, {"time": 3}).missing
    >>> read(Curve, rows[0])
    Curve(voltage=array([nan, nan, nan]), end=None)

A variable is named by the path of its keys, joined with "_".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property, lru_cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from fem_island.quantities import Dimension
from fem_island.results.declared import Declaration, declaration_of


@dataclass(frozen=True, kw_only=True)
class Variable(Declaration):
    """A reported number as an array over many rows of results.

    Attributes:
        name: Path of its keys, joined with "_".
        dimensions: Along which it has many values in one row.
        optional: Whether there may be none although the computation succeeded.
        quantity: What kind of quantity it is.
    """

    name: str
    dimensions: tuple[str, ...]
    optional: bool
    quantity: Dimension

    @property
    def unit(self) -> str:
        """The SI unit as the CF conventions write it; "1" for pure numbers."""
        return self.quantity.cf_unit

    @property
    def attributes(self) -> dict[str, Any]:
        """What a labelled array says of itself, after the CF conventions."""
        if self.flags is None:
            return {"long_name": self.words, "units": self.unit}
        return {
            "long_name": self.words,
            "flag_values": np.array(list(self.flags), dtype=self.dtype),
            "flag_meanings": " ".join(word.replace(" ", "_") for word in self.flags.values()),
        }

    def is_missing(self, values: Any) -> bool:
        """Whether none of its values is there."""
        return bool(np.all((values == self.missing) | (values != values)))


@lru_cache
def variables(record: type) -> tuple[Variable, ...]:
    """The variables of a class of results, in the order of their declaration."""
    found = {variable.name: variable for variable in _variables(record, "", ())}
    return tuple(
        dataclasses.replace(variable, quantity=found[variable.error_of].quantity)
        if variable.error_of
        else variable
        for variable in found.values()
    )


def _variables(record: type, prefix: str, dimensions: tuple[str, ...]) -> Iterator[Variable]:
    for field in _fields(record):
        along = field.declaration.along
        own = dimensions if along is None else (*dimensions, along)
        if field.record is not None:
            yield from _variables(field.record, f"{prefix}{field.name}_", own)
        elif field.declaration.quantity is not None:
            said: dict[str, Any] = vars(field.declaration)
            name = field.variable(prefix)
            optional = field.optional
            yield Variable(**said | {"name": name, "dimensions": own, "optional": optional})


@dataclass(frozen=True)
class _Field:
    """A field of a class of results.

    Attributes:
        name: Its key.
        declaration: What it says of itself.
        optional: Whether it may be None.
        kind: Its type but for that; of a generic one, without parameters.
        record: The class of the records in it, or None.
    """

    name: str
    declaration: Declaration
    optional: bool
    kind: Any
    record: type | None

    def variable(self, prefix: str) -> str:
        """Its name as a variable, with the keys before it."""
        return self.declaration.variable or prefix + self.name


@lru_cache
def _fields(record: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(record)
    found = []
    for field in fields(record):
        hint = hints[field.name]
        optional = NoneType in get_args(hint)
        if optional:
            (hint,) = (kind for kind in get_args(hint) if kind is not NoneType)
        inner: Any = next((kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)), None)
        kind = get_origin(hint) or hint
        found.append(_Field(field.name, declaration_of(field), optional, kind, inner))
    return tuple(found)


@dataclass(frozen=True)
class Layout:
    """How rows of results lie in memory.

    Attributes:
        record: A class of results.
        lengths: Of its dimensions.
        open: The dimension whose length is known of computed rows only, as that of a curve in time;
            its length above is a smallest one.
    """

    record: type
    lengths: Mapping[str, int]
    open: str | None = None

    def opened_to(self, length: int) -> Layout:
        """The same with another length of the open dimension; itself where there is none."""
        if self.open is None:
            return self
        return Layout(self.record, {**self.lengths, self.open: length}, self.open)

    def opened_for(self, rows: np.dtype[np.void]) -> Layout:
        """The same with the length of the open dimension that rows have."""
        for one in variables(self.record) if self.open is not None else ():
            if self.open in one.dimensions:
                return self.opened_to(rows[one.name].shape[one.dimensions.index(self.open)])
        return self

    @property
    def open_length(self) -> int:
        """Length of the open dimension; 0 where there is none."""
        return 0 if self.open is None else self.lengths[self.open]

    @cached_property
    def dtype(self) -> np.dtype[np.void]:
        """The NumPy type of a row, with one field per variable."""
        rows: list[Any] = [
            (one.name, f"<{one.dtype}", tuple(self.lengths[name] for name in one.dimensions))
            for one in variables(self.record)
        ]
        return np.dtype(rows)

    @cached_property
    def missing(self) -> npt.NDArray[np.void]:
        """One row, in which all numbers are missing."""
        row = np.zeros(1, dtype=self.dtype)
        for variable in variables(self.record):
            row[variable.name] = variable.missing
        return row


def read[Record](
    record: type[Record],
    row: Any,
    *,
    labels: Mapping[str, Sequence[str]] | None = None,
    others: Mapping[str, Any] | None = None,
) -> Record:
    """The record of a row of results.

    A record in it that may be None is None where all of its numbers are missing.

    Args:
        record: A class of results.
        row: Its numbers, by the names of variables.
        labels: Names along the dimensions whose values are given by name.
        others: Fields that do not come out of the row.
    """
    return record(**_Row(row, labels or {}).values(record, "", ()) | dict(others or {}))


def numbers_of(record: Any) -> Iterator[tuple[str, Any]]:
    """All numbers of a record, each with its name as a variable.

    Those of records along a dimension come once for every record, and those of a record that is
    None not at all.
    """
    yield from _numbers_of(record, "")


def _numbers_of(record: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    kind: type = type(record)
    for field in _fields(kind):
        value = getattr(record, field.name)
        if field.record is not None:
            entries = value if isinstance(value, tuple) else filter(None, [value])
            for entry in entries:
                yield from _numbers_of(entry, f"{prefix}{field.name}_")
        elif field.declaration.quantity is not None:
            yield field.variable(prefix), value


def labelled(record: Any) -> dict[str, Any]:
    """The arrays of a record as the variables of a dataset, with units and long names.

    Example:
        >>> from fem_island.quantities import TIME
        >>> from fem_island.results.declared import declared, reported
        >>> @declared
        ... class Ends:
        ...     '''When films are empty.'''
        ...     end: npt.NDArray[np.float64] = reported("end of the film", TIME, along="film")
        >>> labelled(Ends(end=np.array([60.0])))
        {'end': (('film',), array([60.]), {'long_name': 'end of the film', 'units': 's'})}
    """
    kind: type = type(record)
    numbers = {variable.name: variable.attributes for variable in variables(kind)}
    return {
        field.name: (
            (field.declaration.along,),
            getattr(record, field.name),
            numbers.get(field.name, {"long_name": field.declaration.words}),
        )
        for field in _fields(kind)
        if field.declaration.along is not None and field.record is None
    }


@dataclass(frozen=True)
class _Row:
    """A row of results, and names along its dimensions."""

    numbers: Any
    labels: Mapping[str, Sequence[str]]

    def values(self, record: type, prefix: str, place: tuple[int, ...]) -> dict[str, Any]:
        """The fields of a record at a place along its dimensions."""
        known = {variable.name: variable for variable in variables(record)}
        found: dict[str, Any] = {}
        for field in _fields(record):
            if field.record is not None:
                found[field.name] = self._records(field, f"{prefix}{field.name}_", place)
            elif field.declaration.quantity is not None:
                variable = known[field.variable("")]
                numbers = self.numbers[field.variable(prefix)][place]
                found[field.name] = self._value(field, variable, numbers)
        return found

    def _records(self, field: _Field, prefix: str, place: tuple[int, ...]) -> Any:
        record: Any = field.record
        inside = [(one, self.numbers[prefix + one.name][place]) for one in variables(record)]
        if field.kind is tuple:
            count = len(inside[0][1])
            return tuple(record(**self.values(record, prefix, (*place, n))) for n in range(count))
        if field.optional and all(variable.is_missing(numbers) for variable, numbers in inside):
            return None
        return record(**self.values(record, prefix, place))

    def _value(self, field: _Field, variable: Variable, numbers: Any) -> Any:
        if field.optional and variable.is_missing(numbers):
            return None
        if field.kind is dict:
            return dict(zip(self.labels[str(variable.along)], map(bool, numbers), strict=True))
        if variable.flags is not None:
            return variable.flags[int(numbers)]
        return numbers.item() if field.declaration.along is None else numbers.copy()
