"""The driving potential and the current density along the bottom, as labelled data or a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray

from fem_island.machine.arrays import Array
from fem_island.machine.whole_files import replacing
from fem_island.quantities import CURRENT_DENSITY, LENGTH, POTENTIAL
from fem_island.results.declared import declared, described, reported
from fem_island.results.state import BottomState
from fem_island.results.variables import labelled
from fem_island.surface.bottom import Stretch, Tag

_FRACTIONS = np.linspace(0.0, 1.0, 9)
"""Places of every element, as shares of it: nine show a polynomial of its degree."""

_NAMES = {Tag.ISLAND: "island", Tag.FILM: "film"}


def along(state: BottomState) -> Iterator[tuple[Stretch, Array, Array, Array]]:
    """Every stretch of the bottom at nine places of each of its elements.

    Args:
        state: A solution, with one operating point.

    Yields:
        Stretch, positions [m], phi_Li - phi [V] and current density of the reaction [A/m^2] with
        shapes (places,). Both sides of an edge have a place there.
    """
    for stretch in state.bottom:
        positions, drive = state.drive(stretch).sampled(_FRACTIONS)
        if stretch.law is None:
            current = np.zeros_like(drive)
        else:
            _, overpotential = state.overpotential(stretch).sampled(_FRACTIONS)
            current = stretch.law.current_density(overpotential)
        yield stretch, positions.ravel(), drive.ravel(), current.ravel()


@declared
class Profile:
    """A solution along the bottom."""

    position: Array = reported("position", LENGTH, along="position")
    drive: Array = reported("driving potential", POTENTIAL, along="position")
    current_density: Array = reported(
        "current density of the reaction", CURRENT_DENSITY, along="position"
    )
    on: npt.NDArray[np.str_] = described("what lies there", along="position")


def profile(state: BottomState) -> xarray.Dataset:
    """A solution along the bottom.

    Args:
        state: A solution, with one operating point.

    Returns:
        Along "position" [m], rising: "drive", phi_Li - phi [V], which is the overpotential on an
        island; "current_density" of the reaction there [A/m^2]; "on": "island", "film" or
        "collector".
    """
    parts = [_each_place_once(part) for part in along(state)]
    names = [np.full(len(x), _NAMES.get(stretch.tag, "collector")) for stretch, x, _, _ in parts]
    columns = zip(*(part[1:] for part in parts), strict=True)
    position, drive, current = (np.concatenate(column) for column in columns)
    on = np.concatenate(names)
    # Both sides of an edge are there, the right one further by a rounding, so that places can be
    # selected and interpolated between.
    same = np.flatnonzero(np.diff(position) <= 0) + 1
    position[same] = np.nextafter(position[same - 1], np.inf)
    found = Profile(position=position, drive=drive, current_density=current, on=on)
    return xarray.Dataset(labelled(found))


def _each_place_once(
    part: tuple[Stretch, Array, Array, Array],
) -> tuple[Stretch, Array, Array, Array]:
    """A stretch without the second of two elements' values at the place where they meet."""
    stretch, positions, drive, current = part
    first = np.concatenate([[True], np.diff(positions) > 0])
    return stretch, positions[first], drive[first], current[first]


def write_profile(state: BottomState, path: Path) -> None:
    """Write the profile as a table (CSV) in um, mV and mA/cm^2.

    Raises:
        OutputError: It cannot be written.
    """
    data = profile(state)
    columns = {
        "position_um": 1e6 * data["position"],
        "drive_mV": 1e3 * data["drive"],
        "current_density_mA_per_cm2": 0.1 * data["current_density"],
        "on": data["on"],
    }
    table = xarray.Dataset(columns).to_dataframe()[list(columns)]
    with replacing(path) as unfinished:
        table.to_csv(unfinished, index=False, float_format="%.10g")
