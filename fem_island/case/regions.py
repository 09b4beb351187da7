"""Connected regions of an image: pixels that touch by their edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array

MOST_LISTED = 1000
"""Regions that are reported one by one, the largest."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Connected regions, largest first; of equal ones that first whose first pixel comes first.

    Attributes:
        numbers: Of the region of every pixel, from 1 on; 0 where there is none, shape
            (rows, columns).
        sizes: Pixels of every region, shape (n,).
        centroids: Mean column and row of the pixels' middles, in pixels, shape (listed, 2).
        centers: Row and column of the pixel nearest the centroid, shape (listed, 2).
    """

    numbers: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.int64]
    centroids: Array
    centers: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.sizes)

    @property
    def listed(self) -> int:
        """How many are reported one by one."""
        return min(len(self), MOST_LISTED)


def regions_of(pixels: npt.NDArray[np.bool_]) -> Regions:
    """Find the connected regions.

    Args:
        pixels: Which belong to any, shape (rows, columns).

    Example:
        >>> found = regions_of(np.array([[1, 0, 1], [0, 1, 1]], dtype=bool))
        >>> found.numbers.tolist(), found.sizes.tolist()
        ([[2, 0, 1], [0, 1, 1]], [3, 1])
    """
    from scipy import ndimage

    labels, count = ndimage.label(pixels)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    order = np.argsort(-sizes, kind="stable")
    places = np.zeros(count + 1, dtype=np.int32)
    places[order + 1] = np.arange(1, count + 1)
    numbers = places[labels]
    listed = min(count, MOST_LISTED)
    rows, columns = np.nonzero((numbers > 0) & (numbers <= listed))
    owners = numbers[rows, columns] - 1
    sizes = sizes[order]
    centroids = np.stack(
        [
            np.bincount(owners, weights=middle, minlength=listed) / sizes[:listed]
            for middle in (columns + 0.5, rows + 0.5)
        ],
        axis=1,
    )
    distance = (columns + 0.5 - centroids[owners, 0]) ** 2
    distance += (rows + 0.5 - centroids[owners, 1]) ** 2
    nearest = np.full(listed, np.inf)
    np.minimum.at(nearest, owners, distance)
    at = np.flatnonzero(distance == nearest[owners])
    _, first = np.unique(owners[at], return_index=True)
    chosen = at[first]
    return Regions(numbers, sizes, centroids, np.stack([rows[chosen], columns[chosen]], axis=1))
