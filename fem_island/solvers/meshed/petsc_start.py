"""Starting PETSc so that nothing outside this package changes what it computes or prints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py import MPI  # noqa: F401  (brings the MPI library that PETSc needs)

import petsc4py

_ARGUMENTS = [
    "fem-island",
    "-skip_petscrc",  # neither ~/.petscrc nor one in the working folder
    "-no_signal_handler",  # PETSc would end the process with a report of its own
    "-options_left",
    "no",
]
_VARIABLES = ("PETSC_OPTIONS", "PETSC_OPTIONS_YAML")


def start_petsc() -> None:
    """Start PETSc without the user's options; leave it alone where a program has started it.

    A program that wants options of its own imports ``petsc4py.PETSc`` before this package. All
    objects here have their types set and a prefix of their own, so that such options do not reach
    them.
    """
    with _without(_VARIABLES):
        petsc4py.init(_ARGUMENTS)


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """An environment without some variables."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
