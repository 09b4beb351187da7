"""The inverse of layered electrolytes with what reacts below them: a fast Poisson solver.

Where the conductivity depends on the layer alone, cosines along both sides diagonalise the finite
volumes, and every mode is a tridiagonal system along the height,

    (a_l (s_k + s_m) + g_l-1 + g_l) z_l - g_l-1 z_l-1 - g_l z_l+1 = r_l
    s_k = 2 - 2 cos(pi k / n)

eliminated from the top down. At the bottom pixels take the current y, each through the resistance
1 / w of its reaction and of half a voxel:

    A z + E y = r     E' z = y / w     so that     y / w + G y - d = E' A^+ r ,   sum of y = sum r

with the potential of the mean mode counted from the bottom, which d shifts. That is what
``cosine.gradients`` solves for pixels, in two dimensions, between the way down and the way up.

    a, g  mean conductance sideways and up [S/m^2]     E  a pixel's current into its lowest voxel
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy

from fem_island.machine.arrays import Array
from fem_island.machine.threads import Threads
from fem_island.solvers.cosine.gradients import Tangent
from fem_island.solvers.voxels.voxel_box import Single, VoxelBox

_INNER_PRECISION = 1e-3
"""Of the pixels inside the preconditioner, which need not be exact."""


class LayeredPoisson:
    """Solves for the voxels of layers over pixels that react.

    Attributes:
        iterations: Of the two-dimensional problems so far.
    """

    def __init__(
        self, sideways: Array, up: Array, shape: tuple[int, int], threads: Threads
    ) -> None:
        """Eliminate.

        Args:
            sideways: a of every layer, shape (layers,).
            up: g between layers, shape (layers - 1,).
            shape: Rows and columns.
            threads: What shares layers, and then modes.
        """
        self._threads = threads
        modes = _modes(shape)
        self._up = up.astype(np.float32)
        self._inverse = np.empty((len(sideways), *shape), dtype=np.float32)
        for layer, pivot in _pivots(sideways, up, modes):
            self._inverse[layer] = 1 / pivot
        self._tangent = Tangent(shape, self._inverse[0])
        self.iterations = 0

    def solve(self, right: Single, pixels: npt.NDArray[np.intp], weight: Array) -> Single:
        """Solve for a right-hand side.

        Args:
            right: r [A/m^2], shape (layers, rows, columns).
            pixels: Numbers of those that react, shape (n,).
            weight: w of these [S/m^2], shape (n,).

        Returns:
            z [V], of the same shape.
        """
        total = float(right.sum(dtype=np.float64))
        modes, share = np.empty_like(right), self._threads.share
        layers, rows = right.shape[:2]
        inverse, up = self._inverse, self._up

        def to_modes(first: int, last: int) -> None:
            for layer in range(first, last):
                modes[layer] = scipy.fft.dctn(right[layer], type=2, norm="ortho")

        def down(first: int, last: int) -> None:
            own, pivots = modes[:, first:last], inverse[:, first:last]
            for layer in range(layers - 2, -1, -1):
                carried = pivots[layer + 1] * own[layer + 1]
                carried *= up[layer]
                own[layer] += carried

        share(layers, to_modes)
        share(rows, down)
        lowest = scipy.fft.idctn(inverse[0] * modes[0], type=2, norm="ortho")
        current, shift, count = self._tangent.solve(
            pixels,
            weight,
            lowest.ravel()[pixels].astype(np.float64),
            total,
            precision=_INNER_PRECISION,
        )
        self.iterations += count
        taken = np.zeros(lowest.size, dtype=np.float32)
        taken[pixels] = current
        modes[0] -= scipy.fft.dctn(taken.reshape(lowest.shape), type=2, norm="ortho")
        modes[0] *= inverse[0]

        def back_up(first: int, last: int) -> None:
            own, pivots = modes[:, first:last], inverse[:, first:last]
            for layer in range(1, layers):
                own[layer] += up[layer - 1] * own[layer - 1]
                own[layer] *= pivots[layer]

        def from_modes(first: int, last: int) -> None:
            for layer in modes[first:last]:
                layer[:] = scipy.fft.idctn(layer, type=2, norm="ortho")
                layer += np.float32(shift)

        share(rows, back_up)
        share(layers, from_modes)
        return modes


def lowest_of_uniform(box: VoxelBox) -> Array:
    """Potential of the lowest voxels per current of pixels, for k = 1 everywhere, mode by mode [m].

    From the mean over them on: that of the mean mode is 0.
    """
    layers, rows, columns = box.conductivity.shape
    sideways = np.full(layers, box.flatness)
    up = np.full(layers - 1, 1 / box.thickness)
    for _, pivot in _pivots(sideways, up, _modes((rows, columns))):
        last = pivot
    return np.asarray(1 / last)


def _modes(shape: tuple[int, int]) -> Array:
    rows, columns = (2 - 2 * np.cos(np.pi * np.arange(n) / n) for n in shape)
    return np.asarray(rows[:, None] + columns)


def _pivots(sideways: Array, up: Array, modes: Array) -> Iterator[tuple[int, Array]]:
    """Layers from the top down, with what is divided by when they are eliminated."""
    below = np.zeros_like(modes)
    for layer in range(len(sideways) - 1, -1, -1):
        own = sideways[layer] * modes
        if layer + 1 < len(sideways):
            # g - g^2 / pivot without its cancellation.
            own += up[layer] * below / (below + up[layer])
        below = own
        pivot = own + (up[layer - 1] if layer else 0.0)
        if layer == 0:
            pivot[0, 0] = np.inf
        yield layer, pivot
