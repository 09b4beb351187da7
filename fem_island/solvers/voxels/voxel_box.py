"""The electrolyte as finite volumes: one potential in the middle of every voxel.

Between the middles of two neighbours the resistances of both halves are in series, which is exact
for layers. In units of the current density of a pixel [A/m^2], with the edge h of a pixel and the
thickness d of a layer,

    up        (phi_l - phi_l+1) / (d / (2 k_l) + d / (2 k_l+1))
    sideways  (phi_i - phi_i+1) (d / h^2) 2 k_i k_i+1 / (k_i + k_i+1)

leave a voxel. Voxels that do not conduct have no current and no potential.

    k  conductivity of a voxel [S/m]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.machine.threads import Threads

Single = npt.NDArray[np.float32]


@dataclass(frozen=True)
class VoxelBox:
    """A box of voxels.

    Attributes:
        conductivity: k of every voxel, shape (layers, rows, columns); 0 where none conducts.
        pixel: Edge h of a pixel [m].
        height: H [m].
    """

    conductivity: Array
    pixel: float
    height: float

    @property
    def thickness(self) -> float:
        """Of a layer [m]."""
        return self.height / len(self.conductivity)

    @property
    def flatness(self) -> float:
        """Of a voxel, d / h^2 [1/m]: what a conductivity sideways counts."""
        return self.thickness / self.pixel**2

    def up(self, layer: int) -> Array:
        """Conductance from a layer to that above [S/m^2]."""
        below, above = self.conductivity[layer : layer + 2]
        return _harmonic(below, above) / self.thickness

    def sideways(self, layer: int) -> tuple[Array, Array]:
        """Conductances between neighbours along y and along x [S/m^2]."""
        k = self.conductivity[layer]
        return (
            self.flatness * _harmonic(k[:-1], k[1:]),
            self.flatness * _harmonic(k[:, :-1], k[:, 1:]),
        )

    def leaving(self, potential: Array, threads: Threads) -> Array:
        """What leaves every voxel [A/m^2], in double precision; shape of the potential."""
        found = np.zeros_like(potential)

        def layers(first: int, last: int) -> None:
            for layer in range(first, last):
                values, own = potential[layer], found[layer]
                if layer and layer == first:
                    own += self.up(layer - 1) * (values - potential[layer - 1])
                for flow, low, high in self._flows(layer, values):
                    own[low] += flow
                    own[high] -= flow
                if layer + 1 < len(potential):
                    flow = self.up(layer) * (values - potential[layer + 1])
                    own += flow
                    if layer + 1 < last:
                        found[layer + 1] -= flow

        threads.share(len(potential), layers)
        return found

    def _flows(
        self, layer: int, values: Array
    ) -> Iterator[tuple[Array, tuple[slice, slice], tuple[slice, slice]]]:
        every, but_last, but_first = slice(None), slice(None, -1), slice(1, None)
        along_y, along_x = self.sideways(layer)
        yield along_y * (values[:-1] - values[1:]), (but_last, every), (but_first, every)
        yield along_x * (values[:, :-1] - values[:, 1:]), (every, but_last), (every, but_first)

    def refined(self) -> VoxelBox:
        """Every voxel cut in eight."""
        values = self.conductivity
        for axis in range(3):
            values = np.repeat(values, 2, axis=axis)
        return VoxelBox(values, self.pixel / 2, self.height)


def _harmonic(first: Array, second: Array) -> Array:
    """2 a b / (a + b), and 0 where either is."""
    both = first + second
    return np.asarray(2 * first * second / np.where(both > 0, both, 1.0))


class Stencil:
    """The same in single precision with all conductances kept, for conjugate gradients."""

    def __init__(self, box: VoxelBox, threads: Threads) -> None:
        """Compute the conductances.

        Args:
            box: The voxels.
            threads: What shares the layers.
        """
        self._threads = threads
        layers, rows, columns = box.conductivity.shape
        self._up = np.empty((layers - 1, rows, columns), dtype=np.float32)
        self._y = np.empty((layers, rows - 1, columns), dtype=np.float32)
        self._x = np.empty((layers, rows, columns - 1), dtype=np.float32)
        for layer in range(layers):
            self._y[layer], self._x[layer] = box.sideways(layer)
            if layer + 1 < layers:
                self._up[layer] = box.up(layer)

    @property
    def mean_up(self) -> Array:
        """Mean conductance between layers [S/m^2], shape (layers - 1,)."""
        return np.array([layer.mean(dtype=np.float64) for layer in self._up])

    def leaving(self, potential: Single, found: Single) -> None:
        """What leaves every voxel, written to an array of the same shape."""

        def layers(first: int, last: int) -> None:
            self._leaving(potential, found, first, last)

        self._threads.share(len(potential), layers)

    def _leaving(self, potential: Single, found: Single, first: int, last: int) -> None:
        """The same for some layers."""
        for layer in range(first, last):
            values, own = potential[layer], found[layer]
            if layer == 0:
                own[:] = 0
            elif layer == first:
                flow = values - potential[layer - 1]
                flow *= self._up[layer - 1]
                own[:] = flow
            flow = values[:-1] - values[1:]
            flow *= self._y[layer]
            own[:-1] += flow
            own[1:] -= flow
            flow = values[:, :-1] - values[:, 1:]
            flow *= self._x[layer]
            own[:, :-1] += flow
            own[:, 1:] -= flow
            if layer + 1 < len(potential):
                flow = values - potential[layer + 1]
                flow *= self._up[layer]
                own += flow
                if layer + 1 < last:
                    np.negative(flow, out=found[layer + 1])
