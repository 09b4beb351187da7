"""Solutions on the bottom that are known in closed form, without any solver."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from fem_island.case.case import Case
from fem_island.results.state import BottomState
from fem_island.results.trace import Trace
from fem_island.surface.bottom import Bottom, stretches
from fem_island.surface.points import OperatingPoints
from fem_island.surface.uniform_state import UniformStates

Array = npt.NDArray[np.float64]

THERMAL = 8.314462618 * 298.15 / 96485.33212
"""R T / F [V]."""

UM = 1e-6

_QUADRATURE_DEGREE = 24


def symmetric(current_density: npt.ArrayLike, exchange_current_density: float = 5.0) -> Array:
    """Overpotential [V] at which a symmetric reaction has a current density [A/m^2]."""
    ratio = np.asarray(current_density) / (2 * exchange_current_density)
    return np.asarray(2 * THERMAL * np.arcsinh(ratio))


def linear_state(
    case: Case,
    *drives: Callable[[Array], npt.ArrayLike],
    cuts: tuple[float, ...] = (),
    mirrored: bool = False,
    bottom: Bottom | None = None,
) -> BottomState:
    """Operating points at which the drive is linear between the ends of stretches.

    Args:
        case: What lies where.
        drives: phi_Li - phi [V] at positions [um], for every operating point.
        cuts: Where else it may have a kink [um].
        mirrored: Whether the right half is the mirror image of the left one.
        bottom: The bottom, by default that of the case.
    """
    bottom = stretches(case) if bottom is None else bottom
    edges = {0.0, *(stretch.end for stretch in bottom), *(UM * cut for cut in cuts)}
    places = np.array(sorted(edges))
    ends = np.column_stack([places[:-1], places[1:]])
    values = np.stack([np.broadcast_to(drive(ends / UM), ends.shape) for drive in drives])
    reference = np.full(len(drives), 0.01)
    potentials = np.array([stretch.equilibrium_potential for stretch in bottom])
    uniform = UniformStates(reference, reference[:, None] - potentials)
    currents = np.full(len(drives), 2.5)
    return BottomState(
        points=OperatingPoints(case, bottom, uniform, currents),
        deviation=Trace(ends, reference[:, None, None] - values, np.array([0.0, 1.0])),
        top_deviation_mean=np.zeros(len(drives)),
        quadrature_degree=_QUADRATURE_DEGREE,
        mirrored=mirrored,
    )
