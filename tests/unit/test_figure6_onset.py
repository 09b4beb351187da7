"""Where films start to act: the closed form, and what is read off maps that are known exactly."""

from __future__ import annotations

import kinetic_maps
import numpy as np
import pytest
from kinetic_maps import kinetic_map, kinetic_points

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.kinetics import Kinetics
from fem_island.studies import onset
from fem_island.studies.figure6 import paper, scan

FILMS = [("Ag", 0.05, 44.09), ("Au", 0.07, 27.41)]  # um per mA/cm^2, DESIGN section 2


@pytest.mark.parametrize(("film", "potential", "slope"), FILMS)
def test_closed_form(film: str, potential: float, slope: float) -> None:
    assert paper.delithiation_potential(film) == potential
    for current in (0.05, 0.25, 5.0):
        case = Case(operation=Operation(current_density=f"{current} mA/cm^2"))
        width = onset.closed_form_width(case, potential)
        assert width * 1e6 == pytest.approx(slope * current, abs=0.005 * current)
        exact = kinetic_maps.onset(potential, 10 * current)
        assert width == pytest.approx(exact, rel=1e-12, abs=0)


def test_closed_form_with_other_kinetics() -> None:
    wide = Cell(
        electrolyte=Electrolyte(width="100 um"),
        kinetics=Kinetics(law="linear", anodic_transfer_coefficient=0.3),
    )
    case = Case(cell=wide, operation=Operation(current_density=4.0, temperature=350.0))
    thermal = kinetic_maps.THERMAL * 350.0 / 298.15
    # i = i0 (aa + ac) F U / RT
    expected = 4.0 * 100e-6 / (20.0 * 0.8 * 0.05 / thermal)
    assert onset.closed_form_width(case, 0.05, 20.0) == pytest.approx(expected, rel=1e-12, abs=0)


def test_exchange_current_density_of_a_resistance() -> None:
    # R = RT / [F i0 (aa + ac)]: the slope of the reaction law at rest.
    kinetics = Kinetics(anodic_transfer_coefficient=0.7, cathodic_transfer_coefficient=0.4)
    found = onset.exchange_current_density_of(2e-4, kinetics, Operation())
    assert found == pytest.approx(kinetic_maps.THERMAL / (2e-4 * 1.1), rel=1e-12, abs=0)
    assert paper.exchange_current_density_of_impedance() / 10 == pytest.approx(25.69, abs=0.01)


@pytest.mark.parametrize(("film", "potential", "slope"), FILMS)
@pytest.mark.parametrize("current", [0.5, 0.97, 2.5, 11.0])
def test_onset_on_a_map(film: str, potential: float, slope: float, current: float) -> None:
    found = onset.onset_width(kinetic_map(), current_density=current, potential=potential)
    assert found == pytest.approx(kinetic_maps.onset(potential, current), abs=1e-9)


def test_the_order_of_dimensions_does_not_matter() -> None:
    turned = kinetic_map().transpose("current_density", "island_width")
    turned = turned.isel(island_width=np.s_[::-1])
    found = onset.onset_width(turned, current_density=2.5, potential=0.05)
    assert found == pytest.approx(kinetic_maps.onset(0.05), abs=1e-9)


def test_onset_between_points_that_failed() -> None:
    for holes in ((np.s_[10:12], np.s_[:]), (np.s_[8:14], np.s_[16:20]), (np.s_[0:3], np.s_[5:])):
        found = onset.onset_width(kinetic_map(holes=holes), current_density=2.5, potential=0.05)
        assert found == pytest.approx(kinetic_maps.onset(0.05), abs=1e-8)


def test_another_variable() -> None:
    maps = kinetic_map()
    drive = onset.onset_width(
        maps, current_density=2.5, potential=0.05, variable="exposed_drive_max"
    )
    assert drive == pytest.approx(kinetic_maps.onset(0.05 - 1e-4), abs=1e-9)


@pytest.mark.parametrize(
    ("current", "potential"),
    [
        (2.5, 0.2),  # no island is small enough
        (2.5, 0.01),  # no island is large enough
        (0.49, 0.05),  # off the map
        (51.0, 0.2),
    ],
)
def test_a_map_without_the_line(current: float, potential: float) -> None:
    found = onset.onset_width(kinetic_map(), current_density=current, potential=potential)
    assert found is None


def test_too_few_points() -> None:
    everything = (np.s_[:], np.s_[:])
    for maps in (
        kinetic_map(holes=everything),
        kinetic_map(np.array([5e-6, 10e-6, 15e-6])),
        kinetic_map(currents=np.array([1.0, 2.5, 5.0])),
    ):
        assert onset.onset_width(maps, current_density=2.5, potential=0.05) is None


def test_the_largest_of_several_onsets() -> None:
    maps = kinetic_map()
    widths = maps["island_width"]
    # Falls through 50 mV at 10 um, rises through it at 20 um, falls through it at 40 um.
    shape = -(widths - 10e-6) * (widths - 20e-6) * (widths - 40e-6) / 1e-15 * 0.01
    maps["overpotential_mean"] = (0.05 + shape) + 0 * maps["current_density"]
    found = onset.onset_width(maps, current_density=2.5, potential=0.05)
    assert found == pytest.approx(40e-6, abs=1e-9)


def test_width_between_two() -> None:
    widths = np.array([1e-6, 4e-6])
    assert onset.width_between(widths, np.array([0.06, 0.04]), 0.05) == pytest.approx(
        2e-6, rel=1e-12, abs=0
    )
    assert onset.width_between(widths, np.array([0.06, 0.04]), 0.04) == pytest.approx(4e-6)
    for missing in ([0.06, 0.055], [0.04, 0.03], [np.nan, 0.04], [0.06, np.nan], [0.05, 0.05]):
        assert onset.width_between(widths, np.array(missing), 0.05) is None


def test_trials_fit_into_the_cell_and_hold_the_marked_values() -> None:
    trials = scan.trials()
    at = {
        film: [trial.exchange_current_density for trial in trials if trial.film == film]
        for film in ("Ag", "Au")
    }
    # 55 um for Ag at 0.1 mA/cm^2 are more than the cell is wide.
    assert min(at["Ag"]) == 2.0
    assert min(at["Au"]) == 1.0
    for film in at:
        assert max(at[film]) == 1000.0
        assert 9 <= len(at[film]) <= 13
        assert {5.0, paper.exchange_current_density_of_impedance()} <= set(at[film])
        assert np.diff(np.log(at[film])).min() > np.log(1.5)
    for trial in trials:
        assert trial.island_widths.max() <= 50e-6
        potential = paper.delithiation_potential(trial.film)
        exact = kinetic_maps.onset(potential, 2.5, trial.exchange_current_density)
        assert trial.closed_form == pytest.approx(exact, rel=1e-12, abs=0)


def test_onset_against_the_exchange_current_density() -> None:
    trials = scan.trials()
    widths = np.concatenate([trial.island_widths for trial in trials])
    exchange = np.repeat([trial.exchange_current_density for trial in trials], len(scan.BESIDE))
    points = kinetic_points(widths, exchange)
    found = scan.onset_widths(points, trials)
    for trial, width in zip(trials, found, strict=True):
        assert width == pytest.approx(trial.closed_form, rel=1e-8, abs=0)
    points["overpotential_mean"][len(scan.BESIDE) + 1] = np.nan
    found = scan.onset_widths(points, trials)
    assert [width is None for width in found] == [n == 1 for n in range(len(trials))]
