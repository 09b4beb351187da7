"""What a cosine of pixels feels of the electrolyte: symbols summed over all aliases.

A current density that is constant on each of n x m pixels of edge h is a cosine transform of type
II. Its mode (k, l), with angles t = pi k / n and u = pi l / m per pixel, stands for all cosines of
the box with angles |t + 2 pi a| and |u + 2 pi b|, which look alike at the middles of pixels. In a
box of height H the potential at the bottom answers each cosine of wavenumber q by coth(q H) / q, so
that the mean over every pixel of the potential has, for kappa = 1, the symbol

    sum over a, b of  S(t + 2 pi a) S(u + 2 pi b) coth(q H) / q ,       S(t) = [sin(t/2) / (t/2)]^2
    q = sqrt((t + 2 pi a)^2 + (u + 2 pi b)^2) / h

one factor sin(t/2) / (t/2) being that of the pixel that carries the current and one that of the
mean. At the corners of pixels the second factor is missing. The sums converge slowly. With

    coth(q H) / q = int_0^inf w(s) exp(-q^2 s^2) ds ,      w(s) = (2 s / H) sum_n exp(-(pi n s/H)^2)

they become integrals of products of sums in one direction, which converge at once where s is not
small and are known where it is. All terms but (0, 0) together are smooth, so that they are
interpolated between a few Chebyshev points.

The mode (0, 0) carries the mean current; its potential depends on what is far away, and it is set
to 0 here: potentials are counted from the mean over the bottom.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial.legendre import leggauss

from fem_island.machine.arrays import Array

_NODES = 24
"""Chebyshev points in each direction; the interpolation is exact to rounding from 20 on."""

_NARROW, _WIDE = 0.08, 2.2
"""Below the first, a Gaussian of width s ends within a pixel, exp(-(1 / 2 s)^2) being 1e-17; beyond
the second, exp(-(pi s)^2) is nothing beside 1."""

_ALIASES = 16
"""In each direction; the first that is left out has exp(-(32 pi 0.08)^2) = 1e-28."""

_PANEL_POINTS = 16


def of_means(shape: tuple[int, int], *, pixel: float, height: float) -> Array:
    """Mean potential over every pixel per current density, for kappa = 1, mode by mode.

    Args:
        shape: Rows and columns of pixels.
        pixel: Edge h of a pixel [m].
        height: H [m].

    Returns:
        The symbol [m], of that shape.

    Example:
        >>> of_means((1, 2), pixel=1.0, height=50.0).round(6).tolist()
        [[0.0, 0.542755]]
    """
    return _symbol(shape, pixel, height, _mean, _sums_of_means)


def of_corners(shape: tuple[int, int], *, pixel: float, height: float) -> Array:
    """Potential at the corners of pixels per current density, for kappa = 1; see ``of_means``."""
    return _symbol(shape, pixel, height, _sinc, _sums_of_corners)


def _symbol(
    shape: tuple[int, int],
    pixel: float,
    height: float,
    factor: Callable[[Array], Array],
    sums: Callable[[Array, float], tuple[Array, Array]],
) -> Array:
    rows, columns = (np.pi * np.arange(count) / count for count in shape)
    relative = height / pixel
    found = _first_terms(rows[:, None], columns[None, :], relative)
    found *= factor(rows)[:, None]
    found *= factor(columns)
    found += _aliases(rows, columns, relative, sums)
    found[0, 0] = 0.0
    found *= pixel
    return found


def _sinc(angle: Array) -> Array:
    """sin(t/2) / (t/2)."""
    return np.asarray(np.sinc(angle / (2 * np.pi)))


def _mean(angle: Array) -> Array:
    """S(t)."""
    return np.asarray(_sinc(angle) ** 2)


def _first_terms(rows: Array, columns: Array, height: float) -> Array:
    """coth(q H) / q of the modes themselves."""
    wavenumber = np.hypot(rows, columns)
    wavenumber[0, 0] = 1.0
    return np.asarray(1 / (wavenumber * np.tanh(wavenumber * height)))


def _aliases(
    rows: Array,
    columns: Array,
    height: float,
    sums: Callable[[Array, float], tuple[Array, Array]],
) -> Array:
    """What all aliases but the first add up to, shape (rows, columns)."""
    points = 0.5 * np.pi * (1 + np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES))
    table = np.zeros((_NODES, _NODES))
    for width, weight in zip(*_widths(height), strict=True):
        whole, first = sums(points, width)
        table += weight * (np.outer(whole, whole) - np.outer(first, first))
    inverse = np.linalg.inv(chebyshev.chebvander(2 * points / np.pi - 1, _NODES - 1))
    coefficients = inverse @ table @ inverse.T
    along, across = (
        chebyshev.chebvander(2 * angles / np.pi - 1, _NODES - 1) for angles in (rows, columns)
    )
    return np.asarray(along @ coefficients @ across.T)


def _widths(height: float) -> tuple[Array, Array]:
    """Widths s and weights of the integral over them, with w(s) in the weights."""
    smallest = min(_NARROW, 0.05 * height)
    count = int(np.ceil(np.log2(_WIDE / smallest)))
    ends = np.concatenate([[0.0], _WIDE * 0.5 ** np.arange(count, -1.0, -1.0)])
    points, weights = leggauss(_PANEL_POINTS)
    lengths = np.diff(ends)[:, None]
    width = (ends[:-1, None] + 0.5 * lengths * (points + 1)).ravel()
    weight = (0.5 * lengths * weights).ravel()
    # The sum over n, by whichever of its two forms converges at once.
    ratio = width / height
    orders = np.arange(1, 7)[:, None]
    flat = 2 * ratio * (1 + 2 * np.exp(-((np.pi * orders * ratio) ** 2)).sum(axis=0))
    with np.errstate(divide="ignore", under="ignore"):
        tall = 2 / np.sqrt(np.pi) * (1 + 2 * np.exp(-((orders / ratio) ** 2)).sum(axis=0))
    return width, weight * np.where(ratio > 0.5, flat, tall)


def _sums_of_means(angles: Array, width: float) -> tuple[Array, Array]:
    """Sum over all aliases in one direction, and its first term, for means over pixels."""
    first = _mean(angles) * np.exp(-((angles * width) ** 2))
    if width < _NARROW:
        return 1 - 2 * width / np.sqrt(np.pi) * (1 - np.cos(angles)), first
    aliases = angles[:, None] + 2 * np.pi * np.arange(-_ALIASES, _ALIASES + 1)
    return (_mean(aliases) * np.exp(-((aliases * width) ** 2))).sum(axis=1), first


def _sums_of_corners(angles: Array, width: float) -> tuple[Array, Array]:
    """Sum over all aliases in one direction, and its first term, for corners of pixels."""
    first = _sinc(angles) * np.exp(-((angles * width) ** 2))
    if width < _NARROW:
        return np.cos(angles / 2), first
    orders = np.arange(-_ALIASES, _ALIASES + 1)
    aliases = angles[:, None] + 2 * np.pi * orders
    # The signs of the pixel's own factor and of the cosine at a corner are those of (-1)^a twice.
    signs = np.where(orders % 2 == 0, 1.0, -1.0)
    terms = signs * _sinc(aliases) * np.exp(-((aliases * width) ** 2))
    return terms.sum(axis=1), first
