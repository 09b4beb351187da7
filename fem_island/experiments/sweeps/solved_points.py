"""Sweeps of operating points."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.sweeps.names import ExperimentName
from fem_island.materials import library as materials
from fem_island.results.columns import layout_of
from fem_island.results.variables import Layout
from fem_island.solvers.choice import SeriesSolver, series_solver
from fem_island.solvers.names import SolverName


@dataclass(frozen=True)
class SolvedPoints:
    """Every point is one operating point; see ``Experiment``."""

    name: ExperimentName = "solve"
    title: str = "Overpotential and current around lithium islands"

    def check(self, case: Case) -> None:
        """Every possible case can be solved."""

    def without_effect(self, case: Case) -> Mapping[str, str]:
        """None that is known."""
        return {}

    def layout(self, case: Case) -> Layout:
        """A row for every point."""
        return layout_of(case)

    def coordinates(self, case: Case) -> dict[str, Any]:
        """Numbers of islands, metals of films, places of probes."""
        islands = np.arange(layout_of(case).lengths["island"])
        metals = list(materials.films())
        found: dict[str, Any] = {
            "island": ("island", islands, {"long_name": "number of the island"}),
            "material": ("material", metals, {"long_name": "metal of a film"}),
        }
        if case.cell.map is not None:
            found["axis"] = ("axis", ["x", "y"], {"long_name": "direction along the bottom"})
        if case.output.probes:
            directions = "xyz"[: len(case.output.probes[0])]
            for place, name in enumerate(f"probe_{direction}" for direction in directions):
                about = {"long_name": f"{name[-1]} of a probe", "units": "m"}
                found[name] = ("probe", [p[place] for p in case.output.probes], about)
        return found

    def solver(self, name: SolverName) -> AbstractContextManager[SeriesSolver]:
        """Either solver."""
        return series_solver(name)


SOLVED_POINTS = SolvedPoints()
"""What a sweep computes where nothing else is asked for."""
