"""Long cells as strips side by side: the same equations as in one piece, and to more digits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

import fem_island as fi
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.machine.arrays import Array
from fem_island.solvers.condensed import CondensedSolver, newton, separable, strips
from fem_island.solvers.condensed.geometry import condense
from fem_island.solvers.condensed.grid import GridLine, graded_bottom, graded_height
from fem_island.solvers.condensed.newton import CondensedProblem
from fem_island.solvers.condensed.reactions import Reactions, reacting_elements
from fem_island.solvers.condensed.separable import SeparableElectrolyte
from fem_island.solvers.condensed.solved import solve_on
from fem_island.solvers.condensed.strips import StripElectrolyte
from fem_island.solvers.electrolyte import ElementMass
from fem_island.solvers.resolution import Grading, Resolution
from fem_island.solvers.scales import ohmic_drops
from fem_island.surface.bottom import Bottom, stretches
from fem_island.surface.points import OperatingPoints

HEIGHT = 15e-6
NO_LINES = np.zeros(0, dtype=np.intp)
CONDUCTIVITY = 0.18


def cell_of(islands: int, *, seed: int = 0, period: float = 50e-6, **fields: object) -> Cell:
    """Islands of random widths and places, one in each period."""
    random = np.random.default_rng(seed)
    placed = [
        {
            "width": period * random.uniform(0.05, 0.4),
            "center": period * (number + random.uniform(0.3, 0.7)),
        }
        for number in range(islands)
    ]
    return Cell(electrolyte={"width": islands * period}, islands=placed, **fields)


@dataclass(frozen=True)
class BothWays:
    """A grid that is condensed as a whole and as strips."""

    whole: SeparableElectrolyte
    strips: StripElectrolyte
    reacting: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, bottom: Bottom, degree: int, grading: Grading) -> BothWays:
        x = graded_bottom(bottom, height=HEIGHT, degree=degree, grading=grading)
        y = graded_height(HEIGHT, degree=degree, grading=grading)
        reacting = reacting_nodes(bottom, x)
        lines = strips.cut_lines(x, bottom, lines=y.size // 4)
        assert len(lines) > 1
        whole = separable.condense(x, y, reacting)
        return cls(whole, strips.condense(x, y, reacting, lines), reacting)


def reacting_nodes(bottom: Bottom, x: GridLine) -> npt.NDArray[np.bool_]:
    middles = x.ends.mean(axis=1)
    reacting = np.zeros(x.size, dtype=bool)
    for stretch in bottom:
        if stretch.law is not None:
            inside = (middles > stretch.start) & (middles < stretch.end)
            reacting[x.element_nodes[inside]] = True
    return reacting


def matrix_of(electrolyte: StripElectrolyte) -> Array:
    return np.asarray(electrolyte.operator.apply(np.eye(electrolyte.operator.size)))


BARE = stretches(Case(cell=cell_of(5)))
FILM = stretches(Case(cell=cell_of(4, interlayer=fi.interlayer("Ag", reaction="reversible"))))
WALLS = stretches(
    Case(
        cell=Cell(
            electrolyte={"width": "120 um"},
            islands=[
                {"width": "10 um", "center": "5 um"},
                {"width": "30 um", "center": "60 um"},
                {"width": "20 um", "center": "85 um"},
                {"width": "10 um", "center": "115 um"},
            ],
        )
    )
)
RINGS = stretches(
    Case(
        cell=Cell(
            electrolyte={"geometry": "axisymmetric", "radius": "120 um"},
            islands=[
                {"outer_radius": "10 um"},
                {"inner_radius": "45 um", "outer_radius": "75 um"},
                {"inner_radius": "75 um", "outer_radius": "95 um"},
                {"inner_radius": "110 um", "outer_radius": "120 um"},
            ],
        )
    )
)
BOTTOMS = {"bare": BARE, "film": FILM, "at the walls, touching": WALLS, "rings": RINGS}


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("bottom", BOTTOMS.values(), ids=BOTTOMS)
def test_strips_are_the_grid_in_one_piece(bottom: Bottom, degree: int) -> None:
    both = BothWays.of(bottom, degree, Grading(1e-6, 2.0, HEIGHT / 2))
    whole, cut = both.whole, both.strips
    stiffness = whole.operator.stiffness
    scale = np.abs(stiffness).max()
    np.testing.assert_allclose(matrix_of(cut), stiffness, rtol=0, atol=1e-12 * scale)
    np.testing.assert_allclose(cut.operator.top_share, whole.operator.top_share, rtol=0, atol=1e-13)
    currents = np.array([2.5, -1.0])
    along = whole.x.nodes[both.reacting] / whole.x.breaks[-1]
    potential = 1e-3 * np.stack([np.cos(3 * along), along**2])
    points = np.stack([np.linspace(0, whole.x.breaks[-1], 23), np.linspace(HEIGHT, 0, 23)], axis=1)
    for recovery in ("bottom", "top_mean"):
        np.testing.assert_allclose(
            getattr(cut, recovery)().field(potential, currents, CONDUCTIVITY),
            getattr(whole, recovery)().field(potential, currents, CONDUCTIVITY),
            rtol=0,
            atol=1e-15,
        )
    np.testing.assert_allclose(
        cut.at(points).field(potential, currents, CONDUCTIVITY),
        whole.at(points).field(potential, currents, CONDUCTIVITY),
        rtol=0,
        atol=1e-15,
    )
    ohmic = currents[0] / CONDUCTIVITY
    np.testing.assert_allclose(
        cut.on_grid(potential[0], ohmic), whole.on_grid(potential[0], ohmic), rtol=0, atol=1e-15
    )


@pytest.mark.parametrize(("edge_size", "growth"), [(1e-8, 2.0), (1e-12, 2.0), (1e-12, 1.0)])
@pytest.mark.parametrize("bottom", [WALLS, RINGS], ids=["stripes", "rings"])
def test_digits_are_kept_where_elements_differ_in_length_by_ten_million(
    bottom: Bottom, edge_size: float, growth: float
) -> None:
    grading = Grading(edge_size, growth, HEIGHT / 2)
    x = graded_bottom(bottom, height=HEIGHT, degree=5, grading=grading)
    y = graded_height(HEIGHT, degree=5, grading=grading)
    reacting = reacting_nodes(bottom, x)
    lines = strips.cut_lines(x, bottom, lines=y.size)
    assert len(lines) > 1
    cut = matrix_of(strips.condense(x, y, reacting, lines))
    whole = matrix_of(strips.condense(x, y, reacting, NO_LINES))
    scale = np.abs(whole).max()
    np.testing.assert_allclose(cut, whole, rtol=0, atol=2e-13 * scale)
    # A constant potential has no current.
    assert np.abs(cut.sum(axis=1)).max() < 2e-13 * scale
    np.testing.assert_allclose(cut, cut.T, rtol=0, atol=1e-14 * scale)


CELLS = {
    "bare": cell_of(20),
    "release": cell_of(3, interlayer=fi.interlayer("Ag", reaction="release")),
    "reversible": cell_of(6, interlayer=fi.interlayer("Au", reaction="reversible")),
    "tafel": cell_of(5, kinetics={"law": "tafel"}),
    "linear": cell_of(5, kinetics={"law": "linear"}),
    "rings": Cell(
        electrolyte={"geometry": "axisymmetric", "radius": "250 um"},
        islands=[
            {"inner_radius": f"{inner} um", "outer_radius": f"{inner + 8} um"}
            for inner in (0, 31, 77, 120, 190, 231)
        ],
        interlayer=fi.interlayer("Ag", reaction="release"),
    ),
    "film in places": cell_of(
        4,
        interlayer={
            "material": "Ag",
            "reaction": "reversible",
            "extent": [("0 um", "33 um"), ("90 um", "170 um")],
        },
    ),
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_newton_finds_the_same_solutions_with_both(cell: Cell) -> None:
    points = OperatingPoints.of(Case(cell=cell), [0.5, 2.5, 20.0])
    both = BothWays.of(points.bottom, 3, Grading(1e-6, 2.0, HEIGHT / 2))
    elements = reacting_elements(points.bottom, both.whole.x.ends, degree=3, quadrature_degree=12)
    reactions = Reactions(elements, points.bottom, points.uniform.overpotentials)
    start = np.zeros((3, both.whole.operator.size))
    found = [
        newton.solve(
            CondensedProblem(operator, reactions, points.current_densities, CONDUCTIVITY), start
        )
        for operator in (both.whole.operator, both.strips.operator)
    ]
    assert found[0].solved.all()
    assert found[1].solved.all()
    np.testing.assert_array_equal(found[0].iterations, found[1].iterations)
    np.testing.assert_allclose(found[1].deviation, found[0].deviation, rtol=0, atol=1e-12)


def test_a_complex_conductivity_is_solved_with() -> None:
    both = BothWays.of(FILM, 2, Grading(1e-6, 2.0, HEIGHT / 2))
    elements = reacting_elements(FILM, both.whole.x.ends, degree=2, quadrature_degree=8)
    random = np.random.default_rng(2)
    roots = random.random((2, len(elements.first), 3, 3))
    blocks = 1e-4 * (1 + 2j) * (roots @ roots.transpose(0, 1, 3, 2))
    mass = ElementMass(elements.first, blocks)
    right = random.random((2, both.whole.operator.size))
    matrices = np.zeros((2, right.shape[1], right.shape[1]), dtype=complex)
    matrices[:] = (0.18 + 0.3j) * both.whole.operator.stiffness
    mass.add_to(matrices)
    expected = np.linalg.solve(matrices, right[..., None])[..., 0]
    found = both.strips.operator.tangent(0.18 + 0.3j, mass).solve(right)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10 * np.abs(expected).max())


def periods(count: int, **fields: object) -> Case:
    """Equal islands, one in the middle of each period."""
    placed = [{"width": 7e-6, "center": 50e-6 * (number + 0.5)} for number in range(count)]
    cell = Cell(electrolyte={"width": count * 50e-6}, islands=placed, **fields)
    return Case(cell=cell)


@pytest.mark.parametrize("film", [None, fi.interlayer("Ag", reaction="release")])
def test_three_hundred_equal_islands_are_one(film: object) -> None:
    resolution = Resolution(4, Grading(0.25e-6, 2.0, HEIGHT / 2))
    found = []
    for count in (1, 300):
        points = OperatingPoints.of(periods(count, interlayer=film), [2.5])
        geometry = condense(
            points.bottom, height=HEIGHT, resolution=resolution, probes=((25e-6, 5e-6),)
        )
        start = np.zeros((1, geometry.operator.size))
        found.append(solve_on(points, geometry, start).columns.numbers[0])
    one, many = found
    assert isinstance(geometry.electrolyte, StripElectrolyte)
    for name in (
        "overpotential_mean",
        "overpotential_min",
        "overpotential_max",
        "exposed_drive_max",
        "potential_top_mean",
        "probes_potential",
    ):
        np.testing.assert_allclose(many[name], one[name], rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(
        many["islands_current_fraction"], one["islands_current_fraction"][0] / 300, rtol=1e-11
    )


def kept_numbers(electrolyte: StripElectrolyte) -> int:
    """Numbers in all matrices of different strips."""
    different = {id(placed.strip): placed.strip for placed in electrolyte.operator.row.strips}
    return sum(strip.stiffness.size + strip.response.size for strip in different.values())


def test_memory_grows_with_the_islands_and_equal_ones_share_it() -> None:
    resolution = Resolution(4, Grading(1e-6, 2.0, HEIGHT / 2))

    def numbers(bottoms: Iterable[Bottom]) -> list[int]:
        found = []
        for bottom in bottoms:
            geometry = condense(bottom, height=HEIGHT, resolution=resolution, probes=())
            assert isinstance(geometry.electrolyte, StripElectrolyte)
            found.append(kept_numbers(geometry.electrolyte))
        return found

    fifty, hundred = numbers(stretches(Case(cell=cell_of(count))) for count in (50, 100))
    assert hundred == pytest.approx(2 * fifty, rel=0.1)
    few, many = numbers(stretches(periods(count)) for count in (30, 300))
    assert many == few


def test_the_planned_grid_does_not_grow_with_equal_islands() -> None:
    """Nothing flows from island to island, so that a wide cell is as easy as a narrow one."""
    one, many = (OperatingPoints.of(periods(count), [2.5]) for count in (1, 100))
    np.testing.assert_allclose(ohmic_drops(many), ohmic_drops(one), rtol=1e-9)


def test_an_uneven_cell_has_the_drop_of_what_flows_sideways() -> None:
    """All islands in the left half: I (W / 2) over half the width, less and less, through H."""
    cell = periods(40).cell
    left = Cell(electrolyte=cell.electrolyte, islands=cell.islands[:20])
    points = OperatingPoints.of(Case(cell=left), [2.5])
    width = 40 * 50e-6
    # The current to the right half, from the middle on; that to the middle grows as linearly.
    drop = 2.5 * (width / 2) ** 2 / (HEIGHT * points.conductivity)
    np.testing.assert_allclose(ohmic_drops(points), drop, rtol=0.05)


def test_two_hundred_different_islands_are_solved_to_the_tolerance() -> None:
    case = Case(cell=cell_of(200, period=30e-6))
    result = CondensedSolver().solve(case, np.array([2.5])).numbers[0]
    assert result["status"] == 0
    assert result["charge_imbalance"] < 1e-11
    assert result["error_estimate_overpotential_max"] < 1e-6
    np.testing.assert_allclose(result["islands_current_fraction"].sum(), 1.0, rtol=1e-11)
