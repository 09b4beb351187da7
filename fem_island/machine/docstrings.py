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
