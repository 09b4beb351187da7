"""Discs and rings stripped in time: charge, both solvers at instants, and what is reported."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import fem_island as fi
from fem_island.experiments.stripping.curves import curves_of

FARADAY, MOLAR_VOLUME = 96485.33212, 13e-6
CURRENT, RADIUS = 2.5, 25e-6


def cylinder(*islands: dict[str, str], interlayer: fi.Interlayer | None = None) -> fi.Cell:
    return fi.Cell(
        electrolyte={"geometry": "axisymmetric", "radius": RADIUS},
        islands=list(islands),
        interlayer=interlayer,
    )


DISC = {"outer_radius": "5 um", "thickness": "2 um"}


@pytest.mark.parametrize(
    ("shape", "share"), [("slab", 1.0), ("parabola", 1 / 2), ("triangle", 1 / 3)]
)
def test_a_disc_has_the_charge_of_its_body_of_revolution(shape: str, share: float) -> None:
    run = fi.strip(cylinder(DISC | {"shape": shape}))
    assert run.status == "converged"
    volume = share * math.pi * 5e-6**2 * 2e-6
    assert run.lithium_charge[0] == pytest.approx(volume * FARADAY / MOLAR_VOLUME, rel=1e-9)
    passed = CURRENT * math.pi * RADIUS**2 * run.times
    np.testing.assert_allclose(
        run.lithium_charge + passed, run.lithium_charge[0], rtol=0, atol=1e-9 * passed[-1]
    )
    assert run.charge_imbalance < 1e-9
    # The voltage of the last of it rises without limit, so that the cut-off comes a little earlier.
    assert passed[-1] == pytest.approx(run.lithium_charge[0], rel=2e-4)
    assert passed[-1] <= run.lithium_charge[0] * (1 + 1e-9)


def test_a_receding_disc_agrees_with_newton_on_what_is_left_of_it() -> None:
    run = fi.strip(cylinder(DISC | {"shape": "parabola"}))
    assert run.lithium_area is not None
    checked = [number for number, time in enumerate(run.times) if time < 0.99 * run.times[-1]]
    for number in checked[:: len(checked) // 3]:
        left = math.sqrt(run.lithium_area[number] / math.pi)
        now = fi.solve(cylinder({"outer_radius": f"{left!r} m"}), solver="newton").result
        assert run.voltage[number] == pytest.approx(-now.potential_top_mean, abs=1e-5)
        assert run.overpotential_mean[number] == pytest.approx(now.overpotential_mean, abs=1e-5)
    # The edge of a parabola: pi r^2 falls with the height that is gone.
    assert run.lithium_area[0] == pytest.approx(math.pi * 5e-6**2, rel=1e-9)


def test_rings_on_a_film_begin_like_the_cell_that_newton_solves() -> None:
    ring = {"inner_radius": "10 um", "outer_radius": "14 um", "thickness": "1 um"}
    cell = cylinder(
        DISC | {"shape": "parabola"},
        ring | {"shape": "triangle"},
        interlayer=fi.interlayer("Ag", reaction="release"),
    )
    run = fi.strip(cell)
    first = fi.solve(cell, solver="newton").result
    assert run.voltage[0] == pytest.approx(-first.potential_top_mean, abs=1e-5)
    assert first.interlayer is not None
    assert run.film_share[0] == pytest.approx(first.interlayer.current_fraction, abs=1e-5)
    # The mean over the bottom is exactly that at the top without the drop of a uniform current.
    uniform = run.voltage - CURRENT * 15e-6 / 0.18
    np.testing.assert_allclose(run.drive_mean, uniform, rtol=0, atol=1e-10)
    names = [event.event for event in run.events]
    assert {"island_0_gone", "island_1_gone", "lithium_gone"} < set(names)
    film = 938.16 * math.pi * (RADIUS**2)  # 100 nm of Ag, under the lithium too
    assert run.film_charge[0] == pytest.approx(film, rel=1e-3)


def test_a_full_slab_is_the_planar_one() -> None:
    slab = {"thickness": "1 um"}
    gold = fi.interlayer("Au", reaction="release")
    disc = fi.strip(cylinder({"outer_radius": "25 um", **slab}, interlayer=gold))
    stripe = fi.strip(fi.Cell(islands=[{"width": "50 um", **slab}], interlayer=gold))
    np.testing.assert_allclose(disc.times[-1], stripe.times[-1], rtol=1e-9)
    ours = {event.event: event.time for event in disc.events}
    theirs = {event.event: event.time for event in stripe.events}
    assert ours.keys() == theirs.keys()
    for name, time in ours.items():
        assert time == pytest.approx(theirs[name], rel=1e-9)


def test_what_is_reported_is_of_the_whole_cell() -> None:
    run = fi.strip(cylinder(DISC), duration="10 s")
    record = json.loads(json.dumps(run.record("disc")))
    assert record["lithium_width"] is None
    assert record["lithium_area"][0] == pytest.approx(math.pi * 5e-6**2)
    data = run.dataset()
    assert "lithium_width" not in data
    assert data.lithium_charge.attrs["units"] == curves_of("axisymmetric")["lithium_charge"][1]
    assert data.lithium_area.attrs["long_name"] == "area that reacting lithium covers"
    planar = fi.strip(fi.Cell(islands=[{"width": "5 um", "thickness": "2 um"}]), duration="10 s")
    assert planar.record("")["lithium_area"] is None
    assert planar.dataset().lithium_charge.attrs["units"] != data.lithium_charge.attrs["units"]


def test_a_layer_breaks_up_into_a_disc() -> None:
    # The crest is at the axis, so that the wall is bare first and a disc is left.
    layer = fi.Layer(thickness="2 um", variation=0.5)
    run = fi.strip(fi.Cell(electrolyte={"geometry": "axisymmetric"}, lithium=layer))
    assert run.status == "converged"
    # The mean of cos(pi r / R) over a disc is -4 / pi^2.
    volume = 2e-6 * (1 - 0.5 * 4 / math.pi**2) * math.pi * RADIUS**2
    assert run.lithium_charge[0] == pytest.approx(volume * FARADAY / MOLAR_VOLUME, rel=1e-9)
    passed = CURRENT * math.pi * RADIUS**2 * run.times
    np.testing.assert_allclose(
        run.lithium_charge + passed, run.lithium_charge[0], rtol=0, atol=1e-9 * passed[-1]
    )
    assert run.lithium_area is not None
    broken = np.flatnonzero(run.lithium_area < 0.95 * run.lithium_area[0])
    checked = [number for number in broken if run.times[number] < 0.99 * run.times[-1]]
    for number in checked[:: len(checked) // 3]:
        left = math.sqrt(run.lithium_area[number] / math.pi)
        now = fi.solve(cylinder({"outer_radius": f"{left!r} m"}), solver="newton").result
        assert run.voltage[number] == pytest.approx(-now.potential_top_mean, abs=1e-5)


def test_a_layer_around_an_axis_is_rings_where_it_is_cut_off() -> None:
    layer = fi.Layer(thickness="1 um", variation=2.0, period="20 um")
    cell = fi.Cell(electrolyte={"geometry": "axisymmetric"}, lithium=layer)
    # 1 + 2 cos(2 pi r / 20 um) is above 0 within a third of a period around every crest.
    third = 20e-6 / 3
    ends = [(0.0, third), (20e-6 - third, 25e-6)]
    found = [cell.island_ends(island) for island in cell.islands]
    np.testing.assert_allclose(found, ends, rtol=0, atol=1e-14)
    rings = cylinder(*({"inner_radius": f"{a!r} m", "outer_radius": f"{b!r} m"} for a, b in ends))
    ours, theirs = (fi.solve(each).result for each in (cell, rings))
    assert ours.overpotential_mean == pytest.approx(theirs.overpotential_mean, abs=1e-12)
    run = fi.strip(cell, duration="20 s")
    assert run.voltage[0] == pytest.approx(-theirs.potential_top_mean, abs=1e-5)
    with pytest.raises(fi.InputError, match="given along with lithium"):
        cylinder(DISC).with_(lithium=layer)
