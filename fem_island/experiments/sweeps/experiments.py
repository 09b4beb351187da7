"""The experiments that a sweep can repeat, by name; each is loaded when it is asked for."""

from __future__ import annotations

from fem_island.experiments.sweeps.experiment import Experiment
from fem_island.experiments.sweeps.names import ExperimentName


def experiment_named(name: ExperimentName) -> Experiment:
    """What a sweep of this name computes at each point.

    Example:
        >>> experiment_named("strip").title
        'Lithium islands and films while they are stripped'
    """
    if name == "strip":
        from fem_island.experiments.stripping.sweeping import StrippingRuns

        return StrippingRuns()
    if name == "impedance":
        from fem_island.experiments.impedance.sweeping import Spectra

        return Spectra()
    from fem_island.experiments.sweeps.solved_points import SOLVED_POINTS

    return SOLVED_POINTS
