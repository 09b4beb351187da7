"""How a command runs: on which ranks, what it says, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Timer, main_thread
from typing import TYPE_CHECKING

from fem_island.errors import on_one_line
from fem_island.machine.launcher import launched_rank, launched_size, world

if TYPE_CHECKING:
    from fem_island.errors import Fault
    from fem_island.machine.standard_streams import Stream
    from fem_island.solvers.names import SolverName

DONE, FAILED, WRONG_INPUT, UNMET, INTERRUPTED = 0, 1, 2, 3, 130
MOST_LINES = 200
"""Of one kind that a command says: faults of its input, points that failed."""
_SECONDS_UNTIL_REPEATED = 0.05
_SECONDS_TO_BE_HEARD = 0.5
"""Until the launcher has passed on what a rank said before it ends all of them."""
_SECONDS_OF_DELAY = 1.0
"""By which the first rank may be later than another."""


def say(line: str) -> None:
    """One line on standard error; under mpirun from the first rank only."""
    if launched_rank() in (None, 0):
        print(f"fem-island: {on_one_line(line)}", file=sys.stderr, flush=True)


def tell(text: str) -> None:
    """Text on standard output."""
    print(text, flush=True)


def printed(output: Stream, status: int) -> int:
    """Say why standard output could not be written; returns the exit status.

    That its reader has enough is no failure.
    """
    sys.stdout.flush()
    failure = output.failure
    if failure is None or isinstance(failure, BrokenPipeError):
        return status
    say(f"standard output cannot be written: {failure.strerror}")
    return status or FAILED


def concluded(what: str, *, failed: int, unmet: int) -> int:
    """Say last how many computations did not meet their tolerance; returns the exit status.

    Args:
        what: One of several computations, for example "point".
        failed: Those without a solution.
        unmet: Those whose error is above the tolerance.
    """
    outcomes = {"failed": failed, "did not meet the tolerance": unmet}
    said = [
        f"{number} {what}{'' if number == 1 else 's'} {outcome}"
        for outcome, number in outcomes.items()
        if number
    ]
    # What failed has had a line of its own.
    if unmet:
        say(", ".join(said))
    if failed:
        return FAILED
    return UNMET if unmet else DONE


def status_of(word: str) -> int:
    """The exit status for the status of a result."""
    return {"failed": FAILED, "tolerance not met": UNMET}.get(word, DONE)


def refuse(faults: list[Fault]) -> int:
    """Say what is wrong with the input, a line each; returns the exit status."""
    for fault in faults[:MOST_LINES]:
        say(str(fault))
    if len(faults) > MOST_LINES:
        say(f"and {len(faults) - MOST_LINES} more faults")
    return WRONG_INPUT


def let_first_rank_speak() -> None:
    """Wait on the other ranks: many launchers end all of them when the first one has ended."""
    if launched_rank() not in (None, 0):
        time.sleep(_SECONDS_OF_DELAY)


def from_first_rank[Value](action: Callable[[], Value]) -> Value:
    """The value of an action of the first rank: files are read once, and no two ranks disagree.

    MPI is started only where there are other ranks, so that a refusal comes at once.
    """
    if launched_rank() is None and launched_size() == 1:
        return action()
    comm = world()
    from fem_island.machine.collective import on_first_rank

    value: Value = comm.bcast(on_first_rank(comm, action))
    return value


def log_to_standard_error() -> None:
    """Say what the package warns of in lines like those of ``say``."""
    import logging

    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("fem-island: %(message)s"))
    logging.getLogger("fem_island").addHandler(handler)


def silence_matplotlib() -> None:
    """Say nothing of what is wrong in a user's settings of matplotlib, which are not used."""
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def keep_interruptions() -> None:
    """Repeat an interruption that arrived where Python drops exceptions, as in a finaliser."""
    usual = sys.unraisablehook

    def repeat(dropped: sys.UnraisableHookArgs) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            # From here it would be dropped again.
            to_main = (main_thread().ident, signal.SIGINT)
            Timer(_SECONDS_UNTIL_REPEATED, signal.pthread_kill, to_main).start()
        else:
            usual(dropped)

    sys.unraisablehook = repeat


def interrupted() -> int:
    """Say so, and end the other ranks, which may not have been told; returns the exit status."""
    say("interrupted")
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi is not None and mpi.Is_initialized() and mpi.COMM_WORLD.size > 1:
        mpi.COMM_WORLD.Abort(INTERRUPTED)
    return INTERRUPTED


def unexpected(error: Exception) -> int:
    """Say what happened on one line; with FEM_ISLAND_DEBUG set, show where."""
    from fem_island.errors import FemIslandError, InputError

    if os.environ.get("FEM_ISLAND_DEBUG"):
        raise error
    mpi = sys.modules.get("mpi4py.MPI")
    alone = mpi is None or not mpi.Is_initialized() or mpi.COMM_WORLD.size == 1
    shared = alone or (isinstance(error, FemIslandError) and error.on_all_ranks)
    if isinstance(error, InputError) and shared:
        return refuse(list(error.faults))
    if isinstance(error, FemIslandError):
        line = str(error)
    else:
        text = " ".join(str(error).split())
        line = f"unexpected {type(error).__name__}: {text} (FEM_ISLAND_DEBUG=1 shows where)"
    if shared:
        say(line)
        return FAILED
    print(f"fem-island: {on_one_line(line)}", file=sys.stderr, flush=True)
    time.sleep(_SECONDS_TO_BE_HEARD)
    if mpi is not None:
        mpi.COMM_WORLD.Abort(FAILED)  # the other ranks would wait for ever
    return FAILED


def faults_of_solver(solver: SolverName) -> list[Fault]:
    """Why a solver cannot run here, if it cannot."""
    from fem_island.errors import InputError
    from fem_island.solvers.names import check_solver

    try:
        check_solver(solver, key="--solver")
    except InputError as error:
        return list(error.faults)
    return []


def kept(title: str, write: Callable[[], list[Path]], *, told: bool) -> bool:
    """Write what was computed, and say where it is, or why it could not be written.

    Args:
        title: Of what was computed.
        write: Writes it; returns the files.
        told: Whether to say where it is.

    Returns:
        Whether it is written.
    """
    from fem_island.errors import FemIslandError

    try:
        written = write()
    except FemIslandError as error:
        say(f"{title}: {error}")
        return False
    if told:
        tell("written: " + ", ".join(str(file) for file in written))
    return True


def fault_of_folder(out: Path) -> Fault | None:
    """Why a folder cannot be written to, or None; makes it where there is none."""
    from fem_island.errors import Fault

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Fault("--out", str(out), f"cannot be made a folder: {error.strerror}")
    if not os.access(out, os.W_OK):
        return Fault("--out", str(out), "is a folder that cannot be written to")
    return None


def faults_of_outputs(
    out: Path, inputs: Sequence[Path | str], names: Sequence[str] | None = None
) -> list[Fault]:
    """Why a folder cannot hold what becomes of several inputs.

    Args:
        out: The folder.
        inputs: Files, or what else people are told of each.
        names: What the names of files begin with that become of each; by default those of inputs.
    """
    from fem_island.errors import Fault

    faults = []
    first: dict[str, Path | str] = {}
    for given, name in zip(inputs, names or [Path(each).stem for each in inputs], strict=True):
        if name in first:
            clash = f"would be written over {first[name]}; give the files different names"
            clash = "is given twice" if given == first[name] else clash
            faults.append(Fault("--out", None, clash, str(given)))
        first.setdefault(name, given)
    fault = fault_of_folder(out)
    return faults if fault is None else [*faults, fault]
