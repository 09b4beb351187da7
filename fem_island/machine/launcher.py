"""What started this process: alone, or as one of several by ``mpirun`` or ``srun``.

Read from the environment, so that it is known before MPI is loaded. What a launcher has written
there outlives it and reaches processes that it did not start: a shell under ``srun``, a command
that a rank of another program runs. So it counts only where the launcher can be heard, or where
nothing speaks against it.
"""

from __future__ import annotations

import os
import select
import stat
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from types import ModuleType

from fem_island.errors import Fault, InputError
from fem_island.machine.ancestors import ancestors
from fem_island.machine.communicator import Communicator, OneProcess
from fem_island.machine.environment import without_variables

_OF_MPICH = ("PMI_", "PMI2_", "MPI_LOCAL")
"""How the names begin that launchers of MPICH's kind set."""
_PREFIXES = (*_OF_MPICH, "PMIX_", "OMPI_COMM_WORLD_", "PRTE_")
"""How all names begin that an MPI library reads to find its launcher."""
_IDENTITY = (
    *("PMI_RANK", "PMI_SIZE", "PMI_FD", "PMI_ID", "PMI_PORT", "PMIX_RANK", "PMIX_NAMESPACE"),
    *("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    *("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
)
"""Variables by which a rank can be told from all others."""
_LAUNCHERS = frozenset(
    {
        *("mpirun", "mpiexec", "mpiexec.hydra", "mpiexec.gforker", "hydra_pmi_proxy"),
        *("orterun", "orted", "prterun", "prte", "prted", "slurmstepd", "palsd"),
    }
)
_SECONDS_TO_CONNECT = 2.0
"""To a launcher that may be gone."""


@dataclass(frozen=True)
class _Launch:
    """How this process was started.

    Attributes:
        size: How many were started together.
        rank: Which of them it is; None alone, and where nobody else may be there to speak.
        joins: Whether a launcher of the kind of MPICH waits for this process.
        size_from: The variable that says so, where no such launcher can be heard.
        spent: Whether the launcher has served another program and serves no more.
    """

    size: int = 1
    rank: int | None = None
    joins: bool = False
    size_from: str | None = None
    spent: bool = False


def launched_rank() -> int | None:
    """Rank in a parallel run; None for a process that was started alone."""
    return _launch().rank


def launched_size() -> int:
    """How many processes were started together, as far as it is known before MPI is loaded."""
    return _launch().size


def world() -> Communicator:
    """All processes that were started together; MPI is started only where there are several.

    Raises:
        InputError: The launcher is not that of the MPI library in use, or has ended, or mpi4py is
            missing. Every process would be alone and repeat all of the work, or MPI would end it.
    """
    launch = _launch()
    if launch.size == 1 and not launch.joins:
        return OneProcess()
    if launch.spent:
        raise _refused(
            "by a launcher which serves one program of MPI, and has served it; give every command "
            "an mpirun of its own"
        )
    if find_spec("mpi4py") is None:
        raise _refused(
            "together, but mpi4py, through which they would share the work, is not installed, "
            "so each would be alone. Install fem-island[mpi], or leave out the launcher"
        )
    comm: Communicator = load_mpi().COMM_WORLD
    if launch.size > comm.size == 1:
        alone = f"; a process alone runs without {launch.size_from}" if launch.size_from else ""
        raise _refused(_OTHER_MPI + alone)
    return comm


def load_mpi() -> ModuleType:
    """``mpi4py.MPI``, started; all that needs MPI comes here first.

    A library of MPI that finds variables of a launcher which it cannot reach ends the process.
    """
    import mpi4py

    # A program that has loaded MPI, or means to start it, has its own reasons.
    is_others = "MPI" in vars(mpi4py) or not mpi4py.rc.initialize
    if is_others or not any(name.startswith(_PREFIXES) for name in os.environ):
        from mpi4py import MPI

        return MPI
    # Which library it is, and so what it can reach, is known before it starts.
    finalize = mpi4py.rc.finalize
    mpi4py.rc.initialize, mpi4py.rc.finalize = False, finalize in (None, True)
    try:
        from mpi4py import MPI
    finally:
        mpi4py.rc.initialize, mpi4py.rc.finalize = True, finalize
    if not MPI.Is_initialized():
        with without_variables(*_unreachable(MPI)):
            MPI.Init_thread()
    return MPI


def _unreachable(library: ModuleType) -> list[str]:
    """Variables of launchers that do not wait for this process, or not for this library."""
    launch = _launch()
    found = [name for name in os.environ if name.startswith(_PREFIXES)]
    others = [name for name in found if not name.startswith(_OF_MPICH)]
    if launch.joins:
        return others
    if launch.size == 1 or launch.spent:
        return found
    if library.get_vendor()[0] == "Open MPI" or "pmix" in library.Get_library_version():
        return []
    # Nobody answers at these; the rest an MPICH of another kind may understand.
    return [*others, "PMI_FD", "PMI_PORT"]


@cache
def _launch() -> _Launch:
    """What is true when it is first asked: what is opened later may bear the number of PMI_FD."""
    size = _number("PMI_SIZE")
    rank = _number("PMI_RANK")
    descriptor = _number("PMI_FD")
    if descriptor is not None and _is_socket_from_outside(descriptor):
        if not _is_that_of_a_program(descriptor):
            if size == 1:
                return _Launch()
            spent = _is_hung_up(descriptor)
            return _Launch(size or 1, rank, joins=not spent, spent=spent)
    elif _listens(os.environ.get("PMI_PORT", "")) and not _is_started_by_a_rank():
        return _Launch(_number("MPI_LOCALNRANKS") or 1, _number("PMI_ID"), joins=True)
    names = [("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK")]
    if not {"PMI_FD", "PMI_PORT"} & os.environ.keys():
        # Those that speak otherwise than MPICH, and srun, which sets the size of its step for all
        # that runs below it.
        names = [("PMI_SIZE", "PMI_RANK"), *names, ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID")]
    for size_from, rank_from in names:
        size = _number(size_from)
        if size is not None:
            if size <= 1 or _is_started_by_a_rank():
                return _Launch()
            rank = _number(rank_from) if _is_run_by_a_launcher() else None
            return _Launch(size, rank, size_from=size_from)
    return _Launch()


def _is_socket_from_outside(descriptor: int) -> bool:
    """Whether it is one that may have been open when this process began; Python's own are not."""
    try:
        mode = os.fstat(descriptor).st_mode
        return stat.S_ISSOCK(mode) and os.get_inheritable(descriptor)
    except (OSError, OverflowError):
        return False


def _is_hung_up(descriptor: int) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLHUP)
    return bool(waiting.poll(0))


def _listens(port: str) -> bool:
    host, _, number = port.rpartition(":")
    if not number.isdecimal():
        return False
    import socket

    try:
        socket.create_connection((host, int(number)), timeout=_SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError):
        return False
    return True


def _is_that_of_a_program(descriptor: int) -> bool:
    """Whether a program of MPI speaks to its launcher through it, and has run this command."""
    return any(above.holds(descriptor) and above.has_loaded_mpi for above in ancestors())


def _is_started_by_a_rank() -> bool:
    """Whether a program of MPI that is the rank which the variables mean has run this command."""
    ours = _identity(os.environ)
    return any(
        _identity(above.environment) == ours and above.has_loaded_mpi for above in ancestors()
    )


def _is_run_by_a_launcher() -> bool:
    """Whether what runs this command is a launcher, so that other ranks are there to speak."""
    return next((above.name in _LAUNCHERS for above in ancestors()), False)


def _identity(variables: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    return {name: variables[name] for name in _IDENTITY if name in variables}


_OTHER_MPI = (
    "by a launcher which is not that of the MPI library that mpi4py uses, so each would be alone. "
    "Start with the mpirun beside this fem-island, or with srun --mpi=pmi2"
)


def _refused(reason: str) -> InputError:
    return InputError([Fault("", None, f"{launched_size()} processes were started {reason}")])


def _number(name: str) -> int | None:
    value = os.environ.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() else None
