"""What the page sends and is sent: changes, copies, numbers, maps, the closed form."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import fem_island as fi
from fem_island.case.file import case_from_table
from fem_island.page.answering import Answerer
from fem_island.page.bases import PAPER, Base
from fem_island.page.closed_form import check_applies, checked, closed_form
from fem_island.page.frames import unpacked
from fem_island.page.texts import case_file, script
from fem_island.results.profile import along

AWKWARD = fi.Case(
    cell=fi.Cell(
        electrolyte=fi.Electrolyte(conductivity=0.05),
        kinetics=fi.Tafel(anodic_transfer_coefficient=0.4),
        islands=[
            fi.Island(width=1e-6, center=1e-5, shape="parabola", thickness="1 um"),
            fi.Island(center=4e-5, kinetics={"exchange_current_density": 7}),
        ],
        interlayer=fi.Interlayer(material="Ag", reaction="release", extent=[[0, 5e-6]]),
        series=fi.Series(pellet="0.75 mm"),
    ),
    operation=fi.Operation(temperature="60 degC", current_density=-1.0),
    output=fi.Output(probes=[[1e-5, 2e-6]]),
    stripping=fi.Stripping(times=["1 s", "2 s"], duration="1 h"),
)
LAYER = fi.Case(cell=fi.Cell(lithium=fi.Layer(profile=[["0 um", "4 um"], ["50 um", "5 um"]])))
MANY = fi.Cell(islands=[fi.Island("1 um", center=f"{3 * n + 2} um") for n in range(12)])
CASES = pytest.mark.parametrize(
    "case", [fi.Case(), AWKWARD, LAYER, fi.Case(cell=MANY)], ids=["paper", "odd", "layer", "many"]
)


def ask(answerer: Answerer, **message: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return unpacked(answerer.answer(message))


def changed(**changes: str) -> dict[str, str]:
    return {key.replace("__", "."): value for key, value in changes.items()}


@CASES
def test_a_case_as_a_file_and_back(case: fi.Case) -> None:
    assert case_from_table(Base.of(case, "").table) == case
    assert fi.Case.from_toml(case_file(case)) == case


@CASES
def test_a_case_as_a_script(case: fi.Case) -> None:
    text = script(case).partition("solution =")[0]
    names: dict[str, Any] = {}
    exec(text, names)
    assert names["case"] == case
    assert ("from_toml" in text) == (case.cell == MANY)


def test_every_change_is_made_to_the_case_that_is_solved() -> None:
    """The film first, and what belongs to it after it."""
    changes = {
        "islands.width": "7 um",
        "operation.current_density": "-0.3 mA/cm^2",
        "operation.temperature": "40 degC",
        "kinetics.exchange_current_density": "2 mA/cm^2",
        "electrolyte.conductivity": "0.1 mS/cm",
        "electrolyte.width": "60 um",
        "electrolyte.height": "20 um",
        "interlayer.thickness": "50 nm",
        "interlayer.state_of_charge": "0.5",
        "interlayer.exchange_current_density": "1 mA/cm^2",
        "interlayer.reaction": "reversible",
        "film": "Au",
    }
    header, _ = ask(Answerer(None), kind="point", id=1, base=PAPER, changes=changes)
    case = fi.Case(
        cell=fi.Cell(
            electrolyte=fi.Electrolyte(conductivity="0.1 mS/cm", width="60 um", height="20 um"),
            kinetics=fi.ButlerVolmer(exchange_current_density="2 mA/cm^2"),
            islands=[fi.Island(width="7 um")],
            interlayer=fi.Interlayer(
                material="Au",
                reaction="reversible",
                thickness="50 nm",
                state_of_charge=0.5,
                exchange_current_density="1 mA/cm^2",
            ),
        ),
        operation=fi.Operation(current_density="-0.3 mA/cm^2", temperature="40 degC"),
    )
    result = fi.solve(case, solver="condensed").result
    assert header["status"] == "ok"
    known = {number["name"]: number for number in header["numbers"]}
    assert known["overpotential_mean"]["si"] == result.overpotential_mean
    assert known["overpotential_mean"]["value"] == pytest.approx(1e3 * result.overpotential_mean)
    assert result.error_estimate is not None
    estimate = 1e3 * result.error_estimate.overpotential_mean
    assert known["overpotential_mean"]["error"] == pytest.approx(estimate)
    assert result.interlayer is not None
    share = known["interlayer_current_fraction"]
    assert (share["unit"], share["si"]) == ("%", result.interlayer.current_fraction)
    names = {"overpotential_min", "exposed_drive_max", "potential_top_mean", "current_evenness"}
    assert names <= known.keys()
    # Without a number there is no row.
    assert all(number["value"] is not None for number in header["numbers"])
    assert header["case"]["film_reacts"]


def test_the_voltage_is_the_sum_of_its_parts() -> None:
    changes = changed(electrolyte__conductivity="0.01 mS/cm", islands__width="5 um")
    header, _ = ask(Answerer(None), kind="point", id=1, base=PAPER, changes=changes)
    cell = fi.Cell(electrolyte=fi.Electrolyte(conductivity="0.01 mS/cm"))
    result = fi.solve(cell, solver="condensed").result
    parts = {part["name"]: part for part in header["split"]}
    total = sum(part["si"] for part in parts.values())
    assert total == pytest.approx(-result.potential_top_mean, abs=1e-15)
    assert parts["straight"]["si"] == pytest.approx(2.5 * 15e-6 / 1e-3)
    assert result.constriction_resistance is not None
    constriction = 2.5 * result.constriction_resistance
    assert parts["constriction"]["si"] == pytest.approx(constriction, rel=1e-9)


def test_the_pictures_are_those_of_the_solution() -> None:
    changes = changed(electrolyte__conductivity="0.01 mS/cm")
    _, arrays = ask(Answerer(None), kind="point", id=1, base=PAPER, changes=changes)
    cell = fi.Cell(electrolyte=fi.Electrolyte(conductivity="0.01 mS/cm"))
    solution = fi.solve(cell, solver="condensed")
    x, y = arrays["field_x"], arrays["field_y"]
    shape = len(y), len(x)
    potential = arrays["field_potential"].reshape(shape)
    points = 1e-6 * np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    assert potential == pytest.approx(1e3 * solution.potential(points).reshape(shape), rel=1e-6)
    _, positions, drives, currents = zip(*along(solution.bottom_state), strict=True)
    there = np.isfinite(arrays["profile_x"])
    assert arrays["profile_x"][there] == pytest.approx(1e6 * np.concatenate(positions))
    assert arrays["profile_drive"][there] == pytest.approx(1e3 * np.concatenate(drives), rel=1e-6)
    current = arrays["profile_current"][there]
    assert current == pytest.approx(0.1 * np.concatenate(currents), rel=1e-6)
    # The stream function: all of I W goes up, at the bottom on the island alone, and half of it
    # on either side of the middle.
    stream = arrays["field_stream"].reshape(shape)
    assert stream[:, 0] == pytest.approx(0.0, abs=1e-12)
    assert stream[:, -1] == pytest.approx(2.5 * 50e-6, rel=1e-6)
    middle = [np.interp(25.0, x, row) for row in stream]
    assert middle == pytest.approx(np.full(len(y), 0.5 * 2.5 * 50e-6), rel=1e-3)
    assert np.ptp(stream[0, x < 22]) < 0.02 * stream[0, -1]
    assert stream[-1] == pytest.approx(2.5e-6 * x, rel=1e-3, abs=1e-8)


def test_the_map_is_that_of_figure_6() -> None:
    header, arrays = ask(Answerer(None), kind="map", id="m", base=PAPER, changes={}, options={})
    assert (header["points"], header["failed"], header["unmet"]) == (2500, 0, 0)
    widths, currents = arrays["widths"], arrays["currents"]
    assert widths == pytest.approx(np.linspace(1, 50, 50))
    assert currents[[0, -1]] == pytest.approx([0.05, 5])
    grid = arrays["overpotential_mean"].reshape(50, 50)
    at = fi.Cell(islands=[fi.Island(width=1e-6 * widths[6])])
    result = fi.solve(at, current_density=10 * currents[20], solver="condensed").result
    assert grid[20, 6] == pytest.approx(1e3 * result.overpotential_mean, rel=1e-6)
    assert 0 < header["error"] < 1e-3


def test_a_map_with_a_film_that_acts_and_one_when_plating() -> None:
    changes = {"film": "Ag", "electrolyte.width": "20 um"}
    options = {"film": True, "island": 0, "decades": [0, 0]}
    header, arrays = ask(
        Answerer(None), kind="map", id="m", base=PAPER, changes=changes, options=options
    )
    assert header["film"]
    assert arrays["widths"][-1] == pytest.approx(20)
    share = arrays["film_share"].reshape(len(arrays["currents"]), -1)
    assert share[0, -2] == 0
    assert share[-1, 0] > 60
    plating = {"operation.current_density": "-1 mA/cm^2"}
    options = {"decades": [1, 0]}
    header, arrays = ask(
        Answerer(None), kind="map", id="m", base=PAPER, changes=plating, options=options
    )
    assert header["sign"] == -1
    assert arrays["currents"][[0, -1]] == pytest.approx([-0.005, -5])
    assert (arrays["overpotential_mean"] < 0).all()


def test_an_island_beside_others_grows_until_it_touches_one() -> None:
    islands = [{"width": "4 um", "center": "10 um"}, {"width": "10 um", "center": "40 um"}]
    answerer = Answerer(Base("two", {"islands": islands}))
    options = {"island": 1}
    header, arrays = ask(answerer, kind="map", id="m", base="case", changes={}, options=options)
    assert header["island"] == 1
    assert arrays["widths"][-1] == pytest.approx(20)  # until the wall


def test_curves() -> None:
    answerer = Answerer(None)
    changes = {"islands.thickness": "2 um", "islands.shape": "parabola"}
    header, arrays = ask(answerer, kind="strip", id=1, base=PAPER, changes=changes)
    cell = fi.Cell(islands=[fi.Island(width="5 um", thickness="2 um", shape="parabola")])
    run = fi.strip(cell)
    assert header["end"] == run.end
    assert 3600 * arrays["time"][-1] == pytest.approx(run.times[-1], rel=1e-6)
    assert arrays["voltage"] == pytest.approx(1e3 * run.voltage, rel=1e-6)
    changes = {"kinetics.double_layer.capacitance": "10 uF/cm^2"}
    header, arrays = ask(answerer, kind="spectrum", id=1, base=PAPER, changes=changes)
    spectrum = fi.impedance(fi.Cell(kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}}))
    assert arrays["real"] == pytest.approx(1e4 * spectrum.impedance.real, rel=1e-6)
    assert header["apexes"][0]["frequency"] == pytest.approx(spectrum.features.apexes[0].frequency)
    refused, _ = ask(answerer, kind="strip", id=1, base=PAPER, changes={})
    assert refused["status"] == "refused"
    assert "thickness" in refused["faults"][0]["line"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"kind": "shell"}, "kind"),
        ({"kind": "point", "base": "case", "changes": {}}, "base"),
        ({"kind": "point", "base": ["paper"], "changes": {}}, "base"),
        ({"kind": "point", "base": PAPER, "changes": []}, "changes"),
        ({"kind": "point", "base": PAPER, "changes": {"islands.width": 5e-6}}, "islands.width"),
        ({"kind": "point", "base": PAPER, "changes": {"islands.width": "5"}}, "no unit"),
        ({"kind": "point", "base": PAPER, "changes": {"islands.width": "60 um"}}, "islands.0"),
        ({"kind": "point", "base": PAPER, "changes": {"islands.width": "5 um" * 99}}, "islands"),
        ({"kind": "point", "base": PAPER, "changes": {"film": "Xx"}}, "film"),
        ({"kind": "point", "base": PAPER, "changes": {"film": "case"}}, "film"),
        (
            {"kind": "point", "base": PAPER, "changes": {"lithium.profile": "/etc/passwd"}},
            "lithium",
        ),
        ({"kind": "point", "base": PAPER, "changes": {"accuracy.tolerance": "1 nV"}}, "accuracy"),
        ({"kind": "map", "base": PAPER, "changes": {}, "options": {"island": 1}}, "island"),
        ({"kind": "map", "base": PAPER, "changes": {}, "options": {"decades": [0, 99]}}, "decades"),
        ({"kind": "map", "base": PAPER, "changes": {}, "options": {"film": "yes"}}, "film"),
        ({"kind": "map", "base": PAPER, "changes": {}, "options": [1]}, "options"),
    ],
)
def test_what_is_refused(message: dict[str, Any], said: str) -> None:
    header, arrays = ask(Answerer(None), id=7, **message)
    assert (header["status"], header["id"], arrays) == ("refused", 7, {})
    assert said in header["faults"][0]["line"]
    assert all(len(fault["line"]) < 400 for fault in header["faults"])


def test_what_a_page_needs_first() -> None:
    header, _ = ask(Answerer(Base("my.toml", {"interlayer": {"material": "Au"}})), kind="welcome")
    assert list(header["bases"]) == ["paper", "case"]
    controls = {one["key"]: one for one in header["bases"]["case"]["controls"]}
    assert controls["film"]["value"] == "case"
    assert controls["operation.temperature"]["value"] == 25
    assert controls["interlayer.thickness"]["value"] == 100
    names = [preset["name"] for preset in header["presets"]]
    assert names[0] == "my.toml"
    assert "1 Ohm cm^2" in names
    resistance = header["presets"][names.index("1 Ohm cm^2")]
    i0 = float(resistance["changes"]["kinetics.exchange_current_density"].split()[0])
    assert i0 == pytest.approx(25.6926)
    json.dumps(header, allow_nan=False)


def test_the_closed_form_is_off_by_what_is_said() -> None:
    """At random points, i0 and conductivities between those that were checked."""
    found = checked(fi.Case())
    assert found["own"] == pytest.approx(6.3e-6, abs=0.1e-6)
    factors = np.array(found["factors"])
    random = np.random.default_rng(20)
    held = 0
    while held < 12:
        of_i0, of_kappa = 10 ** random.uniform(-1.5, 1.5, 2)
        rows = np.searchsorted(factors, of_i0) - np.array([1, 0])
        columns = np.searchsorted(factors, of_kappa) - np.array([1, 0])
        bounds = [found["beside"][row][column] for row in rows for column in columns]
        if None in bounds or max(bounds) > 1e-5:
            continue
        width, current = random.uniform(1e-6, 50e-6), 0.5 * 100 ** random.uniform()
        case = fi.Case(
            cell=fi.Cell(
                electrolyte=fi.Electrolyte(conductivity=0.18 * of_kappa),
                kinetics=fi.ButlerVolmer(exchange_current_density=5.0 * of_i0),
                islands=[fi.Island(width=width)],
            ),
            operation=fi.Operation(current_density=current),
        )
        result = fi.solve(case, solver="condensed").result
        formula = closed_form(case, np.array([width]), np.array([current]))[0, 0]
        assert abs(formula - result.overpotential_mean) <= max(bounds)
        held += 1
    # Ten times less conductive than the paper's electrolyte there is no number.
    one, tenth = list(factors).index(1.0), int(np.argmin(abs(factors - 0.1)))
    low = found["beside"][one][tenth]
    assert low is None or low > 1e-5


@pytest.mark.parametrize(
    "cell",
    [
        fi.Cell(kinetics=fi.LinearKinetics()),
        fi.Cell(kinetics=fi.ButlerVolmer(anodic_transfer_coefficient=0.4)),
        fi.Cell(islands=[fi.Island(width=1e-6, center=1e-5), fi.Island(center=4e-5)]),
        fi.Cell(islands=[fi.Island(center="0 um")]),
        LAYER.cell,
    ],
    ids=["linear", "unequal", "two", "at the wall", "layer"],
)
def test_there_is_not_always_a_closed_form(cell: fi.Cell) -> None:
    with pytest.raises(fi.InputError, match="must be"):
        check_applies(fi.Case(cell=cell))
