"""Every key of a case file in words: its default, what is allowed, an example, and a table of all.

The JSON Schema (``case_schema``), the file that ``fem-island init`` writes (``case_template``) and
the table in the documentation are all made from this, so a field of a record appears in all of them
by itself.

Example:
    >>> [row.key for row in rows()][:2]
    ['electrolyte.width', 'electrolyte.height']
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from fem_island.case.fit import FIT_DESCRIPTION, Data
from fem_island.case.keys import case_table, values_in
from fem_island.case.readers import QuantityReader, WholeNumberReader
from fem_island.case.shapes import Choice, Flag, Key, Listing, Row, Shape, Table, Text, table_of
from fem_island.case.shorter_forms import SPACED_KEYS
from fem_island.case.tables_beside import FIT, SWEEP, UNCERTAIN
from fem_island.case.uncertain import UNCERTAIN_DESCRIPTION
from fem_island.case.writing import number_text, written

SWEEP_DESCRIPTION = (
    "For fem-island sweep: numeric keys by their paths, each with a list or a range of values; all "
    "combinations are computed, or pairs with zip = true."
)

PARAMETERS = (
    "Of each, all optional: bounds, a list of two values; start, where the search starts; "
    "logarithmic, whether its logarithm is fitted, as it is of what is always above 0."
)


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


def rows() -> list[ReferenceRow]:
    """A row for every key of a case file that takes a value, and those of what is done with it."""
    found = [
        ReferenceRow(key.path, default_text(key), allowed(key.shape), key.description)
        for key in values_in(case_table())
    ]
    fitted = f"{FIT}.parameters", "", "numeric keys", f"{FIT_DESCRIPTION} {PARAMETERS}"
    data = [
        ReferenceRow(key.path, default_text(key), allowed(key.shape), key.description)
        for key in values_in(table_of(Data, f"{FIT}.data[]."))
    ]
    sweep = ReferenceRow(SWEEP, "", "numeric keys", SWEEP_DESCRIPTION)
    uncertain = ReferenceRow(UNCERTAIN, "", "numeric keys", UNCERTAIN_DESCRIPTION)
    return [*found, sweep, ReferenceRow(*fitted), *data, uncertain]


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


def default_text(key: Key) -> str:
    """The default as a case file would write it; empty where the key is left out."""
    return "" if key.default is None else written(key.default, key.shape)


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
        >>> from fem_island.case.keys import key_at
        >>> allowed(key_at(["electrolyte", "width"]).shape)
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
        case Listing(entry=entry, spaced=spaced):
            several = f"list of {allowed(entry)}"
            return f"{several}, or {{ {', '.join(SPACED_KEYS)} }}" if spaced else several
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
