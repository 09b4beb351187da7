"""What pixels leave out of a response where a law has a kink: parts of pixels beyond it.

A film that only releases lithium has a slope where it does and none where it does not. Which pixels
are which is one and all of a pixel, and the edge between both lies inside of pixels. By the
potentials at their corners a share of such a pixel has the slope of the other side, and with it
another admittance; what that changes of the impedance follows from the alternating drive there, as
Z is stationary (``small_signal``):

    dZ = - mean of v^2 share (Y' - Y)

    v      amplitude of the drive at 1 A/m^2 at the top [Ohm m^2]
    Y, Y'  admittances with the slopes of the pixel's middle and of the other side [S/m^2]

What all pixels change has one sign where the edge lies inside pixels of one side, and cancels in
part where it lies in both. The estimate is the sum without signs: against smaller pixels it was 1
to 4 times the error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.level import Level
from fem_island.solvers.cosine.small_signal import MapSmallSignal
from fem_island.surface.admittance import Admittance, ComplexArray
from fem_island.surface.contact import FILM, LITHIUM

_BESIDE = 1e-12
"""From the kink, where slopes beside it are taken [V]."""

_KINKED = 1e-6
"""Difference of slopes beside it, over the larger one, that is a kink."""


@dataclass(frozen=True)
class _Straddling:
    """Pixels through which the edge between both sides of a kink runs.

    Attributes:
        kind: ``LITHIUM`` or ``FILM``.
        pixels: Their numbers, shape (n,).
        share: Of each that is beyond the kink, shape (n,).
        slope: In the middle of each [S/m^2], shape (n,).
        beyond: On the other side [S/m^2], shape (n,).
    """

    kind: int
    pixels: npt.NDArray[np.intp]
    share: Array
    slope: Array
    beyond: Array


def left_out_at_kinks(
    level: Level,
    whole: MapSmallSignal,
    admittances: Mapping[int, Admittance],
    angular_frequency: Array,
    densities: ComplexArray,
) -> Array:
    """What pixels leave out of Z at kinks of laws, at most [Ohm m^2], shape (f,).

    Args:
        level: The operating point.
        whole: The response about it, on its pixels.
        admittances: What pixels carry, by what they are.
        angular_frequency: [rad/s], shape (f,).
        densities: Current densities then, over that at the top, shape (f, n); NaN where nothing
            conducts.
    """
    found = np.zeros(len(angular_frequency))
    straddling = list(_straddling(level))
    if not straddling:
        return found
    for number, omega in enumerate(angular_frequency.tolist()):
        if np.isnan(densities[number]).any():
            continue
        drive = whole.drive(omega, densities[number])
        for edge in straddling:
            admittance = admittances[edge.kind]
            at = np.array(omega)
            change = admittance.admittance(edge.beyond, at)
            change = change - admittance.admittance(edge.slope, at)
            squares = np.abs(drive[edge.pixels] ** 2 * change)
            found[number] += float(squares @ edge.share) / whole.grid.size
    return found


def _straddling(level: Level) -> Iterator[_Straddling]:
    problem, corners = level.problem, level.state.corners
    for (part, own), kind in zip(problem.slices(), (LITHIUM, FILM), strict=False):
        below, above = part.law.slope(np.array([-_BESIDE, _BESIDE])).tolist()
        if abs(above - below) <= _KINKED * max(above, below):
            continue
        middle = level.solution.overpotential[own]
        rows, columns = np.divmod(part.pixels, problem.grid.shape[1])
        at = [corners[rows + down, columns + right] for down in (0, 1) for right in (0, 1)]
        drives = np.stack([*(each - part.equilibrium_potential for each in at), middle])
        lowest, highest = drives.min(axis=0), drives.max(axis=0)
        split = (lowest < 0) & (highest > 0)
        here, spread = middle[split], (highest - lowest)[split]
        share = np.where(here > 0, -lowest[split], highest[split]) / spread
        beyond = np.where(here > 0, below, above)
        yield _Straddling(kind, part.pixels[split], share, part.law.slope(here), beyond)
