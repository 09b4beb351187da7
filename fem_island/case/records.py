"""The base of all input records: frozen, complete, and refusing with one line per fault.

A field is explained by the text below it, which the reference of case files repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from fem_island.case.shapes import known_keys
from fem_island.errors import Fault, InputError, shortened

_FAULTS = "fem_island_faults"
_LONGEST_LIST = 190
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Record(BaseModel):
    """An immutable, validated record. Unknown keys are refused.

    To change one, make a new one from ``dict(record) | changes``: pydantic's own ``model_copy``
    does not validate.

    Raises:
        InputError: With one fault per thing that is wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    def __init__(self, **data: Any) -> None:
        """Validate the fields given by name."""
        try:
            self.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            raise InputError(faults_of(error, type(self))) from None

    # Pydantic then validates records inside records itself, so that the faults of all of them are
    # collected; without it, it would call __init__ for each and stop at the first.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def refuse(faults: Iterable[Fault]) -> None:
    """Raise from a validator of a whole record what it found; keys are relative to the record."""
    found = tuple(faults)
    if found:
        raise PydanticCustomError(_FAULTS, "several faults", {"faults": found})


def faults_of(error: ValidationError, record: type[BaseModel]) -> list[Fault]:
    """The faults that pydantic collected, in the words of this package."""
    faults: list[Fault] = []
    for detail in error.errors(include_url=False):
        key = ".".join(key_part(part) for part in detail["loc"])
        if detail["type"] == _FAULTS:
            for fault in detail["ctx"]["faults"]:
                faults.append(replace(fault, key=".".join(p for p in (key, fault.key) if p)))
        else:
            faults.append(_fault(key, detail, record))
    return faults


def key_part(part: int | str) -> str:
    """A part of a key's path as a case file would write it: in quotes where it needs them."""
    text = str(part)
    return text if _BARE_KEY.fullmatch(text) else shortened(text)


def _fault(key: str, detail: ErrorDetails, record: type[BaseModel]) -> Fault:
    value = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            allowed = _listed(known_keys(record, detail["loc"][:-1]))
            return Fault(key, value, f"is not a known key here; known are {allowed}")
        case "missing":
            return Fault(key, None, "is missing")
        case "literal_error":
            return Fault(key, value, f"is not one of {detail['ctx']['expected']}")
        case "model_type" | "model_attributes_type" | "dict_type":
            return Fault(key, value, "must be a table of keys and values")
        case "tuple_type" | "list_type":
            return Fault(key, value, "must be a list")
        case "too_long":
            return Fault(key, value, f"must have at most {detail['ctx']['max_length']} entries")
        case "too_short":
            least = detail["ctx"]["min_length"]
            entries = "entry" if least == 1 else "entries"
            return Fault(key, value, f"must have at least {least} {entries}")
        case "string_type":
            return Fault(key, value, "must be text in quotes")
        case "value_error":
            return Fault(key, value, str(detail["ctx"]["error"]))
        case _:
            return Fault(key, value, detail["msg"][0].lower() + detail["msg"][1:])


def _listed(names: list[str]) -> str:
    """Names on one line; of very many those that fit, and how many more there are."""
    text = ", ".join(names)
    if len(text) <= _LONGEST_LIST:
        return text
    fitting = text[:_LONGEST_LIST].rpartition(", ")[0]
    return f"{fitting} and {len(names) - len(fitting.split(', '))} more"
