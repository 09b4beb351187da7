"""Numbers with units: from ``"0.25 mA/cm^2"`` or an SI float to an SI float, and back for people.

Every number inside the package is an SI float; units live at its border. The units known are those
of ``units.txt``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from numbers import Real
from typing import TYPE_CHECKING, Any

from fem_island.quantities.writing import (
    AGAINST_LITHIUM,
    SIGN,
    UNIT,
    UNSIGNED,
    comma_in,
    number_in,
    unit_in,
)

if TYPE_CHECKING:
    import pint

_NUMBER_AND_UNIT = re.compile(
    rf"\s*(?P<number>{SIGN}?{UNSIGNED}|[+-]?(?i:nan|inf(?:inity)?)\b)\s*(?P<unit>.*?)\s*"
)
_UNIT = re.compile(UNIT)
_AGAINST_LITHIUM = re.compile(rf"(?P<unit>.*?){AGAINST_LITHIUM}")
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
MOLAR_VOLUME = Dimension("a molar volume", "m^3/mol", "13.0 cm^3/mol", "cm^3/mol", "m3 mol-1")
MOLAR_MASS = Dimension("a molar mass", "kg/mol", "107.87 g/mol", "g/mol", "kg mol-1")
DENSITY = Dimension("a density", "kg/m^3", "10.49 g/cm^3", "g/cm^3", "kg m-3")
AREAL_CAPACITY = Dimension("an areal capacity", "C/m^2", "26 uAh/cm^2", "uAh/cm^2", "coulomb m-2")
CHARGE = Dimension("a charge", "C", "1 nAh", "nAh", "coulomb")
CHARGE_PER_LENGTH = Dimension("a charge per length", "C/m", "0.05 C/m", "C/m", "coulomb m-1")
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
CURRENT = Dimension("a current", "A", "0.2 mA", "mA", "A")
PERMITTIVITY = Dimension("a relative permittivity", "", "3.5", "", "1")
THICKNESS = Dimension("a thickness", "m", "0.75 mm", "mm", "m")
RELATIVE_ERROR = Dimension("a relative error", "", "1e-6", "", "1")
TIME = Dimension("a time", "s", "10 min", "min", "s")
MOLAR_ENERGY = Dimension("a molar energy", "J/mol", "30 kJ/mol", "kJ/mol", "J mol-1")
TEMPERATURE_COEFFICIENT = Dimension(
    "a potential per temperature", "V/K", "0.1 mV/K", "mV/K", "V K-1"
)
PURE_NUMBER = Dimension("a number", "", "0.5", "", "1")


def dimension_in(cf_unit: str) -> Dimension:
    """What a number of a dataset is, by its unit; a pure number where no other has this unit.

    Example:
        >>> dimension_in("A m-2") is CURRENT_DENSITY, dimension_in("m").shown_in
        (True, 'um')
        >>> dimension_in("1") is PURE_NUMBER
        True
    """
    known = [each for each in globals().values() if isinstance(each, Dimension) and each.unit]
    return next((each for each in known if each.cf_unit == cf_unit), PURE_NUMBER)


def with_unit(words: str, unit: str) -> str:
    """Words of a column or an axis, with its unit in brackets where it has one.

    Example:
        >>> with_unit("width", "um"), with_unit("share", "")
        ('width [um]', 'share')
    """
    return f"{words} [{unit}]" if unit else words


def error_in_words(volts: float) -> str:
    """An error of a potential [V] for people: in uV, from 1 mV on in mV.

    Example:
        >>> error_in_words(2.7e-6), error_in_words(0.000181), error_in_words(0.0018)
        ('2.7 uV', '180 uV', '1.8 mV')
    """
    rounded = float(f"{volts:.2g}")
    return f"{1e3 * rounded:g} mV" if rounded >= 1e-3 else f"{1e6 * rounded:g} uV"


@cache
def _registry() -> pint.UnitRegistry:
    import pint

    return pint.UnitRegistry(str(files(__package__) / "units.txt"))


def to_si(value: object, dimension: Dimension, *, unit_required: bool = False) -> float:
    """Read a quantity.

    Args:
        value: A string with number and unit, a quantity of pint, an array without dimensions that
            has its unit in ``attrs``, or a number, which is taken as SI.
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
    value = _with_its_unit(value)
    if hasattr(value, "m_as"):
        number = _from_pint(value, dimension, wanted)
    elif isinstance(value, str):
        number = _from_text(value, dimension, wanted)
    elif (plain := _plain_number(value)) is None:
        raise ValueError(f"{wanted}, not {_kind(value)}")
    elif unit_required and dimension.unit:
        raise ValueError(f"has no unit; {wanted}")
    else:
        number = plain
    if not math.isfinite(number):
        raise ValueError(f"is not a finite number; {wanted}")
    return number + 0.0  # -0.0 is 0


def _with_its_unit(value: object) -> object:
    """A labelled number that says its unit as text with it; anything else as it is.

    Raises:
        ValueError: It is masked, so that there is no number.
    """
    if getattr(value, "shape", None) != ():
        return value
    if getattr(value, "mask", False):
        raise ValueError("is masked, and so no value")
    unit = getattr(value, "attrs", {}).get("units", "")
    if not unit or unit == PURE_NUMBER.cf_unit or not hasattr(value, "item"):
        return value
    return f"{value.item()!r} {unit}"


def _plain_number(value: object) -> float | None:
    """A number, also one in an array without dimensions; None where it is none."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except ValueError:  # of a Decimal that signals
        return math.nan


def _from_pint(value: Any, dimension: Dimension, wanted: str) -> float:
    """A quantity of any of pint's registries, which converts it itself."""
    try:
        magnitude = value.m_as(dimension.unit)
    except Exception as error:  # pint's types differ between its registries
        unit = f'has the unit "{value.units}"'
        raise ValueError(f"{unit}, which is not that of {dimension.name}; {wanted}") from error
    number = _plain_number(magnitude)
    if number is None:
        raise ValueError(f"{wanted}, not several")
    return _rounded(number)


def _rounded(number: float) -> float:
    """To fifteen digits: "5 um" is 5e-06 and not 4.9999999999999996e-06, the product of factors."""
    return float(f"{number:.15g}")


def _from_text(text: str, dimension: Dimension, wanted: str) -> float:
    # Taken apart here: pint would also work out arithmetic, which a file must not make it do.
    # The normal form has one letter each for the two omegas and the two angstroms of Unicode.
    text = unicodedata.normalize("NFC", text)
    comma = comma_in(text)
    if comma is not None:
        raise ValueError(f"{comma}; {wanted}")
    match = _NUMBER_AND_UNIT.fullmatch(text)
    if match is None:
        raise ValueError(f"does not start with a number; {wanted}")
    number, unit = number_in(match["number"]), match["unit"]
    if dimension is POTENTIAL and (against := _AGAINST_LITHIUM.fullmatch(unit)):
        unit = against["unit"]
    if not unit and dimension.unit:
        raise ValueError(f"has no unit; {wanted}")
    if not math.isfinite(number):
        return number
    if unit and (len(unit) > _LONGEST_UNIT or not _UNIT.fullmatch(unit)):
        raise ValueError(f"has no unit that can be read; {wanted}")
    factor, offset = _conversion(unit, dimension, wanted)
    if (factor, offset) == (1.0, 0.0):
        return number
    return _rounded(factor * number + offset)


@lru_cache(maxsize=1024)
def _conversion(unit: str, dimension: Dimension, wanted: str) -> tuple[float, float]:
    """Factor and offset from a unit to SI; asking pint for each of many numbers would take long."""
    if unit == dimension.unit:
        return 1.0, 0.0
    import pint

    registry = _registry()
    try:
        parsed = registry.parse_units(unit_in(unit))
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
