"""What started this process: alone, or as one of several by ``mpirun`` or ``srun``.

Read from the environment, so that it is known before MPI is loaded.
"""

from __future__ import annotations

import os

from fem_island.errors import FemIslandError

_RANKS = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS")


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


def check_world(size: int) -> None:
    """Refuse a world smaller than what was started: every process would repeat all of the work.

    Args:
        size: Of the world that MPI found.

    Raises:
        FemIslandError: The launcher is not that of the MPI library in use.
    """
    started = launched_size()
    if started > size == 1:
        raise FemIslandError(
            f"{started} processes were started, but each is alone in its MPI world: the launcher "
            "is not that of the MPI library which mpi4py uses. Start with the mpirun beside this "
            "fem-island, or with srun --mpi=pmi2"
        )


def _first(names: tuple[str, ...]) -> int | None:
    for name in names:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return int(value)
    return None
