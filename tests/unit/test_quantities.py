"""Numbers with units: what is read, to which SI value, and what is refused."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pint
import pytest
import xarray

from fem_island import quantities
from fem_island.quantities import (
    AREA_RESISTANCE,
    AREAL_CAPACITY,
    CONDUCTIVITY,
    CURRENT_DENSITY,
    DENSITY,
    LENGTH,
    MOLAR_ENERGY,
    MOLAR_MASS,
    MOLAR_VOLUME,
    POTENTIAL,
    PURE_NUMBER,
    TEMPERATURE,
    TIME,
    WARBURG_COEFFICIENT,
    Dimension,
    in_unit,
    to_si,
)

DIMENSIONS = (
    LENGTH,
    POTENTIAL,
    CURRENT_DENSITY,
    CONDUCTIVITY,
    TEMPERATURE,
    AREA_RESISTANCE,
    MOLAR_MASS,
    DENSITY,
    AREAL_CAPACITY,
    TIME,
    PURE_NUMBER,
)


@pytest.mark.parametrize(
    ("text", "dimension", "expected"),
    [
        ("5 um", LENGTH, 5e-6),
        ("5um", LENGTH, 5e-6),
        ("  5   um ", LENGTH, 5e-6),
        ("5\N{NO-BREAK SPACE}um", LENGTH, 5e-6),
        ("5 \N{MICRO SIGN}m", LENGTH, 5e-6),
        ("5 \N{GREEK SMALL LETTER MU}m", LENGTH, 5e-6),
        ("5 micrometer", LENGTH, 5e-6),
        ("0.005 mm", LENGTH, 5e-6),
        ("5e-4 cm", LENGTH, 5e-6),
        ("5000 nm", LENGTH, 5e-6),
        ("+.5e+1 um", LENGTH, 5e-6),
        ("5. um", LENGTH, 5e-6),
        ("\N{MINUS SIGN}5 um", LENGTH, -5e-6),
        ("7 \N{LATIN CAPITAL LETTER A WITH RING ABOVE}", LENGTH, 7e-10),
        ("7 \N{ANGSTROM SIGN}", LENGTH, 7e-10),
        ("3 um^2/um", LENGTH, 3e-6),
        ("0.25 mA/cm^2", CURRENT_DENSITY, 2.5),
        ("0.25 mA/cm**2", CURRENT_DENSITY, 2.5),
        ("0.25 mA/cm\N{SUPERSCRIPT TWO}", CURRENT_DENSITY, 2.5),
        ("0.25 mA cm\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT TWO}", CURRENT_DENSITY, 2.5),
        ("0.25 mA cm^-2", CURRENT_DENSITY, 2.5),
        ("0.25 mA\N{MIDDLE DOT}cm^-2", CURRENT_DENSITY, 2.5),
        ("250 \N{MICRO SIGN}A / cm^2", CURRENT_DENSITY, 2.5),
        ("2.5 A/m^2", CURRENT_DENSITY, 2.5),
        ("1.8 mS/cm", CONDUCTIVITY, 0.18),
        ("0.18 S/m", CONDUCTIVITY, 0.18),
        ("0.18 1/(ohm m)", CONDUCTIVITY, 0.18),
        ("0.18 ohm^-1 m^-1", CONDUCTIVITY, 0.18),
        ("50 mV", POTENTIAL, 0.05),
        ("1 uV", POTENTIAL, 1e-6),
        ("0.05 J/C", POTENTIAL, 0.05),
        ("298.15 K", TEMPERATURE, 298.15),
        ("25 degC", TEMPERATURE, 298.15),
        ("25 \N{DEGREE SIGN}C", TEMPERATURE, 298.15),
        ("-40 celsius", TEMPERATURE, 233.15),
        ("1 ohm cm^2", AREA_RESISTANCE, 1e-4),
        ("1 \N{GREEK CAPITAL LETTER OMEGA} cm^2", AREA_RESISTANCE, 1e-4),
        ("1 \N{OHM SIGN} cm^2", AREA_RESISTANCE, 1e-4),
        ("10.49 g/cm^3", DENSITY, 10490.0),
        ("1 mAh/cm^2", AREAL_CAPACITY, 36e3),
        ("26 uAh/cm^2", AREAL_CAPACITY, 936.0),
        ("1 mA h/cm^2", AREAL_CAPACITY, 36e3),
        # As papers write them.
        ("0.25 mA cm-2", CURRENT_DENSITY, 2.5),
        ("0.25 mA cm\N{MINUS SIGN}2", CURRENT_DENSITY, 2.5),
        ("0.25 mA\N{DOT OPERATOR}cm\N{EN DASH}2", CURRENT_DENSITY, 2.5),
        ("0.25 mA.cm-2", CURRENT_DENSITY, 2.5),
        ("0.25 mA cm^{-2}", CURRENT_DENSITY, 2.5),
        ("2.5 A m-2", CURRENT_DENSITY, 2.5),
        ("250 uA/cm2", CURRENT_DENSITY, 2.5),
        ("1.8 mS cm-1", CONDUCTIVITY, 0.18),
        ("1.8e-3 Ohm^-1 cm^-1", CONDUCTIVITY, 0.18),
        ("1.8\N{MULTIPLICATION SIGN}10\u207b\u00b3 S/cm", CONDUCTIVITY, 0.18),
        ("1.8 x 10-3 S cm-1", CONDUCTIVITY, 0.18),
        ("1.8 \N{MIDDLE DOT} 10^-3 S/cm", CONDUCTIVITY, 0.18),
        ("1.8*10**-3 S/cm", CONDUCTIVITY, 0.18),
        ("10\u207b\u00b3 S/cm", CONDUCTIVITY, 0.1),
        ("-10^2 um", LENGTH, -1e-4),
        ("1 mAh/cm2", AREAL_CAPACITY, 36e3),
        ("1 mAh cm\u207b\u00b2", AREAL_CAPACITY, 36e3),
        ("1 \N{GREEK CAPITAL LETTER OMEGA}cm\N{SUPERSCRIPT TWO}", AREA_RESISTANCE, 1e-4),
        ("5 micron", LENGTH, 5e-6),
        ("5 microns", LENGTH, 5e-6),
        ("25 \N{DEGREE CELSIUS}", TEMPERATURE, 298.15),
        ("50 mV vs. Li/Li+", POTENTIAL, 0.05),
        ("0.05 V vs Li\u207a/Li", POTENTIAL, 0.05),
        ("0.05 V against Li", POTENTIAL, 0.05),
        ("2.5 A / m ^ 2", CURRENT_DENSITY, 2.5),
        ("0.25 mA/(cm^2)", CURRENT_DENSITY, 2.5),
        ("0.25 mA*cm^{-2}", CURRENT_DENSITY, 2.5),
        ("1.8e-3 /Ohm/cm", CONDUCTIVITY, 0.18),
        ("0.18 \N{GREEK CAPITAL LETTER OMEGA}\u207b\u00b9 m\u207b\u00b9", CONDUCTIVITY, 0.18),
        ("25 \N{MASCULINE ORDINAL INDICATOR}C", TEMPERATURE, 298.15),
        ("50 mV (vs. Li/Li+)", POTENTIAL, 0.05),
        ("0.05 V vs Li|Li\u207a", POTENTIAL, 0.05),
        ("50 mV versus lithium", POTENTIAL, 0.05),
        ("5 ohm (m2 s-0.5)", WARBURG_COEFFICIENT, 5.0),
        ("5 ohm m2 s-0.5", WARBURG_COEFFICIENT, 5.0),
        ("5 ohm m^2 s^-1/2", WARBURG_COEFFICIENT, 5.0),
        ("0.3 eV", MOLAR_ENERGY, 28945.599636),
        ("13.0 cm3 mol-1", MOLAR_VOLUME, 13e-6),
        ("10 min", TIME, 600.0),
        ("2 h", TIME, 7200.0),
        ("107.8682 g/mol", MOLAR_MASS, 0.1078682),
        ("0.5", PURE_NUMBER, 0.5),
        ("50 %", PURE_NUMBER, 0.5),
        ("3 mm/m", PURE_NUMBER, 3e-3),
    ],
)
def test_text_to_si(text: str, dimension: Dimension, expected: float) -> None:
    # To the last digit: a value that is given must come back as it would be typed in SI.
    assert to_si(text, dimension, unit_required=True) == expected


@pytest.mark.parametrize(
    "dimension",
    [each for each in vars(quantities).values() if isinstance(each, Dimension)],
    ids=str,
)
def test_units_of_datasets_are_read_again(dimension: Dimension) -> None:
    unit = "" if dimension.cf_unit == "1" else dimension.cf_unit
    assert to_si(f"2.5 {unit}", dimension) == 2.5
    # cf-xarray, which the documentation names for them, takes C for degrees Celsius.
    assert "C" not in unit.split()


_REGISTRY = pint.UnitRegistry()


@pytest.mark.parametrize(
    ("value", "dimension", "expected"),
    [
        (np.array(5e-6), LENGTH, 5e-6),
        (xarray.DataArray(5e-6), LENGTH, 5e-6),
        (np.int64(3), LENGTH, 3.0),
        (Decimal("5e-6"), LENGTH, 5e-6),
        (Fraction(1, 4), PURE_NUMBER, 0.25),
        (_REGISTRY.Quantity(5, "um"), LENGTH, 5e-6),
        (_REGISTRY.Quantity(np.array(0.25), "mA/cm^2"), CURRENT_DENSITY, 2.5),
        (_REGISTRY.Quantity(25, "degC"), TEMPERATURE, 298.15),
        (_REGISTRY.Quantity(1, "ohm*cm^2"), AREA_RESISTANCE, 1e-4),
        (_REGISTRY.Quantity(50, "percent"), PURE_NUMBER, 0.5),
        (_REGISTRY.Quantity(0.5), PURE_NUMBER, 0.5),
    ],
)
def test_numbers_of_other_libraries(value: object, dimension: Dimension, expected: float) -> None:
    assert to_si(value, dimension) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (_REGISTRY.Quantity(5, "V"), 'has the unit "volt", which is not that of a length'),
        (_REGISTRY.Quantity([5, 6], "um"), "not several"),
        (np.array([5e-6]), "not a value of type ndarray"),
        (np.array(True), "not a value of type ndarray"),
        (Decimal("nan"), "is not a finite number"),
    ],
)
def test_what_other_libraries_have_that_is_no_length(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match="give a length") as caught:
        to_si(value, LENGTH)
    assert reason in str(caught.value)


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_the_example_of_a_dimension_is_such_a_quantity(dimension: Dimension) -> None:
    value = to_si(dimension.example, dimension, unit_required=True)
    number, _, unit = dimension.example.partition(" ")
    assert in_unit(value, dimension, unit) == pytest.approx(float(number), rel=1e-14, abs=0)
    # "shown_in" is a unit that can be typed in again.
    again = to_si(f"{in_unit(value, dimension)!r} {dimension.shown_in}", dimension)
    assert again == pytest.approx(value, rel=1e-14, abs=0)


@pytest.mark.parametrize("number", [5e-6, 3, 0, -2.5, 1e300, np.float64(5e-6)])
def test_numbers_are_si(number: float) -> None:
    assert to_si(number, LENGTH) == number
    assert type(to_si(number, LENGTH)) in (float, np.float64)


@pytest.mark.parametrize("value", [-0.0, "-0.0 um", "-0 V"])
def test_minus_zero_is_zero(value: float | str) -> None:
    dimension = POTENTIAL if value == "-0 V" else LENGTH
    assert math.copysign(1.0, to_si(value, dimension)) == 1.0


def test_a_pure_number_needs_no_unit() -> None:
    assert to_si(0.5, PURE_NUMBER, unit_required=True) == 0.5
    assert to_si("0.5", PURE_NUMBER, unit_required=True) == 0.5


@pytest.mark.parametrize("value", [50, 50.0, "50", "50 "])
def test_a_missing_unit_is_refused_where_one_is_required(value: float | str) -> None:
    with pytest.raises(ValueError, match=r'^has no unit; give a length, such as "5 um"$'):
        to_si(value, LENGTH, unit_required=True)


def test_text_always_needs_its_unit() -> None:
    with pytest.raises(ValueError, match="has no unit"):
        to_si("50", LENGTH)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("50 V", 'has the unit "V", which is not that of a length'),
        ("5 um^-1", 'has the unit "um^-1", which is not that of a length'),
        ("5 um um", 'has the unit "um um", which is not that of a length'),
        ("5 degC", 'has the unit "degC", which is not that of a length'),
        ("5 1", 'has the unit "1", which is not that of a length'),
        ("5 parsec", 'has the unknown unit "parsec"'),
        ("5 UM", 'has the unknown unit "UM"'),
        ("5 ((um)", 'has the unknown unit "((um)"'),
        ("5 lambda", 'has the unknown unit "lambda"'),
        ("um", "does not start with a number"),
        ("", "does not start with a number"),
        ("five um", "does not start with a number"),
        ("1e um", 'has the unknown unit "e um"'),
        ("0,5 um", 'has a decimal comma; write "0.5 um"'),
        ("-0,5", 'has a decimal comma; write "-0.5"'),
        ("1,000 um", "has a comma in its number; write a decimal point, and nothing between"),
        ("5 x 103 um", "has no unit that can be read"),
        ("5e3x10^2 um", "has no unit that can be read"),
        ("5 um vs. Li/Li+", "has no unit that can be read"),
        ("5 6 um", "has no unit that can be read"),
        ("5 * 10 um", "has no unit that can be read"),
        ("5 um + 1 um", "has no unit that can be read"),
        ("5 um; 1", "has no unit that can be read"),
        ("5 __import__('os')", "has no unit that can be read"),
        ("5 um^1.5", "has no unit that can be read"),
        ("5 um^10", "has no unit that can be read"),
        ("5 um^9^9^9^9", "has no unit that can be read"),
        ("5 um**9**9**9**9", "has no unit that can be read"),
        ("5 um**99999999", "has no unit that can be read"),
        ("5 (um^9)^9", "has no unit that can be read"),
        ("5 " + "m/m*" * 1000 + "m", "has no unit that can be read"),
        ("nan um", "is not a finite number"),
        ("-inf um", "is not a finite number"),
        ("Infinity um", "is not a finite number"),
        ("1e999 um", "is not a finite number"),
        ("1" + "0" * 400 + " um", "is not a finite number"),
        ("1e308 km", "is not a finite number"),
        (math.nan, "is not a finite number"),
        (-math.inf, "is not a finite number"),
        (10**400, "is not a finite number"),
        (True, "not true or false"),
        (None, "not nothing"),
        (["5 um"], "not a list"),
        ({"value": 5}, "not a table"),
        (b"5 um", "not a value of type bytes"),
        (5 + 0j, "not a value of type complex"),
    ],
)
def test_what_is_no_length_is_refused(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match='give a length, such as "5 um"') as caught:
        to_si(value, LENGTH)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_celsius_only_as_a_temperature() -> None:
    with pytest.raises(ValueError, match="which is not that of a temperature"):
        to_si("25 degC^2", TEMPERATURE)
    with pytest.raises(ValueError, match='"C", which is not that of a temperature'):
        to_si("25 C", TEMPERATURE)


@pytest.mark.parametrize(
    ("value", "dimension", "unit", "expected"),
    [
        (2.5, CURRENT_DENSITY, None, 0.25),
        (0.0846432, POTENTIAL, None, 84.6432),
        (1.78e-4, AREA_RESISTANCE, None, 1.78),
        (0.18, CONDUCTIVITY, None, 1.8),
        (5e-6, LENGTH, None, 5.0),
        (5e-6, LENGTH, "nm", 5000.0),
        (298.15, TEMPERATURE, "degC", 25.0),
        (0.25, PURE_NUMBER, None, 0.25),
    ],
)
def test_shown_in_the_units_people_use(
    value: float, dimension: Dimension, unit: str | None, expected: float
) -> None:
    assert in_unit(value, dimension, unit) == pytest.approx(expected, rel=1e-13, abs=0)


def test_an_array_with_a_unit_is_in_that_unit() -> None:
    assert to_si(xarray.DataArray(5.0, attrs={"units": "um"}), LENGTH) == 5e-6
    assert to_si(xarray.DataArray(2.5, attrs={"units": "A m-2"}), CURRENT_DENSITY) == 2.5
    assert to_si(xarray.DataArray(0.5, attrs={"units": "1"}), PURE_NUMBER) == 0.5
    with pytest.raises(ValueError, match='has the unit "mV", which is not that of a length'):
        to_si(xarray.DataArray(5.0, attrs={"units": "mV"}), LENGTH)


def test_what_is_masked_is_no_value() -> None:
    assert to_si(np.ma.array(5e-6, mask=False), LENGTH) == 5e-6
    for masked in (np.ma.masked, np.ma.array(5e-6, mask=True)):
        with pytest.raises(ValueError, match="is masked, and so no value"):
            to_si(masked, LENGTH)
