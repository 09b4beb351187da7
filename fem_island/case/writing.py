"""Values and records as people write them: in case files, at a prompt and in a notebook.

What is written is read back as it was, to the last digit.

Example:
    >>> from fem_island.case.island import Island
    >>> toml_values(Island(width=5e-6, thickness=2e-6))
    {'width': '"5 um"', 'thickness': '"2 um"'}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from pydantic import BaseModel

from fem_island.case.origin import Sourced
from fem_island.case.readers import QuantityReader
from fem_island.case.shapes import Key, Listing, Row, Shape, inner_table, table_of
from fem_island.case.tagged import Tagged
from fem_island.quantities import Dimension, in_unit, to_si

_PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_PREFIXED_UNITS = ("m", "V")
_SHORTEST, _LONGEST = 6, 16
"""Digits of a number."""

_MOST_ENTRIES = 6
"""Of a list that is shown at a prompt."""


def written(value: Any, shape: Shape, *, exact: bool = False) -> str:
    """A value of a record as a case file would write it.

    Args:
        value: The value.
        shape: What its key takes.
        exact: Write as many digits as it takes to read the same value back.

    Example:
        >>> from fem_island.case.keys import key_at
        >>> written(5e-6, key_at(["electrolyte", "width"]).shape)
        '"5 um"'
    """
    match shape:
        case QuantityReader(dimension=dimension):
            number = exact_text(value, dimension) if exact else number_text(value, dimension)
            return json.dumps(number, ensure_ascii=False) if dimension.unit else number
        case Listing(entry=entry):
            return f"[{', '.join(written(each, entry, exact=exact) for each in value)}]"
        case Row(entries=entries):
            pairs = zip(value, entries, strict=True)
            return f"[{', '.join(written(each, entry, exact=exact) for each, entry in pairs)}]"
        case _ if isinstance(value, BaseModel):
            # A law inside of a record stands for a whole law only where it is whole.
            values = toml_values(value, whole=isinstance(value, Tagged))
            inside = ", ".join(f"{key} = {text}" for key, text in values.items())
            return f"{{ {inside} }}" if inside else "{}"
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def number_text(value: float, dimension: Dimension, digits: int | None = None) -> str:
    """An SI value in the unit in which people would write it.

    Args:
        value: In SI units.
        dimension: What it is.
        digits: How many are significant; by default 6, or 12 where that is another number.

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
    if digits is not None:
        return f"{number:.{digits}g} {unit}".strip()
    short, long = f"{number:g}", f"{number:.12g}"
    return f"{short if float(short) == float(long) else long} {unit}".strip()


def exact_text(value: float, dimension: Dimension) -> str:
    """An SI value as people would write it, with the digits that it takes to read it back.

    Example:
        >>> from fem_island.quantities import LENGTH
        >>> exact_text(5e-6, LENGTH), exact_text(1e-5 / 3, LENGTH)
        ('5 um', '3.3333333333333337e-06 m')
    """
    si = f"{repr(float(value)).removesuffix('.0')} {dimension.unit}".strip()
    for digits in range(_SHORTEST, _LONGEST + 1):
        text = number_text(value, dimension, digits)
        if to_si(text, dimension) == value:
            # 100 s are no round number of minutes.
            return text if digits == _SHORTEST or len(text) <= len(si) else si
    return si


def told(record: BaseModel) -> Iterator[tuple[Key, Any]]:
    """The keys in which a record differs from its defaults, each with its value.

    The one that comes first is told where it was given, whatever its default. Numbers that the
    record takes from elsewhere, such as those of a material, are not told.
    """
    first = getattr(type(record), "first", "")
    for key in table_of(type(record)).keys:
        value = getattr(record, key.name)
        if value is None or key.name not in record.model_fields_set:
            continue
        default = type(record).model_fields[key.name].get_default()
        if value == default and key.name != first:
            continue
        if not (isinstance(value, Sourced) and _is_filled_in(record, key.name)):
            yield key, value


def _is_filled_in(record: BaseModel, name: str) -> bool:
    """Whether a record comes to a value by itself."""
    others = {key: value for key, value in dict(record).items() if key != name}
    return bool(getattr(type(record)(**others), name) == getattr(record, name))


def toml_values(record: BaseModel, *, whole: bool = False) -> dict[str, str]:
    """What a table of a case file must say to be read as a record: keys and texts of values.

    Args:
        record: The record.
        whole: Tell the defaults as well.
    """
    found = {}
    if isinstance(record, Tagged) and (whole or not _is_first_kind(record)):
        found[record.tag] = json.dumps(getattr(record, record.tag))
    for key, value in _whole(record) if whole else told(record):
        if key.name not in found:
            found[key.name] = written(value, key.shape, exact=True)
    return found


def _whole(record: BaseModel) -> Iterator[tuple[Key, Any]]:
    for key in table_of(type(record)).keys:
        if getattr(record, key.name) is not None:
            yield key, getattr(record, key.name)


def _is_first_kind(record: Tagged) -> bool:
    """Whether it is of the kind that a table without the key is read as."""
    return bool(getattr(record, record.tag) == next(iter(record.base().kinds())))


def toml_tables(fields: Iterable[tuple[Key, Any]]) -> str:
    """Records, or several in a tuple, as the tables of a TOML file.

    Args:
        fields: Keys and values, as records tell them.
    """
    above: list[str] = []
    lines: list[str] = []
    for key, given in fields:
        several = isinstance(given, tuple)
        if several and not given:
            above.append(f"{key.name} = []")
        for table in given if several else [given]:
            lines += ["", f"[[{key.name}]]" if several else f"[{key.name}]"]
            lines += [f"{name} = {text}" for name, text in toml_values(table).items()]
    return "\n".join([*above, *lines[0 if above else 1 :], ""]) if above or lines else ""


def prompt_text(record: BaseModel, *, first: str = "") -> str:
    """A record as Python would make it: what differs from its defaults, with units.

    Args:
        record: The record.
        first: The key that is given without its name.
    """
    parts: list[str] = []
    for key, value in told(record):
        text = _python(value, key.shape)
        if isinstance(record, Tagged) and key.name == record.tag:
            continue  # It is the name of the class.
        if key.name == first:
            parts.insert(0, text)
        else:
            parts.append(f"{key.name}={text}")
    return f"{type(record).__name__}({', '.join(parts)})"


def _python(value: Any, shape: Shape) -> str:
    if isinstance(value, tuple):
        entries = shape.entry if isinstance(shape, Listing) else shape
        inner = shape.entries if isinstance(shape, Row) else [entries] * len(value)
        shown = [_python(*pair) for pair in list(zip(value, inner, strict=True))[:_MOST_ENTRIES]]
        more = len(value) - len(shown)
        shown += [f"... {more} more"] if more else []
        return f"[{', '.join(shown)}]" if isinstance(shape, Listing) else f"({', '.join(shown)})"
    if isinstance(value, BaseModel):
        return repr(value)
    if isinstance(shape, QuantityReader):
        text = exact_text(value, shape.dimension)
        return repr(text) if shape.dimension.unit else text
    return repr(value)


def html_table(record: BaseModel, *, spread: str = "") -> str:
    """A record for notebooks: all its keys and values, in bold what differs from the defaults.

    Args:
        record: The record.
        spread: The field whose keys stand beside the others.
    """
    rows = "".join(_html_rows(record, "", spread))
    return f"<table><caption><b>{escape(type(record).__name__)}</b></caption>{rows}</table>"


def _html_rows(record: BaseModel, prefix: str, spread: str = "") -> Iterator[str]:
    different = {key.name for key, _ in told(record)}
    for key in table_of(type(record)).keys:
        value = getattr(record, key.name)
        if value is None:
            continue
        path = f"{prefix}{key.name}"
        if isinstance(value, BaseModel):
            yield from _html_rows(value, prefix if key.name == spread else f"{path}.")
        elif inner_table(key.shape) is not None and isinstance(value, tuple):
            for number, each in enumerate(value[:_MOST_ENTRIES]):
                yield from _html_rows(each, f"{path}.{number}.")
            if len(value) > _MOST_ENTRIES:
                yield _html_row(path, f"... {len(value) - _MOST_ENTRIES} more", "", False)
        else:
            text = written(value, key.shape).replace('"', "")
            origin = value.origin if isinstance(value, Sourced) else ""
            yield _html_row(path, text, origin, key.name in different)


def _html_row(path: str, text: str, origin: str, different: bool) -> str:
    shown = f"<b>{escape(text)}</b>" if different else escape(text)
    return (
        f'<tr><td style="text-align:left">{escape(path)}</td>'
        f'<td style="text-align:left">{shown}</td>'
        f'<td style="text-align:left">{escape(origin)}</td></tr>'
    )
