"""Work of one rank that all ranks depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from fem_island.errors import FemIslandError
from fem_island.machine.communicator import Communicator


def on_first_rank[Value](comm: Communicator, action: Callable[[], Value]) -> Value | None:
    """Do something on rank 0 only; what goes wrong there is raised on every rank. Collective.

    Without this the other ranks would wait for ever for the one that has given up.

    Args:
        comm: The ranks.
        action: What rank 0 does.

    Returns:
        The value of the action on rank 0, None elsewhere.

    Raises:
        FemIslandError: What the action raised, or its text where that was of another type.
    """
    if comm.size == 1:
        return action()
    value: Value | None = None
    failure: FemIslandError | None = None
    if comm.rank == 0:
        try:
            value = action()
        except FemIslandError as error:
            failure = error
        except Exception as error:
            failure = FemIslandError(f"{type(error).__name__}: {error}")
    _raise_on_all(comm.bcast(failure))
    return value


def on_every_rank[Value](comm: Communicator, action: Callable[[], Value]) -> Value:
    """Do something on all ranks; what goes wrong on one is raised on every rank. Collective.

    Args:
        comm: The ranks.
        action: What each does.

    Returns:
        The value of the action on this rank.

    Raises:
        FemIslandError: What the action raised on the first rank where it did.
    """
    value: Value | None = None
    failure: FemIslandError | None = None
    try:
        value = action()
    except FemIslandError as error:
        failure = error
    raise_first(comm, failure)
    return cast(Value, value)


def raise_first(comm: Communicator, failure: FemIslandError | None) -> None:
    """Raise on all ranks what the first rank that failed brings along. Collective.

    Args:
        comm: The ranks.
        failure: What went wrong on this rank, or None.
    """
    failures = (error for error in comm.allgather(failure) if error is not None)
    _raise_on_all(next(failures, None))


def _raise_on_all(failure: FemIslandError | None) -> None:
    if failure is not None:
        failure.on_all_ranks = True
        raise failure
