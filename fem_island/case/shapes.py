"""What the fields of records take, as the keys of a table: the one walk over them.

Everything that knows the keys of case files asks this: the reference, the schema and the template,
what a sweep may vary, and what a fault says of a key that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fem_island.case.readers import (
    ChoiceReader,
    DecidesGrid,
    FileName,
    NameReader,
    QuantityReader,
    WholeNumberReader,
)
from fem_island.case.shorter_forms import SpacedReader
from fem_island.case.tagged import Tagged
from fem_island.machine.docstrings import docstring_of, field_docstrings
from fem_island.quantities import PURE_NUMBER


@dataclass(frozen=True)
class Choice:
    """One of several texts."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A text: one of those known, where there are any, else any text."""

    known: tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Listing:
    """A list of any number of entries.

    Attributes:
        entry: What each is.
        least: Smallest number of them, or None.
        most: Largest number of them, or None.
        spaced: Whether a range { from, to, per_decade } may stand for them.
    """

    entry: Shape
    least: int | None
    most: int | None
    spaced: bool = False


@dataclass(frozen=True)
class Row:
    """A list of so many entries."""

    entries: tuple[Shape, ...]


@dataclass(frozen=True)
class Table:
    """A table of keys.

    Attributes:
        description: One line.
        keys: In the order of the record.
    """

    description: str
    keys: tuple[Key, ...]

    def key(self, name: str) -> Key | None:
        """The key of a name; None where there is none."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Key]:
        return {key.name: key for key in self.keys}


Number = QuantityReader | WholeNumberReader
"""What reads a number: a quantity with its unit, a pure number, or a whole one."""

Shape = Number | Choice | Text | Flag | Listing | Row | Table
"""What a key takes. Numbers are their readers."""


@dataclass(frozen=True)
class Key:
    """A key of a table.

    Attributes:
        path: From the top of the file; ``[]`` is any entry of a list, as in ``islands[].width``.
        shape: What it takes.
        default: As the record has it, in SI units; None where the key is left out.
        record: What the table of the key is read as.
        decides_grid: Whether points that differ in it need different grids.
        or_file: Whether the name of a file may stand for its value.
    """

    path: str
    shape: Shape
    default: Any
    record: type[BaseModel]
    decides_grid: bool = False
    or_file: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2].removesuffix("[]")

    @cached_property
    def description(self) -> str:
        """One line; only looked up when it is asked for, since texts are read from the source."""
        inner = inner_table(self.shape)
        if inner is not None:
            return inner.description
        texts = (
            field_docstrings(kind).get(self.name) for kind in (self.record, *_kinds(self.record))
        )
        return _plain(next((text for text in texts if text is not None), ""))


def inner_table(shape: Shape) -> Table | None:
    """The table that a key takes one or several of; None where it takes values."""
    if isinstance(shape, Listing):
        return inner_table(shape.entry)
    return shape if isinstance(shape, Table) else None


def table_of(record: type[BaseModel], prefix: str = "") -> Table:
    """The table that a record is read from; the base of several kinds has the keys of all of them.

    Args:
        record: The record.
        prefix: Path of the table, with its dot.
    """
    fields = dict(record.model_fields)
    kinds = _kinds(record)
    for kind in kinds:
        fields = {**kind.model_fields, **fields}
    keys = [_key(name, field, prefix, record) for name, field in fields.items()]
    if kinds and issubclass(record, Tagged):
        names = tuple(record.kinds())
        keys = [
            replace(key, shape=Choice(names), default=names[0]) if key.name == record.tag else key
            for key in keys
        ]
    return Table(_plain(docstring_of(record).partition("\n")[0]), tuple(keys))


def _kinds(record: type[BaseModel]) -> list[type[BaseModel]]:
    """The kinds of a record that is their common base, none of any other.

    A kind may be what another one is made from, and has none of the keys that this one adds.
    """
    if not (issubclass(record, Tagged) and record is record.base()):
        return []
    return list(record.kinds().values())


def known_keys(record: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The keys of the table at a location that pydantic gives, inside of a record."""
    table = table_of(record)
    for part in location:
        key = table.key(part) if isinstance(part, str) else None
        table = (None if key is None else inner_table(key.shape)) or table
    return [key.name for key in table.keys]


def _key(name: str, field: FieldInfo, prefix: str, record: type[BaseModel]) -> Key:
    path = prefix + name
    markers = list(_flat(field.metadata))
    shape = _shape(field.annotation, markers, path)
    if isinstance(shape, Listing) and inner_table(shape) is not None:
        path += "[]"
    decides_grid = any(isinstance(marker, DecidesGrid) for marker in markers)
    default = None if field.is_required() else field.get_default()
    return Key(path, shape, default, record, decides_grid, _names_file(field.annotation, markers))


def _names_file(annotation: Any, markers: Iterable[Any]) -> bool:
    """Whether the name of a file may stand for a value."""
    if any(isinstance(marker, FileName) for marker in markers):
        return True
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _names_file(inside[0], inside[1:])
    return origin in (Union, UnionType) and any(_names_file(each, ()) for each in inside)


def _shape(annotation: Any, markers: Iterable[Any], path: str) -> Shape:
    origin, inside = get_origin(annotation), get_args(annotation)
    markers = list(_flat(markers))
    if origin is Annotated:
        return _shape(inside[0], [*markers, *inside[1:]], path)
    if origin in (Union, UnionType):
        # The first of several is what a table is read as; the others come from Python.
        annotation = next(option for option in inside if option is not NoneType)
        return _shape(annotation, markers, path)
    if origin is Literal:
        return Choice(inside)
    if origin is tuple and inside[-1] is not Ellipsis:
        return Row(tuple(_shape(entry, (), path) for entry in inside))
    if origin is tuple:
        least, most = (
            next((n for m in markers if (n := getattr(m, name, None)) is not None), None)
            for name in ("min_length", "max_length")
        )
        spaced = any(isinstance(marker, SpacedReader) for marker in markers)
        return Listing(_shape(inside[0], (), f"{path}[]"), least, most, spaced)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return table_of(annotation, f"{path}.")
    for marker in markers:
        if isinstance(marker, QuantityReader | WholeNumberReader):
            return marker
        if isinstance(marker, NameReader):
            return Text(tuple(marker.names()))
        if isinstance(marker, FileName):
            return Text(())
        if isinstance(marker, ChoiceReader):
            return Choice(tuple(marker.values()))
    if annotation is bool:
        return Flag()
    if annotation in (float, int):
        # A parameter of one's own law that does not say what it is.
        return QuantityReader(dimension=PURE_NUMBER)
    if annotation is str:
        return Text(())
    raise TypeError(f"{path} takes {annotation}, which the reference of case files cannot describe")


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    """Constraints, also those inside of ``Field(...)`` inside of ``Annotated``."""
    for marker in metadata:
        if isinstance(marker, FieldInfo):
            yield from _flat(marker.metadata)
        else:
            yield marker


def _plain(text: str) -> str:
    """An explanation for readers of case files: on one line, without SI units and backquotes."""
    # The unit of a value in a case file is written there, and that of the record is another one.
    text = re.sub(r" \[[^\] ]+( against [^\]]+)?\]", r"\1", " ".join(text.split()))
    return text.replace("``", "")
