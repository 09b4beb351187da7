"""Film metals and electrolytes, read from ``materials.toml``; every number has its source."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from typing import Any

from fem_island import quantities
from fem_island.materials.constants import FARADAY_CONSTANT
from fem_island.quantities import Dimension

REFERENCE_THICKNESS = 100e-9
"""Of films as deposited, for which tables and pictures give capacities [m]."""


@dataclass(frozen=True)
class Datum:
    """A number from the literature.

    Attributes:
        text: As the data file gives it, with its unit.
        dimension: What kind of number it is.
        source: Where it is from.
        confidence: "high", "medium" or "low".
        note: What is uncertain about it.
    """

    text: str
    dimension: Dimension
    source: str
    confidence: str
    note: str

    @cached_property
    def value(self) -> float:
        """The number in SI units; read when asked for, since units take long to load."""
        return quantities.to_si(self.text, self.dimension, unit_required=True)


@dataclass(frozen=True)
class Plateau:
    """A step in which a film gives up part of its lithium.

    Attributes:
        gives: Which change of phase it is.
        potential: Where it happens [V against Li/Li+].
        lithium_per_metal: Lithium atoms per metal atom that the film gives up on it.
    """

    gives: str
    potential: Datum
    lithium_per_metal: Datum


@dataclass(frozen=True)
class FilmMaterial:
    """A metal that alloys with lithium.

    Attributes:
        symbol: Chemical symbol, the key in the data file.
        name: Name of the metal.
        lithiated_phase: The phase that a full film consists of.
        plateaus: From the full film to the empty one, so that the potentials rise.
        molar_mass: Of the metal [kg/mol].
        density: Of the metal as deposited [kg/m^3].
    """

    symbol: str
    name: str
    lithiated_phase: str
    plateaus: tuple[Plateau, ...]
    molar_mass: Datum
    density: Datum

    def __post_init__(self) -> None:
        """Check the order of the plateaus.

        Raises:
            ValueError: There are none, or their potentials do not rise.
        """
        potentials = [plateau.potential.value for plateau in self.plateaus]
        if not potentials:
            raise ValueError(f"{self.symbol} has no plateaus")
        if any(after <= before for before, after in pairwise(potentials)):
            raise ValueError(f"the potentials of the plateaus of {self.symbol} do not rise")

    @property
    def delithiation_potential(self) -> Datum:
        """Where the full film starts to give up lithium [V against Li/Li+]."""
        return self.plateaus[0].potential

    @property
    def label(self) -> str:
        """The symbol as lists of films have it: with a mark where the potential is an estimate.

        Example:
            >>> films()["Mg"].label, films()["Ag"].label
            ('Mg (estimate)', 'Ag')
        """
        estimated = self.delithiation_potential.confidence == "low"
        return f"{self.symbol} (estimate)" if estimated else self.symbol

    @property
    def lithium_per_metal(self) -> float:
        """Lithium atoms per metal atom in the full film."""
        return math.fsum(plateau.lithium_per_metal.value for plateau in self.plateaus)

    def capacity(self, thickness: float) -> float:
        """Charge that a full film gives up, per area [C/m^2].

        Args:
            thickness: Of the metal as deposited [m].

        Example:
            >>> round(films()["Ag"].capacity(100e-9) / 36, 1)  # uAh/cm^2
            26.1
        """
        return math.fsum(self.plateau_capacities(thickness))

    def plateau_capacities(self, thickness: float) -> tuple[float, ...]:
        """Charge that a film gives up on each plateau, per area [C/m^2].

        Args:
            thickness: Of the metal as deposited [m].

        Example:
            >>> [round(charge / 36, 1) for charge in films()["Au"].plateau_capacities(100e-9)]
            [19.7, 59.1]
        """
        metal = self.density.value * thickness / self.molar_mass.value  # mol/m^2
        return tuple(
            FARADAY_CONSTANT * plateau.lithium_per_metal.value * metal for plateau in self.plateaus
        )


@dataclass(frozen=True)
class LithiumMetal:
    """Lithium itself.

    Attributes:
        molar_mass: Of lithium [kg/mol].
        density: Of the solid at 25 C [kg/m^3].
        equilibrium_potential: The zero of all potentials here [V against Li/Li+].
    """

    molar_mass: Datum
    density: Datum
    equilibrium_potential: Datum


@dataclass(frozen=True)
class ElectrolyteMaterial:
    """A solid electrolyte.

    Attributes:
        formula: Chemical formula, the key in the data file.
        name: What people call it.
        conductivity: Ionic conductivity at 25 C [S/m].
        of_product: Whether activation energies in the literature are those of the conductivity
            times the temperature, so that the conductivity has a factor 1/T as well.
        interface_resistance: Area specific resistance of its interface with lithium [Ohm m^2].
    """

    formula: str
    name: str
    conductivity: Datum
    of_product: bool
    interface_resistance: Datum


@cache
def _data() -> dict[str, Any]:
    text = (files(__package__) / "materials.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _datum(table: dict[str, Any], dimension: Dimension) -> Datum:
    return Datum(table["value"], dimension, table["source"], table["confidence"], table["note"])


def _plateau(table: dict[str, Any]) -> Plateau:
    return Plateau(
        gives=table["gives"],
        potential=_datum(table["potential"], quantities.POTENTIAL),
        lithium_per_metal=_datum(table["lithium_per_metal"], quantities.PURE_NUMBER),
    )


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
            plateaus=tuple(_plateau(table) for table in entry["plateaus"]),
            molar_mass=_datum(entry["molar_mass"], quantities.MOLAR_MASS),
            density=_datum(entry["density"], quantities.DENSITY),
        )
        for symbol, entry in _data()["films"].items()
    }


def label_of(film: str) -> str:
    """How lists and tables name a film: as its material, or as it is where it is none of these."""
    known = films().get(film)
    return film if known is None else known.label


@cache
def lithium() -> LithiumMetal:
    """Lithium metal.

    Example:
        >>> lithium().density.text
        '0.534 g/cm^3'
    """
    entry = _data()["lithium"]
    return LithiumMetal(
        molar_mass=_datum(entry["molar_mass"], quantities.MOLAR_MASS),
        density=_datum(entry["density"], quantities.DENSITY),
        equilibrium_potential=_datum(entry["equilibrium_potential"], quantities.POTENTIAL),
    )


def lithium_thickness(charge: float) -> float:
    """Thickness of the lithium metal that holds a charge [m].

    Args:
        charge: Per area [C/m^2].

    Example:
        >>> round(lithium_thickness(36e3) * 1e6, 2)  # 1 mAh/cm^2, in um
        4.85
    """
    metal = lithium()
    return charge / FARADAY_CONSTANT * metal.molar_mass.value / metal.density.value


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
            of_product=entry["activation_energy_of"] == "conductivity times temperature",
            interface_resistance=_datum(entry["interface_resistance"], quantities.AREA_RESISTANCE),
        )
        for formula, entry in _data()["electrolytes"].items()
    }
