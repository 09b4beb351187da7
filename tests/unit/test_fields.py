"""Fields as plain data, on polynomials that they have exactly; none needs DOLFINx."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import numpy.typing as npt
import pint
import pytest

from fem_island.errors import InputError
from fem_island.results.field import Field, as_points, square_places, triangle_places
from fem_island.solvers.condensed.grid import GridLine, basis_slopes, reference
from fem_island.solvers.condensed.grid_field import GridField, unfolded
from fem_island.solvers.meshed.triangle_field import TriangleField

Floats = npt.NDArray[np.float64]
W, H = 50e-6, 15e-6


def polynomial(points: Floats, degree: int) -> Floats:
    """A polynomial of a total degree in x and y, of size 1."""
    x, y = points[..., 0] / W, points[..., 1] / H
    return (0.3 + x - 0.7 * y) ** degree + 0.5 * x ** (degree - 1) * y


def slopes(points: Floats, degree: int) -> Floats:
    x, y = points[..., 0] / W, points[..., 1] / H
    inner = degree * (0.3 + x - 0.7 * y) ** (degree - 1)
    along = inner + 0.5 * y * (degree - 1) * (x ** max(degree - 2, 0) if degree > 1 else 0)
    up = -0.7 * inner + 0.5 * x ** (degree - 1)
    return np.stack([along / W, up / H], axis=-1)


def on_grid(degree: int) -> GridField:
    x = GridLine(np.array([0.0, 3e-6, 3.001e-6, 20e-6, W]), degree)
    y = GridLine(np.array([0.0, 1e-9, 4e-6, H]), degree)
    nodes = np.stack(np.meshgrid(x.nodes, y.nodes), axis=-1)
    return GridField(x, y, polynomial(nodes, degree))


def on_triangles(degree: int) -> TriangleField:
    """A mesh that is fine in one corner, numbered in no order."""
    lines = on_grid(1)
    corners = []
    for bottom, top in zip(lines.y.breaks[:-1], lines.y.breaks[1:], strict=True):
        for left, right in zip(lines.x.breaks[:-1], lines.x.breaks[1:], strict=True):
            corners.append([(left, bottom), (right, bottom), (left, top)])
            corners.append([(right, top), (left, top), (right, bottom)])
    triangles = np.random.default_rng(3).permutation(np.array(corners))
    nodes = triangle_places(degree)
    first = triangles[:, :1]
    places = first + nodes @ (triangles[:, 1:] - first)
    return TriangleField(triangles, nodes, polynomial(places, degree))


@pytest.mark.parametrize("degree", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("make", [on_grid, on_triangles])
def test_polynomials_are_exact_everywhere(make: type[Field], degree: int) -> None:
    field = make(degree)  # type: ignore[call-arg]
    random = np.random.default_rng(1)
    points = random.uniform(0, 1, (3000, 2)) * (W, H)
    # On lines and corners, at the walls, and where elements are small.
    points[::5, 0] = 3e-6
    points[1::7, 1] = random.choice([0.0, 1e-9, 4e-6, H], len(points[1::7]))
    points[2::7, 0] = random.uniform(2.9e-6, 3.1e-6, len(points[2::7]))
    points[3::7, 1] = random.uniform(0, 2e-9, len(points[3::7]))
    assert field.degree == degree
    size = np.abs(polynomial(points, degree)).max()
    np.testing.assert_allclose(
        field.potential(points), polynomial(points, degree), rtol=0, atol=1e-13 * size
    )
    steep = np.abs(slopes(points, degree)).max(axis=0)
    # In a triangle of 1 nm by 1 nm the values themselves are only known to rounding.
    error = np.abs(field.gradient(points) - slopes(points, degree)) / steep
    assert error.max() < 1e-8
    assert np.median(error) < 1e-12
    cells = field.cells()
    np.testing.assert_allclose(
        cells.potential, polynomial(cells.points, degree), rtol=0, atol=1e-13 * size
    )
    assert (np.abs(cells.gradient - slopes(cells.points, degree)) / steep).max() < 1e-8
    assert cells.points.shape == (*cells.potential.shape, 2) == cells.gradient.shape


@pytest.mark.parametrize("make", [on_grid, on_triangles])
def test_outside_there_is_nothing(make: type[Field]) -> None:
    field = make(2)  # type: ignore[call-arg]
    outside = [(-1e-9, 1e-6), (W + 1e-9, 1e-6), (1e-6, -1e-9), (1e-6, H + 1e-9), (1.0, 1.0)]
    assert np.isnan(field.potential(outside)).all()
    assert np.isnan(field.gradient(outside)).all()
    # Rounding puts nobody outside.
    edge = np.array([(W * (1 + 1e-15), H), (-1e-20, 0.0)])
    np.testing.assert_allclose(field.potential(edge), polynomial(edge, 2), rtol=0, atol=1e-13)
    assert field.potential((W / 2, H / 2)).shape == (1,)
    for wrong in ([1.0, 2.0, 3.0], 7.0, [[[1.0, 2.0]]]):
        with pytest.raises(InputError, match="must be x and y in m"):
            field.potential(wrong)


def test_a_mirrored_half_is_unfolded() -> None:
    half = GridLine(np.array([0.0, 1e-6, 10e-6]), 3)
    y = GridLine(np.array([0.0, 2e-6, 5e-6]), 3)
    values = (half.nodes / 1e-6) ** 3 + (y.nodes[:, None] / 1e-6) ** 2
    field = unfolded(half, y, values)
    points = np.random.default_rng(5).uniform(0, 1, (200, 2)) * (20e-6, 5e-6)
    mirrored = np.stack([20e-6 - points[:, 0], points[:, 1]], axis=1)
    near = np.minimum(points[:, 0], mirrored[:, 0])
    np.testing.assert_allclose(
        field.potential(points), (near / 1e-6) ** 3 + (points[:, 1] / 1e-6) ** 2, rtol=0, atol=1e-10
    )
    one, other = field.gradient(points), field.gradient(mirrored)
    np.testing.assert_allclose(one, other * (-1, 1), rtol=0, atol=1e-5 * np.abs(one).max())


def test_points_with_units() -> None:
    unit = pint.UnitRegistry()
    expected = [[25e-6, 7.5e-6], [0.0, 15e-6]]
    given: list[Any] = [
        expected,
        [("25 um", "7.5 um"), ("0 um", "0.015 mm")],
        unit.Quantity(np.array([[25, 7.5], [0, 15]]), "um"),
        [(unit.Quantity(25, "um"), 7.5e-6), (0, "15 micron")],
    ]
    for points in given:
        np.testing.assert_allclose(as_points(points), expected, rtol=1e-15, atol=0)
    refused: list[Any] = [[("25 um",)], [("25 mV", "1 um")], [(1e-6, 2e-6), (1e-6,)], 5e-6]
    for points in refused:
        with pytest.raises(InputError, match="must be x and y in m of one point"):
            as_points(points)


@pytest.mark.parametrize("make", [on_grid, on_triangles])
def test_copies_are_equal(make: type[Field]) -> None:
    field = make(3)  # type: ignore[call-arg]
    points = np.random.default_rng(7).uniform(0, 1, (100, 2)) * (W, H)
    found = field.potential(points)
    for twin in (copy.deepcopy(field), pickle.loads(pickle.dumps(field))):
        np.testing.assert_array_equal(twin.potential(points), found)


@pytest.mark.parametrize("degree", range(1, 15))
def test_the_reference_element(degree: int) -> None:
    part = reference(degree)
    nodes = part.nodes
    assert (nodes[0], nodes[-1], len(nodes)) == (0.0, 1.0, degree + 1)
    np.testing.assert_allclose(nodes, 1 - nodes[::-1], rtol=0, atol=1e-15)
    # Integrals of x^p and of its derivative.
    powers = nodes**degree
    assert powers @ part.mass @ powers == pytest.approx(1 / (2 * degree + 1), rel=1e-12)
    assert powers @ part.stiffness @ powers == pytest.approx(
        degree**2 / (2 * degree - 1), rel=1e-12
    )
    # Those of Gauss and Lobatto: where the Legendre polynomial is extreme.
    legendre = np.polynomial.Legendre.basis(degree, domain=[0, 1]).deriv()
    np.testing.assert_allclose(legendre(nodes[1:-1]), 0, atol=1e-10 * degree**2)
    assert basis_slopes(degree, nodes) @ powers == pytest.approx(
        degree * nodes ** (degree - 1), abs=1e-11 * degree**2
    )


def test_the_order_of_vtk() -> None:
    assert (3 * triangle_places(3)).astype(int).tolist() == [
        *([0, 0], [3, 0], [0, 3], [1, 0], [2, 0], [2, 1], [1, 2], [0, 2], [0, 1], [1, 1])
    ]
    assert (2 * square_places(2)).astype(int).tolist() == [
        *([0, 0], [2, 0], [2, 2], [0, 2], [1, 0], [2, 1], [1, 2], [0, 1], [1, 1])
    ]
    for places in (triangle_places(7), square_places(7)):
        assert len(np.unique(places, axis=0)) == len(places)
