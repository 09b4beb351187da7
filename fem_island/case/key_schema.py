"""JSON Schema of keys of a case file, and of the values that they take."""

from __future__ import annotations

import json
from typing import Any

from fem_island.case.readers import QuantityReader, WholeNumberReader
from fem_island.case.reference import allowed, default_text
from fem_island.case.shapes import (
    Choice,
    Flag,
    Key,
    Listing,
    Row,
    Shape,
    Table,
    Text,
    inner_table,
)
from fem_island.case.shorter_forms import SPACED_KEYS
from fem_island.case.writing import written
from fem_island.quantities import POTENTIAL, TEMPERATURE
from fem_island.quantities.writing import AGAINST_LITHIUM, RATIO, SIGN, UNIT, UNSIGNED

Schema = dict[str, Any]
"""A part of a JSON Schema."""


def schema_of_table(table: Table) -> Schema:
    """What a table takes."""
    return {
        "description": table.description,
        "type": "object",
        "properties": {key.name: _key(key) for key in table.keys},
        "additionalProperties": False,
    }


def _key(key: Key) -> Schema:
    found = schema_of_shape(key.shape)
    if key.or_file and not isinstance(key.shape, Text):
        found = {"anyOf": [found, {"description": "Name of a file.", "type": "string"}]}
    if inner_table(key.shape) is not None:
        return found
    default = {"default": _as_json(key.default, key.shape)} if key.default is not None else {}
    said = [key.description]
    if not isinstance(key.shape, Choice | Text | Flag):
        said.append(f"Allowed: {allowed(key.shape)}.")
    if key.default is not None:
        said.append(f"Default: {default_text(key)}.")
    return {"description": " ".join(said), **found, **default}


def _as_json(value: Any, shape: Shape) -> Any:
    """A default as JSON: what TOML and JSON write differently is not among defaults."""
    return json.loads(written(value, shape))


def schema_of_shape(shape: Shape) -> Schema:
    """What a value of a shape may be."""
    match shape:
        case QuantityReader():
            return schema_of_quantity(shape)
        case WholeNumberReader(at_least=least, at_most=most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Choice(values=values) | Text(known=values) if values:
            return {"type": "string", "enum": list(values)}
        case Flag():
            return {"type": "boolean"}
        case Listing(entry=entry, least=least, most=most, spaced=spaced):
            bounds = {"minItems": least, "maxItems": most}
            given = {name: bound for name, bound in bounds.items() if bound is not None}
            several = {"type": "array", "items": schema_of_shape(entry), **given}
            return {"anyOf": [several, _spaced(entry)]} if spaced else several
        case Row(entries=entries):
            parts = [schema_of_shape(entry) for entry in entries]
            length = {"minItems": len(parts), "maxItems": len(parts)}
            if all(part == parts[0] for part in parts):
                return {"type": "array", "items": parts[0], **length}
            return {"type": "array", "prefixItems": parts, **length}
        case Table():
            return schema_of_table(shape)
        case _:
            return {"type": "string"}


def _spaced(entry: Shape) -> Schema:
    """A range that stands for values which are evenly spaced in their logarithm."""
    first, last, density = SPACED_KEYS
    value = schema_of_shape(entry)
    return {
        "type": "object",
        "properties": {
            first: {"description": "First value.", **value},
            last: {"description": "Last value.", **value},
            density: {"description": "How many a decade.", "type": "number", "minimum": 0},
        },
        "required": list(SPACED_KEYS),
        "additionalProperties": False,
    }


def schema_of_quantity(reader: QuantityReader) -> Schema:
    """What a number with a unit may be, or one without where there is none."""
    dimension = reader.dimension
    if not dimension.unit:
        bounds = {
            "exclusiveMinimum": reader.above,
            "minimum": reader.at_least,
            "maximum": reader.at_most,
        }
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        # Both "0.5" and "50 %" are read as well.
        text = {"type": "string", "pattern": rf"^\s*{SIGN}?{UNSIGNED}\s*{RATIO}?\s*$"}
        return {"anyOf": [{"type": "number", **given}, text]}
    # A temperature above 0 K can be below 0 in degrees Celsius.
    least = max((n for n in (reader.above, reader.at_least) if n is not None), default=-1)
    sign = r"\+?" if least >= 0 and dimension is not TEMPERATURE else rf"{SIGN}?"
    behind = AGAINST_LITHIUM if dimension is POTENTIAL else ""
    return {
        "type": "string",
        "pattern": rf"^\s*{sign}{UNSIGNED}\s*{UNIT}{behind}\s*$",
        "examples": [dimension.example],
    }
