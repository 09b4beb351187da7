"""The data of films and electrolytes: complete, with sources, and giving the known capacities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pytest

from fem_island import materials
from fem_island.materials import Datum, ElectrolyteMaterial, FilmMaterial

FARADAY, GAS = 96485.33212, 8.314462618

# Molar mass [g/mol], density [g/cm^3], Li per metal as the name of the phase says.
HANDBOOK = {
    "Ag": (107.87, 10.5, 1.0, "LiAg"),
    "Au": (196.97, 19.3, 3.0, "Li3Au"),
    "Mg": (24.305, 1.738, 3.0, "Li3Mg"),
    "Sn": (118.71, 7.27, 22 / 5, "Li22Sn5"),
    "Zn": (65.38, 7.14, 1.0, "LiZn"),
    "In": (114.82, 7.31, 1.0, "LiIn"),
    "Al": (26.982, 2.70, 1.0, "LiAl"),
    "Si": (28.085, 2.33, 15 / 4, "Li15Si4"),
    "Cd": (112.41, 8.65, 3.0, "Li3Cd"),
}


def data() -> Iterator[tuple[str, Datum]]:
    entries: list[FilmMaterial | ElectrolyteMaterial] = [
        *materials.films().values(),
        *materials.electrolytes().values(),
    ]
    for entry in entries:
        for field in fields(entry):
            value = getattr(entry, field.name)
            if isinstance(value, Datum):
                yield f"{entry.name} {field.name}", value


DATA = dict(data())


def capacity(film: FilmMaterial, thickness: float) -> float:
    """Lithium in a full film of a thickness as deposited [m], in uAh/cm^2."""
    metal = film.density.value * thickness / film.molar_mass.value  # mol/m^2
    charge = film.lithium_per_metal.value * FARADAY * metal  # C/m^2
    return charge / 3600 * 1e6 / 1e4


def test_all_that_the_package_promises_is_there() -> None:
    assert list(materials.films()) == list(HANDBOOK)
    assert list(materials.electrolytes()) == ["Li6PS5Cl", "Li7La3Zr2O12"]
    assert len(DATA) == 9 * 4 + 2 * 2


@pytest.mark.parametrize(("symbol", "expected"), [("Ag", "26.1"), ("Au", "78.8")])
def test_capacity_of_100_nm(symbol: str, expected: str) -> None:
    assert f"{capacity(materials.films()[symbol], 100e-9):.1f}" == expected


@pytest.mark.parametrize("symbol", HANDBOOK)
def test_numbers_of_the_metals(symbol: str) -> None:
    film = materials.films()[symbol]
    molar_mass, density, lithium_per_metal, phase = HANDBOOK[symbol]
    assert film.symbol == symbol
    assert film.molar_mass.value == pytest.approx(molar_mass * 1e-3, rel=1e-4, abs=0)
    assert film.density.value == pytest.approx(density * 1e3, rel=6e-3, abs=0)
    assert film.lithium_per_metal.value == pytest.approx(lithium_per_metal, rel=1e-12, abs=0)
    assert film.lithiated_phase == phase
    assert 0 < film.delithiation_potential.value < 1


def test_potentials_of_the_paper() -> None:
    assert materials.films()["Ag"].delithiation_potential.value == 0.05
    assert materials.films()["Au"].delithiation_potential.value == 0.07


def test_aluminium_follows_from_the_line_that_its_source_gives() -> None:
    assert materials.films()["Al"].delithiation_potential.value == pytest.approx(
        0.451 - 0.220e-3 * 298.15, abs=0.01
    )


def test_numbers_of_the_electrolytes() -> None:
    argyrodite = materials.electrolytes()["Li6PS5Cl"]
    assert argyrodite.conductivity.value == 0.18
    assert argyrodite.interface_resistance.value == 1e-4
    garnet = materials.electrolytes()["Li7La3Zr2O12"]
    assert garnet.conductivity.value == 0.03
    assert garnet.interface_resistance.value == 2e-4
    # What the note on Li6PS5Cl says: i0 = R T / (F r), in mA/cm^2.
    i0 = GAS * 298.15 / FARADAY / argyrodite.interface_resistance.value / 10
    assert f"{i0:.0f} mA/cm^2" == "26 mA/cm^2"
    assert "26 mA/cm^2 at 1 ohm cm^2" in argyrodite.interface_resistance.note


@pytest.mark.parametrize("name", DATA)
def test_every_number_has_its_source(name: str) -> None:
    datum = DATA[name]
    assert len(datum.source) > 20
    assert datum.confidence in {"high", "medium", "low"}
    assert "\n" not in datum.source + datum.note
    assert "  " not in datum.source + datum.note
    assert datum.source == datum.source.strip()
    if datum.confidence != "high":
        assert len(datum.note) > 20, "what is uncertain must say why"


@pytest.mark.parametrize("name", DATA)
def test_the_text_is_the_value(name: str) -> None:
    datum = DATA[name]
    number, _, unit = datum.text.partition(" ")
    factor = {
        "": 1.0,
        "V": 1.0,
        "g/mol": 1e-3,
        "g/cm^3": 1e3,
        "mS/cm": 0.1,
        "ohm cm^2": 1e-4,
    }[unit]
    assert datum.value == pytest.approx(float(number) * factor, rel=1e-14, abs=0)
