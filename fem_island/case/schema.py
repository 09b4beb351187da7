"""The JSON Schema of a case file, with which editors complete and check it.

It accepts what people write and ``read_case`` accepts, but cannot say all that is checked there:
that the unit of a length is one of length, that a number with a unit is in range, or that islands
do not overlap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from fem_island.case.axes import MOST_POINTS, numeric_keys
from fem_island.case.fit import FIT_DESCRIPTION, MOST_PARAMETERS, Data
from fem_island.case.keys import case_table
from fem_island.case.readers import QuantityReader, WholeNumberReader
from fem_island.case.reference import PARAMETERS, SWEEP_DESCRIPTION, allowed, default_text
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
    table_of,
)
from fem_island.case.shorter_forms import SPACED_KEYS
from fem_island.case.sweep_table import SPACINGS
from fem_island.case.tables_beside import FIT, RANGE_KEYS, SWEEP, UNCERTAIN
from fem_island.case.uncertain import COMPLEMENT, DISTRIBUTIONS, UNCERTAIN_DESCRIPTION
from fem_island.case.writing import written
from fem_island.quantities import POTENTIAL, TEMPERATURE
from fem_island.quantities.writing import AGAINST_LITHIUM, RATIO, SIGN, UNIT, UNSIGNED

DIALECT = "https://json-schema.org/draft/2020-12/schema"

FILE_NAME = "fem-island.schema.json"
"""What a schema beside case files is called."""

Schema = dict[str, Any]


def schema() -> Schema:
    """The schema, ready to be written as JSON."""
    described = _table(case_table())
    values: Schema = {}
    described["properties"][SWEEP] = _sweep(values)
    described["properties"][FIT] = _fit()
    described["properties"][UNCERTAIN] = _by_path(_distribution, UNCERTAIN_DESCRIPTION)
    return {
        "$schema": DIALECT,
        "$comment": f"Made by fem-island {version('fem-island')}: fem-island schema.",
        "title": "Case file of fem_island",
        **described,
        "$defs": values,
    }


def schema_text() -> str:
    """The schema as JSON."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _table(table: Table) -> Schema:
    return {
        "description": table.description,
        "type": "object",
        "properties": {key.name: _key(key) for key in table.keys},
        "additionalProperties": False,
    }


def _key(key: Key) -> Schema:
    found = _shape(key.shape)
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


def _shape(shape: Shape) -> Schema:
    match shape:
        case QuantityReader():
            return _quantity(shape)
        case WholeNumberReader(at_least=least, at_most=most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Choice(values=values) | Text(known=values) if values:
            return {"type": "string", "enum": list(values)}
        case Flag():
            return {"type": "boolean"}
        case Listing(entry=entry, least=least, most=most, spaced=spaced):
            bounds = {"minItems": least, "maxItems": most}
            given = {name: bound for name, bound in bounds.items() if bound is not None}
            several = {"type": "array", "items": _shape(entry), **given}
            return {"anyOf": [several, _spaced(entry)]} if spaced else several
        case Row(entries=entries):
            parts = [_shape(entry) for entry in entries]
            length = {"minItems": len(parts), "maxItems": len(parts)}
            if all(part == parts[0] for part in parts):
                return {"type": "array", "items": parts[0], **length}
            return {"type": "array", "prefixItems": parts, **length}
        case Table():
            return _table(shape)
        case _:
            return {"type": "string"}


def _spaced(entry: Shape) -> Schema:
    """A range that stands for values which are evenly spaced in their logarithm."""
    first, last, density = SPACED_KEYS
    value = _shape(entry)
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


def _quantity(reader: QuantityReader) -> Schema:
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


def _sweep(definitions: Schema) -> Schema:
    """The table of a sweep: paths in quotes, or as inner tables, which TOML makes of the others.

    Args:
        definitions: Where what an axis takes is put, once per kind of number.
    """
    top: Schema = {**_tables(SWEEP_DESCRIPTION), "patternProperties": {}}
    top["properties"]["zip"] = {
        "description": "Pair the axes, which then have equal lengths, instead of crossing them.",
        "type": "boolean",
        "default": False,
    }
    for path, key in numeric_keys().items():
        axis = _axis(key.shape)
        name = next((name for name, other in definitions.items() if other == axis), path)
        definitions.setdefault(name, axis)
        values = {"description": key.description, "$ref": f"#/$defs/{name}"}
        top["properties"][path] = values
        if "[]" in key.path:
            one = re.escape(key.path).replace(re.escape("[]"), r"\.[0-9]+")
            top["patternProperties"][f"^{one}$"] = values
        *tables, name = path.split(".")
        inner = top
        for table in tables:
            inner = inner["properties"].setdefault(table, _tables(f"Keys of {table}."))
        inner["properties"][name] = values
    for name, inner in top["properties"].items():
        if f"{name}[]" in {key.path for key in case_table().keys}:
            entry = {"^[0-9]+$": {**inner, "description": f"Keys of one of the {name}."}}
            top["properties"][name] = {**inner, "patternProperties": entry}
    return top


def _fit() -> Schema:
    """The table of a fit: what is fitted, by paths, and the data."""
    parameters = _by_path(_parameter, PARAMETERS)
    parameters["maxProperties"] = MOST_PARAMETERS
    data = _table(table_of(Data))
    data["required"] = ["file"]
    return {
        "description": FIT_DESCRIPTION,
        "type": "object",
        "properties": {
            "parameters": parameters,
            "data": {"type": "array", "items": data, "minItems": 1},
        },
        "required": ["parameters", "data"],
        "additionalProperties": False,
    }


def _by_path(what: Callable[[QuantityReader], Schema], description: str) -> Schema:
    """A table of quantities by their paths in quotes, or as the inner tables that TOML makes.

    Args:
        what: What a quantity takes there.
        description: Of the table.
    """
    top: Schema = {**_tables(description), "patternProperties": {}}
    for path, key in numeric_keys().items():
        if not isinstance(key.shape, QuantityReader):
            continue
        said = {"description": key.description, **what(key.shape)}
        top["properties"][path] = said
        if "[]" in key.path:
            one = re.escape(key.path).replace(re.escape("[]"), r"\.[0-9]+")
            top["patternProperties"][f"^{one}$"] = said
        *tables, name = path.split(".")
        inner = top
        for table in tables:
            inner = inner["properties"].setdefault(table, _tables(f"Keys of {table}."))
        inner["properties"][name] = said
    return top


def _parameter(reader: QuantityReader) -> Schema:
    value = _quantity(reader)
    return {
        "type": "object",
        "properties": {
            "bounds": {
                "description": "Lowest and highest value.",
                "type": "array",
                "items": value,
                "minItems": 2,
                "maxItems": 2,
            },
            "start": {"description": "Where the search starts.", **value},
            "logarithmic": {
                "description": "Whether its logarithm is fitted.",
                "type": "boolean",
            },
        },
        "additionalProperties": False,
    }


def _distribution(reader: QuantityReader) -> Schema:
    value = _quantity(reader)
    numbers = {name: value for forms in DISTRIBUTIONS.values() for names in forms for name in names}
    return {
        "type": "object",
        "properties": {
            "distribution": {"type": "string", "enum": list(DISTRIBUTIONS)},
            **numbers,
            COMPLEMENT: {"description": "Key of which it is 1 less.", "type": "string"},
        },
        "additionalProperties": False,
    }


def _tables(description: str) -> Schema:
    return {
        "description": description,
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


def _axis(shape: Shape) -> Schema:
    value = _shape(shape)
    properties = {
        "from": {"description": "First value.", **value},
        "to": {"description": "Last value.", **value},
        "count": {
            "description": "How many values.",
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_POINTS,
        },
        "spacing": {
            "description": "How they are spaced.",
            "type": "string",
            "enum": list(SPACINGS),
            "default": SPACINGS[0],
        },
    }
    return {
        "anyOf": [
            {"type": "array", "items": value, "minItems": 1},
            {
                "type": "object",
                "properties": {name: properties[name] for name in RANGE_KEYS},
                "required": list(RANGE_KEYS[:3]),
                "additionalProperties": False,
            },
        ]
    }
