"""The study of what films do: its grids, its answers on made-up numbers, and a small run."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xarray
from matplotlib import image

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.errors import InputError
from fem_island.experiments.point.solve import solve
from fem_island.machine.communicator import OneProcess
from fem_island.studies.film_map import answers, grids, study, table
from fem_island.studies.film_map.answers import Answer, Side
from fem_island.studies.film_map.sizes import sizes_of
from fem_island.surface.kinetics import wagner_number

NAN, INF = math.nan, math.inf


# --- Grids ---------------------------------------------------------------------------------------


def test_axes_of_the_grids() -> None:
    found = grids.grids(Case(), count=50)

    def ends(values: npt.NDArray[np.float64]) -> tuple[int, Any]:
        return values.size, pytest.approx([values.min(), values.max()], rel=1e-9, abs=0)

    assert ends(found.island_widths) == (50, [1e-6, 49e-6])
    assert ends(found.current_densities) == (50, [0.5, 50.0])
    assert ends(found.exchange_current_densities) == (25, [1.0, 1000.0])
    assert ends(found.cell_widths) == (25, [50e-6, 1e-3])
    assert ends(found.conductivities) == (25, [0.0018, 1.8])
    assert ends(found.curve_widths) == (50, [2.5e-6, 49e-6])
    assert found.film_ratios.tolist() == [0.1, 1.0, 10.0]
    assert found.where_currents.tolist() == [2.5, 25.0]
    assert found.points == {"size": 2500, "constriction": 625, "where": 150, "curves": 50}


def test_grids_follow_the_case() -> None:
    case = Case(
        cell=Cell(electrolyte=Electrolyte(width="100 um", conductivity=1.0)),
        operation=Operation(current_density=10.0),
    )
    found = grids.grids(case, count=5)
    assert found.island_widths[[0, -1]] == pytest.approx([2e-6, 98e-6], rel=1e-12, abs=0)
    assert found.current_densities[[0, 2, -1]] == pytest.approx([2, 20, 200], rel=1e-12, abs=0)
    assert found.conductivities[[0, -1]] == pytest.approx([0.01, 10.0], rel=1e-12, abs=0)
    assert found.points == {"size": 25, "constriction": 4, "where": 12, "curves": 5}


def test_wagner_number() -> None:
    # 0.18 x 0.0256926 / (5 x 50e-6)
    assert wagner_number(0.18, 5.0, 50e-6, temperature=298.15) == pytest.approx(18.4987, abs=1e-3)
    found = wagner_number([0.18, 0.36], 5.0, [50e-6, 25e-6], temperature=2 * 298.15)
    assert found / 18.4987 == pytest.approx([2.0, 8.0], rel=1e-4, abs=0)


def test_counts_of_the_description_add_up() -> None:
    lines = grids.description(Case(), ["Ag", "In"], count=6)
    assert lines[0] == "films: Ag, In, each beside bare copper"
    # Three films, 36 + 9 + 6 points, and once 3 x 3 x 2.
    assert [line.rsplit(": ", 1)[1] for line in lines[1:-1]] == [
        "108 points",
        "27 points",
        "18 points",
        "18 points",
    ]
    assert lines[-1] == "171 points in all"
    assert lines[1].startswith(
        "size: island size 1 to 49 um (6); current density 0.05 to 5 mA/cm^2 (6): "
    )
    assert "cell width 50 to 1e+03 um (3)" in lines[2]
    assert "conductivity 0.018 to 18 mS/cm (3)" in lines[3]


DISC = Case(
    cell=Cell(
        electrolyte=Electrolyte(geometry="axisymmetric", radius="100 um"),
        islands=[Island(outer_radius="20 um")],
    )
)


def test_sizes_of_discs_are_diameters() -> None:
    found, sizes = grids.grids(DISC, count=5), sizes_of(DISC)
    assert found.island_widths[[0, -1]] == pytest.approx([4e-6, 196e-6], rel=1e-12, abs=0)
    assert found.cell_widths[[0, -1]] == pytest.approx([50e-6, 1e-3], rel=1e-12, abs=0)
    assert sizes.of_cell(DISC) == pytest.approx(200e-6, rel=1e-12)
    assert sizes.of_island(DISC) == pytest.approx(40e-6, rel=1e-12)
    # A quarter of the area is a disc of half of the diameter.
    assert sizes.at_coverage(DISC, 0.25) == pytest.approx(100e-6, rel=1e-12)
    assert sizes_of(Case()).at_coverage(Case(), 0.25) == pytest.approx(12.5e-6, rel=1e-12)
    lines = grids.description(DISC, ["Ag"], count=6)
    assert "disc diameter 4 to 196 um (6)" in lines[1]
    assert "cell diameter 50 to 1e+03 um (3)" in lines[2]


@pytest.mark.parametrize(
    ("island", "line"),
    [
        (
            Island(inner_radius="5 um", outer_radius="20 um"),
            '0.inner_radius = "5 um": must be left',
        ),
        (Island(outer_radius="99 um"), '0.outer_radius = "99 um": must be at most 98 um'),
    ],
)
def test_discs_that_leave_no_room(island: Island, line: str) -> None:
    with pytest.raises(InputError, match=re.escape(line)):
        grids.check_case(DISC.with_(islands=[island]))


# --- Answers on made-up numbers ------------------------------------------------------------------


def test_where_a_ratio_passes_a_factor() -> None:
    wagner = np.array([100.0, 10.0, 1.0, 0.1])
    passes = answers.passes
    # From 1 to 4 between 10 and 1: 2 is in the middle of both logarithms.
    ratios = np.array([1.0, 1.0, 4.0, 8.0])
    assert passes(wagner, ratios, 2.0) == pytest.approx(10**0.5, rel=1e-12, abs=0)
    assert passes(wagner, ratios, 4.0) == pytest.approx(1.0, rel=1e-12, abs=0)
    assert passes(wagner, ratios, 9.0) is None  # nowhere
    assert passes(wagner, ratios, 1.0) is None  # everywhere
    # Where the film stops there is no number to interpolate to.
    assert passes(wagner, np.array([1.0, 1.5, INF, INF]), 2.0) == 1.0


def test_where_the_film_is_idle_beside_the_island() -> None:
    wagner = np.array([100.0, 10.0, 1.0, 0.1])
    assert answers.idle_below(wagner, np.array([1.0, 2.0, INF, INF])) == 1.0
    assert answers.idle_below(wagner, np.array([INF, 2.0, 3.0, 4.0])) == 100.0
    assert answers.idle_below(wagner, np.array([1.0, 2.0, 3.0, 4.0])) is None


def release(
    largest: Any, smallest: Any, distance: Any, dimensions: tuple[str, ...] = ("conductivity",)
) -> xarray.Dataset:
    return xarray.Dataset(
        {
            "interlayer_current_density_max": (dimensions, np.array(largest)),
            "interlayer_current_density_min": (dimensions, np.array(smallest)),
            "interlayer_peak_distance": (dimensions, np.array(distance)),
        }
    )


def test_far_over_near() -> None:
    found = answers.far_over_near(
        release([4.0, 4.0, 4.0, 4.0], [2.0, 2.0, 0.0, 0.0], [22e-6, 0.0, 22e-6, 0.0])
    )
    assert found.tolist() == [2.0, 0.5, INF, 0.0]


def test_which_side_gives_more() -> None:
    """Two kinds of film, one current, three conductivities, rising as the sweep has them."""
    largest = np.array([[[4.0], [1.0]], [[3.0], [1.0]], [[1.0], [1.0]]])
    smallest = np.array([[[0.0], [0.2]], [[1.5], [0.4]], [[1.0], [0.8]]])
    distance = np.array([[[1e-6], [0.0]], [[1e-6], [0.0]], [[1e-6], [0.0]]])
    where = release(
        largest, smallest, distance, ("conductivity", "film_ratio", "current_density")
    ).assign_coords(
        film_ratio=[1.0, 10.0],
        current_density=[2.5],
        wagner_number=("conductivity", [1.0, 10.0, 100.0]),
    )
    far, near = answers.sides(where)
    assert (far.film_ratio, far.current_density) == (1.0, 2.5)
    assert far.wagner_numbers.tolist() == [100.0, 10.0, 1.0]
    assert far.ratios.tolist() == [1.0, 2.0, INF]
    assert (far.far_field_leads, far.edge_leads) == (True, False)
    assert far.idle_below == 1.0
    # 1.1 between 1 and 2, which is where the numbers were given.
    share = math.log(1.1) / math.log(2)
    assert far.at_factors == pytest.approx((100.0 * 0.1**share, 10.0), rel=1e-12)
    assert near.ratios == pytest.approx([0.8, 0.4, 0.2], rel=1e-12)
    assert (near.far_field_leads, near.edge_leads) == (False, True)
    assert near.at_factors == (None, None)
    assert near.idle_below is None


def test_neither_side_leads_at_all_wagner_numbers() -> None:
    side = Side(10.0, 2.5, np.array([10.0, 1.0]), np.array([0.9, 1.2]), (None, None), None)
    assert (side.far_field_leads, side.edge_leads) == (False, False)


def test_misses() -> None:
    """Four points: said and done, said only, done only, neither; and one without a solution."""
    drive = np.array([0.06, 0.06, 0.04, 0.04, 0.06])
    share = np.array([0.3, 0.0, 0.2, 0.0, NAN])
    results = xarray.Dataset(
        {
            "overpotential_mean": (("film", "point"), np.stack([drive, drive - 1])),
            "interlayer_current_fraction": (("film", "point"), np.stack([share * NAN, share])),
        },
        {"film": ["none", "Ag"]},
    )
    assert answers.misses(results, "Ag", 0.05, "overpotential_mean") == 2


# --- A small run ---------------------------------------------------------------------------------

FIGURES = ("share", "relief", "constriction", "where", "answer")
DATA = ("size", "constriction", "where", "curves")
COUNT = 6


@dataclass(frozen=True)
class Run:
    """What a run wrote and found."""

    folder: Path
    report: table.Report
    record: dict[str, Any]

    def answer(self, film: str) -> Answer:
        (found,) = (entry for entry in self.report.answers if entry.film == film)
        return found

    def side(self, ratio: float, current: float) -> Side:
        (found,) = (
            side
            for side in self.report.sides
            if (side.film_ratio, side.current_density) == (ratio, current)
        )
        return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("map") / "new"
    report = study.run(folder, OneProcess(), films=["Ag", "In"], count=COUNT)
    return Run(folder, report, json.loads((folder / "film_map.json").read_text()))


def test_files(small: Run) -> None:
    names = [f"film_map_{name}.{end}" for name in FIGURES for end in ("png", "pdf")]
    names += [f"film_map_{name}.{end}" for name in DATA for end in ("nc", "csv")]
    names += ["film_map.json"]
    assert [file.name for file in small.report.files] == names
    assert {file.name for file in small.folder.iterdir()} == set(names)


@pytest.mark.parametrize("name", FIGURES)
def test_pictures(name: str, small: Run) -> None:
    pixels = image.imread(small.folder / f"film_map_{name}.png")[..., :3]
    height, width, _ = pixels.shape
    assert width > 1000
    assert height > 600
    ink = np.mean(np.any(pixels < 0.9, axis=-1))
    assert 0.02 < ink < 0.9
    content = (small.folder / f"film_map_{name}.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(content) < 1_000_000


@pytest.mark.parametrize("name", ["where", "answer"])
def test_pictures_are_not_cut_off(name: str, small: Run) -> None:
    pixels = image.imread(small.folder / f"film_map_{name}.png")[..., :3]
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() > 0.9


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("size", {"film": 3, "island_width": COUNT, "current_density": COUNT}),
        ("constriction", {"film": 3, "exchange_current_density": 3, "cell_width": 3}),
        ("where", {"conductivity": 3, "film_ratio": 3, "current_density": 2}),
        ("curves", {"film": 3, "island_width": COUNT}),
    ],
)
def test_data(name: str, sizes: dict[str, int], small: Run) -> None:
    with xarray.open_dataset(small.folder / f"film_map_{name}.nc", engine="h5netcdf") as data:
        found = {str(key): size for key, size in data.sizes.items()}
        assert {key: found[key] for key in sizes} == sizes
        assert set(data["overpotential_mean"].dims) == set(sizes)
        assert data["overpotential_mean"].attrs["units"] == "V"
        assert data["interlayer_current_fraction"].attrs["units"] == "1"
        assert data["interlayer_current_density_max"].attrs["units"] == "A m-2"
        assert (data["status"] == 0).all()
        if "film" in sizes:
            assert data["film"].to_numpy().tolist() == ["none", "Ag", "In"]
            bare = data.sel(film="none")
            assert data["relief"].attrs["units"] == "1"
            assert bare["relief"].to_numpy() == pytest.approx(1.0, abs=1e-12)
            assert np.isnan(bare["interlayer_current_fraction"]).all()
            assert (data["interlayer_current_fraction"].sel(film="In") == 0).all()
            # With and without the film the grids differ, and peak currents by some 1e-6.
            assert (data["relief"].sel(film="Ag") >= 1 - 1e-5).all()


def test_data_of_the_second_grid_are_where_they_belong(small: Run) -> None:
    """Kinetics give one overpotential in all widths, which resistance adds to."""
    with xarray.open_dataset(small.folder / "film_map_constriction.nc", engine="h5netcdf") as data:
        bare = data["overpotential_mean"].sel(film="none")
        thermal = 8.314462618 * 298.15 / 96485.33212
        for i0 in data["exchange_current_density"].to_numpy():
            # A tenth of the bottom is lithium, at 2.5 A/m^2.
            kinetic = 2 * thermal * np.arcsinh(25.0 / (2 * i0))
            narrow, *_, wide = bare.sel(exchange_current_density=i0).to_numpy()
            assert narrow == pytest.approx(kinetic, rel=0.15)
            assert wide == pytest.approx(kinetic, rel=0.3)
        resistance = data["constriction_resistance"].sel(film="none").to_numpy()
        assert np.all(np.diff(resistance, axis=1) > 0), "wider cells have more of it"


def test_the_film_of_silver(small: Run) -> None:
    silver = small.answer("Ag")
    assert silver.acts
    assert silver.potential == 0.05
    assert silver.onset_width == pytest.approx(11.02e-6, abs=0.3e-6)
    assert silver.share == pytest.approx(0.46718, abs=1e-5)
    assert silver.relief == pytest.approx(1.8787, abs=1e-3)
    assert silver.overpotential_mean == pytest.approx(0.0564125, abs=1e-6)
    assert silver.capacity / 36 == pytest.approx(26.06, abs=0.01)
    assert silver.capacity_below == silver.capacity
    assert silver.time_until_empty == pytest.approx(silver.capacity / (0.46718 * 125 / 45), 1e-4)
    # At 100 mV: an island of 3.65 um carries 12.5 = w sinh(x) + (50 - w) sinh(x - U / 2f).
    assert silver.share_above == pytest.approx(0.596, abs=1e-3)
    assert silver.relief_above == pytest.approx(2.479, abs=2e-3)


def test_the_film_of_indium_never_acts(small: Run) -> None:
    indium = small.answer("In")
    assert not indium.acts
    assert indium.onset_width is None
    assert (indium.share, indium.share_above) == (0.0, 0.0)
    assert (indium.relief, indium.relief_above) == pytest.approx((1.0, 1.0), abs=1e-9)
    assert math.isnan(indium.time_until_empty)
    assert indium.capacity > 0
    assert indium.capacity_below == 0
    assert indium.misses == indium.misses_constricted == 0


def test_the_largest_drive_predicts_whether_a_film_acts(small: Run) -> None:
    for film in ("Ag", "In"):
        assert small.answer(film).misses_by_drive == 0
        assert small.answer(film).misses_constricted_by_drive == 0
    # The mean overpotential misses films that act where resistance counts.
    assert small.answer("Ag").misses_constricted > 0


def test_which_side_of_silver_leads(small: Run) -> None:
    for current in (2.5, 25.0):
        assert small.side(0.1, current).far_field_leads
        assert small.side(1.0, current).far_field_leads
    assert small.side(10.0, 2.5).far_field_leads
    fast = small.side(10.0, 25.0)
    assert fast.edge_leads
    assert fast.ratios[-1] == pytest.approx(0.72, abs=0.01)
    # More at every lower Wagner number; 18.5 at the conductivity of the case.
    assert np.all(np.diff(fast.ratios) < 0)
    assert fast.wagner_numbers[[0, -1]] == pytest.approx([184.987, 0.184987], rel=1e-5)
    idle = small.side(1.0, 2.5)
    assert idle.idle_below == pytest.approx(0.184987, rel=1e-5)
    assert idle.ratios[-1] == INF


def test_numbers_as_json(small: Run) -> None:
    record = small.record
    assert "NaN" not in json.dumps(record, allow_nan=False)
    assert record["points"] == {"size": 36, "constriction": 9, "where": 18, "curves": 6}
    assert (record["failures"], record["tolerance_not_met"]) == (0, 0)
    assert record["compared_overpotential"] == 0.1
    silver, indium = record["films"]
    assert (silver["film"], silver["acts"]) == ("Ag", True)
    assert silver["share"] == small.answer("Ag").share
    assert (indium["acts"], indium["onset_width"], indium["time_until_empty"]) == (
        False,
        None,
        None,
    )
    sides = {(s["film_ratio"], s["current_density"]): s for s in record["sides"]}
    assert len(sides) == 6
    assert sides[1.0, 2.5]["far_field_leads"]
    assert sides[1.0, 2.5]["ratios"][-1] is None
    assert not sides[10.0, 25.0]["far_field_leads"]
    assert record["case"]["cell"]["electrolyte"]["width"] == 50e-6
    assert "fem-island" in record["versions"]


def printed(report: table.Report, capsys: pytest.CaptureFixture[str]) -> str:
    table.show(report)
    return " ".join(capsys.readouterr().out.split())


def test_table(small: Run, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(small.report, capsys)
    assert "What films do below 100 mV of overpotential, at 0.25 mA/cm^2" in text
    onset = f"{1e6 * (small.answer('Ag').onset_width or 0):.2f}"
    assert f"Ag 50 yes {onset} 46.72 1.88 56.41 12.1 59.61 2.48 26.1 of 26.1" in text
    assert "In (estimate) 620 no none 0.00 1.00 84.64 0.00 1.00 0.0 of 17.1" in text
    assert "wrong at 0 of 90 points" in text
    missed = small.answer("Ag").misses_constricted
    assert f"(wrong at {missed} of 9, Ag)" in text
    assert "10 times that of lithium, 2.5 mA/cm^2: the edge leads, by up to 1.39 times" in text
    assert "0 points failed, 0 did not meet the tolerance" in text
    assert text.endswith("film_map_curves.csv, " + str(small.folder / "film_map.json"))


def test_table_of_other_answers(small: Run, capsys: pytest.CaptureFixture[str]) -> None:
    silver, side = small.answer("Ag"), small.side(1.0, 25.0)
    mixed = replace(side, ratios=np.array([0.9, 1.0, 1.2]))
    flat = replace(side, ratios=np.array([1.0, 1.0, 1.05]), at_factors=(None, None))
    report = replace(
        small.report,
        answers=(replace(silver, onset_width=np.inf, time_until_empty=NAN, share_above=NAN),),
        sides=(mixed, flat),
        failures=3,
    )
    text = printed(report, capsys)
    assert "Ag 50 yes all 46.72 1.88 56.41 2.48 26.1 of 26.1" in text
    assert "edge or far field lead, depending on the Wagner number" in text
    assert "the far field leads, hardly" in text
    assert "3 points failed" in text


def test_an_island_too_small_or_too_large_for_the_second_comparison() -> None:
    from fem_island.studies.film_map.computing import compared_above

    # At 100 mV lithium gives 34.6 A/m^2: 100 A/m^2 over the cell's width are more than it can.
    case = Case(operation=Operation(current_density=100.0))
    assert compared_above(case, ["none", "Ag"]) is None
    slow = Case(cell=Cell(kinetics=Kinetics(exchange_current_density=1.0)))
    above = compared_above(slow, ["none", "Ag"])
    assert above is not None
    assert above["overpotential_mean"].sel(film="none") == pytest.approx(0.1, abs=1e-3)
    two = Case(cell=Cell(islands=[Island(center="10 um"), Island(center="40 um")]))
    assert compared_above(two, ["none", "Ag"]) is None


def test_discs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = Case(
        cell=Cell(
            electrolyte=Electrolyte(geometry="axisymmetric"), islands=[Island(outer_radius="5 um")]
        )
    )
    report = study.run(tmp_path, OneProcess(), case=case, films=["Ag"], count=COUNT)
    (silver,) = report.answers
    # Where kinetics decide it is the square root of the stripes' size: 11.02 um of 50 um.
    assert silver.onset_width == pytest.approx((11.02e-6 * 50e-6) ** 0.5, rel=0.02, abs=0)
    # A disc of 10 um in 50 um: 130.11 mV on bare copper.
    assert silver.relief == pytest.approx(4.33, abs=0.01)
    assert silver.share == pytest.approx(0.7679, abs=1e-4)
    assert silver.share_above == pytest.approx(0.597, abs=1e-3)
    text = printed(report, capsys)
    assert "discs 10 um disc:" in text
    assert "kappa R T / (F i0 radius)" in text
    with xarray.open_dataset(tmp_path / "film_map_size.nc", engine="h5netcdf") as data:
        assert data["island_diameter"].to_numpy()[[0, -1]] == pytest.approx([1e-6, 49e-6])
        at = data.sel(film="none").isel(island_diameter=1, current_density=2)
        radius, current = 0.5 * float(at.island_diameter), float(at.current_density)
        alone = solve(case.with_({"islands.outer_radius": radius}), current_density=current).result
        assert float(at.overpotential_mean) == pytest.approx(alone.overpotential_mean, abs=2e-6)
