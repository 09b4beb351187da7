"""Derivatives from the Newton matrix against differences of solutions and closed forms."""

import numpy as np
import pytest

import fem_island as fi
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT

TIGHT = {"tolerance": 1e-9}
TWO = [{"width": "5 um", "center": "10 um"}, {"width": "7 um", "center": "30 um"}]
REVERSIBLE = fi.interlayer("Ag", reaction="reversible")
SITUATIONS = {
    "kinetic": (
        fi.Cell(),
        {
            "islands.width [um]": 5.0,
            "current_density [mA/cm^2]": 0.25,
            "kinetics.exchange_current_density": 5.0,
            "kinetics.anodic_transfer_coefficient": 0.5,
            "temperature": 298.0,
        },
    ),
    "ohmic, plating": (
        fi.Cell(),
        {
            "islands.width [um]": 30.0,
            "current_density [mA/cm^2]": -2.0,
            "kinetics.exchange_current_density": 50.0,
            "electrolyte.conductivity": 0.05,
            "electrolyte.height [um]": 12.0,
        },
    ),
    "film that takes part": (
        fi.Cell(interlayer=REVERSIBLE),
        {
            "islands.width [um]": 8.0,
            "current_density [mA/cm^2]": 0.5,
            "kinetics.exchange_current_density": 5.0,
            "interlayer.equilibrium_potential": 0.05,
        },
    ),
    "two islands": (
        fi.Cell(islands=TWO),
        {
            "islands.0.width [um]": 5.0,
            "islands.1.center [um]": 30.0,
            "electrolyte.width [um]": 50.0,
            "electrolyte.conductivity": 0.02,
        },
    ),
}
OUTPUTS = ["overpotential_mean", "potential_top_mean", "islands.0.current_fraction"]
_STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_derivative_is_what_differences_say(name: str) -> None:
    cell, point = SITUATIONS[name]
    case = fi.Case(cell=cell, accuracy=TIGHT)
    mean = fi.function(case, inputs=list(point), output=OUTPUTS)
    numbers = np.array(list(point.values()))
    gradient = mean.gradient(numbers)
    for place, number in enumerate(numbers):
        step = 0.01 * abs(number)
        shifted = numbers + np.outer([k for k, _ in _STENCIL], step * np.eye(len(numbers))[place])
        differences = np.array([weight for _, weight in _STENCIL]) @ mean(shifted) / step
        size = np.abs(mean(numbers)) / abs(number)
        assert np.abs(gradient[:, place] - differences) == pytest.approx(0, abs=1e-6 * size.max())


def test_in_the_kinetic_limit_it_is_that_of_the_closed_form() -> None:
    cell = fi.Cell(electrolyte={"conductivity": 1e6})
    mean = fi.function(
        cell, inputs=["current_density", "islands.width"], output="overpotential_mean"
    )
    thermal = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT
    current, width = 2.5, 5e-6
    ratio = current * 50e-6 / (2 * 5.0 * width)
    slope = thermal / np.sqrt(1 + ratio**2) * ratio
    gradient = mean.gradient([current, width])
    assert gradient == pytest.approx([slope / current, -slope / width], rel=1e-7)


def test_units_of_names_are_those_of_the_derivative() -> None:
    plain = fi.function(fi.Cell(), inputs=["islands.width"], output="overpotential_mean")
    shown = fi.function(fi.Cell(), inputs=["islands.width [um]"], output="overpotential_mean [mV]")
    assert shown.gradient([5.0])[0] == pytest.approx(1e-3 * plain.gradient([5e-6])[0], rel=1e-9)


def test_many_points_at_once_are_those_alone() -> None:
    mean = fi.function(
        fi.Cell(), inputs=["islands.width [um]", "current_density"], output="overpotential_mean"
    )
    points = [[5.0, 2.5], [60.0, 2.5], [20.0, -5.0], [49.9, 1.0]]
    values, slopes = mean.value_and_gradient(points)
    assert values.shape == (4,)
    assert slopes.shape == (4, 2)
    assert np.isnan(slopes[1]).all()
    for point in (0, 2):
        assert mean.gradient(points[point]) == pytest.approx(slopes[point], rel=1e-6)
        assert mean(points[point]) == pytest.approx(values[point], abs=1e-6)


def test_a_full_island_is_differentiated_by_solutions() -> None:
    cell = fi.Cell(islands=[{"width": "50 um"}])
    mean = fi.function(
        cell, inputs=["kinetics.exchange_current_density"], output="overpotential_mean"
    )
    thermal = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT
    ratio = 2.5 / (2 * 5.0)
    assert mean.gradient([5.0])[0] == pytest.approx(
        -thermal / np.sqrt(1 + ratio**2) * ratio / 5.0, rel=1e-5
    )


def test_scipy_fits_with_it() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    mean = fi.function(
        fi.Cell(),
        inputs=["islands.width [um]", "current_density", "kinetics.exchange_current_density"],
        output="overpotential_mean [mV]",
    )
    currents = np.array([1.0, 2.5, 5.0, 10.0, 20.0])
    truth = 7.0

    def points(i0: float) -> np.ndarray:
        return np.column_stack([np.full(5, 5.0), currents, np.full(5, i0)])

    measured = mean(points(truth))
    found = optimize.least_squares(
        lambda p: mean(points(np.exp(p[0]))) - measured,
        [np.log(2.0)],
        jac=lambda p: mean.gradient(points(np.exp(p[0])))[:, 2:] * np.exp(p[0]),
    )
    assert np.exp(found.x[0]) == pytest.approx(truth, rel=1e-5)
