"""A metal of one's own that a film consists of: in a case file, or in a file of materials."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StrictStr, model_validator

from fem_island.case.readers import QuantityReader
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import as_pair, as_sequence
from fem_island.case.value_types import EquilibriumPotential
from fem_island.errors import Fault
from fem_island.machine.paths import from_home
from fem_island.materials.library import Datum, FilmMaterial, Plateau
from fem_island.quantities import DENSITY, MOLAR_MASS, POTENTIAL, PURE_NUMBER, Dimension

MolarMass = Annotated[float, QuantityReader(dimension=MOLAR_MASS, at_least=1e-4, at_most=10.0)]
Density = Annotated[float, QuantityReader(dimension=DENSITY, at_least=10.0, at_most=1e5)]
LithiumPerMetal = Annotated[float, QuantityReader(dimension=PURE_NUMBER, above=0.0, at_most=100.0)]

MOST_PLATEAUS = 100
_LARGEST_FILE = 10_000_000


class Metal(Record):
    """A metal that alloys with lithium, with numbers of one's own.

    Example:
        >>> metal = Metal(
        ...     name="Bi",
        ...     molar_mass="208.98 g/mol",
        ...     density="9.78 g/cm^3",
        ...     plateaus=[("0.75 V", 1), ("0.8 V", 2)],
        ... )
        >>> [round(q / 36, 1) for q in metal.material.plateau_capacities(100e-9)]  # uAh/cm^2
        [12.5, 25.1]
    """

    name: StrictStr
    """What reports call it."""
    molar_mass: MolarMass
    """Molar mass of the metal [kg/mol]."""
    density: Density
    """Density of the metal as deposited [kg/m^3]."""
    plateaus: Annotated[
        tuple[
            Annotated[tuple[EquilibriumPotential, LithiumPerMetal], BeforeValidator(as_pair)], ...
        ],
        BeforeValidator(as_sequence),
        Field(min_length=1, max_length=MOST_PLATEAUS),
    ]
    """Plateaus from the full film to the empty one: pairs of a potential [V against lithium], which
    rises, and the lithium atoms per metal atom that are given up on it."""
    source: StrictStr = ""
    """Where the numbers are from; reports repeat it."""

    @model_validator(mode="after")
    def _rise(self) -> Self:
        potentials = [potential for potential, _ in self.plateaus]
        if any(after <= before for before, after in pairwise(potentials)):
            reason = "must have rising potentials: the full film gives lithium at the lowest"
            refuse([Fault("plateaus", None, reason)])
        return self

    @property
    def material(self) -> FilmMaterial:
        """The same as what the package's own table has of a metal."""

        def datum(value: float, dimension: Dimension) -> Datum:
            text = f"{value!r} {dimension.unit}".strip()
            return Datum(text, dimension, self.source, "given", "")

        return FilmMaterial(
            symbol=self.name,
            name=self.name,
            lithiated_phase=f"full {self.name}",
            plateaus=tuple(
                Plateau(
                    f"plateau {number}",
                    datum(potential, POTENTIAL),
                    datum(lithium, PURE_NUMBER),
                )
                for number, (potential, lithium) in enumerate(self.plateaus, start=1)
            ),
            molar_mass=datum(self.molar_mass, MOLAR_MASS),
            density=datum(self.density, DENSITY),
        )


def read_metal(value: object) -> object:
    """A metal from a file of materials where the value names one, "films.toml:Bi"; else as it is.

    The file is like the package's ``materials.toml``; where a number needs no source it may stand
    for its table.

    Raises:
        ValueError: The file cannot be read, or has no such metal.
    """
    if not isinstance(value, str | Path):
        return value
    name, colon, symbol = str(value).rpartition(":")
    if not colon or not name or not symbol:
        reason = 'must name a file and a metal in it, such as "films.toml:Bi"'
        raise ValueError(f"{reason}; the key material names one of the package's own")
    films = _films_in(from_home(name))
    if not isinstance(films.get(symbol), dict):
        known = ", ".join(films) or "none"
        raise ValueError(f'{Path(name).name} has no metal "{symbol}"; it has {known}')
    entry = films[symbol]
    table: dict[str, Any] = {"name": symbol, "source": f"{symbol} in {Path(name).name}"}
    if isinstance(entry.get("source"), str):
        table["source"] = entry["source"]
    for key in ("molar_mass", "density"):
        if key in entry:
            table[key] = _number(entry[key])
    plateaus = entry.get("plateaus")
    if isinstance(plateaus, list):
        table["plateaus"] = [_plateau(each) for each in plateaus]
    return table


def _films_in(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            text = opened.read(_LARGEST_FILE).decode("utf-8-sig")
        films = tomllib.loads(text).get("films", {})
    except UnicodeDecodeError:
        raise ValueError(f"{file.name} is not a text file in UTF-8") from None
    except OSError as error:
        raise ValueError(f"{file.name} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file.name} is not valid TOML: {error}") from None
    return films if isinstance(films, dict) else {}


def _number(given: object) -> object:
    """A number of a file of materials, with or without its source."""
    return given.get("value") if isinstance(given, dict) else given


def _plateau(given: object) -> object:
    if not isinstance(given, dict):
        return given
    return (_number(given.get("potential")), _number(given.get("lithium_per_metal")))
