"""A film of a metal of one's own is that of the package's table where the numbers are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

import fem_island as fi
from fem_island.case.schema import schema
from fem_island.materials import library as materials

FILE = """
[films.Bi]
source = "a notebook"
molar_mass = "208.98 g/mol"
density = { value = "9.78 g/cm^3", source = "a handbook" }
[[films.Bi.plateaus]]
potential = "40 mV"
lithium_per_metal = 2
[[films.Bi.plateaus]]
potential = { value = "0.11 V" }
lithium_per_metal = { value = "1" }

[films.Sb]
molar_mass = "121.76 g/mol"
plateaus = [{ potential = "0.2 um", lithium_per_metal = 3 }]
"""


def test_the_same_numbers_are_the_same_film() -> None:
    gold = materials.films()["Au"]
    metal = {
        "name": "mine",
        "molar_mass": gold.molar_mass.text,
        "density": gold.density.text,
        "plateaus": [(p.potential.text, p.lithium_per_metal.value) for p in gold.plateaus],
    }
    for given in ({}, {"capacity": "10 uAh/cm^2"}, {"equilibrium_potential": "0.1 V"}):
        known = fi.interlayer("Au", thickness="70 nm", **given)  # type: ignore[arg-type]
        own = fi.interlayer(metal=metal, thickness="70 nm", **given)  # type: ignore[arg-type]
        assert own.steps == known.steps


def test_the_packages_own_file_is_one_of_these() -> None:
    file = Path(materials.__file__).with_name("materials.toml")
    for symbol in materials.films():
        film = fi.interlayer(metal=f"{file}:{symbol}")
        assert film.steps == fi.interlayer(symbol).steps
        assert film.name == symbol


def test_from_a_file_beside_the_case_file(tmp_path: Path) -> None:
    (tmp_path / "films.toml").write_text(FILE)
    path = tmp_path / "case.toml"
    path.write_text('[interlayer]\nmetal = "films.toml:Bi"\nthickness = "50 nm"\n')
    case = fi.read_case(path)
    (tmp_path / "films.toml").unlink()
    film = case.cell.interlayer
    assert film is not None
    assert film.metal is not None
    assert (film.name, film.metal.source) == ("Bi", "a notebook")
    first = 96485.33212 * 2 * 9780 * 50e-9 / 0.20898
    assert [step.capacity for step in film.steps] == pytest.approx([first, first / 2], rel=1e-12)
    assert [step.potential for step in film.steps] == [0.04, 0.11]
    assert fi.Case.from_toml(case.to_toml()) == case == fi.Case.from_json(case.to_json())
    maps = fi.sweep(
        case.with_({"interlayer.reaction": "release"}),
        axes={"interlayer.thickness": ["50 nm", "100 nm"]},
    )
    times = maps.interlayer_time_until_next_plateau.to_numpy()
    assert times[1] == pytest.approx(2 * times[0], rel=1e-9)
    assert times[0] > 0


def test_the_schema_takes_what_is_read() -> None:
    inline = {"name": "X", "molar_mass": "20 g/mol", "density": "3 g/cm^3"}
    inline["plateaus"] = [["50 mV", 1]]  # type: ignore[assignment]
    validator = jsonschema.Draft202012Validator(schema())
    for metal in ("films.toml:Bi", inline):
        assert not list(validator.iter_errors({"interlayer": {"metal": metal}}))
    for profile in ("layer.csv", [["0 um", "4 um"]]):
        assert not list(validator.iter_errors({"lithium": {"profile": profile}}))
    assert list(validator.iter_errors({"interlayer": {"metal": {**inline, "density": "dense"}}}))
    assert list(validator.iter_errors({"interlayer": {"metal": 3}}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"metal": "films.toml:Pb"},
            'metal = "films.toml:Pb": films.toml has no metal "Pb"; it has',
        ),
        ({"metal": "none.toml:Bi"}, 'metal = "none.toml:Bi": none.toml cannot be read: No such'),
        (
            {"metal": "films.toml"},
            'metal = "films.toml": must name a file and a metal in it, such as',
        ),
        ({"metal": "bad.toml:Bi"}, 'metal = "bad.toml:Bi": bad.toml is not valid TOML: '),
        ({"metal": "films.toml:Sb"}, "metal.density: is missing"),
        (
            {"metal": "films.toml:Bi", "material": "Ag"},
            'metal = "Bi": is given along with material',
        ),
        (
            {"metal": "films.toml:Bi", "plateaus": [(0.1, 1.0)]},
            'metal = "Bi": is given along with plateaus; give one of them',
        ),
    ],
)
def test_what_is_refused(
    given: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "films.toml").write_text(FILE)
    (tmp_path / "bad.toml").write_text("films = [")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(fi.InputError) as caught:
        fi.Interlayer(**given)
    assert str(caught.value).startswith(message)
