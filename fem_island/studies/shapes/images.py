"""Contact maps of the same coverage: a stripe, a disc, a lattice of small discs, random blobs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array

Pixels = npt.NDArray[np.bool_]

SHAPES = ("stripe", "disc", "lattice", "blobs")

_SEED = 7
_BLOB = 0.03
"""Width of the smoothing of blobs, as a share of the side."""

_PER_SIDE = 4
"""Discs of the lattice along a side."""


def image_of(shape: str, coverage: float, count: int) -> Pixels:
    """The image of a shape.

    Every shape is the places where a function is highest, so that the coverage is the same to a
    pixel.

    Args:
        shape: One of ``SHAPES``.
        coverage: Share of the pixels.
        count: Pixels along a side.

    Example:
        >>> [round(float(image_of(shape, 0.1, 50).mean()), 2) for shape in SHAPES]
        [0.1, 0.1, 0.1, 0.1]
    """
    at = (np.arange(count) + 0.5) / count
    x, y = np.meshgrid(at, at)
    height = {
        "stripe": lambda: -np.abs(x - 0.5) + 1e-6 * y,
        "disc": lambda: -_squared(x, y),
        "lattice": lambda: -_squared(_PER_SIDE * x % 1, _PER_SIDE * y % 1),
        "blobs": lambda: _smooth(count),
    }[shape]()
    if shape == "stripe":
        # Whole columns.
        columns = max(1, round(coverage * count))
        order = np.argsort(-height[0], kind="stable")
        return np.repeat(np.isin(np.arange(count), order[:columns])[None], count, axis=0)
    order = np.argsort(-height.ravel(), kind="stable")
    found = np.zeros(count * count, dtype=bool)
    found[order[: max(1, round(coverage * count * count))]] = True
    return found.reshape(count, count)


def _squared(x: Array, y: Array) -> Array:
    return np.asarray((x - 0.5) ** 2 + (y - 0.5) ** 2)


def _smooth(count: int) -> Array:
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(_SEED).standard_normal((count, count))
    return np.asarray(gaussian_filter(noise, _BLOB * count, mode="reflect"))
