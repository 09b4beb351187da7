"""Spectra of contact maps against references, planar cells, limits and smaller pixels."""

from __future__ import annotations

from typing import Any

import map_cases
import numpy as np
import pytest

import fem_island as fi
from fem_island.case.impedance import Impedance
from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.solvers.cosine.reduced import MapReduced, reduced
from fem_island.solvers.cosine.small_signal import Alternating, MapSmallSignal
from fem_island.solvers.cosine.spectra import MapImpedanceSolver
from fem_island.surface.admittance import ConstantPhase, ReactingSurface

LAYER = {"capacitance": "10 uF/cm^2", "exponent": 0.9}


@pytest.mark.parametrize("given", map_cases.SPECTRA, ids=lambda given: str(given["id"]))
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
def test_reference(given: dict[str, Any], tolerance: float) -> None:
    spectrum = impedance_of_case(map_cases.spectrum_case(given, tolerance=tolerance))
    direct, *alternating = (each["Z_re"] + 1j * each["Z_im"] for each in given["outputs"]["Z"])
    error = float(np.abs(spectrum.impedance / np.array(alternating) - 1).max())
    assert spectrum.resistance_dc is not None
    error = max(error, abs(spectrum.resistance_dc / direct.real - 1))
    assert spectrum.status == "converged"
    assert error <= spectrum.error_estimate <= tolerance
    assert error < {1e-4: 2e-5, 1e-6: 5e-8}[tolerance]


def test_without_a_tolerance_a_map_is_as_good_as_its_pixels_allow() -> None:
    """What a picture of hundreds of pixels reaches is an answer; what was asked for is kept to."""
    image = np.zeros((16, 16))
    image[3:9, 5:12] = 1
    cell = fi.Cell(
        map={"image": image, "pixel": "4 um"},
        kinetics={"double_layer": LAYER},
        collector={"double_layer": LAYER},
    )
    few = MapImpedanceSolver(largest=2**10)
    ours, strict = (
        impedance_of_case(fi.Case(cell=cell, impedance=asked), few)
        for asked in ({}, {"tolerance": 1e-6})
    )
    assert 1e-6 < ours.error_estimate < 1e-4
    assert (ours.status, strict.status) == ("converged", "tolerance not met")
    assert f"{strict.error_estimate:.1e}" in strict.record("map")["reason"]
    assert "reason" not in ours.record("map")
    np.testing.assert_array_equal(ours.impedance, strict.impedance)
    assert Impedance().accepted("planar") == 1e-6


def test_strips_as_a_map_are_the_planar_cell() -> None:
    """Under a direct current as well, where slopes vary along the strip."""
    kinetics = {"exchange_current_density": "5 mA/cm^2", "double_layer": LAYER}
    shared = {"collector": {"double_layer": LAYER}, "kinetics": kinetics}
    image = np.zeros((2, 40))
    image[:, 16:24] = 1
    height = {"height": "15 um", "conductivity": "0.2 mS/cm"}
    strip = fi.Cell(electrolyte=height, islands=[{"width": "10 um"}], **shared)
    map_cell = fi.Cell(electrolyte=height, map={"image": image, "pixel": "1.25 um"}, **shared)
    planar = fi.impedance(strip, current_density="2 mA/cm^2")
    found = fi.impedance(map_cell, current_density="2 mA/cm^2", tolerance=2e-5)
    error = float(np.abs(found.impedance / planar.impedance - 1).max())
    assert error <= found.error_estimate <= 2e-5
    assert found.resistance_dc == pytest.approx(planar.resistance_dc, rel=2e-5)
    assert found.total_resistance == pytest.approx(planar.total_resistance, rel=2e-5)
    apexes = [[each.frequency for each in one.features.apexes] for one in (found, planar)]
    np.testing.assert_allclose(apexes[0], apexes[1], rtol=1e-3)
    local = found.local_current([2.0, 2e6])
    assert local.magnitude.dims == ("frequency", "y", "x")
    current = local.magnitude * np.exp(1j * local.phase)
    np.testing.assert_allclose(current.fillna(0).mean(("y", "x")), 1.0, rtol=1e-5)


def test_all_lithium_is_one_resistance_beside_one_capacitor() -> None:
    cell = fi.Cell(
        map={"image": np.ones((3, 4)), "pixel": "10 um"},
        kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}},
    )
    spectrum = fi.impedance(cell, current_density=0.0)
    omega = 2 * np.pi * spectrum.frequencies
    slope = 5.0 * 96485.33212 / (8.314462618 * 298.15)
    sigma = 0.18 + 1j * omega * 10 * 8.8541878128e-12
    np.testing.assert_allclose(
        spectrum.impedance, 15e-6 / sigma + 1 / (slope + 0.1j * omega), rtol=1e-8
    )
    assert spectrum.status == "converged"


def test_few_unknowns_and_their_slopes() -> None:
    """The reduced response is that of all pixels; slopes are those of differences."""
    generator = np.random.default_rng(4)
    lithium = generator.random((24, 20)) < 0.3
    places = np.flatnonzero(lithium), np.flatnonzero(~lithium)
    slopes = 200 * 10 ** generator.uniform(-1, 1, len(places[0]))
    layer = ConstantPhase(capacitance=0.1, exponent=0.8)
    whole = MapSmallSignal(
        PixelGrid(lithium.shape, 2e-6, 15e-6),
        (
            Alternating(places[0], ReactingSurface(double_layer=layer), slopes),
            Alternating(places[1], layer, np.zeros(len(places[1]))),
        ),
        0.05,
        10.0,
    )
    omega = np.geomspace(20.0, 1e7, 23)
    fewer = reduced(whole, 10.0, 2e7, tolerance=1e-8)
    assert isinstance(fewer, MapReduced)
    assert len(fewer.means) < 60
    exact = whole.impedance(omega)
    value, slope = fewer.impedance_and_slope(omega)
    np.testing.assert_allclose(value, exact, rtol=1e-8)
    ratio = np.exp(1e-3)
    differences = (fewer.impedance(omega * ratio) - fewer.impedance(omega / ratio)) / 2e-3
    np.testing.assert_allclose(slope, differences, atol=1e-6 * np.abs(exact).max())


@pytest.mark.parametrize("seed", [1, 3, 5, 6, 8, 13])
def test_random_maps(seed: int) -> None:
    """Films, gaps, diffusion, both signs: estimates cover the difference from smaller pixels."""
    case = map_cases.random_spectrum_case(seed, most=16)
    frequencies = np.geomspace(2e6, 2.0, 19)
    found = MapImpedanceSolver(largest=2**12).solve(case, frequencies, tolerance=1e-4)
    finer = MapImpedanceSolver(largest=2**14).solve(case, frequencies, tolerance=1e-8)
    error = float(np.abs(found.impedance / finer.impedance - 1).max())
    if np.isfinite(finer.resistance_dc):
        error = max(error, abs(found.resistance_dc / finer.resistance_dc - 1))
    assert error <= found.error + 0.3 * finer.error


def test_a_film_that_releases_in_a_part_of_a_pixel() -> None:
    """Large pixels have all of a film release: one lithium pixel stops it in a ring around it."""
    case = map_cases.random_spectrum_case(14, most=24)
    frequencies = np.geomspace(2e4, 1.0, 7)
    found = MapImpedanceSolver(largest=2**9).solve(case, frequencies, tolerance=1e-6)
    finer = MapImpedanceSolver(largest=2**13).solve(case, frequencies, tolerance=1e-6)
    error = abs(found.resistance_dc / finer.resistance_dc - 1)
    assert error == pytest.approx(5e-4, rel=0.1)
    assert error < finer.error < found.error < 4 * error


def test_what_a_map_has_no_place_for() -> None:
    collector = {"gap": "50 nm", "gap_extent": [["0 um", "5 um"]]}
    with pytest.raises(fi.InputError, match="gap_extent: is for cells without"):
        fi.Cell(map={"image": np.eye(2), "pixel": "10 um"}, collector=collector)
