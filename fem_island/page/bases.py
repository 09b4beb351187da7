"""What a page starts from, and what its changes make of that."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fem_island.case.assigning import assign
from fem_island.case.case import Case
from fem_island.case.file import case_from_table
from fem_island.case.variants import BARE, OF_THE_MATERIAL, OWN, all_films
from fem_island.errors import Fault, InputError

PAPER = "paper"
"""Name of the base that is the paper's cell."""

GIVEN = "case"
"""Name of the base that the page was opened with."""

FILM = "film"
"""The change that puts another film into the case: a symbol, "none", or "case" for its own."""

_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Base:
    """A case that changes are made to.

    Attributes:
        title: What people call it.
        table: The contents of its case file.
    """

    title: str
    table: dict[str, Any]

    @classmethod
    def of(cls, case: Case, title: str) -> Base:
        """The base that a case makes."""
        return cls(title, tomllib.loads(case.to_toml()))


def changed(base: Base, changes: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    """The contents of a case file with the changes of a page made to them.

    Args:
        base: What they are made to.
        changes: Texts as a case file has them, by the paths of keys.
        keys: Those that a page may change. What names files is not among them.

    Raises:
        InputError: With a fault for every change that cannot be made.

    Example:
        >>> keys = frozenset(["islands.width", "film"])
        >>> changed(Base("", {}), {"islands.width": "3 um", "film": "Ag"}, keys)
        {'interlayer': {'material': 'Ag', 'reaction': 'release'}, 'islands': [{'width': '3 um'}]}
    """
    faults = []
    for key, value in changes.items():
        if key not in keys:
            faults.append(Fault(key, None, "is not a key that the page changes"))
        elif not isinstance(value, str) or len(value) > _LONGEST_VALUE:
            wanted = f'must be a text of at most {_LONGEST_VALUE} letters, such as "5 um"'
            faults.append(Fault(key, value, wanted))
    if faults:
        raise InputError(faults)
    table = copy.deepcopy(base.table)
    if FILM in changes:
        _put_film(table, changes[FILM])
    for key, value in changes.items():
        if key == FILM:
            continue
        try:
            assign(table, key.split("."), _plain(value))
        except ValueError as error:
            raise InputError([Fault(key, value, str(error))]) from None
    return table


def case_of(table: Mapping[str, Any]) -> Case:
    """The case that the contents of a file say.

    Raises:
        InputError: With every fault.
    """
    return case_from_table(dict(table))


def _put_film(table: dict[str, Any], name: str) -> None:
    """Put a film into the contents of a case file; see ``variants.with_film``."""
    own = table.get("interlayer")
    if name not in all_films() and (name != OWN or own is None):
        allowed = ", ".join(all_films())
        raise InputError([Fault(FILM, name, f"is not one of {allowed}")])
    if name == BARE:
        table.pop("interlayer", None)
    elif name != OWN:
        kept = {k: v for k, v in (own or {}).items() if k not in OF_THE_MATERIAL}
        table["interlayer"] = {"material": name, "reaction": "release"} | kept


def _plain(value: str) -> Any:
    """Pure numbers as numbers: only quantities with a unit are texts in a case file."""
    try:
        found = tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, int | float) and not isinstance(found, bool) else value
