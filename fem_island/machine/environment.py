"""What this process was started with: variables and arguments, hidden from libraries."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_variables(*names: str) -> Iterator[None]:
    """An environment without some variables, for libraries that read them when they start."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


@contextmanager
def without_arguments() -> Iterator[None]:
    """A command line with nothing but its program, for libraries that read it when they start."""
    arguments = sys.argv
    sys.argv = ["fem-island"]
    try:
        yield
    finally:
        sys.argv = arguments
