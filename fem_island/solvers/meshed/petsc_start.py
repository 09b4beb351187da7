"""Starting PETSc so that nothing outside this package changes what it computes or prints."""

from __future__ import annotations

import petsc4py

from fem_island.machine.environment import without_variables
from fem_island.machine.launcher import load_mpi

_ARGUMENTS = [
    "fem-island",
    "-skip_petscrc",  # neither ~/.petscrc nor one in the working folder
    "-no_signal_handler",  # PETSc would end the process with a report of its own
    "-options_left",
    "no",
]
PETSC_VARIABLES = ("PETSC_OPTIONS", "PETSC_OPTIONS_YAML")
"""Variables from which PETSc takes options."""


def start_petsc() -> None:
    """Start PETSc without the user's options; leave it alone where a program has started it.

    A program that wants options of its own imports ``petsc4py.PETSc`` before this package. All
    objects here have their types set and a prefix of their own, so that such options do not reach
    them.
    """
    load_mpi()  # brings the MPI library that PETSc needs
    with without_variables(*PETSC_VARIABLES):
        petsc4py.init(_ARGUMENTS)
