"""The linear equations of a step of Newton's method for voxels, by conjugate gradients.

    (A + E w E') x = b

with the finite volumes A (``voxel_box``) and the pixels that react, which take w (E' x) out of
their lowest voxels. The preconditioner is its inverse for layers of mean conductivities
(``fast_poisson``) with the same w, so that the iterations do not depend on how fast reactions are:
they are those of pores and grains alone. Voxels that do not conduct have empty rows in the
equations, and so no residual; what the preconditioner puts there changes nothing.

Numbers are in single precision. Newton's method asks for no more than a few digits, and computes
its residuals in double precision. The preconditioner, which is itself iterated in part, is not
quite the same in every iteration; directions are kept conjugate to the last one all the same.
"""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.machine.threads import Threads
from fem_island.solvers.voxels.fast_poisson import LayeredPoisson
from fem_island.solvers.voxels.voxel_box import Single, Stencil, VoxelBox

logger = logging.getLogger(__name__)

_MOST_ITERATIONS = 400
_PROGRESS_EVERY = 10


class VoxelTangent:
    """The electrolyte's part of the equations.

    Attributes:
        poisson: The preconditioner.
    """

    def __init__(self, box: VoxelBox, threads: Threads) -> None:
        """Compute conductances and factors.

        Args:
            box: The voxels.
            threads: What shares them.
        """
        self._threads = threads
        self._stencil = Stencil(box, self._threads)
        layers = box.conductivity
        sideways = box.flatness * layers.mean(axis=(1, 2))
        up = self._stencil.mean_up
        self.poisson = LayeredPoisson(sideways, up, layers.shape[1:], self._threads)

    def preconditioned(
        self, right: Array, pixels: npt.NDArray[np.intp], weight: Array
    ) -> tuple[Single, float]:
        """The preconditioner applied to b, and the energy of both."""
        step = self.poisson.solve(right.astype(np.float32), pixels, weight)
        return step, self._dot(right, step)

    def solve(
        self,
        right: Array,
        pixels: npt.NDArray[np.intp],
        weight: Array,
        *,
        first: tuple[Single, float],
        reduction: float,
    ) -> tuple[Single, int]:
        """Solve to a reduction of the error.

        Args:
            right: b [A/m^2], shape (layers, rows, columns).
            pixels: Numbers of the n pixels that take part.
            weight: w [S/m^2], shape (n,).
            first: What ``preconditioned`` gave.
            reduction: Of the root of the energy.

        Returns:
            x [V], and the number of iterations.
        """
        residual: Single = right.astype(np.float32)
        direction, energy = first
        begun, count = energy, 0
        found = np.zeros_like(direction)
        image = np.empty_like(direction)
        taken = weight.astype(np.float32)
        while energy > reduction**2 * begun and count < _MOST_ITERATIONS:
            self._stencil.leaving(direction, image)
            image[0].ravel()[pixels] += taken * direction[0].ravel()[pixels]
            curvature = self._dot(direction, image)
            if not curvature > 0:
                break
            length = np.float32(energy / curvature)
            self._advance(length, (found, direction), (residual, image))
            count += 1
            step = self.poisson.solve(residual, pixels, weight)
            # - length A p is what the residual changed by.
            changed = -float(length) * self._dot(step, image)
            after = self._dot(residual, step)
            self._turn(direction, np.float32(changed / energy), step)
            energy = after
            if count % _PROGRESS_EVERY == 0:
                share = (energy / begun) ** 0.5 if energy > 0 else 0.0
                logger.debug("%d iterations, error at %.1e of the first", count, share)
        return found, count

    def _dot(self, first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> float:
        """Sum of products, in the same order with any number of threads."""
        of_layers = np.empty(len(first))

        def layers(begin: int, end: int) -> None:
            for layer in range(begin, end):
                of_layers[layer] = np.multiply(first[layer], second[layer]).sum()

        self._threads.share(len(first), layers)
        return sum(of_layers.tolist())

    def _advance(
        self, length: np.float32, found: tuple[Single, Single], residual: tuple[Single, Single]
    ) -> None:
        """The solution along its direction, and the residual along what that is answered with."""

        def layers(begin: int, end: int) -> None:
            for layer in range(begin, end):
                found[0][layer] += length * found[1][layer]
                residual[0][layer] -= length * residual[1][layer]

        self._threads.share(len(found[0]), layers)

    def _turn(self, direction: Single, share: np.float32, step: Single) -> None:
        """The next direction in place of the last."""

        def layers(begin: int, end: int) -> None:
            for layer in range(begin, end):
                direction[layer] *= share
                direction[layer] += step[layer]

        self._threads.share(len(direction), layers)
