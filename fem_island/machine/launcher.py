"""What started this process: alone, or as one of several by ``mpirun`` or ``srun``.

Read from the environment, so that it is known before MPI is loaded.
"""

from __future__ import annotations

import os
import warnings
from importlib.util import find_spec

from fem_island.errors import Fault, InputError
from fem_island.machine.communicator import Communicator, OneProcess

_RANKS = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")
_OPEN_MPI = ("OMPI_COMM_WORLD_SIZE",)
_SIZES = ("PMI_SIZE", *_OPEN_MPI, "MPI_LOCALNRANKS")


def launched_rank() -> int | None:
    """Rank in a parallel run; None for a process that was started alone."""
    found = _first(_RANKS)
    if found is None and launched_size() > 1:
        found = _first(("SLURM_PROCID",))
    return found


def launched_size() -> int:
    """How many processes were started together.

    ``srun`` sets the size of its step for all that runs below it, so it counts only where no
    launcher of MPI has said anything.
    """
    return _first(_SIZES) or _first(("SLURM_STEP_NUM_TASKS",)) or 1


def world() -> Communicator:
    """All processes that were started together; MPI is started only where there are several.

    Raises:
        InputError: The launcher is not that of the MPI library in use, or mpi4py is missing. Every
            process would be alone and repeat all of the work, or MPI would end it.
    """
    if launched_rank() is None and launched_size() == 1:
        return OneProcess()
    if find_spec("mpi4py") is None:
        if launched_size() > 1:
            raise _refused(
                "together, but mpi4py, through which they would share the work, is not installed, "
                "so each would be alone. Install fem-island[mpi], or leave out the launcher"
            )
        return OneProcess()
    import mpi4py

    if "MPI" not in vars(mpi4py) and _first(_OPEN_MPI) is not None:
        # MPICH would end the process where Open MPI started it.
        mpi4py.rc.initialize, mpi4py.rc.finalize = False, True
    with warnings.catch_warnings():
        # mpi4py warns of such a launcher, and what is said here is enough.
        warnings.simplefilter("ignore", RuntimeWarning)
        from mpi4py import MPI
    if not MPI.Is_initialized():
        if MPI.get_vendor()[0] != "Open MPI":
            raise _refused(_OTHER_MPI)
        MPI.Init_thread()
    if launched_size() > MPI.COMM_WORLD.size == 1:
        raise _refused(_OTHER_MPI)
    return MPI.COMM_WORLD


_OTHER_MPI = (
    "by a launcher which is not that of the MPI library that mpi4py uses, so each would be alone. "
    "Start with the mpirun beside this fem-island, or with srun --mpi=pmi2"
)


def _refused(reason: str) -> InputError:
    return InputError([Fault("", None, f"{launched_size()} processes were started {reason}")])


def _first(names: tuple[str, ...]) -> int | None:
    for name in names:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return None
