"""Records at a prompt, in a notebook and in files, and others that are made of them."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from typing import Any

import pytest
from random_cases import random_cases

import fem_island as fi
from fem_island.case.file import as_case
from fem_island.case.origin import origin_of
from fem_island.case.paper import IMPLIED

POROUS = fi.Case(
    cell=fi.Cell(
        electrolyte=fi.Electrolyte(width="80 um", material="Li7La3Zr2O12"),
        kinetics=fi.Tafel(exchange_current_density="1.25 mA/cm^2"),
        islands=[
            fi.Island("3 um", center="10 um", kinetics={"law": "linear"}),
            fi.Island("8 um", center="35 um", thickness="1 um", shape="parabola"),
            fi.Island("4 um", center="60 um", kinetics=fi.ButlerVolmer()),
        ],
        interlayer=fi.interlayer(
            "Au",
            reaction="release",
            extent=[("0 um", "30 um"), (1e-4 / 3, "80 um")],
            double_layer={"capacitance": "3 uF/cm^2"},
        ),
        collector={"double_layer": {}, "gap": "50 nm"},
        series={"pellet": "0.75 mm", "counter": {"exchange_current_density": "51.4 mA/cm^2"}},
    ),
    operation=fi.Operation(current_density=1 / 3, temperature="60 degC"),
    accuracy={"tolerance": "0.1 uV", "degree": 3},
    output={"probes": [("25 um", "7.5 um")]},
    impedance={"frequencies": ["1 Hz", "3 kHz"]},
    stripping={"times": ["100 s", "1 h"]},
    protocol=[{"current_density": "-0.25 mA/cm^2", "duration": "4 h"}],
)


def evaluated(text: str) -> Any:
    """What a text makes at a prompt after ``from fem_island import *``."""
    from fem_island.case.collector import Collector
    from fem_island.case.double_layer import DoubleLayer
    from fem_island.case.impedance import Impedance

    names = {name: getattr(fi, name) for name in fi.__all__}
    others = {one.__name__: one for one in (Collector, DoubleLayer, Impedance)}
    return eval(text, names | others)


def test_short_at_a_prompt() -> None:
    assert repr(fi.Cell()) == str(fi.Cell()) == "Cell()"
    cell = fi.Cell(islands=["3 um", fi.Island("5 um", center="40 um")], interlayer="Ag")
    shown = "Cell(islands=[Island('3 um'), Island('5 um', center='40 um')], "
    assert repr(cell) == shown + "interlayer=Interlayer('Ag'))"
    assert repr(fi.Case().with_({"operation.temperature": "25 degC"})) == "Case()"
    assert repr(fi.Kinetics("tafel", exchange_current_density=1.0)) == (
        "Tafel(exchange_current_density='0.1 mA/cm^2')"
    )
    many = fi.Cell(islands=[fi.Island("1 um", center=f"{2 * n + 2} um") for n in range(20)])
    assert repr(many).endswith("Island('1 um', center='12 um'), ... 14 more])")


def test_what_is_shown_makes_it_again() -> None:
    assert evaluated(repr(POROUS)) == POROUS
    for case in random_cases(20, seed=19):
        assert evaluated(repr(case)) == case


def test_case_files_and_back() -> None:
    for case in (fi.Case(), POROUS, *random_cases(20, seed=20)):
        assert fi.Case.from_toml(case.to_toml()) == case
        twin = fi.Case.from_json(case.to_json())
        assert twin == case
        assert origin_of(twin.cell.kinetics.exchange_current_density) == origin_of(
            case.cell.kinetics.exchange_current_density
        )
    assert fi.Case().to_toml() == ""
    assert fi.Cell(interlayer="Ag").to_toml() == '[interlayer]\nmaterial = "Ag"\n'
    assert fi.Cell.from_toml('[interlayer]\nmaterial = "Ag"') == fi.Cell(interlayer="Ag")
    # What a number is from stays what it was: it is not written.
    again = fi.Case.from_toml(POROUS.to_toml())
    assert origin_of(again.cell.electrolyte.conductivity).startswith("of Li7La3Zr2O12 in")
    of_default = fi.Case.from_toml(fi.Case().to_toml()).cell.kinetics.exchange_current_density
    assert origin_of(of_default) == IMPLIED


def test_layers_and_bare_copper_in_files() -> None:
    layer = fi.Case(cell=fi.Cell(lithium=fi.Layer(profile=[(0, 4.6e-6), (5e-5, 5.1e-6)])))
    bare = fi.Case(cell=fi.Cell(islands=[], collector={"double_layer": {}}))
    assert bare.to_toml().startswith("islands = []\n\n[collector]\n")
    for case in (layer, bare):
        assert fi.Case.from_toml(case.to_toml()) == case == fi.Case.from_json(case.to_json())
        assert evaluated(repr(case.cell.lithium or bare.cell)) == (case.cell.lithium or bare.cell)


@pytest.mark.parametrize("name", ["case.toml", "case.json"])
def test_written_files(name: str, tmp_path: Path) -> None:
    for case in (fi.Case(), POROUS):
        case.write(tmp_path / name)
        assert fi.read_case(tmp_path / name) == case == as_case(str(tmp_path / name))
    changed = fi.read_case(tmp_path / name, ["operation.temperature=300 K"])
    assert changed == POROUS.with_({"operation.temperature": 300.0})


def test_functions_take_files(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text('[[islands]]\nwidth = "20 um"\n[sweep]\n"islands.width" = ["5 um", "20 um"]\n')
    assert fi.solve(file, solver="condensed").case == fi.Case(cell=fi.Cell(islands=["20 um"]))
    maps = fi.sweep(str(file))
    assert maps.overpotential_mean.values.round(4).tolist() == [0.0846, 0.0303]
    maps = fi.sweep(file, current_density=["0.5 mA/cm^2"])
    assert maps.current_density.values.tolist() == [5.0]
    assert "island_width" not in maps.coords
    films = fi.compare(file, "none, Ag")
    assert films.film.values.tolist() == ["none", "Ag"]
    assert fi.compare(fi.Cell(), "Ag").film.values.tolist() == ["Ag"]
    assert (
        fi.impedance(
            fi.Case(cell=fi.Cell(kinetics={"double_layer": {}})), frequencies=["1 Hz"]
        ).case.cell.kinetics.double_layer
        is not None
    )
    with pytest.raises(fi.InputError, match=r"^nowhere.toml: there is no such file$"):
        fi.solve("nowhere.toml")
    with pytest.raises(fi.InputError, match=r"give a Cell, a Case, or the name of a case file"):
        fi.solve(3)  # type: ignore[arg-type]


def test_the_cell_of_the_paper_needs_no_saying() -> None:
    assert fi.solve(solver="condensed").case == fi.Case()


def test_solving_keeps_what_a_case_says_for_other_ends() -> None:
    case = fi.Case(stripping={"duration": "1 h"}, impedance={"tolerance": 1e-4})
    assert fi.solve(case, current_density=5.0, solver="condensed").case == case.with_(
        {"operation.current_density": 5.0}
    )


def test_values_that_come_first() -> None:
    assert fi.Island("5 um", center="9 um") == fi.Island(width=5e-6, center=9e-6)
    assert (
        fi.Electrolyte("Li7La3Zr2O12").conductivity
        == fi.Electrolyte(material="Li7La3Zr2O12").conductivity
    )
    assert type(fi.Kinetics("linear")) is fi.LinearKinetics
    assert fi.Layer("4.85 um").thickness == 4.85e-6
    cell = fi.Cell(electrolyte="Li6PS5Cl", kinetics="tafel", islands=["3 um"], interlayer="Ag")
    assert cell == fi.Cell(
        electrolyte=fi.Electrolyte(material="Li6PS5Cl"),
        kinetics=fi.Tafel(),
        islands=[fi.Island(width=3e-6)],
        interlayer=fi.interlayer("Ag"),
    )
    assert fi.Cell(islands="3 um") == fi.Cell(islands=[3e-6])
    assert fi.Cell(lithium="4.85 um").lithium == fi.Layer(thickness=4.85e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: fi.Island("5 um", "9 um"),  # type: ignore[call-arg]
            'Island = "9 um": only width comes without its name; give the others by name, '
            "such as Island(center=...)",
        ),
        (
            lambda: fi.Cell("5 um"),  # type: ignore[call-arg]
            'Cell = "5 um": give the others by name, such as Cell(electrolyte=...)',
        ),
        (
            lambda: fi.Cell(interlayer="Pb"),
            'interlayer.material = "Pb": is not a known film material; known are ',
        ),
        (
            lambda: fi.Case.from_toml('interlayer = "Ag"'),
            'interlayer = "Ag": must be a table of keys and values, such as { material = "Ag" }',
        ),
        (
            lambda: fi.Case.from_toml('islands = ["5 um"]'),
            'islands.0 = "5 um": must be a table of keys and values, such as { width = "5 um" }',
        ),
        (lambda: fi.Case.from_json("{"), "is not valid JSON: "),
        (lambda: fi.Case.from_json("[]"), "holds no case: it is not a JSON object"),
        (
            lambda: fi.Cell().with_({"islands.0.width": "5 V"}),
            'islands.0.width = "5 V": has the unit "V", which is not that of a length',
        ),
        (
            lambda: fi.Cell().with_({"islands.3.width": "5 um"}),
            "islands.3.width: has no entry 3: there is 1 entry, counted from 0",
        ),
        (
            lambda: fi.Cell().with_({"electrolyte.width.x": 1}),
            'electrolyte.width.x: "x" is not in a table',
        ),
        (
            lambda: fi.Cell().with_(film="Ag"),
            'film = "Ag": is not a known key here; known are electrolyte, ',
        ),
    ],
)
def test_what_is_refused(make: Any, message: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_others_made_of_it() -> None:
    cell = fi.Cell(islands=["3 um", fi.Island("5 um", center="40 um")])
    assert cell.with_(interlayer="Ag") == fi.Cell(islands=cell.islands, interlayer="Ag")
    assert cell.with_({"islands.width": "4 um"}).islands == (
        fi.Island("4 um"),
        fi.Island("4 um", center="40 um"),
    )
    assert cell.with_({"islands.1.width": "4 um"}).islands[0] == cell.islands[0]
    filmed = cell.with_({"interlayer.material": "Au", "interlayer.thickness": "50 nm"})
    assert filmed.interlayer == fi.interlayer("Au", thickness="50 nm")
    assert filmed.with_({"interlayer.kinetics.law": "linear"}).interlayer == fi.interlayer(
        "Au", thickness="50 nm", kinetics={"law": "linear"}
    )
    assert filmed.with_(interlayer=None) == cell
    assert copy.replace(cell, interlayer="Ag") == cell.with_(interlayer="Ag")
    # The conductivity is that of the new material, unless it was given.
    own = fi.Electrolyte("Li6PS5Cl").with_(material="Li7La3Zr2O12")
    assert own.conductivity == fi.Electrolyte("Li7La3Zr2O12").conductivity
    given = fi.Electrolyte("Li6PS5Cl", conductivity="3 mS/cm").with_(material="Li7La3Zr2O12")
    assert given.conductivity == 0.3
    # Places that a layer covers follow it.
    layer = fi.Cell(lithium="4 um").with_({"electrolyte.width": "80 um"})
    assert layer == fi.Cell(lithium="4 um", electrolyte={"width": "80 um"})
    assert POROUS.with_({"islands.0.width": "4 um"}).cell.islands[0].kinetics is not None
    assert POROUS.with_({"kinetics.exchange_current_density": 2.0}).cell.kinetics == fi.Tafel(
        exchange_current_density=2.0
    )


def test_a_film_by_its_name_takes_all_keys() -> None:
    parameters = inspect.signature(fi.interlayer).parameters
    assert set(parameters) == set(fi.Interlayer.model_fields)
    for name, parameter in parameters.items():
        if name != "material":
            assert parameter.default == fi.Interlayer.model_fields[name].get_default()


def test_names_that_a_user_finds() -> None:
    assert {name for name in dir(fi.Cell()) if not name.startswith("_")} == {
        *fi.Cell.model_fields,
        *("with_", "to_toml", "to_json", "from_toml", "from_json"),
        *("island_ends", "island_kinetics", "laws"),
    }
    assert set(dir(fi)) == {*fi.__all__, "__version__"}
    assert {"read_case", "solve", "Island"} <= set(dir(fi))


def test_tables_for_notebooks() -> None:
    page = POROUS._repr_html_()
    assert page.count("<tr>") > 30
    assert ">electrolyte.width<" in page
    assert "<b>80 um</b>" in page
    assert ">15 um<" in page  # A default, which is not bold.
    assert "of Li7La3Zr2O12 in this package&#x27;s table of materials" in page
    solution = fi.solve(solver="condensed")
    page = solution._repr_html_()
    for text in (">overpotential_mean<", ">84.64322 mV<", ">1.780029 Ohm cm^2<", ">0.25 mA/cm^2<"):
        assert text in page
    assert repr(solution).startswith(
        "Solution(Cell(), 0.25 mA/cm^2, 298.15 K: converged, mean overpotential 84.6432 mV "
    )
    assert repr(solution.result).startswith("Result(converged, mean overpotential 84.6432 mV (est")


def test_pictures_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    picture = fi.solve(solver="condensed").plot_profile()
    data, size = picture._repr_png_()
    assert data.startswith(b"\x89PNG")
    assert size == {"width": 600, "height": 500}
    assert repr(picture).startswith("<picture of 6 x 5 inches: .show() opens a window")
    with pytest.raises(fi.InputError, match="no window can be opened here"):
        picture.show()


def test_what_is_computed_is_short_at_a_prompt() -> None:
    island = {"width": "10 um", "thickness": "1 um", "shape": "parabola"}
    layer = {"double_layer": {"capacitance": "10 uF/cm^2"}}
    run = fi.strip(fi.Cell(islands=[island]), tolerance="1 mV")
    spectrum = fi.impedance(fi.Cell(kinetics=layer), frequencies=["1 kHz", "10 Hz"])
    points = fi.evaluate(fi.Cell(), {"islands.width": ["5 um", "6 um"]})
    assert repr(run).startswith(f"StrippingRun({run.case.cell}, ended after 395.8")
    assert " s: cutoff voltage; converged, voltage curve within " in repr(run)
    assert ", 2 frequencies, 1000 to 10 Hz: R_tot " in repr(spectrum)
    assert repr(points) == "Evaluation(2 points of islands.width: all solved, solver condensed)"
    assert all(len(repr(each)) < 250 for each in (run, spectrum, points))
