"""What an animation shows is the field of the run, and what a lab asks follows from its curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fem_island as fi
from fem_island.experiments.stripping.crowding import crowding, crowdings
from fem_island.plots.stripping import plot_map
from fem_island.plots.stripping_animation import animate, bottom_potential
from fem_island.plots.stripping_compared import plot_curves

KAPPA = "0.01 mS/cm"


@pytest.fixture(scope="module")
def run() -> fi.StrippingRun:
    island = fi.Island(width="20 um", thickness="1 um", shape="parabola")
    cell = fi.Cell(electrolyte={"conductivity": KAPPA}, islands=[island])
    return fi.strip(cell, tolerance="1 mV")


def test_the_field_is_that_of_the_cell(run: fi.StrippingRun) -> None:
    heights = np.array([0.0, 7.5e-6, 15e-6])
    x, phi = bottom_potential(run, 0, heights)
    cell = fi.Cell(electrolyte={"conductivity": KAPPA}, islands=[fi.Island(width="20 um")])
    solution = fi.solve(cell, solver="condensed")
    for row, height in zip(phi, heights, strict=True):
        points = np.stack([x, np.full_like(x, height)], axis=1)
        exact = solution.potential(points)
        # Of 20 mV from place to place; the current steps at the edges of the island.
        assert np.abs(row - exact).max() < (3e-4 if height == 0 else 2e-5)


def test_the_field_around_an_axis_is_that_of_the_cylinder(tmp_path: Path) -> None:
    island = {"outer_radius": "8 um", "thickness": "1 um"}
    cell = fi.Cell(
        electrolyte={"geometry": "axisymmetric", "conductivity": KAPPA}, islands=[island]
    )
    run = fi.strip(cell, duration="5 s", tolerance="1 mV")
    heights = np.array([0.0, 7.5e-6, 15e-6])
    x, phi = bottom_potential(run, 0, heights)
    np.testing.assert_allclose(x[[0, -1]], [-25e-6, 25e-6], rtol=1e-12)
    solution = fi.solve(cell, solver="condensed")
    for row, height in zip(phi, heights, strict=True):
        exact = solution.potential(np.stack([np.abs(x), np.full_like(x, height)], axis=1))
        # Of 150 mV from place to place; the current steps at the edge of the disc.
        assert np.abs(row - exact).max() < (4e-4 if height == 0 else 1e-6)
    animate(run, tmp_path / "disc.gif")
    with Image.open(tmp_path / "disc.gif") as picture:
        assert picture.size == (648, 324)


def test_curves_of_several_runs_in_one_picture(run: fi.StrippingRun, tmp_path: Path) -> None:
    figure = plot_curves({"none": run, "again": run}, tmp_path / "curves.png")
    (axes,) = figure.axes
    first, again = (line for line in axes.lines if line.get_label() in ("none", "again"))
    assert np.asarray(first.get_ydata()) == pytest.approx(1e3 * run.voltage)
    assert np.array_equal(first.get_xdata(), again.get_xdata())
    assert (tmp_path / "curves.png").stat().st_size > 5000


def test_edges_of_lithium_are_drawn_where_they_are(run: fi.StrippingRun) -> None:
    in_time, in_steps = plot_map(run).axes[:2]
    for axes in (in_time, in_steps):
        left, right = axes.lines[:2]
        width = np.asarray(right.get_xdata()) - np.asarray(left.get_xdata())
        assert run.lithium_width is not None
        exact = np.unique(run.times, return_index=True)[1] if axes is in_time else slice(None)
        # Cells at the edge are drawn whole.
        whole = 1e6 * run.lithium_width[exact][: len(width)]
        assert width == pytest.approx(whole, abs=0.2)
        assert width[0] == pytest.approx(20.0)
        assert len(width) > 0.9 * len(np.unique(run.times))


def test_the_mean_at_the_top_is_the_voltage_at_all_times(run: fi.StrippingRun) -> None:
    for number in range(0, len(run.times) - 1, 7):
        x, phi = bottom_potential(run, number, np.array([15e-6]))
        mean = np.trapezoid(phi[0], x) / x[-1]
        assert -mean == pytest.approx(run.voltage[number], abs=2e-5)


def test_the_animation_has_frames_of_one_size(run: fi.StrippingRun, tmp_path: Path) -> None:
    animate(run, tmp_path / "run.gif")
    with Image.open(tmp_path / "run.gif") as picture:
        assert getattr(picture, "n_frames", 1) > 20
        assert picture.size == (648, 324)


def test_what_goes_above_a_local_current_density(run: fi.StrippingRun) -> None:
    largest = run.local_current_density_max
    start = float(largest[0])
    below = crowding(run, 0.5 * start)
    assert below.time == 0.0
    assert below.lithium_share == pytest.approx(
        1 - run.lithium_charge[-2] / run.lithium_charge[0], abs=1e-2
    )
    above = crowding(run, 2 * start)
    assert above.time is not None
    # It rises from there to the end: what is left then goes above it.
    left = np.interp(above.time, run.times, run.lithium_charge) / run.lithium_charge[0]
    assert above.lithium_share == pytest.approx(left, abs=1e-2)
    assert np.interp(above.time, run.times, largest) == pytest.approx(2 * start, rel=1e-9)
    never = crowding(run, 1e9)
    assert (never.time, never.seconds, never.lithium_share) == (None, 0.0, 0.0)
    shares = [one.lithium_share for one in crowdings(run)]
    assert shares == sorted(shares, reverse=True)
    assert run.record("run")["local_current_density_above"][0]["current_density"] == 5.0
