"""The condensed electrolyte: two ways to make it agree, and it has what its mathematics says."""

from __future__ import annotations

from math import cosh, pi, sinh, tanh

import numpy as np
import pytest

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed import separable
from fem_island.solvers.condensed.grid import (
    GridLine,
    graded_bottom,
    graded_height,
    is_mirrored,
    left_half,
)
from fem_island.solvers.condensed.separable import SeparableElectrolyte, modes_of
from fem_island.solvers.meshed import condensing as assembled
from fem_island.solvers.meshed.grid_mesh import domain_of
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import Bottom, Stretch, Tag
from fem_island.surface.kinetics import LinearKinetics

WIDTH, HEIGHT = 50e-6, 15e-6
LAW = LinearKinetics(exchange_current_density=5.0)


def bottom_of(*parts: tuple[float, bool]) -> Bottom:
    """Stretches from their right ends [um] and whether they react."""
    starts = [0.0, *(end for end, _ in parts[:-1])]
    stretches = (
        Stretch(
            start * 1e-6,
            end * 1e-6,
            Tag.ISLAND if reacts else Tag.EXPOSED,
            law=LAW if reacts else None,
        )
        for start, (end, reacts) in zip(starts, parts, strict=True)
    )
    return Bottom(tuple(stretches))


BOTTOMS = {
    "one": bottom_of((10, False), (17, True), (50, False)),
    "at the wall": bottom_of((3, True), (50, False)),
    "two": bottom_of((4, False), (9, True), (30, False), (31, True), (50, False)),
    "touching": bottom_of((20, True), (23, True), (50, False)),
    "all of it": bottom_of((50, True)),
    "all of it, in parts": bottom_of((20, True), (50, True)),
}


def condensed(bottom: Bottom, degree: int, grading: Grading) -> SeparableElectrolyte:
    x = graded_bottom(bottom, height=HEIGHT, degree=degree, grading=grading)
    y = graded_height(HEIGHT, degree=degree, grading=grading)
    middles = x.ends.mean(axis=1)
    reacting = np.zeros(x.size, dtype=bool)
    for stretch in bottom:
        if stretch.law is not None:
            inside = (middles > stretch.start) & (middles < stretch.end)
            reacting[x.element_nodes[inside]] = True
    return separable.condense(x, y, reacting)


def some_potentials(size: int) -> Array:
    return np.random.default_rng(1).standard_normal((3, size))


@pytest.mark.parametrize("degree", [1, 2, 4])
@pytest.mark.parametrize("bottom", BOTTOMS.values(), ids=BOTTOMS)
def test_a_grid_is_condensed_like_its_assembled_matrix(bottom: Bottom, degree: int) -> None:
    grading = Grading(edge_size=0.1e-6, growth=2.0, max_size=HEIGHT / 2)
    fast = condensed(bottom, degree, grading)
    domain = domain_of(fast.x, fast.y, bottom, grading=grading, mirrored=False)
    slow = assembled.condense(domain, degree, quadrature_degree=8)
    assert fast.operator.size == slow.operator.size
    scale = np.abs(slow.operator.stiffness).max()
    difference = np.abs(fast.operator.stiffness - slow.operator.stiffness).max()
    assert difference < 1e-10 * scale
    np.testing.assert_allclose(fast.operator.top_share, slow.operator.top_share, rtol=0, atol=1e-11)

    # The field of any potential and current, on the bottom and at all other unknowns.
    currents, conductivity = np.array([0.0, 2.5, -30.0]), 0.18
    potentials = some_potentials(fast.operator.size)
    places = slow.space.tabulate_dof_coordinates()[:, :2] * 1e-6
    theirs = slow.everywhere.field(potentials, currents, conductivity)
    ours = fast.at(places).field(potentials, currents, conductivity)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    on_bottom = places[:, 1] < 1e-9 * HEIGHT
    order = np.argsort(places[on_bottom, 0])
    np.testing.assert_allclose(
        fast.bottom().field(potentials, currents, conductivity),
        theirs[:, on_bottom][:, order],
        rtol=0,
        atol=1e-9,
    )
    for number in range(3):
        grid = fast.on_grid(potentials[number], currents[number] / conductivity)
        across = np.lexsort((places[:, 0], places[:, 1].round(13)))
        np.testing.assert_allclose(grid.ravel(), theirs[number, across], rtol=0, atol=1e-9)


@pytest.mark.parametrize("bottom", BOTTOMS.values(), ids=BOTTOMS)
def test_what_holds_for_every_operator(bottom: Bottom) -> None:
    electrolyte = condensed(bottom, 4, Grading(0.05e-6, 2.0, HEIGHT / 2))
    stiffness, share = electrolyte.operator.stiffness, electrolyte.operator.top_share
    scale = np.abs(stiffness).max()
    np.testing.assert_allclose(stiffness, stiffness.T, rtol=0, atol=1e-13 * scale)
    assert np.abs(stiffness.sum(axis=1)).max() < 1e-12 * scale
    assert np.linalg.eigvalsh(stiffness).min() > -1e-12 * scale
    assert share.sum() == pytest.approx(1.0, abs=1e-13)
    # A constant is recovered as one, and the current alone gives no potential where all reacts.
    for recovery in (electrolyte.bottom(), electrolyte.top_mean()):
        np.testing.assert_allclose(recovery.from_bottom.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    # Without reacting differences only the top drives a current: S psi = 0, all of it is shared.
    flat = np.full((1, electrolyte.operator.size), 0.3)
    traction = electrolyte.operator.traction(flat, np.array([2.0]), 0.18)
    np.testing.assert_allclose(traction[0], 2.0 * WIDTH * share, rtol=0, atol=1e-12 * scale)


def test_a_cosine_keeps_its_shape() -> None:
    """Current density cos(k x) at the bottom: psi = cos(k x) cosh(k (H - y)) / (k sinh(k H))."""
    wave = 2 * pi / WIDTH
    breaks = np.linspace(0, WIDTH, 9)
    x, y = GridLine(breaks, 8), GridLine(np.linspace(0, HEIGHT, 5), 8)
    electrolyte = separable.condense(x, y, np.ones(x.size, dtype=bool))
    potential = np.cos(wave * x.nodes) / (wave * tanh(wave * HEIGHT))
    traction = electrolyte.operator.traction(potential[None], np.array([0.0]), 1.0)[0]
    _, mass = x.matrices()
    np.testing.assert_allclose(traction, mass @ np.cos(wave * x.nodes), rtol=0, atol=1e-13)
    points = np.array([[1e-6, 0.0], [20e-6, 5e-6], [33e-6, HEIGHT]])
    found = electrolyte.at(points).field(potential[None], np.array([0.0]), 1.0)[0]
    expected = [
        np.cos(wave * px) * cosh(wave * (HEIGHT - py)) / (wave * sinh(wave * HEIGHT))
        for px, py in points
    ]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 / wave)


def test_all_of_the_bottom_at_one_potential_is_a_plain_resistor() -> None:
    electrolyte = condensed(BOTTOMS["all of it"], 3, Grading(1e-6, 2.0, HEIGHT / 2))
    current, conductivity = 2.5, 0.18
    flat = np.zeros((1, electrolyte.operator.size))
    points = np.array([[3e-6, 2e-6], [40e-6, HEIGHT]])
    found = electrolyte.at(points).field(flat, np.array([current]), conductivity)[0]
    np.testing.assert_allclose(found, -current / conductivity * points[:, 1], rtol=1e-12, atol=0)
    top = electrolyte.top_mean().field(flat, np.array([current]), conductivity)[0, 0]
    assert top == pytest.approx(-current / conductivity * HEIGHT, rel=1e-12)


def test_ordinary_and_extreme_grids_take_different_ways_to_the_same_modes() -> None:
    axis = GridLine(np.array([0.0, 1e-3, 0.01, 0.1, 0.4, 1.0]), 4)
    stiffness, mass = axis.matrices()
    found = []
    for extreme in (0.0, 1.0):
        modes = modes_of(axis, extreme=extreme)
        product = modes.vectors.T @ mass @ modes.vectors
        np.testing.assert_allclose(product, np.eye(axis.size), rtol=0, atol=1e-8)
        image = stiffness @ modes.vectors
        wanted = mass @ modes.vectors * modes.eigenvalues
        np.testing.assert_allclose(image, wanted, rtol=0, atol=1e-6 * np.abs(wanted).max())
        found.append(modes.eigenvalues)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7, atol=1e-9)
    # The first are those of a string with free ends.
    np.testing.assert_allclose(found[0][:3], (pi * np.arange(3)) ** 2, rtol=2e-3, atol=1e-9)


def test_halves_of_mirror_images() -> None:
    symmetric = bottom_of((10, False), (40, True), (50, False))
    assert is_mirrored(symmetric)
    assert [stretch.end for stretch in left_half(symmetric)] == pytest.approx([10e-6, 25e-6])
    assert is_mirrored(BOTTOMS["all of it"])
    assert not is_mirrored(BOTTOMS["one"])
    # Same places, another law.
    other = LinearKinetics(exchange_current_density=6.0)
    left = Stretch(0.0, 25e-6, Tag.ISLAND, 0, LAW)
    right = Stretch(25e-6, WIDTH, Tag.ISLAND, 1, other)
    assert not is_mirrored(Bottom((left, right)))


def test_lines_are_dense_at_changes_only() -> None:
    grading = Grading(edge_size=0.01e-6, growth=2.0, max_size=HEIGHT / 2)
    x = graded_bottom(BOTTOMS["one"], height=HEIGHT, degree=2, grading=grading)
    for change in (10e-6, 17e-6):
        beside = np.abs(x.breaks - change) <= 1.001 * grading.edge_size
        assert beside.sum() == 3
    assert x.lengths[0] > 1e-6
    assert x.lengths[-1] > 1e-6
    assert x.lengths.max() < 1.6 * grading.max_size
    assert x.breaks[[0, -1]] == pytest.approx([0.0, WIDTH], rel=1e-14)
