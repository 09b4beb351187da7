"""Starting PETSc and DOLFINx so that nothing outside this package changes what they do or print."""

from __future__ import annotations

import petsc4py

from fem_island.machine.environment import without_arguments, without_variables
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


def start_dolfinx() -> None:
    """Load DOLFINx without the command line, which its log reads, and which need not be text."""
    with without_arguments():
        import dolfinx  # noqa: F401
