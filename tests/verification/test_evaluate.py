"""Arbitrary points: each is what it is alone, whatever lies beside it in the table."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import fem_island as fi

RANDOM = np.random.default_rng(7)
COUNT = 12
POINTS = {
    "islands.width": RANDOM.uniform(2e-6, 40e-6, COUNT),
    "current_density": np.exp(RANDOM.uniform(-1, 3, COUNT)) * RANDOM.choice([-1, 1], COUNT),
    "kinetics.exchange_current_density": np.exp(RANDOM.uniform(-2, 4, COUNT)),
    "electrolyte.conductivity": np.exp(RANDOM.uniform(-4, 0, COUNT)),
    "kinetics.anodic_transfer_coefficient": RANDOM.uniform(0.3, 0.7, COUNT),
    "temperature": RANDOM.uniform(280, 340, COUNT),
}


def alone(point: int) -> fi.Result:
    """The result of one row, by ``solve``."""
    width, current, i0, conductivity, alpha, temperature = (
        float(values[point]) for values in POINTS.values()
    )
    cell = fi.Cell(
        islands=[fi.Island(width=width)],
        electrolyte=fi.Electrolyte(conductivity=conductivity),
        kinetics=fi.ButlerVolmer(exchange_current_density=i0, anodic_transfer_coefficient=alpha),
    )
    solution = fi.solve(cell, current_density=current, temperature=temperature, solver="condensed")
    return solution.result


def test_every_row_is_what_solve_says_within_the_estimates() -> None:
    found = fi.evaluate(fi.Cell(), POINTS)
    for point in range(COUNT):
        result, row = alone(point), found.result(point)
        assert row.status == result.status == "converged"
        assert row.error_estimate is not None
        assert result.error_estimate is not None
        for name in ("overpotential_mean", "overpotential_max", "potential_top_mean"):
            allowed = getattr(row.error_estimate, name) + getattr(result.error_estimate, name)
            assert abs(getattr(row, name) - getattr(result, name)) <= allowed


def test_kinetics_of_rows_stay_theirs_where_a_film_is_cut_at_some() -> None:
    """Of some rows the film gives in a part only, and is solved again with a cut there."""
    film = fi.interlayer("Ag", reaction="release", exchange_current_density="0.7 mA/cm^2")
    electrolyte = {"width": "550 um", "height": "9 um", "conductivity": "0.4 mS/cm"}
    cell = fi.Cell(electrolyte=electrolyte, islands=[{"width": "340 um"}], interlayer=film)
    i0s, current = np.array([0.1, 0.3, 1.0, 3.0, 10.0]), 2.0
    found = fi.evaluate(
        cell,
        {"kinetics.exchange_current_density": i0s, "current_density": np.full(len(i0s), current)},
    )
    for row, i0 in enumerate(i0s.tolist()):
        one = cell.model_copy(update={"kinetics": fi.ButlerVolmer(exchange_current_density=i0)})
        result = fi.solve(one, current_density=current, solver="condensed").result
        known = found.result(row)
        for name in ("potential_top_mean", "overpotential_mean"):
            assert getattr(known, name) == pytest.approx(getattr(result, name), abs=2e-7)


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = RANDOM.permutation(COUNT)
    first = fi.evaluate(fi.Cell(), POINTS)
    second = fi.evaluate(fi.Cell(), {key: values[order] for key, values in POINTS.items()})
    assert second["overpotential_mean"].tolist() == first["overpotential_mean"][order].tolist()


def test_a_row_twice_is_the_same_twice() -> None:
    twice = {key: np.repeat(values[:2], 2) for key, values in POINTS.items()}
    means = fi.evaluate(fi.Cell(), twice)["overpotential_mean"]
    assert means[0] == means[1]
    assert means[2] == means[3]


def test_an_impossible_row_is_refused_and_named() -> None:
    with pytest.raises(fi.InputError, match="is wider than the cell"):
        fi.evaluate(fi.Cell(), {"islands.width [um]": [5, 60]})


def test_a_column_that_the_case_has_nothing_for_is_named() -> None:
    reason = "no entry 1: there is 1 entry, counted from 0"
    with pytest.raises(fi.InputError, match=f'^column "islands.1.width": {reason}$'):
        fi.evaluate(fi.Cell(), {"islands.1.width [um]": [5, 6]})


def test_a_failure_is_data() -> None:
    found = fi.evaluate(
        fi.Cell(kinetics=fi.LinearKinetics()),
        {"current_density": [2.5, 1e8], "kinetics.exchange_current_density": [5.0, 1e-12]},
    )
    assert found.failed.tolist() == [False, True]
    assert np.isnan(found["overpotential_mean"][1])
    assert found.reasons[1]


def test_the_record_writes_a_table_that_can_be_evaluated_again(tmp_path: Path) -> None:
    found = fi.evaluate(fi.Cell(), {"islands.width [um]": [5, 20]})
    table, data, picture, crate = found.write(tmp_path)
    listed = {part["@id"] for part in json.loads(crate.read_text("utf-8"))["@graph"]}
    assert {table.name, data.name, picture.name} < listed
    assert [path.name for path in (table, data, picture)] == [
        "points.csv",
        "points.nc",
        "points.png",
    ]
    header = table.read_text().splitlines()[0].split(",")
    assert header[:3] == ["islands.width [m]", "status", "overpotential_mean [V]"]
    dataset = found.dataset()
    assert dataset.overpotential_mean.dims == ("point",)
    assert dataset.island_width.values.tolist() == [5e-6, 20e-6]


def test_the_table_of_a_contact_map_has_the_numbers_of_maps(tmp_path: Path) -> None:
    image = np.zeros((8, 8), dtype=bool)
    image[2:5, 1:4] = image[6, 6:] = True
    cell = fi.Cell(map=fi.ContactMap(image=image, pixel="2 um"))
    found = fi.evaluate(cell, {"operation.current_density [mA/cm^2]": [0.1, 0.2]})
    found.write_table(tmp_path / "points.csv")
    header, *rows = [row.split(",") for row in (tmp_path / "points.csv").read_text().splitlines()]
    assert [row[header.index("coverage")] for row in rows] == [str(11 / 64)] * 2
    assert [row[header.index("regions")] for row in rows] == ["2"] * 2
    drawn = found.plot(number="coverage").axes[0].collections[0].get_offsets()
    assert np.array(drawn).tolist() == [[0.1, 11 / 64], [0.2, 11 / 64]]


def test_a_function_takes_and_gives_the_units_of_its_names() -> None:
    loss = fi.function(
        fi.Cell(),
        inputs=["islands.width [um]", "current_density [mA/cm^2]"],
        output=["overpotential_mean [mV]", "potential_top_mean", "delithiates.Ag"],
    )
    found = loss([[5.0, 0.25], [20.0, 0.25]])
    assert found[:, 0] == pytest.approx([84.643218, 30.324619], abs=2e-6)
    assert found[:, 2].tolist() == [1.0, 0.0]
    assert loss([5.0, 0.25]).shape == (3,)
    assert loss.of_columns([[5.0, 20.0], [0.25, 0.25]]).tolist() == found.T.tolist()


def test_a_function_is_nan_where_there_is_no_such_cell() -> None:
    mean = fi.function(fi.Cell(), inputs=["islands.width [um]"], output="overpotential_mean")
    found = mean([[5.0], [60.0], [-1.0], [np.nan]])
    assert np.isfinite(found).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("inputs", "output", "said"),
    [
        (["islands.wid"], "overpotential_mean", "islands.wid: is not a numeric key"),
        ([], "overpotential_mean", "inputs: names no key"),
        (["islands.width"], "overpotential", 'output = "overpotential": is not a reported number'),
        (["islands.width"], "overpotential_mean [m]", "has a unit that is not one of a potential"),
        (["islands.width"], "islands.overpotential_mean", "needs its number along island"),
        (["islands.width"], "islands.1.overpotential_mean", "there are 1 along island"),
    ],
)
def test_what_is_no_input_or_output_is_said(inputs: list[str], output: str, said: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.function(fi.Cell(), inputs=inputs, output=output)
    assert said in str(caught.value)


def test_the_command_keeps_what_is_finished_and_prints_objects(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text("")
    (tmp_path / "points.csv").write_text("islands.width [um],current_density\n5,2.5\n20,2.5\n")
    command = [sys.executable, "-m", "fem_island.cli", "evaluate", "case.toml"]
    command += ["--table", "points.csv", "--out", "found", "--quiet"]
    first, second = (
        subprocess.run(
            command + more, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout
        for more in (["--json"], [])
    )
    objects = [json.loads(line) for line in first.splitlines()]
    assert [one["point"] for one in objects] == [0, 1]
    assert objects[0]["inputs"] == {"islands.width": 5e-06, "operation.current_density": 2.5}
    assert objects[0]["overpotential_mean"] == pytest.approx(0.0846432177, abs=1e-9)
    assert "all were finished before" in second
    assert (tmp_path / "found" / "results.nc").exists()


def test_cells_of_all_widths_and_heights_are_what_solve_says() -> None:
    random = np.random.default_rng(9)
    count = 40
    width, height = random.uniform(4e-5, 2e-4, count), random.uniform(5e-6, 6e-5, count)
    table = {
        "electrolyte.width": width,
        "electrolyte.height": height,
        "islands.width": width * random.uniform(0.05, 0.8, count),
        "current_density": random.uniform(0.5, 20.0, count),
    }
    found = fi.evaluate(fi.Cell(), table)
    assert (found.plan.stacks.families >= 0).mean() > 0.8
    for point in range(0, count, 5):
        case, row = found.plan.case_at(point), found.result(point)
        result = fi.solve(
            case, current_density=case.operation.current_density, solver="condensed"
        ).result
        assert row.status == result.status == "converged"
        assert row.error_estimate is not None
        assert result.error_estimate is not None
        for name in ("overpotential_mean", "potential_top_mean", "constriction_resistance"):
            allowed = getattr(row.error_estimate, name) + getattr(result.error_estimate, name)
            assert abs(getattr(row, name) - getattr(result, name)) <= allowed


@pytest.mark.parametrize("reaction", ["none", "release", "reversible"])
@pytest.mark.parametrize("material", ["Ag", "Au", None])
def test_films_of_different_potentials_are_solved_together(
    reaction: Literal["none", "release", "reversible"], material: str | None
) -> None:
    random, count = np.random.default_rng(4), 24
    # What changes nothing at the first point changes much at the others.
    temperature = np.append(298.15, random.uniform(270.0, 340.0, count - 1))
    columns = {
        "islands.width": random.uniform(4e-6, 8e-6, count),
        "current_density": random.uniform(1.0, 8.0, count),
        "operation.temperature": temperature,
        "interlayer.potential_temperature_coefficient": np.append(
            0.0, random.uniform(-3e-4, 3e-4, count - 1)
        ),
    }
    if material != "Au":  # which has two plateaus of its own
        columns["interlayer.equilibrium_potential"] = random.uniform(0.02, 0.1, count)
    own = None if material else "0.05 V"
    film = fi.interlayer(material, reaction=reaction, equilibrium_potential=own)
    found = fi.evaluate(fi.Cell(interlayer=film), columns)
    assert (found.plan.stacks.families == 0).all()
    for point in range(0, count, 6):
        case = found.plan.case_at(point)
        alone = fi.solve(case, solver="condensed").result
        stacked = found.result(point)
        assert alone.error_estimate is not None
        assert stacked.error_estimate is not None
        assert stacked.delithiates == alone.delithiates
        for name in ("overpotential_mean", "exposed_drive_max", "potential_top_mean"):
            allowed = getattr(alone.error_estimate, name) + getattr(stacked.error_estimate, name)
            assert abs(getattr(stacked, name) - getattr(alone, name)) <= allowed
        assert stacked.interlayer is not None
        assert alone.interlayer is not None
        for name in ("current_fraction", "time_until_empty_mean", "time_until_next_plateau"):
            ours, theirs = (getattr(one.interlayer, name) for one in (stacked, alone))
            assert (ours is None) == (theirs is None)
            assert ours is None or ours == pytest.approx(theirs, rel=1e-4, abs=1e-5)
