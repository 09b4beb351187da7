"""What a sweep computes at each of its points, and who computes it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from fem_island.case.case import Case
from fem_island.experiments.sweeps.names import ExperimentName
from fem_island.results.variables import Layout
from fem_island.solvers.choice import SeriesSolver
from fem_island.solvers.names import SolverName


class Experiment(Protocol):
    """What a sweep repeats. Its results are rows of numbers that a class of results declares."""

    @property
    def name(self) -> ExperimentName:
        """The command that does it once."""

    @property
    def title(self) -> str:
        """Of the dataset."""

    def check(self, case: Case) -> None:
        """Refuse a case that is possible, but not with this.

        Raises:
            InputError: With every fault.
        """

    def without_effect(self, case: Case) -> Mapping[str, str]:
        """Keys that change nothing in a case, with the reason; an axis over one is a mistake."""

    def layout(self, case: Case) -> Layout:
        """How the results of a point lie in memory; the same for all points of a sweep."""

    def coordinates(self, case: Case) -> dict[str, Any]:
        """Labels along the dimensions of the results, as the variables of a dataset."""

    def solver(self, name: SolverName) -> AbstractContextManager[SeriesSolver]:
        """What computes it in one process; it is freed at the end of the ``with`` statement."""
