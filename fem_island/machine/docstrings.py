"""Docstrings as they are written, also where Python was told to drop them (``python -OO``)."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

_WITHOUT_DOCSTRINGS = 2
"""Level of optimisation from which Python drops them."""

_OF_AN_ENTRY = 4
"""Indentation of the entries of a section."""


def docstring_of(thing: type[Any] | Callable[..., Any]) -> str:
    """The docstring of a class or a function, without its indentation; empty where it has none.

    Example:
        >>> docstring_of(docstring_of).partition(",")[0]
        'The docstring of a class or a function'
    """
    if sys.flags.optimize < _WITHOUT_DOCSTRINGS:
        return inspect.getdoc(thing) or ""
    definition = _definition(thing)
    if not isinstance(definition, ast.ClassDef | ast.FunctionDef):
        return ""
    return ast.get_docstring(definition) or ""


@cache
def field_docstrings(record: type[Any]) -> Mapping[str, str]:
    """The texts below the fields of a class, by their names, with those of its bases.

    Read from the source when they are asked for: to have pydantic read them whenever a record is
    defined is a tenth of what it takes to load the package.

    Example:
        >>> import fem_island as fi
        >>> field_docstrings(fi.Island)["inner_radius"].partition(",")[0]
        'Inner radius in an axisymmetric cell [m]'
    """
    found: dict[str, str] = {}
    for base in reversed(record.__mro__[:-1]):
        found |= _own_field_docstrings(base)
    return MappingProxyType(found)


def _own_field_docstrings(record: type[Any]) -> dict[str, str]:
    definition = _definition(record)
    if not isinstance(definition, ast.ClassDef):
        return {}
    texts = {}
    for field, below in pairwise(definition.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[name] = inspect.cleandoc(text)
    return texts


def _definition(thing: type[Any] | Callable[..., Any]) -> ast.stmt | None:
    """The statement that defines a class or a function; None where its source is not at hand."""
    try:
        source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        return None
    return ast.parse(source).body[0]


def on_long_lines(docstring: str) -> str:
    """A docstring whose paragraphs and entries have a line each, to be broken anew.

    Args:
        docstring: In the style of Google, without
            its indentation.

    Example:
        >>> on_long_lines(docstring_of(on_long_lines)).splitlines()[3]
        '    docstring: In the style of Google, without its indentation.'
    """
    lines: list[str] = []
    for line in docstring.splitlines():
        indent = len(line) - len(line.lstrip())
        before = lines[-1] if lines else ""
        goes_on = indent > _OF_AN_ENTRY or (indent == 0 and not before.endswith(":"))
        if line.strip() and before and goes_on:
            lines[-1] = f"{before} {line.strip()}"
        else:
            lines.append(line.rstrip())
    return "\n".join(lines)
