"""The base of all input records: frozen, complete, and refusing with one line per fault.

A field is explained by the text below it, which the reference of case files repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from fem_island.case.shapes import known_keys
from fem_island.case.writing import html_table, prompt_text
from fem_island.errors import Fault, InputError, no_entry, shortened

_OURS = "fem_island"
_NOT_FOR_USERS = frozenset({"first", "tag", "base", "kinds"})
_FAULTS = "fem_island_faults"
_LONGEST_LIST = 190
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Record(BaseModel):
    """An immutable, validated record. Unknown keys are refused.

    Fields are given by name; one that says most of the record may come first without it, as in
    ``Island("5 um")``. To change a record, make another one of it: ``with_``.

    Raises:
        InputError: With one fault per thing that is wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: ClassVar[str] = ""
    """The field that may be given without its name."""

    def __init__(self, *given: Any, **data: Any) -> None:
        """Validate the fields given by name, and one that may come first without it."""
        try:
            data = self._by_name(given, data)
            self.__pydantic_validator__.validate_python(data, self_instance=self)
        except ValidationError as error:
            raise InputError(faults_of(error, type(self))) from None

    # Pydantic then validates records inside records itself, so that the faults of all of them are
    # collected; without it, it would call __init__ for each and stop at the first.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def _by_name(cls, given: tuple[Any, ...], data: dict[str, Any]) -> dict[str, Any]:
        if not given:
            return data
        if cls.first and len(given) == 1 and cls.first not in data:
            return {cls.first: given[0], **data}
        names = [name for name in cls.model_fields if name != cls.first]
        alone = f"only {cls.first} comes without its name; " if cls.first else ""
        example = f"{cls.__name__}({names[0]}=...)"
        reason = f"{alone}give the others by name, such as {example}"
        raise InputError([Fault(cls.__name__, given[-1], reason)])

    def with_(self, changes: Mapping[str, object] | None = None, /, **fields: object) -> Self:
        """The record with other values of some fields, validated as a whole.

        Args:
            changes: Values by the paths of keys, as ``--set`` takes them: "islands.width" is that
                of all islands, "islands.0.width" that of the first one.
            **fields: Values by the names of fields.

        Raises:
            InputError: With one fault per thing that is wrong.

        Example:
            >>> import fem_island as fi
            >>> cell = fi.Cell().with_({"electrolyte.width": "80 um"}, interlayer="Ag")
            >>> cell
            Cell(electrolyte=Electrolyte(width='80 um'), interlayer=Interlayer('Ag'))
            >>> cell.with_({"islands.0.width": "20 um"}).islands
            (Island('20 um'),)
        """
        data = self._as_given()
        for path, value in {**(changes or {}), **fields}.items():
            name, _, rest = path.partition(".")
            inside = data.get(name, getattr(self, name, None))
            data[name] = _changed(inside, rest, value, path) if rest else value
        return type(self)(**data)

    def _as_given(self) -> dict[str, Any]:
        """The fields that were given, and the one that tells kinds apart."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        tag = getattr(type(self), "tag", None)
        return given if tag is None else {tag: getattr(self, tag), **given}

    def __replace__(self, /, **changes: object) -> Self:
        """The same for ``copy.replace``."""
        return self.with_(**changes)

    def __repr__(self) -> str:
        """What makes it again: the fields that differ from the defaults, with units."""
        return prompt_text(self, first=self.first)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return html_table(self)

    def __dir__(self) -> list[str]:
        """Its fields and what can be done with it, without what pydantic brings along."""
        own = {
            name
            for kind in type(self).__mro__[:-1]
            if kind.__module__.startswith(_OURS)
            for name in vars(kind)
        }
        public = {name for name in own if not name.startswith(("_", "model_"))} - _NOT_FOR_USERS
        return sorted(public | set(type(self).model_fields))


def _changed(inside: Any, path: str, value: object, whole: str) -> Any:
    """A field with something changed inside of it."""
    name, _, rest = path.partition(".")
    if isinstance(inside, Record):
        # As a table, so that the whole is validated once, and faults have their whole paths.
        at = getattr(inside, name, None)
        changed = _changed(at, rest, value, whole) if rest else value
        return {**inside._as_given(), name: changed}
    if isinstance(inside, Mapping):
        changed = _changed(inside.get(name), rest, value, whole) if rest else value
        return {**inside, name: changed}
    if isinstance(inside, tuple):
        if not name.isdecimal():
            return tuple(_changed(each, path, value, whole) for each in inside)
        if int(name) < len(inside):
            entries = list(inside)
            at = int(name)
            entries[at] = _changed(entries[at], rest, value, whole) if rest else value
            return tuple(entries)
        raise InputError([Fault(whole, None, f"has {no_entry(name, len(inside))}")])
    if inside is None:
        return {name: _changed(None, rest, value, whole) if rest else value}
    raise InputError([Fault(whole, None, f'"{name}" is not in a table')])


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
