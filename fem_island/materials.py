"""Film metals and electrolytes, read from ``materials.toml``; every number has its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from fem_island import quantities
from fem_island.quantities import Dimension


@dataclass(frozen=True)
class Datum:
    """A number from the literature.

    Attributes:
        value: In SI units.
        text: As the data file gives it, with its unit.
        source: Where it is from.
        confidence: "high", "medium" or "low".
        note: What is uncertain about it.
    """

    value: float
    text: str
    source: str
    confidence: str
    note: str


@dataclass(frozen=True)
class FilmMaterial:
    """A metal that alloys with lithium.

    Attributes:
        symbol: Chemical symbol, the key in the data file.
        name: Name of the metal.
        lithiated_phase: The phase that a full film consists of.
        delithiation_potential: Where the full film starts to give up lithium [V against Li/Li+].
        lithium_per_metal: Lithium atoms per metal atom in that phase.
        molar_mass: Of the metal [kg/mol].
        density: Of the metal as deposited [kg/m^3].
    """

    symbol: str
    name: str
    lithiated_phase: str
    delithiation_potential: Datum
    lithium_per_metal: Datum
    molar_mass: Datum
    density: Datum


@dataclass(frozen=True)
class ElectrolyteMaterial:
    """A solid electrolyte.

    Attributes:
        formula: Chemical formula, the key in the data file.
        name: What people call it.
        conductivity: Ionic conductivity at 25 C [S/m].
        interface_resistance: Area specific resistance of its interface with lithium [Ohm m^2].
    """

    formula: str
    name: str
    conductivity: Datum
    interface_resistance: Datum


@cache
def _data() -> dict[str, Any]:
    text = (files(__package__) / "materials.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _datum(table: dict[str, Any], dimension: Dimension) -> Datum:
    number = quantities.to_si(table["value"], dimension, unit_required=True)
    return Datum(number, table["value"], table["source"], table["confidence"], table["note"])


@cache
def films() -> dict[str, FilmMaterial]:
    """All film metals by chemical symbol, in the order of the data file.

    Example:
        >>> films()["Ag"].delithiation_potential.value
        0.05
    """
    return {
        symbol: FilmMaterial(
            symbol=symbol,
            name=entry["name"],
            lithiated_phase=entry["lithiated_phase"],
            delithiation_potential=_datum(entry["delithiation_potential"], quantities.POTENTIAL),
            lithium_per_metal=_datum(entry["lithium_per_metal"], quantities.PURE_NUMBER),
            molar_mass=_datum(entry["molar_mass"], quantities.MOLAR_MASS),
            density=_datum(entry["density"], quantities.DENSITY),
        )
        for symbol, entry in _data()["films"].items()
    }


@cache
def electrolytes() -> dict[str, ElectrolyteMaterial]:
    """All electrolytes by formula.

    Example:
        >>> electrolytes()["Li6PS5Cl"].conductivity.text
        '1.8 mS/cm'
    """
    return {
        formula: ElectrolyteMaterial(
            formula=formula,
            name=entry["name"],
            conductivity=_datum(entry["conductivity"], quantities.CONDUCTIVITY),
            interface_resistance=_datum(entry["interface_resistance"], quantities.AREA_RESISTANCE),
        )
        for formula, entry in _data()["electrolytes"].items()
    }
