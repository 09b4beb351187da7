"""Contact maps against exact and reference answers; the methods behind these share no code."""

from __future__ import annotations

from typing import Any

import map_cases
import numpy as np
import pytest

import fem_island as fi
from fem_island.results.map_result import MapResult
from fem_island.solvers.cosine import symbol
from fem_island.solvers.cosine.level import solve_level
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.surface.contact import Contact


def solved(case: fi.Case) -> MapResult:
    result = fi.solve(case).result
    assert isinstance(result, MapResult)
    return result


@pytest.mark.parametrize("tolerance", [1e-5, 1e-6, 1e-8])
@pytest.mark.parametrize("name", map_cases.WITH_IMAGE)
def test_reference_cases(name: str, tolerance: float) -> None:
    expected = map_cases.CASES[name]["outputs"]
    result = solved(map_cases.reference_case(name, tolerance=tolerance))
    assert result.status == "converged"
    errors = {
        "potential_top_mean": result.potential_top_mean - expected["potential_top_mean"],
        "overpotential_mean": result.overpotential_mean - expected["overpotential_mean_lithium"],
    }
    for key, error in errors.items():
        # What the reference knows of itself.
        sure = 2e-8 if name == "m05_checkerboard" else 2e-9
        assert abs(error) < tolerance + sure, key
        assert abs(error) < getattr(result.error_estimate, key) + sure, key
    assert result.coverage == pytest.approx(expected["coverage_lithium"])
    if "overpotential_max_lithium" in expected:
        largest = result.overpotential_max - expected["overpotential_max_lithium"]
        assert result.error_estimate is not None
        assert abs(largest) < result.error_estimate.overpotential_max + 1e-6
        assert result.exposed_drive_max is not None
        assert result.error_estimate.exposed_drive_max is not None
        drive = result.exposed_drive_max - expected["exposed_drive_max"]
        assert abs(drive) < result.error_estimate.exposed_drive_max + 1e-6
    if "current_fraction_film" in expected:
        assert result.interlayer is not None
        assert result.interlayer.current_fraction == pytest.approx(
            expected["current_fraction_film"], abs=1e-5
        )


@pytest.mark.parametrize(("count", "within"), [(512, 1e-5), (1024, 5e-6)])
def test_a_true_circle(count: int, within: float) -> None:
    """Drawn on pixels, it differs by the area alone: 3.0 uV, and 0.9 uV on 1024^2."""
    given = map_cases.CASES["m13_disc_in_square_paper"]
    inputs, expected = given["inputs"], given["outputs"]
    pixel = inputs["Lx"] / count
    middle = (np.arange(count) + 0.5) * pixel
    x, y = (middle - at for at in inputs["disc"]["centre"])
    image = (x[None, :] ** 2 + y[:, None] ** 2 < inputs["disc"]["radius"] ** 2).astype(np.uint8)
    case = map_cases.reference_case("m13_disc_in_square_paper", tolerance=1e-6, image=image)
    result = solved(case)
    area = result.coverage / expected["coverage_lithium"] - 1
    # Of the kinetics alone, eta = (2 R T / F) asinh(I / (2 i0 coverage)).
    law = fi.ButlerVolmer()
    change = (
        -area
        * law.current_density(result.overpotential_mean)
        / law.slope(result.overpotential_mean)
    )
    error = result.overpotential_mean - expected["overpotential_mean_lithium"]
    assert abs(error) < within
    assert abs(error - change) < 2e-8


def test_strips_as_a_map_are_the_planar_cell() -> None:
    film = fi.interlayer("Ag", reaction="release")
    planar = fi.Cell(islands=[fi.Island(width="10 um", center="20 um")], interlayer=film)
    image = np.zeros((3, 50))
    image[:, 15:25] = 1
    cell = fi.Cell(map=fi.ContactMap(image=image, pixel="1 um"), interlayer=film)
    flat = fi.solve(planar, solver="condensed").result
    result = solved(fi.Case(cell=cell, accuracy=fi.Accuracy(tolerance="1 uV")))
    for key in ("overpotential_mean", "potential_top_mean"):
        assert getattr(result, key) == pytest.approx(getattr(flat, key), abs=1.5e-6)
    assert result.overpotential_max == pytest.approx(flat.overpotential_max, abs=1e-5)
    assert result.overpotential_min == pytest.approx(flat.overpotential_min, abs=1e-5)
    assert result.exposed_drive_max == pytest.approx(flat.exposed_drive_max, abs=1e-5)
    assert result.interlayer is not None
    assert flat.interlayer is not None
    assert result.interlayer.current_fraction == pytest.approx(
        flat.interlayer.current_fraction, abs=1e-5
    )
    # Counted from a corner of a pixel, not from the edge.
    assert result.interlayer.peak_distance == pytest.approx(flat.interlayer.peak_distance, abs=1e-9)


def test_a_disc_in_a_square_tube() -> None:
    """Primary and uniform currents on a disc of radius 1 in a tube of width 4."""
    expected = map_cases.FILE["limits"]["disc_in_square_tube_kappa1_a1_L4_tall"]
    count = 400
    x = (np.arange(count) + 0.5) / count * 4 - 2
    image = (x[None, :] ** 2 + x[:, None] ** 2 < 1).astype(np.uint8)
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(geometry="map", height="40 um", conductivity="1 S/m"),
        map=fi.ContactMap(image=image, pixel=4e-6 / count),
    )
    resistance = {}
    for kind, exchange in (("isothermal", 1e10), ("isoflux", 1e-2)):
        law = fi.LinearKinetics(exchange_current_density=exchange)
        case = fi.Case(
            cell=cell.model_copy(update={"kinetics": law}), accuracy=fi.Accuracy(tolerance=1e-7)
        )
        result = solved(case)
        # Of the cell's area, per metre; the area of the drawn disc is not quite pi.
        assert result.constriction_resistance is not None
        resistance[kind] = result.constriction_resistance * 1e-6 / (4e-6) ** 2
    # The edge that primary currents crowd at is a staircase, and its area 4e-4 too large.
    assert resistance["isothermal"] == pytest.approx(expected["isothermal"], abs=1e-4)
    assert resistance["isoflux"] == pytest.approx(expected["isoflux"], abs=6e-5)


@pytest.mark.parametrize(
    ("kind", "exchange", "order", "within"),
    [("isothermal", 1e10, 1, 1e-5), ("isoflux", 1e-2, 2, 1e-5)],
)
def test_what_drawn_discs_converge_to(
    kind: str, exchange: float, order: int, within: float
) -> None:
    """The disc in the square tube from circles on pixels, by a line in area and size of pixels.

    A current that is crowded at the edge feels its staircase: the order is the first there.
    """
    draw = np.random.default_rng(0)
    rows, resistances = [], []
    for count in (80, 160, 320):
        x = (np.arange(count) + 0.5) / count * 4 - 2
        for _ in range(4):
            # Another staircase each, of nearly the same disc.
            at = draw.uniform(-2, 2, 2) / count
            image = ((x[None, :] - at[0]) ** 2 + (x[:, None] - at[1]) ** 2 < 1).astype(np.uint8)
            cell = fi.Cell(
                electrolyte=fi.Electrolyte(geometry="map", height="40 um", conductivity="1 S/m"),
                map=fi.ContactMap(image=image, pixel=4e-6 / count),
                kinetics=fi.LinearKinetics(exchange_current_density=exchange),
            )
            case = fi.Case(cell=cell)
            level = solve_level(case, Contact.of(case), 1, tolerance=1e-11, coarser=None)
            found = float(level.columns.numbers["constriction_resistance"][0])
            resistances.append(found * 1e-6 / (4e-6) ** 2)
            rows.append([1.0, float(count) ** -order, image.mean() * 16 / np.pi - 1])
    limit = np.linalg.lstsq(np.array(rows), np.array(resistances))[0][0]
    expected = map_cases.FILE["limits"]["disc_in_square_tube_kappa1_a1_L4_tall"][kind]
    assert limit == pytest.approx(expected, abs=within)


def test_symbols_add_up_all_aliases() -> None:
    """Against the sums written out, with what is left of them after so many terms."""
    many = np.arange(-600, 601)
    for height in (0.02, 0.7, 30.0):
        means = symbol.of_means((6, 9), pixel=1.0, height=height)
        corners = symbol.of_corners((6, 9), pixel=1.0, height=height)
        for row, column in ((0, 1), (3, 0), (2, 5), (5, 8)):
            t, u = (np.pi * k / n + 2 * np.pi * many for k, n in ((row, 6), (column, 9)))
            q = np.hypot(t[:, None], u)
            response = 1 / (q * np.tanh(q * height))
            first, second = (np.sinc(angle / (2 * np.pi)) for angle in (t, u))
            signs = np.where(many % 2 == 0, 1.0, -1.0)
            assert means[row, column] == pytest.approx(
                float(first**2 @ response @ second**2), rel=1e-6
            )
            assert corners[row, column] == pytest.approx(
                float((signs * first) @ response @ (signs * second)), abs=3e-6 / min(height, 1)
            )


@pytest.mark.parametrize("seed", [*range(20), 256, 260])
def test_random_maps(seed: int) -> None:
    check_estimates(map_cases.random_case(seed))


@pytest.mark.parametrize("seed", [*range(6), 128, 182, 188])
def test_siblings_of_the_reference_cases(seed: int) -> None:
    check_estimates(map_cases.sibling_case(seed))


def check_estimates(case: fi.Case) -> None:
    """Estimates cover the difference from far smaller pixels, in value and in status."""
    current = np.array([case.operation.current_density])
    columns, _ = CosineSolver(largest=2**17).solve_and_keep(case, current)
    exact = case.model_copy(update={"accuracy": fi.Accuracy(tolerance=1e-10)})
    finest, _ = CosineSolver(largest=2**19).solve_and_keep(exact, current)
    found, expected = columns.numbers[0], finest.numbers[0]
    assert found["status"] != 2, columns.reasons
    assert found["charge_imbalance"] < 1e-9
    for name in (
        "potential_top_mean",
        "overpotential_mean",
        "interlayer_current_fraction",
        "overpotential_max",
        "exposed_drive_max",
        "interlayer_current_density_max",
    ):
        estimate, sure = (each[f"error_estimate_{name}"] for each in (found, expected))
        if np.isfinite(found[name]):
            assert abs(found[name] - expected[name]) <= estimate + sure, name
    if found["status"] == 0:
        for name in ("potential_top_mean", "overpotential_mean"):
            error = abs(found[name] - expected[name]) - expected[f"error_estimate_{name}"]
            assert error <= case.accuracy.tolerance, name


def test_regions_and_the_whole() -> None:
    image = np.zeros((40, 60))
    image[3:10, 5:12] = image[20:24, 30:50] = image[30, 3] = 1
    image[10, 12] = 1  # touches by a corner only
    cell = fi.Cell(map=fi.ContactMap(image=image, pixel="1 um"))
    solution = fi.solve(cell)
    result = solution.result
    assert isinstance(result, MapResult)
    assert result.regions == 4
    assert [round(region.area * 1e12) for region in result.islands] == [80, 49, 1, 1]
    assert result.islands[0].centroid.tolist() == pytest.approx([40e-6, 22e-6])
    shares: list[Any] = [region.current_fraction for region in result.islands]
    assert sum(shares) == pytest.approx(1, abs=1e-9)
    areas = np.array([region.area for region in result.islands])
    means = np.array([region.overpotential_mean for region in result.islands])
    assert np.average(means, weights=areas) == pytest.approx(result.overpotential_mean, abs=1e-12)
    density = solution.current_density_map()  # type: ignore[attr-defined]
    assert density.shape == image.shape
    assert density.mean() == pytest.approx(2.5, rel=1e-9)
    assert (density[image == 0] == 0).all()


def test_the_potential_in_the_box() -> None:
    """The mean at a height, the balance of currents there, and the bottom, which is known."""
    image = np.zeros((8, 12))
    image[2:5, 3:7] = 1
    cell = fi.Cell(map=fi.ContactMap(image=image, pixel="4 um"))
    solution = fi.solve(cell)
    x, y = ((np.arange(count) + 0.5) * 1e-6 for count in (48, 32))
    for z in (2e-6, 6e-6, 15e-6):
        points = np.array([(a, b, z) for a in x for b in y])
        potential = solution.potential(points)
        expected = solution.result.potential_top_mean + 2.5 * (15e-6 - z) / 0.18
        assert potential.mean() == pytest.approx(expected, abs=2e-6)
    current = solution.current_density(np.array([(a, b, 6e-6) for a in x for b in y]))
    assert current[:, 2].mean() == pytest.approx(2.5, rel=1e-3)
    at_corner = solution.potential([(20e-6, 12e-6, 0.0)])
    assert -at_corner[0] == pytest.approx(result_center(solution), abs=2e-4)
    assert np.isnan(solution.potential([(49e-6, 1e-6, 1e-6)])).all()


def result_center(solution: fi.Solution) -> float:
    return solution.result.islands[0].overpotential_center
