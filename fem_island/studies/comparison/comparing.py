"""Films compared: the same cell at the same current with each of them, and with none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.variants import BARE, check_films, film_names, with_film
from fem_island.experiments.sweeps.solved_points import SOLVED_POINTS
from fem_island.machine.arrays import Array
from fem_island.quantities import POTENTIAL
from fem_island.results.columns import Columns
from fem_island.results.declared import declared, reported
from fem_island.results.observables import peak_current_density
from fem_island.results.result import FAILED
from fem_island.results.variables import labelled
from fem_island.solvers.choice import series_solver
from fem_island.solvers.names import SolverName, check_solver


def compare(
    cell: Cell | Case | Path | str,
    films: Sequence[str] | str | None = None,
    *,
    current_density: float | str | None = None,
    solver: SolverName = "condensed",
) -> xarray.Dataset:
    """Solve a cell with several films, and without one.

    Args:
        cell: The cell, a whole case, or the name of a case file. Its own film says how the others
            react ("release" where it is passive, or where there is none), their kinetics,
            thickness, state of charge, extent.
        films: Symbols of materials, "none" for bare copper, "case" for the film of the cell, as a
            list or as one text ("Ag", "none,Ag"); by default bare copper and all materials.
        current_density: I [A/m^2]; replaces what a case says.
        solver: "condensed" or "newton".

    Returns:
        Along "film": the variables of ``fem_island.sweep``, and

        - equilibrium_potential: U of the film [V];
        - relief: largest local current density on the islands without film over that with it;
        - overpotential_mean_without_film, overpotential_max_without_film [V].

    Raises:
        InputError: A film is not known, or does not fit into the cell.

    Example:
        >>> films = compare(Cell(), ["none", "Ag"])
        >>> films.overpotential_mean.values.round(4).tolist()
        [0.0846, 0.0564]
        >>> round(float(films.relief.sel(film="Ag")), 2)
        1.88
    """
    check_solver(solver)
    case = as_case(cell)
    if current_density is not None:
        case = case.with_({"operation.current_density": current_density})
    names = film_names(films)
    check_films(names, case)
    cases = [with_film(case, name) for name in names]
    currents = np.array([case.operation.current_density])
    with series_solver(solver) as solving:
        bare = solving.solve(with_film(case, BARE), currents)
        columns = Columns.joined(
            [
                bare if name == BARE else solving.solve(filmed, currents)
                for name, filmed in zip(names, cases, strict=True)
            ]
        )
    potentials = [_potential(filmed) for filmed in cases]
    about = {"long_name": "film on the current collector"}
    coordinates = {"film": ("film", names, about), **SOLVED_POINTS.coordinates(case)}
    data = columns.labelled(("film",), (len(names),))
    data |= labelled(_against(bare, columns, potentials))
    results = xarray.Dataset(data, coordinates)
    return results.assign_attrs(
        solver=solver, current_density=float(currents[0]), case=case.to_json()
    )


@declared
class AgainstBareCopper:
    """What only the comparison of films with bare copper gives."""

    equilibrium_potential: Array = reported(
        "equilibrium potential of the film", POTENTIAL, along="film"
    )
    relief: Array = reported("peak current density without film over that with it", along="film")
    overpotential_mean_without_film: Array = reported(
        "overpotential, mean without film", POTENTIAL, along="film"
    )
    overpotential_max_without_film: Array = reported(
        "overpotential, max without film", POTENTIAL, along="film"
    )


def _against(bare: Columns, columns: Columns, potentials: list[float]) -> AgainstBareCopper:
    """The comparison of films with bare copper."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relief = peak_current_density(bare.numbers) / peak_current_density(columns.numbers)
    mean, largest = (
        np.full(len(columns), bare.numbers[name][0])
        for name in ("overpotential_mean", "overpotential_max")
    )
    return AgainstBareCopper(
        equilibrium_potential=np.array(potentials),
        relief=relief,
        overpotential_mean_without_film=mean,
        overpotential_max_without_film=largest,
    )


def _potential(case: Case) -> float:
    film = case.cell.interlayer
    if film is None:
        return np.nan
    return float(film.potential_at(case.operation.temperature))


def failed_films(results: xarray.Dataset) -> list[tuple[str, str]]:
    """The films without a solution, each with the reason."""
    failed = np.flatnonzero(results["status"].to_numpy() == FAILED)
    return [(str(results.film[n].item()), str(results.reason[n].item())) for n in failed]
