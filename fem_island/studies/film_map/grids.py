"""What the study computes: grids of operating points, every one of them with each film.

size          island size and current density, as in the paper's Figure 6 c
constriction  exchange current density and cell width at one current, at a constant share of the
              bottom that is lithium: kinetics give the same overpotential in all widths, so
              that what changes along the width is the electrolyte's resistance
where         conductivity, the film's exchange current density and the current, with one film:
              is the release larger beside the island or far from it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.case.geometry import require_geometry
from fem_island.case.placement import in_um
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.studies.film_map.sizes import sizes_of

WHERE_FILM = "Ag"
"""The film of the grid ``where``."""

COMPARED_OVERPOTENTIAL = 0.1
"""Up to this overpotential on bare copper the films are compared [V]."""

_WIDEST = 0.98
"""Of the bottom; an island over all of it would leave no film."""


@dataclass(frozen=True)
class Grids:
    """The axes of all grids.

    Attributes:
        island_widths: w [m], of ``size``; diameters of discs.
        current_densities: I [A/m^2], of ``size``.
        exchange_current_densities: i0 of lithium and film [A/m^2], of ``constriction``.
        cell_widths: W [m], of ``constriction``; diameters of cylinders.
        conductivities: kappa [S/m], of ``where``.
        film_ratios: i0 of the film over that of lithium, of ``where``.
        where_currents: I [A/m^2], of ``where``.
        curve_widths: w [m], at which the films are compared at the current of the case.
    """

    island_widths: Array
    current_densities: Array
    exchange_current_densities: Array
    cell_widths: Array
    conductivities: Array
    film_ratios: Array
    where_currents: Array
    curve_widths: Array

    @property
    def points(self) -> dict[str, int]:
        """Operating points of every grid, for one film."""
        return {
            "size": self.island_widths.size * self.current_densities.size,
            "constriction": self.exchange_current_densities.size * self.cell_widths.size,
            "where": self.conductivities.size * self.film_ratios.size * self.where_currents.size,
            "curves": self.curve_widths.size,
        }


def check_case(case: Case) -> None:
    """Refuse a case around which the study makes no sense.

    Raises:
        InputError: With every fault: several islands, plating, or a film that is not full, does not
            cover all of the bottom, or takes lithium up.
    """
    require_geometry(case.cell.electrolyte.geometry, "film-map", among=("planar", "axisymmetric"))
    faults = []
    if len(case.cell.islands) != 1:
        reason = f"are {len(case.cell.islands)}; the maps are over the size of one"
        faults.append(Fault("islands", None, reason))
    island, sizes = case.cell.islands[0], sizes_of(case)
    if island.kinetics is not None:
        reason = "must be left out; the kinetics of the one island are those of [kinetics]"
        faults.append(Fault("islands.0.kinetics", None, reason))
    if island.center is not None:
        reason = "must be left out: the island stays in the middle of cells of all widths"
        faults.append(Fault("islands.0.center", in_um(island.center), reason))
    if island.inner_radius:
        reason = "must be left out: the maps are over the size of a disc"
        faults.append(Fault("islands.0.inner_radius", in_um(island.inner_radius), reason))
    size, most = sizes.of_island(case), _WIDEST * sizes.of_cell(case)
    if size > most:
        key = sizes.island_key.replace(".", ".0.")
        reason = f"must be at most {in_um(most * sizes.per_size)}, to leave room for a film"
        faults.append(Fault(key, in_um(size * sizes.per_size), reason))
    if case.operation.current_density <= 0:
        reason = "must be above 0: films give lithium when the cell strips"
        current = case.operation.current_density
        faults.append(Fault("operation.current_density", current, reason))
    film = case.cell.interlayer
    if film is not None:
        if film.reaction == "reversible":
            reason = 'must be "release" or left out: the maps show what full films give'
            faults.append(Fault("interlayer.reaction", film.reaction, reason))
        if min(film.charge_shares) < 1:
            key = "state_of_charge" + ("_profile" if film.state_of_charge_profile else "")
            faults.append(Fault(f"interlayer.{key}", None, "must be left out: films are full"))
        if film.kinetics is not None:
            reason = "must be left out: the maps vary the film's exchange_current_density"
            faults.append(Fault("interlayer.kinetics", None, reason))
        if film.extent is not None:
            reason = "must be left out: the films cover all of the bottom"
            faults.append(Fault("interlayer.extent", None, reason))
    if faults:
        raise InputError(faults)


def grids(case: Case, *, count: int = 50) -> Grids:
    """The grids around a case.

    Args:
        case: What is varied; its islands must all fit beside each other at any size.
        count: Points along each axis of ``size``; the others have about half as many.
    """
    electrolyte, current = case.cell.electrolyte, case.operation.current_density
    width = sizes_of(case).of_cell(case)
    half = max(2, count // 2)
    return Grids(
        island_widths=width * np.linspace(0.02, _WIDEST, count),
        current_densities=abs(current) * np.geomspace(0.2, 20.0, count),
        exchange_current_densities=np.geomspace(1.0, 1000.0, half),
        cell_widths=np.geomspace(50e-6, 1e-3, half),
        conductivities=electrolyte.conductivity * np.geomspace(1e-2, 1e1, half),
        film_ratios=np.array([0.1, 1.0, 10.0]),
        where_currents=abs(current) * np.array([1.0, 10.0]),
        curve_widths=width * np.geomspace(0.05, _WIDEST, count),
    )


def description(case: Case, films: Sequence[str], *, count: int) -> list[str]:
    """What would be computed, one line for each grid."""
    found, sizes = grids(case, count=count), sizes_of(case)
    points, total = found.points, 0
    times = {
        "size": len(films) + 1,
        "constriction": len(films) + 1,
        "where": 1,
        "curves": len(films) + 1,
    }
    um, ma, ms = 1e6, 0.1, 10.0
    axes = {
        "size": (
            _axis(sizes.island_words, found.island_widths, um, "um"),
            _axis("current density", found.current_densities, ma, "mA/cm^2"),
        ),
        "constriction": (
            _axis("i0 of lithium and film", found.exchange_current_densities, ma, "mA/cm^2"),
            _axis(sizes.cell_words, found.cell_widths, um, "um"),
        ),
        "where": (
            _axis("conductivity", found.conductivities, ms, "mS/cm"),
            _axis("i0 of the film over that of lithium", found.film_ratios, 1.0, ""),
            _axis("current density", found.where_currents, ma, "mA/cm^2"),
        ),
        "curves": (_axis(sizes.island_words, found.curve_widths, um, "um"),),
    }
    lines = [f"films: {', '.join(films)}, each beside bare copper"]
    for name, parts in axes.items():
        number = points[name] * times[name]
        total += number
        lines.append(f"{name}: {'; '.join(parts)}: {number} points")
    return [*lines, f"{total} points in all"]


def _axis(name: str, values: Array, factor: float, unit: str) -> str:
    low, high = factor * values.min(), factor * values.max()
    return f"{name} {low:.3g} to {high:.3g} {unit}".rstrip() + f" ({values.size})"
