"""A case as text to copy: a case file, and a script of Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pprint import pformat
from typing import Any

from fem_island.case.keys import nested

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_RECORDS = {
    "electrolyte": "Electrolyte",
    "islands": "Island",
    "interlayer": "Interlayer",
    "lithium": "Layer",
    "series": "Series",
    "operation": "Operation",
    "accuracy": "Accuracy",
    "output": "Output",
    "stripping": "Stripping",
}
"""Tables of a case file and the records of the Python interface that hold them."""


def case_file(table: Mapping[str, Any]) -> str:
    """The contents of a case file as TOML.

    Example:
        >>> print(case_file({"islands": [{"width": "3 um"}], "interlayer": {"material": "Ag"}}))
        [[islands]]
        width = "3 um"
        <BLANKLINE>
        [interlayer]
        material = "Ag"
        <BLANKLINE>
    """
    if not table:
        return "# Nothing is changed: this is the paper's cell.\n"
    return "\n".join("\n".join(block) + "\n" for block in _blocks(table))


def _blocks(table: Mapping[str, Any]) -> Iterator[list[str]]:
    """The lines of tables, behind those of keys, which would belong to a table in front of them."""
    keys = {name: value for name, value in table.items() if not _is_table(value)}
    if keys:
        yield _lines(keys)
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield [f"[{_key(name)}]", *_lines(value)]
        elif name not in keys:
            for entry in value:
                yield [f"[[{_key(name)}]]", *_lines(entry)]


def _is_table(value: Any) -> bool:
    several = isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value)
    return isinstance(value, Mapping) or bool(several)


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_lines(value))} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def script(table: Mapping[str, Any]) -> str:
    """A script that solves the case and prints its mean overpotential.

    Example:
        >>> print(script({"islands": [{"width": "3 um"}]}))
        import fem_island as fi
        <BLANKLINE>
        case = fi.Case(
            cell=fi.Cell(
                islands=[fi.Island(width='3 um')],
            ),
        )
        solution = fi.solve(case, solver="condensed")
        print(solution.result.overpotential_mean)  # V
        <BLANKLINE>
    """
    parts = nested(table)
    cell = _arguments(parts.pop("cell"), 8)
    inside = [f"    cell=fi.Cell(\n{cell}    ),\n"] if cell else []
    inside.append(_arguments(parts, 4))
    said = "".join(inside)
    case = f"fi.Case(\n{said})" if said else "fi.Case()"
    return (
        f"import fem_island as fi\n\ncase = {case}\n"
        'solution = fi.solve(case, solver="condensed")\n'
        "print(solution.result.overpotential_mean)  # V\n"
    )


def _arguments(table: Mapping[str, Any], indent: int) -> str:
    blank = " " * indent
    return "".join(f"{blank}{name}={_record(name, value)},\n" for name, value in table.items())


def _record(name: str, value: Any) -> str:
    if name in _RECORDS and isinstance(value, list):
        return f"[{', '.join(_record(name, entry) for entry in value)}]"
    if name in _RECORDS and isinstance(value, Mapping):
        inside = ", ".join(f"{key}={each!r}" for key, each in value.items())
        return f"fi.{_RECORDS[name]}({inside})"
    return pformat(value, width=1000, sort_dicts=False)
