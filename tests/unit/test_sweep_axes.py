"""What a sweep may vary, and how that is read."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import numpy as np
import pint
import pytest
import xarray

from fem_island import quantities
from fem_island.case.axes import axis_name, numeric_keys
from fem_island.case.case import Case
from fem_island.case.keys import spread
from fem_island.case.reference import example
from fem_island.case.sweep_table import read_axes
from fem_island.errors import InputError
from fem_island.experiments.sweeps.dataset import dataset
from fem_island.experiments.sweeps.planning import make_plan
from fem_island.results.columns import Columns

KEYS = numeric_keys()


def values_of(values: object, path: str = "islands.width") -> list[float]:
    (axis,), zipped = read_axes({path: values})
    assert not zipped
    assert axis.path == path
    return [float(value) for value in axis.values]


def faults_of(table: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_axes(table)
    return [str(fault) for fault in caught.value.faults]


def test_a_linear_range_has_the_numbers_people_would_write() -> None:
    values = values_of({"from": "1 um", "to": "50 um", "count": 50})
    assert values == [float(f"{n}e-6") for n in range(1, 51)]


def test_a_logarithmic_range() -> None:
    given = {"from": "0.05 mA/cm^2", "to": "5 mA/cm^2", "count": 50, "spacing": "log"}
    values = values_of(given, "operation.current_density")
    assert values[0] == 0.5
    assert values[-1] == 50.0
    assert values[1] == pytest.approx(0.5492705709937791, rel=1e-14)
    assert np.ptp(np.diff(np.log(values))) < 1e-13


def test_a_range_downwards_and_one_of_negative_numbers() -> None:
    assert values_of({"from": "3 um", "to": "1 um", "count": 3}) == [3e-6, 2e-6, 1e-6]
    plating = {"from": "-1 A/m^2", "to": "-100 A/m^2", "count": 3, "spacing": "log"}
    assert values_of(plating, "operation.current_density") == [-1.0, -10.0, -100.0]


def test_lists_with_units_and_pure_numbers() -> None:
    assert values_of(["1 um", "200 nm"]) == [1e-6, 2e-7]
    assert values_of(["25 degC"], "operation.temperature") == [298.15]
    path = "kinetics.anodic_transfer_coefficient"
    assert values_of([0.3, 0.5], path) == [0.3, 0.5]
    assert values_of([1, 2, 3], "accuracy.degree") == [1.0, 2.0, 3.0]
    assert values_of({"from": 1, "to": 3, "count": 3}, "accuracy.degree") == [1.0, 2.0, 3.0]


def test_one_value_is_an_axis() -> None:
    assert values_of(["5 um"]) == [5e-6]
    assert values_of({"from": "5 um", "to": "5 um", "count": 1}) == [5e-6]


def test_paths_without_quotes() -> None:
    axes, zipped = read_axes(
        {"zip": True, "islands": {"width": ["1 um"]}, "operation": {"temperature": ["300 K"]}}
    )
    assert [axis.path for axis in axes] == ["islands.width", "operation.temperature"]
    assert zipped


def test_numbers_from_python_are_si() -> None:
    (axis,), _ = read_axes({"islands.width": np.array([1e-6, 2e-6])}, unit_required=False)
    assert axis.values.tolist() == [1e-6, 2e-6]


def examples() -> dict[str, Any]:
    """A value for every numeric key."""
    return {path: tomllib.loads(f"x = {example(key.shape)}")["x"] for path, key in KEYS.items()}


def test_every_numeric_key_can_be_varied() -> None:
    assert len(KEYS) > 20
    assert "output.probes" not in KEYS
    assert "interlayer.extent" not in KEYS
    for path, value in examples().items():
        assert len(values_of([value], path)) == 1


@pytest.mark.parametrize("path", KEYS)
def test_every_numeric_key_ends_in_a_dataset_with_its_unit(path: str) -> None:
    """Also in the file: a unit that CF does not know would be found after all is computed."""
    given = examples()[path]
    table: dict[str, Any] = {"interlayer": {"material": "Ag", "reaction": "release"}}
    needed: dict[str, Any] = {
        "lithium": {"thickness": "5 um"},
        "series": {"counter": {"exchange_current_density": "5 A/m^2"}},
        "protocol": [{"current_density": "1 A/m^2", "duration": "60 s"}],
        "map": {"image": [[0, 1], [0, 1]], "pixel": "1 um"},
    }
    table |= {key: value for key, value in needed.items() if path.startswith(f"{key}.")}
    if path.startswith("interlayer.metal."):
        metal = {"name": "X", "molar_mass": "20 g/mol", "density": "3 g/cm^3"}
        table["interlayer"] = {"metal": {**metal, "plateaus": [["50 mV", 1]]}}
    if path.endswith("radius"):
        table["electrolyte"] = {"geometry": "axisymmetric"}
        table["islands"] = [{"outer_radius": "4 um" if path == "electrolyte.radius" else "9 um"}]
    axes, _ = read_axes({path: [given]})
    plan = make_plan(table, axes, zipped=False)
    results = dataset(plan, Columns.missing(1, plan.layout), solver="condensed")
    (axis,) = axes
    assert results[axis.name].attrs == {
        "long_name": axis.name.replace("_", " "),
        "units": axis.dimension.cf_unit,
        "key": path,
    }
    # The point's case has the value, whole numbers as such.
    value = value_in(plan.case_at(0), path)
    assert value == axis.values[0]
    assert isinstance(value, int) == isinstance(given, int)


def value_in(case: Case, path: str) -> object:
    """The value of a key in a case."""
    place: Any = spread(case.model_dump())
    for name in path.split("."):
        place = place[0] if isinstance(place, tuple) else place
        place = place[name]
    return place


def test_units_of_datasets_are_those_of_the_package() -> None:
    """CF writes powers behind the unit: A/m^2 is A m-2."""
    for dimension in vars(quantities).values():
        if isinstance(dimension, quantities.Dimension) and dimension.unit:
            power = re.sub(r"(?<=[a-zA-Z])(-?[0-9])", r"^\1", dimension.cf_unit)
            assert quantities.in_unit(1.0, dimension, power.replace(" ", "*")) == 1.0


def test_what_decides_the_grid() -> None:
    assert {path for path, key in KEYS.items() if key.decides_grid} == {
        "electrolyte.width",
        "electrolyte.height",
        "electrolyte.radius",
        "islands.width",
        "islands.center",
        "islands.inner_radius",
        "islands.outer_radius",
        "lithium.thickness",
        "lithium.variation",
        "lithium.period",
        "map.pixel",
        "map.threshold",
        "accuracy.tolerance",
        "accuracy.degree",
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("islands.width", "island_width"),
        ("islands.0.width", "island_0_width"),
        ("operation.current_density", "current_density"),
        ("electrolyte.width", "electrolyte_width"),
        ("kinetics.exchange_current_density", "exchange_current_density"),
        ("electrolyte.conductivity", "conductivity"),
        ("operation.temperature", "temperature"),
        ("accuracy.tolerance", "accuracy_tolerance"),
        (
            "islands.1.kinetics.exchange_current_density",
            "island_1_kinetics_exchange_current_density",
        ),
        ("interlayer.equilibrium_potential", "interlayer_equilibrium_potential"),
    ],
)
def test_names_in_a_dataset(path: str, name: str) -> None:
    assert axis_name(path) == name


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ({}, ["varies nothing"]),
        (5, ["sweep = 5: must be a table"]),
        ({"islands.witdh": ["1 um"]}, ['sweep."islands.witdh"', "known are", "islands.width"]),
        ({"kinetics.law": ["tafel"]}, ["is not a numeric key"]),
        ({"output.probes": [["1 um", "1 um"]]}, ["is not a numeric key"]),
        ({"islands.width": "5 um"}, ['= "5 um": give a list']),
        ({"islands.width": []}, ["has no values"]),
        ({"islands.width": [5]}, ["has no unit"]),
        ({"islands.width": ["1 um", "2 V"]}, ['"islands.width".1 = "2 V"', "not that of a length"]),
        ({"islands.width": ["0 um"]}, ["at least 0.001 um"]),
        ({"islands.width": ["1 um", "2 um", "1000 nm"]}, ["1 um", "more than once"]),
        ({"islands.width": {"from": "1 um", "to": "2 um"}}, ["count: is missing"]),
        (
            {"islands.width": {"from": "1 um", "to": "2 um", "count": 2, "steps": 3}},
            ["steps = 3: is not one of from, to, count, spacing"],
        ),
        ({"islands.width": {"from": "1 um", "to": "2 um", "count": 0}}, ["count = 0"]),
        ({"islands.width": {"from": "1 um", "to": "2 um", "count": 2.5}}, ["count = 2.5"]),
        ({"islands.width": {"from": "1 um", "to": "2 um", "count": True}}, ["count = true"]),
        (
            {"islands.width": {"from": "1 um", "to": "2 um", "count": 2, "spacing": "cubic"}},
            ['spacing = "cubic": must be linear or log'],
        ),
        (
            {
                "operation.current_density": {
                    "from": "-1 A/m^2",
                    "to": "1 A/m^2",
                    "count": 3,
                    "spacing": "log",
                }
            },
            ["both ends above 0"],
        ),
        ({"accuracy.degree": {"from": 1, "to": 2, "count": 3}}, ["whole number from 1 to 6"]),
        ({"zip": "yes", "islands.width": ["1 um"]}, ['sweep.zip = "yes"']),
        (
            {"zip": True, "islands.width": ["1 um"], "operation.temperature": ["300 K", "310 K"]},
            ["different lengths", "islands.width 1, operation.temperature 2"],
        ),
        ({"islands.width": ["1 um"], "islands.0.width": ["2 um"]}, ['also set by "islands.width"']),
        (
            {"islands.width": ["1 um"], "islands": {"width": ["2 um"]}},
            ['sweep."islands.width": is given more than once'],
        ),
        (
            {"islands.width": {"from": "1 um", "to": "2 um", "count": 1}},
            ["count = 1: is one value, but from and to are different"],
        ),
    ],
)
def test_faults_say_what_is_wrong(table: object, wanted: list[str]) -> None:
    (fault,) = faults_of(table)
    assert fault.startswith("sweep")
    for text in wanted:
        assert text in fault


def test_all_faults_are_said_at_once() -> None:
    table = {"islands.width": {"from": "1 V", "to": "2 um", "count": 0}, "nonsense": ["1 um"]}
    assert len(faults_of(table)) == 3


def test_a_sweep_has_a_largest_size() -> None:
    long = {"from": "1 um", "to": "2 um", "count": 5000}
    with pytest.raises(InputError, match=r"2.5e\+07 points; at most"):
        read_axes({"islands.width": long, "electrolyte.width": long})


def test_arrays_of_others() -> None:
    unit = pint.UnitRegistry()
    labelled = xarray.DataArray([5.0, 6.0], attrs={"units": "um"})
    for given in (unit.Quantity([5.0, 6.0], "um"), labelled, np.ma.array([5e-6, 6e-6])):
        (axis,), _ = read_axes({"islands.width": given}, unit_required=False)
        assert axis.values.tolist() == [5e-6, 6e-6]
    masked = np.ma.array([5e-6, 6e-6], mask=[False, True])
    with pytest.raises(InputError, match=r"width.*1.*is masked, and so no value"):
        read_axes({"islands.width": masked}, unit_required=False)
    with pytest.raises(InputError, match=r'give a list, such as \["1 um", "2 um"\]'):
        read_axes({"islands.width": 5 * unit.um}, unit_required=False)
