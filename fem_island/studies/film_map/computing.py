"""Computing the grids of the study with the package's own sweeps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray

from fem_island.case.axes import axis_name
from fem_island.case.case import Case
from fem_island.case.variants import BARE, with_film
from fem_island.errors import ComputationError
from fem_island.experiments.point.solution import Solution
from fem_island.experiments.point.solve import solve_case
from fem_island.experiments.sweeps.running import sweep
from fem_island.machine.arrays import Array
from fem_island.machine.communicator import Communicator, OneProcess
from fem_island.results.observables import peak_current_density
from fem_island.results.variables import variables
from fem_island.studies.comparison.comparing import AgainstBareCopper, compare
from fem_island.studies.film_map.grids import COMPARED_OVERPOTENTIAL, WHERE_FILM, Grids, grids
from fem_island.studies.film_map.sizes import sizes_of
from fem_island.studies.onset import closed_form_coverage
from fem_island.surface.kinetics import wagner_number

logger = logging.getLogger(__name__)

PROFILES = (10.0, 1.0, 0.1, 0.01)
"""Conductivities of the profiles, as shares of that of the case."""


@dataclass(frozen=True)
class Computed:
    """All that the study computes.

    Attributes:
        size: Results along film, the island's size and current_density, with ``relief``.
        constriction: Along film, exchange_current_density and the cell's size, with ``relief``.
        where: Along conductivity, film_ratio and current_density.
        curves: Along film and the island's size at the current of the case, with ``relief``.
        compared: Of ``fem_island.compare`` at the case's own island and current.
        compared_above: The same with an island so small that its overpotential on bare copper is
            100 mV where the electrolyte's resistance does not matter; None where the case has
            several islands, or such an island would not fit.
        profiles: Solutions with the film of ``where`` at falling conductivity.
    """

    size: xarray.Dataset
    constriction: xarray.Dataset
    where: xarray.Dataset
    curves: xarray.Dataset
    compared: xarray.Dataset
    compared_above: xarray.Dataset | None
    profiles: tuple[Solution, ...]


def compute(
    case: Case,
    films: Sequence[str],
    comm: Communicator,
    *,
    count: int = 50,
    progress: bool = False,
) -> Computed:
    """Compute all grids. Collective.

    The small problems beside the grids are solved by every rank for itself, so that all ranks have
    the same numbers for any number of ranks.

    Args:
        case: What is varied.
        films: Symbols of materials.
        comm: Who shares the points.
        count: Points along each axis of the first grid.
        progress: Show on standard error how far it is.

    Raises:
        InputError: A film is not known, or a grid is not possible with the case.
    """
    axes = grids(case, count=count)
    names = [BARE, *films]
    size = _of_films(
        case,
        names,
        lambda filmed: _over_islands(
            filmed,
            axes.island_widths,
            comm,
            current_densities=axes.current_densities,
            progress=progress,
        ),
    )
    constriction = _of_films(case, names, lambda filmed: _constricted(filmed, axes, comm))
    return Computed(
        size=size,
        constriction=constriction,
        where=_where(case, axes, comm),
        curves=_of_films(
            case, names, lambda filmed: _over_islands(filmed, axes.curve_widths, comm)
        ),
        compared=compare(case, names),
        compared_above=compared_above(case, names),
        profiles=tuple(_profiles(with_film(case, WHERE_FILM))),
    )


def _profiles(case: Case) -> Iterator[Solution]:
    """Solutions at falling conductivity; those that cannot be found are left out."""
    for share in PROFILES:
        try:
            yield solve_case(_at(case, share), OneProcess(), solver="condensed")
        except ComputationError as error:
            logger.info("no profile at %g of the conductivity: %s", share, error)


def _of_films(
    case: Case, names: Sequence[str], compute_one: Callable[[Case], xarray.Dataset]
) -> xarray.Dataset:
    """Results of all films along a new dimension, with the relief against the first, bare Cu."""
    parts = [compute_one(with_film(case, name)) for name in names]
    along = xarray.Variable("film", list(names), {"long_name": "film on the current collector"})
    whole = xarray.concat(parts, along, combine_attrs="drop_conflicts")
    peak = xarray.zeros_like(whole["overpotential_mean"]) + peak_current_density(whole)
    relief = peak.isel(film=0) / peak
    declared = {variable.name: variable for variable in variables(AgainstBareCopper)}
    relief.attrs = declared["relief"].attributes
    return whole.assign(relief=relief)


def _over_islands(
    case: Case,
    widths: Array,
    comm: Communicator,
    *,
    current_densities: Array | None = None,
    progress: bool = False,
) -> xarray.Dataset:
    """Results along the island's size, and current_density where there are several."""
    sizes = sizes_of(case)
    found = sweep(
        case,
        axes={sizes.island_key: sizes.per_size * widths},
        current_density=current_densities,
        progress=progress,
        comm=comm,
    )
    name = axis_name(sizes.island_key)
    if name == sizes.island:
        return found
    attributes = {"long_name": sizes.island_words, "units": "m"}
    found = found.rename({name: sizes.island})
    return found.assign_coords({sizes.island: (sizes.island, widths, attributes)})


def _constricted(case: Case, axes: Grids, comm: Communicator) -> xarray.Dataset:
    """Results along exchange_current_density and the cell's size."""
    exchange, widths = np.meshgrid(axes.exchange_current_densities, axes.cell_widths, indexing="ij")
    sizes = sizes_of(case)
    share = sizes.of_island(case) / sizes.of_cell(case)
    varied = {
        sizes.cell_key: sizes.per_size * widths.ravel(),
        sizes.island_key: share * (sizes.per_size * widths.ravel()),
        "kinetics.exchange_current_density": exchange.ravel(),
    }
    if case.cell.interlayer is not None:
        varied["interlayer.exchange_current_density"] = exchange.ravel()
    found = sweep(case, axes=varied, zip=True, comm=comm)
    return _unfolded(
        found,
        {
            "exchange_current_density": axes.exchange_current_densities,
            sizes.cell: axes.cell_widths,
        },
    )


def _unfolded(results: xarray.Dataset, axes: dict[str, Array]) -> xarray.Dataset:
    """Paired results on the grid that they were made from."""
    paired = [name for name, values in results.coords.items() if values.dims == ("point",)]
    sizes = tuple(len(values) for values in axes.values())
    data = {
        name: (
            (*axes, *array.dims[1:]),
            array.to_numpy().reshape(sizes + array.shape[1:]),
            array.attrs,
        )
        for name, array in results.drop_vars(paired).data_vars.items()
    }
    others = {name: results[name] for name in results.coords if name not in paired}
    return xarray.Dataset(data, {**axes, **others}, results.attrs)


def _where(case: Case, axes: Grids, comm: Communicator) -> xarray.Dataset:
    """Results along conductivity, film_ratio and current_density, with ``wagner_number``."""
    i0 = case.cell.kinetics.exchange_current_density
    found = sweep(
        with_film(case, WHERE_FILM),
        current_density=axes.where_currents,
        axes={
            "electrolyte.conductivity": axes.conductivities,
            "interlayer.exchange_current_density": i0 * axes.film_ratios,
        },
        comm=comm,
    )
    found = found.rename(interlayer_exchange_current_density="film_ratio")
    found = found.assign_coords(film_ratio=axes.film_ratios)
    electrolyte, temperature = case.cell.electrolyte, case.operation.temperature
    wagner = wagner_number(
        axes.conductivities * (case.conductivity / electrolyte.conductivity),
        case.cell.kinetics.exchange_current_density_at(temperature),
        electrolyte.span,
        temperature=temperature,
    )
    return found.assign_coords(wagner_number=("conductivity", wagner))


def compared_above(case: Case, names: Sequence[str]) -> xarray.Dataset | None:
    """All films at the larger overpotential that films are compared at; None where none fits."""
    coverage = closed_form_coverage(case, COMPARED_OVERPOTENTIAL)
    if len(case.cell.islands) > 1 or not 0 < coverage <= 1:
        return None
    sizes = sizes_of(case)
    small = case.with_({sizes.island_key: sizes.per_size * sizes.at_coverage(case, coverage)})
    return compare(small, names)


def _at(case: Case, share: float) -> Case:
    """The case at a share of its conductivity."""
    electrolyte = case.cell.electrolyte
    changed = electrolyte.model_copy(update={"conductivity": share * electrolyte.conductivity})
    return case.model_copy(update={"cell": case.cell.model_copy(update={"electrolyte": changed})})
