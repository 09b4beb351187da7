"""Traces: polynomials on pieces, whose mean, values and extremes are known."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sqrt

import numpy as np
import pytest

from fem_island.machine.arrays import Array
from fem_island.results.trace import Trace
from fem_island.surface.measure import AXISYMMETRIC, PLANAR

BOTTOM = (sqrt(1.06) - 1) / 0.1
"""Where 0.05 x^2 + x - 0.3 is zero."""


def gauss_lobatto(degree: int) -> Array:
    """Nodes as bunched towards the ends as those of the solver."""
    return np.array([(1 - cos(pi * k / degree)) / 2 for k in range(degree + 1)])


def trace_of(function: Callable[[Array], Array], breaks: list[float], degree: int) -> Trace:
    ends = np.column_stack([breaks[:-1], breaks[1:]])
    nodes = gauss_lobatto(degree)
    positions = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * nodes
    return Trace(ends, function(positions), nodes)


def chebyshev_5(x: Array) -> Array:
    return 16 * x**5 - 20 * x**3 + 5 * x


@pytest.mark.parametrize(
    ("function", "breaks", "degree", "low", "high"),
    [
        # A parabola on one piece; its top at 0.3 is no node.
        pytest.param(lambda x: 4 - (x - 0.3) ** 2, [0, 1], 2, 3.51, 4.0, id="parabola"),
        pytest.param(lambda x: (x - 0.3) ** 2 - 4, [0, 1], 2, -4.0, -3.51, id="upside down"),
        # x^3 - x on [-1, 1]: -+ 2 / (3 sqrt 3) at +- 1 / sqrt 3.
        pytest.param(
            lambda x: x**3 - x, [-1, 1], 3, -2 / (3 * sqrt(3)), 2 / (3 * sqrt(3)), id="cubic"
        ),
        # The top of these is beyond the end of the piece.
        pytest.param(lambda x: 4 - (x - 1.5) ** 2, [0, 1], 2, 1.75, 3.75, id="beyond the right"),
        pytest.param(lambda x: 4 - (x + 0.5) ** 2, [0, 1], 2, 1.75, 3.75, id="beyond the left"),
        pytest.param(chebyshev_5, [-0.9, 0.8], 5, -1.0, 1.0, id="Chebyshev"),
        pytest.param(lambda x: 2 * x + 1, [-1, 2], 1, -1.0, 5.0, id="line"),
        pytest.param(lambda x: 2 * x + 1, [-1, 2], 4, -1.0, 5.0, id="line of degree 4"),
        pytest.param(lambda x: 0 * x + 3, [-1, 2], 3, 3.0, 3.0, id="constant"),
        pytest.param(lambda x: 0 * x, [-1, 2], 2, 0.0, 0.0, id="zero"),
        # A small part of high degree moves the bottom of a parabola.
        pytest.param(
            lambda x: 0.05 / 3 * x**3 + x**2 / 2 - 0.3 * x,
            [-1, 1],
            3,
            0.05 / 3 * BOTTOM**3 + BOTTOM**2 / 2 - 0.3 * BOTTOM,
            0.8 - 0.05 / 3,
            id="nearly a parabola",
        ),
        # Pieces of unequal length; the top is inside the second one.
        pytest.param(
            lambda x: 1 - (x - 1.7) ** 2, [0, 1.5, 1.6, 1.9, 5], 2, 1 - 3.3**2, 1.0, id="pieces"
        ),
        # A saddle point is no extreme.
        pytest.param(lambda x: x**3, [-1, 2], 3, -1.0, 8.0, id="saddle"),
    ],
)
def test_extremes_between_nodes(
    function: Callable[[Array], Array], breaks: list[float], degree: int, low: float, high: float
) -> None:
    found = trace_of(function, breaks, degree).extremes()
    assert found == pytest.approx((low, high), rel=1e-14, abs=1e-14)


@pytest.mark.parametrize("offset", [0.1, -0.1])
def test_extremes_of_a_potential_that_hardly_varies(offset: float) -> None:
    """A variation of 1 nV on 0.1 V: extremes are found to the rounding of the values."""
    trace = trace_of(lambda x: offset + 1e-9 * x * (1 - x), [0, 1], 2)
    low, high = trace.extremes()
    assert low == pytest.approx(offset, abs=1e-16)
    assert high - offset == pytest.approx(0.25e-9, abs=1e-16)


def test_extremes_in_micrometers_and_among_many_pieces() -> None:
    breaks = [float(x) for x in np.linspace(0, 50e-6, 201)]
    trace = trace_of(lambda x: np.sin(x / 7.7e-6), breaks, 4)
    assert trace.extremes() == pytest.approx((-1.0, 1.0), abs=1e-12)
    assert trace_of(lambda x: np.sin(x / 7.7e-6), breaks, 1).extremes()[1] < 1 - 1e-6


@pytest.mark.parametrize("degree", [2, 3, 6])
def test_mean_is_the_integral_and_not_that_of_the_nodes(degree: int) -> None:
    trace = trace_of(lambda x: 3 * x**2, [0, 0.1, 1, 4], degree)
    assert trace.mean(PLANAR) == pytest.approx(4**3 / 4, rel=1e-14, abs=0)


@pytest.mark.parametrize("degree", [1, 2, 3, 6])
def test_mean_over_a_disc_counts_rings_by_their_area(degree: int) -> None:
    trace = trace_of(lambda r: r, [0, 0.1, 1, 4], degree)
    assert trace.mean(AXISYMMETRIC) == pytest.approx(2 * 4 / 3, rel=1e-14, abs=0)


def test_value_at_a_position() -> None:
    trace = trace_of(chebyshev_5, [-1, -0.4, 0.1, 1], 5)
    positions = np.linspace(-1, 1, 41)
    found = [trace.at(float(x)) for x in positions]
    np.testing.assert_allclose(found, chebyshev_5(positions), rtol=0, atol=1e-13)
    # At a break and beyond the ends the pieces beside go on.
    assert trace.at(0.1) == pytest.approx(float(chebyshev_5(np.array(0.1))), abs=1e-13)
    assert trace.at(1.1) == pytest.approx(float(chebyshev_5(np.array(1.1))), rel=1e-12, abs=0)
    assert trace.at(-1.1) == pytest.approx(float(chebyshev_5(np.array(-1.1))), rel=1e-12, abs=0)


def test_samples() -> None:
    trace = trace_of(lambda x: x**2, [0, 1, 3], 2)
    positions, values = trace.sampled(np.array([0.0, 0.25, 1.0]))
    np.testing.assert_allclose(positions, [[0, 0.25, 1], [1, 1.5, 3]], rtol=1e-15)
    np.testing.assert_allclose(values, positions**2, rtol=0, atol=1e-14)


def test_restriction_takes_whole_pieces() -> None:
    trace = trace_of(lambda x: 10 * x, [0, 1, 2, 3, 5], 1)
    part = trace.restricted(1.0, 3.0)
    np.testing.assert_array_equal(part.ends, [[1, 2], [2, 3]])
    assert part.mean(PLANAR) == pytest.approx(20.0)
    assert part.extremes() == pytest.approx((10.0, 30.0))
    # Rounding of the ends moves no piece.
    for rounding in (1e-9, -1e-9):
        other = trace.restricted(1 + rounding, 3 - rounding)
        np.testing.assert_array_equal(other.ends, part.ends)
    np.testing.assert_allclose(trace.lengths, [1, 1, 1, 2])
