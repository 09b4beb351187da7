"""What a case file may say, key by key, read off the records that it is validated by.

What a key is called, what it takes and what it is by default are those of the field of a record;
its explanation is the text below that field. ``case.reference`` puts it in words. The tables of a
case file are the fields of a ``Case``, but for those of its ``cell``, which stand beside them.

Example:
    >>> [key.path for key in values_in(case_table())][:2]
    ['electrolyte.width', 'electrolyte.height']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.kinetics import Kinetics
from fem_island.case.shapes import Key, Listing, Table, inner_table, table_of

_SPREAD = "cell"
"""The field of a case whose fields are tables of the file themselves."""


def case_table() -> Table:
    """All that a case file may hold, without its sweep."""
    return _case_table(tuple(Kinetics.kinds().values()))


@cache
def _case_table(laws: tuple[type[Kinetics], ...]) -> Table:
    """The table that there is with these laws: one that a user has defined brings its own keys."""
    whole = table_of(Case)
    around = (key for key in whole.keys if key.path != _SPREAD)
    return Table(whole.description, (*table_of(Cell).keys, *around))


def nested(table: Mapping[str, Any]) -> dict[str, Any]:
    """The contents of a case file as a ``Case`` is validated from them."""
    inside = {key: value for key, value in table.items() if key in Cell.model_fields}
    return {_SPREAD: inside, **{k: v for k, v in table.items() if k not in inside}}


def spread(case: Mapping[str, Any]) -> dict[str, Any]:
    """A ``Case`` that was dumped as the contents of a case file; the inverse of ``nested``."""
    return {**case[_SPREAD], **{key: value for key, value in case.items() if key != _SPREAD}}


def spread_path(path: str) -> str:
    """The path in a case file of a key of a ``Case``."""
    return path.removeprefix(f"{_SPREAD}.")


def values_in(table: Table) -> Iterator[Key]:
    """The keys that take values, those of inner tables among them."""
    for key in table.keys:
        inner = inner_table(key.shape)
        if inner is None:
            yield key
        else:
            yield from values_in(inner)


def key_at(path: Sequence[str]) -> Key | None:
    """The key that a path leads to; None where it leads to none.

    Args:
        path: Names of tables and the key; in a list of tables a number may pick one.

    Example:
        >>> key_at(["islands", "0", "width"]).default
        5e-06
    """
    table: Table | None = case_table()
    key: Key | None = None
    in_list = False
    for name in path:
        if in_list and name.isdecimal():
            in_list = False
            continue
        key = None if table is None else table.key(name)
        if key is None:
            return None
        table = inner_table(key.shape)
        in_list = table is not None and isinstance(key.shape, Listing)
    return key
