"""What the experiments of a sweep are called, known before anything that computes is loaded."""

from typing import Literal, get_args

from fem_island.errors import Fault, InputError

ExperimentName = Literal["solve", "strip", "impedance"]
"""What is computed at each point, by the name of the command that does it once."""


def check_experiment(name: str, solver: str, *, key: str = "of", key_of_solver: str) -> None:
    """Refuse an experiment that is not known, or that a solver does not do.

    Args:
        name: Of the experiment.
        solver: Name of the solver.
        key: Where the name was given.
        key_of_solver: Where that of the solver was.

    Raises:
        InputError: There is no such experiment, or not with this solver.
    """
    known = get_args(ExperimentName)
    if name not in known:
        raise InputError([Fault(key, name, f"is not one of {', '.join(known)}")])
    if name != "solve" and solver != "condensed":
        reason = f'must be "condensed" for {name}: it alone computes that in a sweep'
        raise InputError([Fault(key_of_solver, solver, reason)])
