"""The data of films and electrolytes: complete, with sources, and giving the known capacities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from fem_island.materials import library as materials
from fem_island.materials import tables as material_tables
from fem_island.materials.library import (
    Datum,
    ElectrolyteMaterial,
    FilmMaterial,
    LithiumMetal,
    Plateau,
)

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


# Potentials [V] and lithium per metal of the plateaus.
PLATEAUS = {
    "Ag": ([0.05], [1]),
    "Au": ([0.07, 0.16], [0.75, 2.25]),
    "Mg": ([0.01, 0.05, 0.11], [2, 0.6, 0.4]),
    "Sn": (
        [0.38, 0.42, 0.485, 0.53, 0.66, 0.76],
        [22 / 5 - 7 / 2, 7 / 2 - 13 / 5, 13 / 5 - 7 / 3, 7 / 3 - 5 / 7, 5 / 7 - 2 / 5, 2 / 5],
    ),
    "Zn": ([0.157, 0.219, 0.256], [1 - 2 / 3, 2 / 3 - 1 / 2, 1 / 2]),
    "In": ([0.62], [1]),
    "Al": ([0.38], [1]),
    "Si": ([0.2, 0.5], [15 / 8, 15 / 8]),
    "Cd": ([0.055, 0.352, 0.68], [3 - 1, 1 - 1 / 3, 1 / 3]),
}


def data() -> Iterator[tuple[str, Datum]]:
    entries: dict[str, FilmMaterial | ElectrolyteMaterial | LithiumMetal | Plateau] = {
        **materials.films(),
        **materials.electrolytes(),
        "lithium": materials.lithium(),
    }
    for film in materials.films().values():
        for number, plateau in enumerate(film.plateaus):
            entries[f"{film.symbol} {number}"] = plateau
    for name, entry in entries.items():
        for field in fields(entry):
            value = getattr(entry, field.name)
            if isinstance(value, Datum):
                yield f"{name} {field.name}", value


DATA = dict(data())


def test_all_that_the_package_promises_is_there() -> None:
    assert list(materials.films()) == list(HANDBOOK)
    assert list(materials.electrolytes()) == ["Li6PS5Cl", "Li7La3Zr2O12"]
    plateaus = sum(len(potentials) for potentials, _ in PLATEAUS.values())
    assert len(DATA) == 9 * 2 + plateaus * 2 + 2 * 2 + 3


@pytest.mark.parametrize(("symbol", "expected"), [("Ag", "26.1"), ("Au", "78.8")])
def test_capacity_of_100_nm(symbol: str, expected: str) -> None:
    charge = materials.films()[symbol].capacity(100e-9)
    assert f"{charge / 3600 * 1e6 / 1e4:.1f}" == expected


@pytest.mark.parametrize("symbol", HANDBOOK)
def test_capacity_is_the_charge_of_the_lithium_in_the_full_film(symbol: str) -> None:
    molar_mass, density, lithium_per_metal, _ = HANDBOOK[symbol]
    film = materials.films()[symbol]
    charge = FARADAY * lithium_per_metal * density * 1e3 * 250e-9 / (molar_mass * 1e-3)
    assert film.capacity(250e-9) == pytest.approx(charge, rel=6e-3, abs=0)
    steps = film.plateau_capacities(250e-9)
    assert sum(steps) == pytest.approx(film.capacity(250e-9), rel=1e-14, abs=0)
    for plateau, step in zip(film.plateaus, steps, strict=True):
        share = plateau.lithium_per_metal.value / lithium_per_metal
        assert step == pytest.approx(share * film.capacity(250e-9), rel=1e-12, abs=0)


def test_one_mah_of_lithium() -> None:
    assert f"{materials.lithium_thickness(36e3) * 1e6:.2f} um" == "4.85 um"
    assert "1 mAh/cm^2 is 4.85 um" in materials.lithium().density.note
    volume = 6.94e-3 / 534 / FARADAY  # m^3/C
    assert materials.lithium_thickness(7.0) == pytest.approx(7 * volume, rel=1e-14, abs=0)


@pytest.mark.parametrize("symbol", HANDBOOK)
def test_plateaus(symbol: str) -> None:
    plateaus = materials.films()[symbol].plateaus
    potentials = [plateau.potential.value for plateau in plateaus]
    shares = [plateau.lithium_per_metal.value for plateau in plateaus]
    expected_potentials, expected_shares = PLATEAUS[symbol]
    assert potentials == expected_potentials == sorted(set(potentials))
    assert shares == pytest.approx(expected_shares, abs=5e-4)
    assert min(shares) > 0
    assert materials.films()[symbol].delithiation_potential is plateaus[0].potential
    assert len({plateau.gives for plateau in plateaus}) == len(plateaus)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ((1, 0), "the potentials of the plateaus of Au do not rise"),
        ((0, 0), "the potentials of the plateaus of Au do not rise"),
        ((), "Au has no plateaus"),
    ],
)
def test_plateaus_must_rise(order: tuple[int, ...], message: str) -> None:
    gold = materials.films()["Au"]
    with pytest.raises(ValueError, match=message):
        replace(gold, plateaus=tuple(gold.plateaus[number] for number in order))


@pytest.mark.parametrize("symbol", HANDBOOK)
def test_numbers_of_the_metals(symbol: str) -> None:
    film = materials.films()[symbol]
    molar_mass, density, lithium_per_metal, phase = HANDBOOK[symbol]
    assert film.symbol == symbol
    assert film.molar_mass.value == pytest.approx(molar_mass * 1e-3, rel=1e-4, abs=0)
    assert film.density.value == pytest.approx(density * 1e3, rel=6e-3, abs=0)
    assert film.lithium_per_metal == pytest.approx(lithium_per_metal, rel=1e-12, abs=0)
    assert film.lithiated_phase == phase


def test_potentials_of_the_paper() -> None:
    assert materials.films()["Ag"].delithiation_potential.value == 0.05
    gold = materials.films()["Au"]
    assert gold.delithiation_potential.value == 0.07
    for step, potential in zip(gold.plateaus, (0.07, 0.16), strict=True):
        assert step.potential.value == potential
        assert step.potential.source.startswith("Sandoval et al.")
        # The paper does not say how the lithium divides between them.
        assert step.lithium_per_metal.confidence == "low"


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


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    material_tables.show()
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 120
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in (
        "Ag silver LiAg LiAg -> Ag 0.05 V (medium) 1 (medium) 26.1 26.1",
        "Au gold Li3Au first step, Li15Au4 -> Li3Au? 0.07 V (medium) 0.75 (low) 19.7 78.8",
        "second step, Li3Au -> poorer 0.16 V (medium) 2.25 (low) 59.1",
        "LiCd3 -> Cd 0.68 V (medium) 0.333 (medium) 6.9",
        "gold 196.966570 g/mol 19.3 g/cm^3",
        "lithium 6.94 g/mol 0.534 g/cm^3",
        "1 mAh/cm^2 of lithium is 4.85 um.",
    ):
        assert lines.count(line) == 1, line
    plain = " ".join(lines)
    for name, datum in DATA.items():
        if name != "lithium equilibrium_potential":
            assert f"{datum.source}. {datum.note}".strip() in plain, name
