"""``fem-island selftest``."""

from __future__ import annotations

from fem_island.cli.process import DONE, FAILED, refuse, tell
from fem_island.machine.launcher import launched_size


def selftest() -> int:
    """Check in less than a minute that this installation computes known answers.

    Every check is a line with what is wanted and what was found.
    """
    if launched_size() > 1:
        from fem_island.errors import Fault

        reason = "runs on one rank, and tries two itself; leave out mpirun"
        return refuse([Fault("selftest", None, reason)])
    from fem_island.studies.selftest import run

    return DONE if run(tell) else FAILED
