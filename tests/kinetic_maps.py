"""Maps as they are where the electrolyte's resistance does not matter, without any solver.

The overpotential is (2RT/F) asinh[I W / (2 i0 w)] then, in the paper's cell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

THERMAL = 8.314462618 * 298.15 / 96485.33212  # RT/F [V]
CELL_WIDTH, IMPLIED = 50e-6, 5.0

Array = npt.NDArray[np.float64]


def overpotential(
    width: Array | float, current: Array | float, exchange: Array | float = IMPLIED
) -> Array:
    ratio = np.asarray(current) * CELL_WIDTH / (2 * np.asarray(exchange) * np.asarray(width))
    return np.asarray(2 * THERMAL * np.arcsinh(ratio))


def onset(potential: float, current: float = 2.5, exchange: float = IMPLIED) -> float:
    """w* = I W / [2 i0 sinh(F U / 2RT)]."""
    return float(current * CELL_WIDTH / (2 * exchange * np.sinh(potential / (2 * THERMAL))))


def dataset(coordinates: dict[str, tuple[str, Array]], potentials: xr.DataArray) -> xr.Dataset:
    shape = potentials.shape
    about = {
        "overpotential_mean": potentials,
        "exposed_drive_max": potentials + 1e-4,
        "status": (potentials.dims, np.where(np.isfinite(potentials), 0, 2).astype("i1")),
        "reason": (potentials.dims, np.where(np.isfinite(potentials), "", "it broke").astype("O")),
        "charge_imbalance": (potentials.dims, np.full(shape, 1e-14)),
        "error_estimate_overpotential_mean": (potentials.dims, np.full(shape, 1e-9)),
    }
    return xr.Dataset(about, coords=coordinates)


def kinetic_map(
    widths: Array | None = None,
    currents: Array | None = None,
    *,
    holes: tuple[slice, slice] | None = None,
) -> xr.Dataset:
    """Over island width and current density; ``holes`` have failed."""
    widths = np.linspace(1e-6, 50e-6, 50) if widths is None else widths
    currents = np.geomspace(0.5, 50.0, 50) if currents is None else currents
    values = overpotential(widths[:, np.newaxis], currents)
    if holes is not None:
        values[holes] = np.nan
    coordinates = {
        "island_width": ("island_width", widths),
        "current_density": ("current_density", currents),
    }
    return dataset(coordinates, xr.DataArray(values, dims=("island_width", "current_density")))


def kinetic_points(widths: Array, exchange: Array) -> xr.Dataset:
    """Pairs of island width and exchange current density at 0.25 mA/cm^2."""
    coordinates = {
        "island_width": ("point", widths),
        "exchange_current_density": ("point", exchange),
    }
    values = overpotential(widths, 2.5, exchange)
    return dataset(coordinates, xr.DataArray(values, dims=("point",)))
