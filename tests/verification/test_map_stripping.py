"""Stripping of contact maps: planar cells, closed forms, charge, films, cuts of time."""

from __future__ import annotations

from pathlib import Path

import map_cases
import numpy as np
import pytest
import xarray
from scipy.ndimage import gaussian_filter

import fem_island as fi
from fem_island.case.case import Case
from fem_island.experiments.impedance.in_time import check_in_time
from fem_island.experiments.stripping.case_stores import map_stores_of
from fem_island.experiments.stripping.map_record import MapRun
from fem_island.experiments.stripping.map_run import strip_map
from fem_island.experiments.stripping.thickness import MapStores
from fem_island.solvers.cosine.level import solve_level
from fem_island.surface.contact import Contact
from fem_island.surface.kinetics import ButlerVolmer, Reaction

PER_METRE = 96485.33212 / 13.0e-6


def parabola(pixels: int, *, width: float = 20e-6, height: float = 1e-6) -> np.ndarray:
    """Mean thickness [um] over the pixels of a cell of 50 um with a strip in the middle."""
    edges = np.linspace(0.0, 50e-6, pixels + 1)
    place = np.clip((edges - 25e-6) / (width / 2), -1, 1)
    return np.diff(place - place**3 / 3) * width / 2 * height / np.diff(edges) * 1e6


def strips(pixels: int) -> fi.ContactMap:
    rows = np.repeat(parabola(pixels)[None], 2, axis=0)
    return fi.ContactMap(thickness=rows, pixel=50e-6 / pixels)


def strip(cell: fi.Cell, **said: object) -> MapRun:
    run = fi.strip(cell, **said)  # type: ignore[arg-type]
    assert isinstance(run, MapRun)
    return run


@pytest.mark.parametrize("film", [None, "Ag"])
def test_strips_as_a_map_are_the_planar_cell(film: str | None) -> None:
    """Within 50 uV until little is left, and at the same end."""
    times = [40.0 * number for number in range(19)]
    layer = None if film is None else {"material": film, "reaction": "release"}
    island = {"width": "20 um", "thickness": "1 um", "shape": "parabola"}
    planar = fi.strip(fi.Cell(islands=[island], interlayer=layer), times=times)
    found = strip(fi.Cell(map=strips(200), interlayer=layer), times=times, tolerance="50 uV")
    assert found.status == "converged"
    assert found.charge_imbalance < 1e-9
    assert found.times[-1] == pytest.approx(planar.times[-1], rel=2e-4)
    ours, theirs = (np.searchsorted(run.times, times) for run in (found, planar))
    np.testing.assert_array_equal(found.times[ours], planar.times[theirs])
    difference = np.abs(found.voltage[ours] - planar.voltage[theirs])
    assert float(difference.max()) < 50e-6
    if film is not None:
        shares = found.film_share[ours], planar.film_share[theirs]
        np.testing.assert_allclose(*shares, atol=2e-3)


def test_it_starts_as_the_operating_point_and_keeps_charge() -> None:
    generator = np.random.default_rng(5)
    thickness = np.maximum(generator.normal(0.5, 1.0, (32, 32)), 0.0)
    cell = fi.Cell(map={"thickness": thickness, "pixel": "2 um"})
    run = strip(cell, tolerance="10 mV", cutoff_voltage="0.2 V")
    case = Case(cell=cell)
    contact = Contact.of(case)
    parts = round(np.sqrt(run.degrees_of_freedom / (thickness > 0).sum()))
    level = solve_level(case, contact, parts, tolerance=1e-10, coarser=None)
    top = float(level.columns.numbers["potential_top_mean"][0])
    assert run.voltage[0] == pytest.approx(-top, abs=1e-8)
    area = 64e-6 * 64e-6
    assert run.lithium_area is not None
    assert run.lithium_area[0] == pytest.approx(area * (thickness > 0).mean(), rel=1e-12)
    whole = PER_METRE * thickness.mean() * 1e-6 * area
    assert run.lithium_charge[0] == pytest.approx(whole, rel=1e-12)
    np.testing.assert_allclose(
        run.lithium_charge, whole - 2.5 * area * run.times, atol=1e-9 * whole
    )
    assert run.lithium_width is None
    assert np.all(np.diff(run.times) > 0)


def test_a_full_slab_on_gold_has_three_levels() -> None:
    """The closed form of the planar cell: jumps at exact times."""
    film = {"material": "Au", "reaction": "release"}
    cell = fi.Cell(map={"thickness": np.ones((8, 8)), "pixel": "5 um"}, interlayer=film)
    planar = fi.strip(fi.Cell(islands=[{"width": "50 um", "thickness": "1 um"}], interlayer=film))
    run = strip(cell)
    times = {event.event: event.time for event in run.events}
    expected = {event.event: event.time for event in planar.events}
    assert times.keys() == {name for name in expected if not name.startswith("island")}
    for name, time in times.items():
        assert time == pytest.approx(expected[name], rel=1e-6), name
    assert run.times[-1] == pytest.approx(planar.times[-1], rel=1e-8)
    assert run.voltage[0] == pytest.approx(planar.voltage[0], abs=1e-8)


def test_planes_that_end_at_a_corner_are_open_from_the_start() -> None:
    """They would run out after a rounding error of time, in a step that has no digits."""
    generator = np.random.default_rng(3)
    field = gaussian_filter(generator.standard_normal((128, 128)), 3.0)
    field -= np.quantile(field, 0.7)
    thickness = 3 * np.maximum(field / field.max(), 0)
    case = Case(cell=fi.Cell(map={"thickness": thickness, "pixel": "0.5 um"}))
    stores = map_stores_of(case).coarsened()
    assert stores is not None
    cells = stores.cells(15e-6)
    state = stores.state(cells)
    fronts = stores.fronts(state, cells)
    lowest, _ = state.metal_extremes
    at_corner = lowest <= 1e-9 * state.mid
    assert at_corner.sum() > 10
    assert fronts.opened[0][at_corner].all()
    rates = state.ladder.rates(np.full(len(state.mid), 0.05))[0]
    assert min(each.seconds for each in fronts.first(state, rates)) > 1e-6


def test_planes_keep_the_charge_and_are_exact_where_thickness_is_linear() -> None:
    rows, columns = np.mgrid[0:6, 0:5]
    linear = 10.0 + 0.5 * rows - 1.5 * columns
    law = Reaction(ButlerVolmer())
    stores = MapStores(charge=linear, pixel=1e-6, law=law)
    down, along = stores.slopes
    np.testing.assert_allclose(down, 0.5, rtol=1e-12)
    np.testing.assert_allclose(along, -1.5, rtol=1e-12)
    random = np.maximum(np.random.default_rng(1).normal(0.2, 1, (12, 9)), 0)
    rough = MapStores(charge=random, pixel=1e-6, law=law)
    fine = rough.refined(4).charge
    assert fine.min() >= 0
    blocks = fine.reshape(12, 4, 9, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(blocks, random, rtol=1e-12, atol=1e-12)
    cliff = MapStores(charge=np.array([[0.0, 2.0, 2.0, 0.0]]), pixel=1e-6, law=law)
    assert not cliff.slopes[1].any()


def test_files(tmp_path: Path) -> None:
    thickness = np.outer([1.0, 2.0, 1.0, 0.0], [0.0, 1.0, 1.0, 2.0])
    np.save(tmp_path / "h.npy", thickness)
    (tmp_path / "case.toml").write_text(
        '[map]\nthickness = "h.npy"\nthickness_unit = "0.5 um"\npixel = "5 um"\n'
        '[stripping]\ntolerance = "1 mV"\ntimes = ["10 s"]\n',
        encoding="utf-8",
    )
    case = fi.read_case(tmp_path / "case.toml")
    run = strip_map(case)
    assert 10.0 in run.times
    files = run.write(tmp_path / "out", "islands")
    endings = {"csv", "nc", "json", "voltage.png", "map.png", "gif"}
    assert {file.name for file in files} == {f"islands.{ending}" for ending in endings}
    with xarray.open_dataset(tmp_path / "out" / "islands.nc", engine="h5netcdf") as data:
        kept = data.bottom_thickness
        assert kept.dims == ("kept_time", "y", "x")
        assert float(kept[0].mean()) == pytest.approx(0.5e-6 * thickness.mean(), rel=1e-6)
        assert data.lithium_area.attrs["units"] == "m2"


@pytest.mark.parametrize(
    ("contact", "message"),
    [
        ({"image": [[0, 1]]}, "map.thickness: is missing"),
        ({}, "image: or thickness must be given"),
        ({"thickness": [[0, 1]], "image": [[0, 1]]}, "image: or thickness must be given"),
        ({"thickness": [[0, 1]], "lithium": 1}, "lithium = [1.0]: is for image"),
        ({"thickness": [[0, -1]]}, "must not be below 0 anywhere"),
        ({"thickness": [[0, 0]]}, "must be above 0 somewhere"),
        ({"thickness": [[0, 1]], "thickness_unit": "mV"}, "thickness_unit"),
    ],
)
def test_refusals(contact: dict[str, object], message: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.strip(fi.Cell(map={**contact, "pixel": "1 um"}))
    assert message.replace(": ", "") in str(caught.value).replace(": ", "")


def test_what_maps_do_not_do_is_refused() -> None:
    """Before anything is computed."""
    map_cell = fi.Cell(map={"thickness": [[0, 1]], "pixel": "1 um"})
    with pytest.raises(fi.InputError, match=r'solver = "newton": does not strip maps; leave it'):
        fi.strip(map_cell, solver="newton")
    case = fi.Case(cell=map_cell, impedance={"times": ["10 s"]})
    with pytest.raises(fi.InputError, match=r"impedance\.times = \[10\.0\]: are for cells without"):
        check_in_time(case)


def test_steps_between_pixels_are_stripped_alike_on_all_pixels() -> None:
    """Cut pixels keep their planes: the same first hole, and a check that ends."""
    for seed in (1, 3):
        thickness = np.random.default_rng(seed).integers(1, 4, (8, 8)).astype(float)
        run = strip(fi.Cell(map={"thickness": thickness, "pixel": "1 um"}), tolerance="40 mV")
        assert run.status == "converged"
        assert 0 < run.voltage_error < 40e-3
        assert run.time_error < 0.2
        assert run.voltage[-1] == pytest.approx(0.5, abs=2e-6)
        assert run.charge_imbalance < 1e-9


def test_pixels_put_together_keep_cover_charge_and_spread() -> None:
    """The check of an image begins with the area that lithium covers, and so with its voltage."""
    generator = np.random.default_rng(3)
    field = gaussian_filter(generator.standard_normal((64, 64)), 3.0)
    thickness = np.maximum(field - np.quantile(field, 0.7), 0) * 20
    case = Case(cell=fi.Cell(map={"thickness": thickness, "pixel": "0.5 um"}))
    fine = map_stores_of(case)
    coarse = fine.coarsened()
    assert coarse is not None
    for stores in (coarse, fine.refined(2)):
        state, whole = (each.state(each.cells(15e-6)) for each in (stores, fine))
        ratio = (stores.pixel / fine.pixel) ** 2
        assert ratio * state.metal.share.sum() == pytest.approx(whole.metal.share.sum(), rel=1e-12)
        assert ratio * state.charge.sum() == pytest.approx(whole.charge.sum(), rel=1e-12)


@pytest.mark.parametrize("number", [1, 5, 7])
def test_random_images_end_with_their_reason(number: int) -> None:
    """The last of a pixel goes in steps that have digits; estimates are compared in benchmarks/."""
    run = strip_map(map_cases.random_thickness_case(number, most=9))
    assert run.status == "converged"
    assert run.end in ("lithium_gone", "cutoff_voltage", "all_empty")
    assert run.charge_imbalance < 1e-9
    assert np.all(np.diff(run.times) >= 0)
