"""Docstrings as they are written, also where Python was told to drop them (``python -OO``)."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
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
    try:
        source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        return ""
    (definition,) = ast.parse(source).body
    if not isinstance(definition, ast.ClassDef | ast.FunctionDef):
        return ""
    return ast.get_docstring(definition) or ""


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
