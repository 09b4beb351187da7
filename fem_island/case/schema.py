"""The JSON Schema of a case file, with which editors complete and check it.

It accepts what people write and ``read_case`` accepts, but cannot say all that is checked there:
that the unit of a length is one of length, that a number with a unit is in range, or that islands
do not overlap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.metadata import version

from fem_island.case.axes import MOST_POINTS, numeric_keys
from fem_island.case.distributions import DISTRIBUTIONS
from fem_island.case.fit import FIT_DESCRIPTION, MOST_PARAMETERS, Data
from fem_island.case.key_schema import Schema, schema_of_quantity, schema_of_shape, schema_of_table
from fem_island.case.keys import case_table
from fem_island.case.readers import QuantityReader
from fem_island.case.reference import PARAMETERS, SWEEP_DESCRIPTION
from fem_island.case.shapes import Key, Shape, table_of
from fem_island.case.sweep_table import SPACINGS
from fem_island.case.tables_beside import FIT, RANGE_KEYS, SWEEP, UNCERTAIN
from fem_island.case.uncertain import COMPLEMENT, UNCERTAIN_DESCRIPTION

DIALECT = "https://json-schema.org/draft/2020-12/schema"

FILE_NAME = "fem-island.schema.json"
"""What a schema beside case files is called."""


def schema() -> Schema:
    """The schema, ready to be written as JSON."""
    described = schema_of_table(case_table())
    values: Schema = {}
    described["properties"][SWEEP] = _sweep(values)
    described["properties"][FIT] = _fit()
    described["properties"][UNCERTAIN] = _of_quantities(_distribution, UNCERTAIN_DESCRIPTION)
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


def _sweep(definitions: Schema) -> Schema:
    """The table of a sweep.

    Args:
        definitions: Where what an axis takes is put, once per kind of number.
    """

    def taken(path: str, key: Key) -> Schema:
        axis = _axis(key.shape)
        name = next((name for name, other in definitions.items() if other == axis), path)
        definitions.setdefault(name, axis)
        return {"$ref": f"#/$defs/{name}"}

    top = _by_path(numeric_keys(), taken, SWEEP_DESCRIPTION)
    zipped = {
        "description": "Pair the axes, which then have equal lengths, instead of crossing them.",
        "type": "boolean",
        "default": False,
    }
    top["properties"] = {"zip": zipped, **top["properties"]}
    for name, inner in top["properties"].items():
        if f"{name}[]" in {key.path for key in case_table().keys}:
            entry = {"^[0-9]+$": {**inner, "description": f"Keys of one of the {name}."}}
            top["properties"][name] = {**inner, "patternProperties": entry}
    return top


def _fit() -> Schema:
    """The table of a fit: what is fitted, by paths, and the data."""
    parameters = _of_quantities(_parameter, PARAMETERS)
    parameters["maxProperties"] = MOST_PARAMETERS
    data = schema_of_table(table_of(Data))
    data["required"] = ["file"]
    data["properties"]["error"]["type"] = ["string", "number"]  # a share may be a plain number
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


def _of_quantities(what: Callable[[QuantityReader], Schema], description: str) -> Schema:
    """A table of the keys that take a quantity, each with what that takes there."""

    def taken(_: str, key: Key) -> Schema:
        return what(key.shape) if isinstance(key.shape, QuantityReader) else {}

    keys = numeric_keys().items()
    quantities = {path: key for path, key in keys if isinstance(key.shape, QuantityReader)}
    return _by_path(quantities, taken, description)


def _by_path(
    keys: Mapping[str, Key], taken: Callable[[str, Key], Schema], description: str
) -> Schema:
    """A table of keys by their paths in quotes, or as the inner tables that TOML makes of others.

    Args:
        keys: The keys by their paths.
        taken: What a key takes there.
        description: Of the table.
    """
    top: Schema = {**_tables(description), "patternProperties": {}}
    for path, key in keys.items():
        said = {"description": key.description, **taken(path, key)}
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
    value = schema_of_quantity(reader)
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
    value = schema_of_quantity(reader)
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
    value = schema_of_shape(shape)
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
