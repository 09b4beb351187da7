"""What a case file may say, key by key, read off the records that it is validated by.

What a key is called, what it takes and what it is by default are those of the field of a record;
its explanation is that of the record's docstring. ``case_reference`` puts it in words.

Example:
    >>> [key.path for key in values_in(case_table())][:2]
    ['electrolyte.width', 'electrolyte.height']
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from fem_island.case.cell import Case, Cell
from fem_island.case.records import QuantityReader, WholeNumberReader
from fem_island.materials import library as materials

_KNOWN_TEXTS: Mapping[str, Callable[[], Iterable[str]]] = {"interlayer.material": materials.films}
"""Keys that take the name of something, and what there is."""


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
    """

    entry: Shape
    least: int | None
    most: int | None


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


Shape = QuantityReader | WholeNumberReader | Choice | Text | Flag | Listing | Row | Table
"""What a key takes. Numbers with units, pure numbers and whole numbers are their readers."""


@dataclass(frozen=True)
class Key:
    """A key of a case file.

    Attributes:
        path: From the top of the file; ``[]`` is any entry of a list, as in ``islands[].width``.
        shape: What it takes.
        default: As the record has it, in SI units; None where the key is left out.
        description: One line.
    """

    path: str
    shape: Shape
    default: Any
    description: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2].removesuffix("[]")


def case_table() -> Table:
    """All that a case file may hold, without its sweep."""
    inside, around = _keys(Cell, ""), _keys(Case, "")
    return Table(_summary(Case), (*inside, *(key for key in around if key.path != "cell")))


def values_in(table: Table) -> Iterator[Key]:
    """The keys that take values, those of inner tables among them."""
    for key in table.keys:
        inner = inner_table(key.shape)
        if inner is None:
            yield key
        else:
            yield from values_in(inner)


def inner_table(shape: Shape) -> Table | None:
    """The table that a key takes one or several of; None where it takes values."""
    if isinstance(shape, Listing):
        return inner_table(shape.entry)
    return shape if isinstance(shape, Table) else None


def reader_of(record: type[BaseModel], *names: str) -> Shape:
    """What the key at a path of names below a record takes."""
    (first, *rest) = names
    shape = _shape(record.model_fields[first].annotation, record.model_fields[first].metadata, "")
    if not rest or not isinstance(shape, Table):
        return shape
    return next(key.shape for key in shape.keys if key.name == rest[0])


def _keys(record: type[BaseModel], prefix: str) -> tuple[Key, ...]:
    explained = _attributes(record)
    found = []
    for name, field in record.model_fields.items():
        path = prefix + name
        shape = _shape(field.annotation, field.metadata, path)
        inner = inner_table(shape)
        said = field.description or explained.get(name, "")
        text = inner.description if inner is not None else _plain(_named(name, said))
        many = isinstance(shape, Listing) and inner is not None
        found.append(Key(f"{path}[]" if many else path, shape, field.get_default(), text))
    return tuple(found)


def _shape(annotation: Any, metadata: Iterable[Any], path: str) -> Shape:
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(inside[0], [*metadata, *inside[1:]], path)
    if origin in (Union, UnionType):
        (annotation,) = (option for option in inside if option is not NoneType)
        return _shape(annotation, metadata, path)
    if origin is Literal:
        return Choice(inside)
    if origin is tuple and inside[-1] is not Ellipsis:
        return Row(tuple(_shape(entry, (), path) for entry in inside))
    metadata = list(_flat(metadata))
    if origin is tuple:
        least, most = (
            next((n for m in metadata if (n := getattr(m, name, None)) is not None), None)
            for name in ("min_length", "max_length")
        )
        return Listing(_shape(inside[0], (), f"{path}[]"), least, most)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Table(_summary(annotation), _keys(annotation, f"{path}."))
    for marker in metadata:
        reader = marker.func if isinstance(marker, BeforeValidator) else None
        if isinstance(reader, QuantityReader | WholeNumberReader):
            return reader
    if annotation is bool:
        return Flag()
    if annotation is str:
        return Text(tuple(_KNOWN_TEXTS.get(path, tuple)()))
    raise TypeError(f"{path} takes {annotation}, which the reference of case files cannot describe")


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    """Constraints, also those inside of ``Field(...)`` inside of ``Annotated``."""
    for marker in metadata:
        if isinstance(marker, FieldInfo):
            yield from _flat(marker.metadata)
        else:
            yield marker


def _summary(record: type[BaseModel]) -> str:
    """The first line of a record's docstring."""
    return _plain((inspect.getdoc(record) or "").partition("\n")[0])


def _attributes(record: type[BaseModel]) -> dict[str, str]:
    """What a record's docstring says of its attributes."""
    text = inspect.getdoc(record) or ""
    section = re.search(r"^Attributes:\n((?:[ \t]+.*\n?|\n)+)", text, re.MULTILINE)
    found = re.findall(
        r"^ {4}(\w+): (.*\n?(?:^ {5,}.*\n?)*)", section[1] if section else "", re.MULTILINE
    )
    return {name: " ".join(said.split()) for name, said in found}


def _named(name: str, text: str) -> str:
    """The text with the field's name before the letter of a formula that it starts with."""
    if not re.match(r"\w{1,5}(?: \[|[;.])", text):
        return text
    return f"{name.replace('_', ' ').capitalize()} {text}"


def _plain(text: str) -> str:
    """A docstring's text for readers of a case file: without SI units, ``None`` and backquotes."""
    # The unit of a value in a case file is written there, and that of the record is another one.
    text = re.sub(r" \[[^\] ]+\]", "", text)
    text = re.sub(r" \[\S+ (against [^\]]+)\]", r" \1", text)
    text = re.sub(r",? or None\b|; None keeps .*?(?=\.)", "", text)
    text = re.sub(r"\bNone (?:is )?", "by default ", text)
    return text.replace("``", "").strip()
