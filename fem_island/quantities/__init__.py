"""Numbers with units: from ``"0.25 mA/cm^2"`` or an SI float to an SI float, and back for people.

Every number inside the package is an SI float; units live at its border. The units known are those
of ``units.txt``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from numbers import Real
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

_NUMBER_AND_UNIT = re.compile(
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)\b)"
    r"\s*(?P<unit>.*?)\s*",
    re.IGNORECASE,
)
# Products and quotients of names with one-digit powers; pint would work out any power tower given.
# Root seconds are those of Warburg coefficients.
_POWER = r"(?:(?:\^|\*\*)[+-]?\d|⁻?[¹²³])"
_FACTOR = rf"\(*(?:s(?:\^|\*\*)-?0\.5|(?:1|[^\W\d_]+|°\w+|%){_POWER}?)\)*"
_UNIT = re.compile(rf"{_FACTOR}(?:(?:\s*[/*·]\s*|\s+){_FACTOR})*")
_LONGEST_UNIT = 40


@dataclass(frozen=True)
class Dimension:
    """A kind of physical quantity.

    Attributes:
        name: What people call it, with its article.
        unit: Its SI unit, in which all numbers of the package are.
        example: A value as a case file may give it.
        shown_in: The unit that users think in.
        cf_unit: Its SI unit as datasets with CF conventions write it.
    """

    name: str
    unit: str
    example: str
    shown_in: str
    cf_unit: str


LENGTH = Dimension("a length", "m", "5 um", "um", "m")
POTENTIAL = Dimension("a potential", "V", "0.05 V", "mV", "V")
CURRENT_DENSITY = Dimension("a current density", "A/m^2", "0.25 mA/cm^2", "mA/cm^2", "A m-2")
CONDUCTIVITY = Dimension("a conductivity", "S/m", "1.8 mS/cm", "mS/cm", "S m-1")
TEMPERATURE = Dimension("a temperature", "K", "25 degC", "K", "K")
RESISTANCE = Dimension("a resistance", "ohm", "10 ohm", "ohm", "ohm")
AREA_RESISTANCE = Dimension(
    "an area specific resistance", "ohm*m^2", "1 ohm cm^2", "ohm*cm^2", "ohm m2"
)
MOLAR_MASS = Dimension("a molar mass", "kg/mol", "107.87 g/mol", "g/mol", "kg mol-1")
DENSITY = Dimension("a density", "kg/m^3", "10.49 g/cm^3", "g/cm^3", "kg m-3")
AREAL_CAPACITY = Dimension("an areal capacity", "C/m^2", "26 uAh/cm^2", "uAh/cm^2", "C m-2")
AREAL_CAPACITANCE = Dimension("a capacitance per area", "F/m^2", "10 uF/cm^2", "uF/cm^2", "F m-2")
WARBURG_COEFFICIENT = Dimension(
    "a Warburg coefficient",
    "ohm*m^2*s^-0.5",
    "5 ohm cm^2 s^-0.5",
    "ohm*cm^2*s^-0.5",
    "ohm m2 s-0.5",
)
FREQUENCY = Dimension("a frequency", "Hz", "100 Hz", "Hz", "Hz")
AREA = Dimension("an area", "m^2", "0.785 cm^2", "cm^2", "m2")
PERMITTIVITY = Dimension("a relative permittivity", "", "3.5", "", "1")
THICKNESS = Dimension("a thickness", "m", "0.75 mm", "mm", "m")
RELATIVE_ERROR = Dimension("a relative error", "", "1e-6", "", "1")
TIME = Dimension("a time", "s", "10 min", "min", "s")
MOLAR_ENERGY = Dimension("a molar energy", "J/mol", "30 kJ/mol", "kJ/mol", "J mol-1")
TEMPERATURE_COEFFICIENT = Dimension(
    "a potential per temperature", "V/K", "0.1 mV/K", "mV/K", "V K-1"
)
PURE_NUMBER = Dimension("a number", "", "0.5", "", "1")


@cache
def _registry() -> pint.UnitRegistry:
    import pint

    return pint.UnitRegistry(str(files(__package__) / "units.txt"))


def to_si(value: object, dimension: Dimension, *, unit_required: bool = False) -> float:
    """Read a quantity.

    Args:
        value: A string with number and unit, or a number, which is taken as SI.
        dimension: What it must be.
        unit_required: Refuse numbers without a unit, as case files do.

    Returns:
        The value in ``dimension.unit``.

    Raises:
        ValueError: It is not such a quantity; the message says what is allowed.

    Example:
        >>> to_si("0.25 mA/cm^2", CURRENT_DENSITY)
        2.5
    """
    wanted = f'give {dimension.name}, such as "{dimension.example}"'
    if isinstance(value, bool) or not isinstance(value, Real | str):
        raise ValueError(f"{wanted}, not {_kind(value)}")
    if isinstance(value, str):
        number = _from_text(value, dimension, wanted)
    elif unit_required and dimension.unit:
        raise ValueError(f"has no unit; {wanted}")
    else:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"is not a finite number; {wanted}")
    return number + 0.0  # -0.0 is 0


def _from_text(text: str, dimension: Dimension, wanted: str) -> float:
    # Taken apart here: pint would also work out arithmetic, which a file must not make it do.
    # The normal form has one letter each for the two omegas and the two angstroms of Unicode.
    text = unicodedata.normalize("NFC", text).replace("\N{MINUS SIGN}", "-")
    match = _NUMBER_AND_UNIT.fullmatch(text)
    if match is None:
        raise ValueError(f"does not start with a number; {wanted}")
    number, unit = float(match["number"]), match["unit"]
    if not unit and dimension.unit:
        raise ValueError(f"has no unit; {wanted}")
    if not math.isfinite(number):
        return number
    if unit and (len(unit) > _LONGEST_UNIT or not _UNIT.fullmatch(unit)):
        raise ValueError(f"has no unit that can be read; {wanted}")
    factor, offset = _conversion(unit, dimension, wanted)
    magnitude = factor * number + offset
    # Fifteen digits: "5 um" is 5e-06 and not 4.9999999999999996e-06, the product of its factors.
    return float(f"{magnitude:.15g}")


@lru_cache(maxsize=1024)
def _conversion(unit: str, dimension: Dimension, wanted: str) -> tuple[float, float]:
    """Factor and offset from a unit to SI; asking pint for each of many numbers would take long."""
    import pint

    registry = _registry()
    try:
        parsed = registry.parse_units(unit.replace("·", "*"))
    except Exception as error:  # pint raises what its tokenizer raises, of many types
        raise ValueError(f'has the unknown unit "{unit}"; {wanted}') from error
    try:
        offset, one = (
            float(registry.Quantity(number, parsed).to(dimension.unit).magnitude)
            for number in (0.0, 1.0)
        )
    except pint.DimensionalityError as error:
        raise ValueError(
            f'has the unit "{unit}", which is not that of {dimension.name}; {wanted}'
        ) from error
    return one - offset, offset


def in_unit(value: float, dimension: Dimension, unit: str | None = None) -> float:
    """An SI value in the unit that users think in, or in ``unit``.

    Example:
        >>> round(in_unit(2.5, CURRENT_DENSITY), 12)
        0.25
    """
    registry = _registry()
    quantity = registry.Quantity(value, dimension.unit)
    return float(quantity.to(unit or dimension.shown_in).magnitude)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    if value is None:
        return "nothing"
    return f"a value of type {type(value).__name__}"
