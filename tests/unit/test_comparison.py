"""The same cell with one film or another: what they keep, and the numbers side by side."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xarray
from rich.console import Console

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.case.variants import all_films, by_potential, check_films, with_film
from fem_island.errors import InputError
from fem_island.materials import library as materials
from fem_island.results.observables import peak_current_density
from fem_island.studies.comparison import comparing as comparison
from fem_island.studies.comparison.comparing import compare, failed_films
from fem_island.studies.comparison.table import comparison_report, records

PAPER = Case()


def case_of(**film: Any) -> Case:
    return Case(cell=Cell(interlayer=Interlayer(**film)))


def film_of(case: Case, name: str) -> Interlayer:
    film = with_film(case, name).cell.interlayer
    assert film is not None
    return film


def refusal(names: list[str], case: Case, **key: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        check_films(names, case, **key)
    return str(caught.value).splitlines()


# --- Names ---------------------------------------------------------------------------------------


def test_all_films_come_by_potential() -> None:
    names = by_potential()
    assert names[:4] == ["Mg", "Ag", "Cd", "Au"]
    assert names[-1] == "In"
    assert set(names) == set(materials.films())
    assert all_films() == ("none", *names)


def test_names_that_are_refused() -> None:
    assert refusal(["Pb"], PAPER) == [
        'films = "Pb": is not one of none, Mg, Ag, Cd, Au, Zn, Si, Sn, Al, In, case'
    ]
    assert refusal([], PAPER) == ["films: names no film"]
    assert refusal(["case"], PAPER) == ['films = "case": is the film of the case, which has none']
    assert refusal(["Ag", "none", "Ag"], PAPER, key="--films") == [
        '--films = "Ag": is there more than once'
    ]
    lines = refusal(["Pb", "case", "ag", "none", "Pb", "none", ""], PAPER)
    assert [line.split(": ")[0] for line in lines] == [
        'films = "Pb"',
        'films = "ag"',
        'films = ""',
        'films = "case"',
        'films = "Pb"',
        'films = "none"',
    ]


def test_names_that_are_known() -> None:
    check_films(["none", "Ag", "In"], PAPER)
    check_films(["none", "case", "Ag"], case_of(material="Ag"))


# --- The same case with another film -------------------------------------------------------------


def test_a_film_in_a_case_without_one_releases() -> None:
    assert film_of(PAPER, "Au") == Interlayer(material="Au", reaction="release")
    assert with_film(case_of(material="Ag"), "none").cell.interlayer is None
    # All else is as it was.
    case = Case(cell=Cell(islands=[Island(width="7 um")]), operation=Operation(temperature=350.0))
    changed = with_film(case, "Ag")
    assert changed.operation == case.operation
    assert changed.cell.islands == case.cell.islands


def test_another_film_keeps_all_but_what_is_of_its_material() -> None:
    own = {
        "exchange_current_density": 9.0,
        "anodic_transfer_coefficient": 0.3,
        "cathodic_transfer_coefficient": 0.7,
        "thickness": 30e-9,
        "state_of_charge": 0.6,
        "extent": ((0.0, 10e-6),),
    }
    case = case_of(
        material="Ag",
        reaction="reversible",
        equilibrium_potential=0.02,
        capacity=123.0,
        **own,
    )
    gold = film_of(case, "Au")
    assert gold == Interlayer(material="Au", reaction="reversible", **own)
    assert gold.equilibrium_potential is None
    assert gold.capacity is None
    # 60 % is on the second plateau.
    assert gold.potential == 0.16
    # The film itself, by its name or as "case".
    for name in ("Ag", "case"):
        assert film_of(case, name) == case.cell.interlayer


def test_a_film_without_material_is_only_in_the_case() -> None:
    case = case_of(reaction="release", equilibrium_potential=0.03, capacity=5.0)
    assert film_of(case, "case") == case.cell.interlayer
    silver = film_of(case, "Ag")
    assert (silver.material, silver.potential, silver.capacity) == ("Ag", 0.05, None)


@pytest.mark.parametrize("name", ["case", "Ag", "Au"])
def test_a_passive_film_releases(name: str) -> None:
    case = case_of(material="Ag", thickness="50 nm")
    film = film_of(case, name)
    assert film.reaction == "release"
    assert film.thickness == pytest.approx(50e-9, rel=1e-12, abs=0)


def test_a_profile_is_kept() -> None:
    profile = ((0.0, 1.0), (50e-6, 0.2))
    case = case_of(material="Ag", reaction="release", state_of_charge_profile=profile)
    assert film_of(case, "Au").state_of_charge_profile == profile


def test_what_was_given_is_given_in_the_other_film() -> None:
    """The report says that i0 is given, not that it is that of the default."""
    film = film_of(case_of(material="Ag", exchange_current_density=5.0), "Au")
    assert film.exchange_current_density == 5.0
    assert film_of(case_of(material="Ag"), "Au").exchange_current_density is None


# --- Compared ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def paper() -> xarray.Dataset:
    return compare(PAPER)


def value(results: xarray.Dataset, name: str, film: str) -> float:
    return float(results[name].sel(film=film))


# Mean overpotential [mV], share [%], relief, minutes until it is empty and until U steps up.
ANSWERS = {
    # Mg and Au stop at their next plateau, which is above the drive of bare copper.
    "Mg": (21.6542, 82.640, 5.771, None, 10.02),
    "Ag": (56.4125, 46.718, 1.879, 12.05, None),
    "Au": (72.8169, 22.347, 1.288, None, 18.55),
    "Zn": (84.6432, 0.0, 1.0, None, None),
    "none": (84.6432, None, 1.0, None, None),
}


@pytest.mark.parametrize("film", ANSWERS)
def test_films_in_the_papers_cell(film: str, paper: xarray.Dataset) -> None:
    overpotential, share, relief, empty, step = ANSWERS[film]
    assert 1e3 * value(paper, "overpotential_mean", film) == pytest.approx(overpotential, abs=1e-3)
    assert value(paper, "relief", film) == pytest.approx(relief, abs=1e-3)
    until = "interlayer_time_until"
    for name, factor, expected in (
        ("interlayer_current_fraction", 100.0, share),
        (f"{until}_empty_mean", 1 / 60, empty),
        (f"{until}_next_plateau", 1 / 60, step),
    ):
        found = factor * value(paper, name, film)
        if expected is None:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(expected, rel=5e-3, abs=1e-3)


def test_what_bare_copper_has(paper: xarray.Dataset) -> None:
    assert paper["film"].to_numpy().tolist() == list(all_films())
    for name in ("overpotential_mean", "overpotential_max"):
        bare = value(paper, name, "none")
        assert paper[f"{name}_without_film"].to_numpy().tolist() == 10 * [bare]
        assert paper[f"{name}_without_film"].attrs["units"] == "V"
    assert value(paper, "relief", "none") == 1.0
    assert np.isnan(value(paper, "equilibrium_potential", "none"))
    assert value(paper, "equilibrium_potential", "Ag") == 0.05
    made_of = PAPER.to_json()
    assert paper.attrs == {"solver": "condensed", "current_density": 2.5, "case": made_of}
    assert failed_films(paper) == []
    peak = peak_current_density(paper)
    assert paper["relief"].to_numpy() == pytest.approx(peak[0] / peak, rel=1e-12, abs=0)


def test_bare_copper_need_not_be_asked_for() -> None:
    found = compare(Cell(), ["Ag"], current_density="0.25 mA/cm^2")
    assert found["film"].to_numpy().tolist() == ["Ag"]
    assert value(found, "overpotential_mean_without_film", "Ag") == pytest.approx(
        0.0846432, abs=1e-6
    )
    assert value(found, "relief", "Ag") == pytest.approx(1.8787, abs=1e-3)


def test_the_current_can_be_another() -> None:
    found = compare(PAPER, ["none"], current_density=5.0)
    # 2 RT/F asinh(5), of 5 A/m^2 over ten times the island's width.
    expected = 2 * 8.314462618 * 298.15 / 96485.33212 * np.arcsinh(5.0)
    assert value(found, "overpotential_mean", "none") == pytest.approx(expected, abs=1e-5)
    assert found.attrs["current_density"] == 5.0


def test_plating_has_a_peak_below_zero() -> None:
    found = compare(PAPER, ["none", "Ag"], current_density=-2.5)
    assert peak_current_density(found) == pytest.approx([25.06, 25.06], abs=0.01)
    assert value(found, "relief", "Ag") == pytest.approx(1.0, abs=1e-9)
    # One that takes lithium relieves the island.
    reversible = case_of(material="Ag", reaction="reversible")
    found = compare(reversible, ["Ag"], current_density=-2.5)
    assert value(found, "interlayer_current_fraction", "Ag") > 0.5
    assert value(found, "relief", "Ag") > 2


def test_both_solvers_agree(paper: xarray.Dataset) -> None:
    found = compare(PAPER, ["Ag"], solver="newton")
    assert found.attrs["solver"] == "newton"
    for name in (
        "overpotential_mean",
        "overpotential_max",
        "exposed_drive_max",
        "potential_top_mean",
        "overpotential_mean_without_film",
    ):
        assert value(found, name, "Ag") == pytest.approx(value(paper, name, "Ag"), abs=1e-6)
    share = "interlayer_current_fraction"
    assert value(found, share, "Ag") == pytest.approx(value(paper, share, "Ag"), abs=1e-5)
    assert value(found, "relief", "Ag") == pytest.approx(value(paper, "relief", "Ag"), rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({"films": ["Pb"]}, "films"),
        ({"films": []}, "films"),
        ({"films": ["case"]}, "films"),
        ({"solver": "magic"}, "solver"),
        ({"films": ["Ag"], "current_density": "5 V"}, "operation.current_density"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError) as caught:
        compare(PAPER, **arguments)
    assert [fault.key for fault in caught.value.faults] == [key]


def test_films_are_as_fast_as_the_lithium_of_the_case() -> None:
    """25 mA/cm^2 on 5 um: what the film takes with 0.5 mA/cm^2 would be 13.365 %."""
    cell = Cell(kinetics=Kinetics(exchange_current_density="25 mA/cm^2"))
    found = compare(cell, ["Ag"], current_density="25 mA/cm^2")
    assert value(found, "interlayer_current_fraction", "Ag") == pytest.approx(0.70851, abs=1e-5)
    text = report(Case(cell=cell), found)
    assert "i0 of every film: 25 mA/cm^2 (assumed: that of lithium in this case)" in text


def test_films_without_a_solution() -> None:
    kinetics = Kinetics(law="linear", exchange_current_density=1e-12)
    found = compare(Cell(kinetics=kinetics), ["none", "Mg"])
    reason = "no potential within 1000 V carries the applied current"
    assert failed_films(found) == [("none", reason)]
    row, other = records("case", found)
    assert (row["status"], other["status"]) == ("failed", "converged")
    assert row["reason"] == reason
    assert row["overpotential_mean"] is None
    assert other["relief"] is None
    text = report(Case(cell=Cell(kinetics=kinetics)), found)
    assert f"none failed: {reason}" in text


# --- For people and as JSON ----------------------------------------------------------------------


def report(case: Case, results: xarray.Dataset) -> str:
    console = Console(width=118, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(comparison_report("paper.toml", case, results))
    return " ".join(capture.get().split())


def test_table(paper: xarray.Dataset) -> None:
    text = report(PAPER, paper)
    assert text.startswith("paper.toml electrolyte 50 x 15 um, 1.8 mS/cm")
    # U, share, mean, max, peak, relief, evenness, empty after, first place, and no other step.
    assert "Ag 50 46.718 56.4125 56.4656 1.334 1.879 32.45 12.1 12 Cd 55 " in text
    assert "none 84.6432 84.7533 2.506 1.000 10.00 Mg (estimate) 10 82.640 " in text
    assert "Au 70 22.347 72.8169 72.8998 1.945 1.288 16.43 18.5 Zn" in text
    assert 'films react by "release"' in text
    assert "i0 of every film: 0.5 mA/cm^2 (assumed: that of lithium in this case)" in text
    assert "nothing reacts there" not in text


def test_table_says_how_films_react() -> None:
    case = case_of(material="Ag", reaction="reversible", exchange_current_density=10.0)
    text = report(case, compare(case, ["none"]))
    assert 'films react by "reversible"; i0 of every film: 1 mA/cm^2 (given)' in text


def test_json(paper: xarray.Dataset) -> None:
    found = records("paper.toml", paper)
    assert [row["film"] for row in found] == list(all_films())
    text = json.dumps(found, allow_nan=False)
    assert "NaN" not in text
    silver = found[2]
    assert (silver["case"], silver["film"], silver["status"]) == ("paper.toml", "Ag", "converged")
    assert silver["overpotential_mean"] == pytest.approx(0.05641, abs=1e-5)
    assert silver["interlayer_current_fraction"] == pytest.approx(0.46718, abs=1e-5)
    assert silver["relief"] == pytest.approx(1.88, abs=5e-3)
    assert silver["interlayer_time_until_next_plateau"] is None
    assert silver["islands_current_fraction"] == [pytest.approx(0.53282, abs=1e-5)]
    assert found[0]["equilibrium_potential"] is None
    assert found[0]["interlayer_current_fraction"] is None
    assert not {"delithiates", "probes_potential"} & set(silver)


def test_the_package_has_it() -> None:
    import fem_island as fi

    assert fi.compare is comparison.compare
