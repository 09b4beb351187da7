"""What a case file may say, key by key, read off the records that it is validated by.

The JSON Schema (``case_schema``), the file that ``fem-island init`` writes (``case_template``) and
the table in the documentation are all made from this, so a field of a record appears in all of them
by itself. What a key is called, what it takes and what it is by default are those of the field; its
explanation is that of the record's docstring.

Example:
    >>> [row.key for row in rows()][:2]
    ['electrolyte.width', 'electrolyte.height']
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from fem_island import materials
from fem_island.case_file import SWEEP
from fem_island.cell import Case, Cell
from fem_island.quantities import Dimension, in_unit
from fem_island.records import QuantityReader, WholeNumberReader

SWEEP_DESCRIPTION = (
    "For fem-island sweep: numeric keys by their paths, each with a list or a range of values; all "
    "combinations are computed, or pairs with zip = true."
)

_KNOWN_TEXTS: Mapping[str, Callable[[], Iterable[str]]] = {"interlayer.material": materials.films}
"""Keys that take the name of something, and what there is."""

_PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_PREFIXED_UNITS = ("m", "V")


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


@dataclass(frozen=True)
class ReferenceRow:
    """A row of the table of all keys; all text.

    Attributes:
        key: Path of the key.
        default: As a case file would write it; empty where the key is left out.
        allowed: The range, or the choices.
        description: One line.
    """

    key: str
    default: str
    allowed: str
    description: str


def case_table() -> Table:
    """All that a case file may hold, without its sweep."""
    inside, around = _keys(Cell, ""), _keys(Case, "")
    return Table(_summary(Case), (*inside, *(key for key in around if key.path != "cell")))


def rows() -> list[ReferenceRow]:
    """A row for every key of a case file that takes a value, and one for its sweep."""
    found = [
        ReferenceRow(key.path, default_text(key), allowed(key.shape), key.description)
        for key in values_in(case_table())
    ]
    return [*found, ReferenceRow(SWEEP, "", "numeric keys", SWEEP_DESCRIPTION)]


def markdown_table() -> str:
    """The rows as a Markdown table."""
    lines = [
        "| key | default | allowed | |",
        "|---|---|---|---|",
        *(
            f"| `{row.key}` | {row.default} | {row.allowed} | {row.description} |".replace(
                "  ", " "
            )
            for row in rows()
        ),
    ]
    return "\n".join(lines) + "\n"


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


def default_text(key: Key) -> str:
    """The default as a case file would write it; empty where the key is left out."""
    return "" if key.default is None else written(key.default, key.shape)


def written(value: Any, shape: Shape) -> str:
    """A value of a record as a case file would write it.

    Example:
        >>> written(5e-6, _reader_of(Cell, "electrolyte", "width"))
        '"5 um"'
    """
    match shape:
        case QuantityReader(dimension=dimension):
            number = number_text(value, dimension)
            return json.dumps(number, ensure_ascii=False) if dimension.unit else number
        case Listing(entry=entry):
            return f"[{', '.join(written(each, entry) for each in value)}]"
        case Row(entries=entries):
            pairs = zip(value, entries, strict=True)
            return f"[{', '.join(written(each, entry) for each, entry in pairs)}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def example(shape: Shape) -> str:
    """Some value that is allowed, as a case file would write it."""
    match shape:
        case QuantityReader(dimension=dimension):
            return json.dumps(dimension.example) if dimension.unit else dimension.example
        case WholeNumberReader(at_least=least, at_most=most):
            return str(min(least + 1, most))
        case Choice(values=values) | Text(known=values):
            return json.dumps(values[0] if values else "...")
        case Flag():
            return "true"
        case Listing(entry=entry):
            return f"[{example(entry)}]"
        case Row(entries=entries):
            return f"[{', '.join(_rising(number, entry) for number, entry in enumerate(entries))}]"
        case Table():
            return "{}"


def _rising(number: int, shape: Shape) -> str:
    """Examples beside each other rise, since pairs are often ends of an interval."""
    if not isinstance(shape, QuantityReader) or not shape.dimension.unit:
        return example(shape)
    value = shape.read(shape.dimension.example)
    return written((number + 1) * value, shape)


def allowed(shape: Shape) -> str:
    """What a key takes, for people.

    Example:
        >>> allowed(_reader_of(Cell, "electrolyte", "width"))
        '1 nm to 1 m'
    """
    match shape:
        case QuantityReader():
            return _range(shape)
        case WholeNumberReader(at_least=least, at_most=most):
            return f"{least} to {most}"
        case Choice(values=values) | Text(known=values) if values:
            return ", ".join(json.dumps(value) for value in values)
        case Flag():
            return "true, false"
        case Listing(entry=entry):
            return f"list of {allowed(entry)}"
        case Row(entries=(first, second)) if first == second:
            return f"pairs, each {allowed(first)}"
        case Row(entries=entries):
            return f"[{'; '.join(allowed(entry) for entry in entries)}]"
        case Table():
            return "table"
        case _:
            return "text"


def _range(reader: QuantityReader) -> str:
    above, least, most = (
        None if bound is None else number_text(bound, reader.dimension)
        for bound in (reader.above, reader.at_least, reader.at_most)
    )
    if least is not None and most is not None and above is None:
        (low, _, unit), (high, _, other) = least.partition(" "), most.partition(" ")
        return f"{low} to {high} {unit}".strip() if unit == other else f"{least} to {most}"
    said = {"above": above, "at least": least, "at most": most}
    return ", ".join(f"{word} {bound}" for word, bound in said.items() if bound) or (
        reader.dimension.name
    )


def number_text(value: float, dimension: Dimension) -> str:
    """An SI value in the unit in which people would write it.

    Example:
        >>> from fem_island.quantities import CURRENT_DENSITY, POTENTIAL
        >>> number_text(2.5, CURRENT_DENSITY), number_text(1e-6, POTENTIAL)
        ('0.25 mA/cm^2', '1 uV')
    """
    unit = dimension.shown_in
    if value and dimension.unit in _PREFIXED_UNITS:
        # The rounding lets 1000 nm, which is 0.9999999999999999 um in binary, be 1 um.
        prefixes = (p for p, size in _PREFIXES.items() if abs(value) >= size * (1 - 1e-12))
        unit = next(prefixes, "n") + dimension.unit
    number = in_unit(value, dimension, unit)
    short, long = f"{number:g}", f"{number:.12g}"
    return f"{short if float(short) == float(long) else long} {unit}".strip()


def _reader_of(record: type[BaseModel], *names: str) -> Shape:
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
