"""``--ranks N``: the same command again, as several processes that share its work."""

from __future__ import annotations

import os
import sys

from fem_island.cli.process import refuse

_OPTION = "--ranks"
_MOST = 100_000


def run_with_ranks(count: int) -> int:
    """Become the launcher of so many processes of this command.

    Returns:
        The exit status, where that cannot be.
    """
    from fem_island.errors import Fault
    from fem_island.machine.mpirun import own_mpirun

    if not 1 <= count <= _MOST:
        return refuse([Fault(_OPTION, count, f"must be a whole number from 1 to {_MOST}")])
    mpirun = own_mpirun()
    if mpirun is None:
        reason = "needs the mpirun of this environment, which fem-island[mpi] brings"
        return refuse([Fault(_OPTION, count, reason)])
    sys.stdout.flush()
    command = [str(mpirun), "-n", str(count), sys.executable, "-m", "fem_island.cli"]
    os.execv(mpirun, [*command, *_without_option(sys.argv[1:])])


def _without_option(arguments: list[str]) -> list[str]:
    """The arguments but for the number of ranks.

    Example:
        >>> _without_option(["sweep", "map.toml", "--ranks", "2", "--out", "map"])
        ['sweep', 'map.toml', '--out', 'map']
    """
    kept = []
    numbers = iter(arguments)
    for argument in numbers:
        if argument == _OPTION:
            next(numbers, None)
        elif not argument.startswith(f"{_OPTION}="):
            kept.append(argument)
    return kept
