"""The records of a case: defaults, what fields take and refuse, and where islands end up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pint
import pytest

import fem_island as fi
from fem_island.case.records import Record
from fem_island.case.sweep_table import read_axes
from fem_island.errors import Fault, InputError


def faults(make: Callable[[], object]) -> list[tuple[str, str]]:
    """Keys and messages of what a record is refused for."""
    with pytest.raises(InputError) as caught:
        make()
    return [(fault.key, fault.message) for fault in caught.value.faults]


def test_defaults_are_the_papers() -> None:
    case = fi.Case()
    electrolyte, kinetics = case.cell.electrolyte, case.cell.kinetics
    assert (electrolyte.width, electrolyte.height, electrolyte.conductivity) == (50e-6, 15e-6, 0.18)
    assert kinetics.law == "butler-volmer"
    assert kinetics.exchange_current_density == 5.0
    assert kinetics.anodic_transfer_coefficient == 0.5
    assert kinetics.cathodic_transfer_coefficient == 0.5
    assert [(i.width, i.center, i.kinetics) for i in case.cell.islands] == [(5e-6, None, None)]
    assert case.cell.interlayer is None
    assert (case.operation.current_density, case.operation.temperature) == (2.5, 298.15)
    assert (case.accuracy.tolerance, case.accuracy.degree) == (1e-6, None)
    assert case.output.probes == ()


def test_fields_take_units_and_hold_si() -> None:
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(width="100 um", height="0.02 mm", conductivity="2 mS/cm"),
        kinetics=fi.Kinetics(
            exchange_current_density="1 mA/cm^2", anodic_transfer_coefficient="40 %"
        ),
        islands=[fi.Island(width="20 um", center="30 um"), {"width": 1e-6, "center": "0.08 mm"}],
        interlayer=fi.Interlayer(
            equilibrium_potential="120 mV", extent=[["0 um", "10 um"], (60e-6, "90 um")]
        ),
    )
    assert cell.electrolyte == fi.Electrolyte(width=1e-4, height=2e-5, conductivity=0.2)
    assert cell.kinetics.exchange_current_density == 10.0
    assert cell.kinetics.anodic_transfer_coefficient == 0.4
    assert [(i.width, i.center) for i in cell.islands] == [(2e-5, 3e-5), (1e-6, 8e-5)]
    assert cell.interlayer is not None
    assert cell.interlayer.equilibrium_potential == 0.12
    assert cell.interlayer.extent == ((0.0, 1e-5), (6e-5, 9e-5))
    operation = fi.Operation(current_density="-0.1 mA/cm^2", temperature="60 degC")
    assert operation.current_density == -1.0
    assert operation.temperature == pytest.approx(333.15, rel=1e-15, abs=0)


def test_records_are_values() -> None:
    assert fi.Island(width="5 um") == fi.Island(width=5e-6)
    assert hash(fi.Case()) == hash(fi.Case())
    with pytest.raises(ValueError, match="frozen"):
        fi.Island().width = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("record", "field", "bound", "beyond", "allowed"),
    [
        (fi.Electrolyte, "conductivity", "1e-9 S/m", "0.9e-9 S/m", "at least 1e-08 mS/cm"),
        (fi.Electrolyte, "conductivity", "1e9 S/m", "1.1e9 S/m", "at most 1e+10 mS/cm"),
        (fi.Electrolyte, "conductivity", "1 S/m", "0 S/m", "at least 1e-08 mS/cm"),
        (fi.Electrolyte, "conductivity", "1 S/m", "-1 S/m", "at least 1e-08 mS/cm"),
        (fi.Island, "width", "1 nm", "0.9 nm", "at least 0.001 um"),
        (fi.Island, "width", "1 m", "1.1 m", "at most 1e+06 um"),
        (fi.Island, "center", "0 um", "-1 um", "at least 0 um"),
        (fi.Kinetics, "exchange_current_density", 1e-12, 0.9e-12, "at least 1e-13 mA/cm^2"),
        (fi.Kinetics, "exchange_current_density", 1e12, 1.1e12, "at most 1e+11 mA/cm^2"),
        (fi.Kinetics, "anodic_transfer_coefficient", 1e-3, 0, "above 0"),
        (fi.Kinetics, "anodic_transfer_coefficient", 2, 2.1, "at most 2"),
        (fi.Kinetics, "cathodic_transfer_coefficient", 0.01, -0.5, "above 0"),
        (fi.Kinetics, "cathodic_transfer_coefficient", 2.0, 3, "at most 2"),
        (fi.IslandKinetics, "exchange_current_density", 1.0, 0.0, "at least 1e-13 mA/cm^2"),
        (fi.IslandKinetics, "anodic_transfer_coefficient", 1.0, 0.0, "above 0"),
        (fi.Interlayer, "equilibrium_potential", "10 V", "10.1 V", "at most 10000 mV"),
        (fi.Interlayer, "equilibrium_potential", "-10 V", "-10.1 V", "at least -10000 mV"),
        (fi.Operation, "temperature", "100 K", "99 K", "at least 100 K"),
        (fi.Operation, "temperature", "2000 K", "2001 K", "at most 2000 K"),
        (fi.Operation, "temperature", "-173 degC", "-174 degC", "at least 100 K"),
        (fi.Operation, "current_density", -1e9, -1.1e9, "at least -1e+08 mA/cm^2"),
        (fi.Operation, "current_density", 1e9, 1.1e9, "at most 1e+08 mA/cm^2"),
        (fi.Accuracy, "tolerance", "0.1 nV", 0, "at least 1e-07 mV"),
        (fi.Accuracy, "tolerance", "0.1 V", "0.2 V", "at most 100 mV"),
        (fi.Accuracy, "degree", 1, 0, "a whole number from 1 to 6"),
        (fi.Accuracy, "degree", 6, 7, "a whole number from 1 to 6"),
        (fi.Accuracy, "degree", None, 2.5, "a whole number from 1 to 6"),
        (fi.Accuracy, "degree", 2, True, "a whole number from 1 to 6"),
        (fi.Accuracy, "degree", 2, "2", "a whole number from 1 to 6"),
    ],
)
def test_bounds(
    record: type[Record], field: str, bound: object, beyond: object, allowed: str
) -> None:
    record(**{field: bound})
    assert faults(lambda: record(**{field: beyond})) == [(field, f"must be {allowed}")]


def test_flatness_of_the_cell() -> None:
    fi.Electrolyte(width="15 mm", height="15 um")
    assert faults(lambda: fi.Electrolyte(width="16 mm")) == [
        ("height", "must be 0.001 to 1000 times the width (16000 um)")
    ]
    assert faults(lambda: fi.Cell(electrolyte={"width": "10 nm"}))[0][0] == "electrolyte.height"


def test_islands_ends_on_the_walls() -> None:
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(width="30 um"),
        islands=[fi.Island(width="0.3 um", center="0.15 um"), fi.Island(center="27.5 um")],
    )
    (left, inner), (other, right) = (cell.island_ends(island) for island in cell.islands)
    # Exactly on the walls, though 0.15 - 0.3 / 2 and 27.5 + 5 / 2 are rounded.
    assert (left, right) == (0.0, 30e-6)
    assert (inner, other) == pytest.approx((0.3e-6, 25e-6), rel=1e-12, abs=0)
    wide = fi.Cell(islands=[fi.Island(width=50e-6 * (1 + 1e-12))])
    assert wide.island_ends(wide.islands[0]) == (0.0, 50e-6)
    off = fi.Cell(islands=[fi.Island(width="49 um")])
    assert off.island_ends(off.islands[0]) == pytest.approx((0.5e-6, 49.5e-6))


def test_an_island_with_its_center_on_a_wall_is_the_half_in_the_cell() -> None:
    at_walls = [fi.Island(width="10 um", center="0 um"), fi.Island(width="6 um", center="50 um")]
    cell = fi.Cell(islands=at_walls)
    assert cell.island_ends(at_walls[0]) == (0.0, 5e-6)
    assert cell.island_ends(at_walls[1]) == pytest.approx((47e-6, 50e-6), rel=1e-12, abs=0)
    wide = fi.Island(width="100 um", center="0 um")
    assert fi.Cell(islands=[wide]).island_ends(wide) == (0.0, 50e-6)
    beyond = {"width": "101 um", "center": "0 um"}
    assert faults(lambda: fi.Cell(islands=[beyond]))[0][0] == "islands.0.width"


def test_kinetics_of_an_island() -> None:
    cell = fi.Cell(
        kinetics=fi.Kinetics(law="linear", cathodic_transfer_coefficient=0.7),
        islands=[
            fi.Island(center="10 um"),
            fi.Island(center="30 um", kinetics={"exchange_current_density": "2 mA/cm^2"}),
            fi.Island(center="40 um", kinetics=fi.IslandKinetics(law="tafel")),
        ],
    )
    of = [cell.island_kinetics(island) for island in cell.islands]
    assert of[0] == cell.kinetics
    assert (of[1].law, of[1].exchange_current_density) == ("linear", 20.0)
    assert of[1].cathodic_transfer_coefficient == 0.7
    assert (of[2].law, of[2].exchange_current_density) == ("tafel", 5.0)


def test_potential_of_a_film() -> None:
    assert fi.interlayer("Ag").potential == 0.05
    assert fi.interlayer("Au").potential == 0.07
    assert fi.Interlayer(material="Ag", equilibrium_potential="0 V").potential == 0.0
    assert fi.Interlayer(equilibrium_potential="0.3 V").potential == 0.3
    film = fi.interlayer("Sn", reaction="release", exchange_current_density="2 mA/cm^2")
    assert film.reaction == "release"
    assert film.exchange_current_density == 20.0
    assert (film.potential, film.extent) == (0.38, None)


MISPLACED: list[tuple[list[dict[str, Any]], list[tuple[str, str]]]] = [
    (
        [{"width": "5 um", "center": "49 um"}],
        [
            (
                "islands.0.center",
                "it would reach from 46.5 um to 51.5 um, outside the cell (0 to 50 um)",
            )
        ],
    ),
    ([{"width": "60 um"}], [("islands.0.width", "is wider than the cell (50 um)")]),
    (
        [{"width": "0.1 nm"}],
        [("islands.0.width", "must be at least 0.001 um")],
    ),
    (
        [{"center": "12 um"}, {"center": "10 um"}],
        [("islands.1", "overlaps island 0 between 9.5 um and 12.5 um")],
    ),
    ([{}, {}], [("islands.1", "overlaps island 0 between 22.5 um and 27.5 um")]),
    # One inside another, and a third that is behind that one but still over the first.
    (
        [{"width": "30 um", "center": "15 um"}, {"center": "7.5 um"}, {"center": "17.5 um"}],
        [
            ("islands.1", "overlaps island 0 between 5 um and 10 um"),
            ("islands.2", "overlaps island 0 between 15 um and 20 um"),
        ],
    ),
    (
        [{"center": "2.5001 um"}],
        [("islands.0", "leaves a gap of 0.0001 um to the wall; at least 0.0005 um, or none")],
    ),
    (
        [{"center": "10 um"}, {"center": "15.0001 um"}],
        [
            (
                "islands.1",
                "leaves a gap of 0.0001 um to island 0; at least 0.0005 um, or none at all",
            )
        ],
    ),
]


@pytest.mark.parametrize(("islands", "expected"), MISPLACED)
def test_misplaced_islands(islands: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert faults(lambda: fi.Cell(islands=islands)) == expected


def test_islands_narrow_against_the_cell() -> None:
    assert faults(lambda: fi.Cell(electrolyte={"width": "1 mm"}, islands=[{"width": "1 nm"}])) == [
        ("islands.0.width", "must be at least 0.01 um (1e-5 of the cell's width)")
    ]


@pytest.mark.parametrize(
    "islands",
    [
        [{"width": "50 um"}],
        [{"center": "2.5 um"}, {"center": "47.5 um"}],
        [{"width": "0.1 um", "center": f"{0.05 + 0.1 * n} um"} for n in range(500)],
    ],
    ids=["all of it", "both walls", "500 touching ones"],
)
def test_islands_may_touch(islands: list[dict[str, Any]]) -> None:
    assert len(fi.Cell(islands=islands).islands) == len(islands)


def test_misplaced_film() -> None:
    def with_extent(*extent: tuple[str, str]) -> list[tuple[str, str]]:
        film = {"material": "Ag", "extent": extent}
        return faults(lambda: fi.Cell(interlayer=film))

    first = "interlayer.extent.0"
    assert with_extent(("10 um", "55 um")) == [(first, "must lie within the cell (0 to 50 um)")]
    from_left = "must run from left to right over at least 0.0005 um"
    assert with_extent(("10 um", "5 um")) == [(first, from_left)]
    assert with_extent(("5 um", "5 um")) == [(first, from_left)]
    assert with_extent(("0 um", "40 um"), ("5 um", "10 um"), ("20 um", "30 um")) == [
        ("interlayer.extent.1", "overlaps interval 0 of the interlayer"),
        ("interlayer.extent.2", "overlaps interval 0 of the interlayer"),
    ]


def test_probes_must_be_in_the_cell() -> None:
    fi.Case(output={"probes": [("0 um", "0 um"), ("50 um", "15 um")]})
    assert faults(lambda: fi.Case(output={"probes": [(0, 0), ("51 um", 0), (0, "16 um")]})) == [
        ("output.probes.1", "is outside the cell (50 um x 15 um)"),
        ("output.probes.2", "is outside the cell (50 um x 15 um)"),
    ]


@pytest.mark.parametrize(
    "cell", [{"kinetics": {"law": "tafel"}}, {"islands": [{"kinetics": {"law": "tafel"}}]}]
)
def test_tafel_kinetics_needs_a_current(cell: dict[str, Any]) -> None:
    fi.Case(cell=cell, operation={"current_density": -1e-3})
    assert faults(lambda: fi.Case(cell=cell, operation={"current_density": -0.0})) == [
        (
            "operation.current_density",
            "Tafel kinetics has no equilibrium; give a current other than 0",
        )
    ]


def test_all_faults_at_once_with_their_paths() -> None:
    def make() -> fi.Case:
        return fi.Case(
            cell={
                "electrolyte": {"width": "5 V", "depth": 1},
                "islands": [{}, {"kinetics": {"law": "marcus", "alpha": 0.5}}],
                "interlayer": {"material": "Xx", "reaction": "both"},
            },
            operation={"temperature": "0 K"},
            output={"probes": [("1 um",), 5]},
            mesh=3,  # type: ignore[call-arg]
        )

    pair = 'must be a list of two values, such as ["5 um", "10 um"]'
    assert faults(make) == [
        (
            "cell.electrolyte.width",
            'has the unit "V", which is not that of a length; give a length, such as "5 um"',
        ),
        (
            "cell.electrolyte.depth",
            "is not a known key here; known are width, height, material, conductivity, "
            "permittivity, activation_energy, geometry, radius, conductivity_image, "
            "conductivity_unit",
        ),
        (
            "cell.islands.1.kinetics.law",
            "is not one of 'butler-volmer', 'linear' or 'tafel'",
        ),
        (
            "cell.islands.1.kinetics.alpha",
            "is not a known key here; known are law, exchange_current_density, "
            "anodic_transfer_coefficient, cathodic_transfer_coefficient, activation_energy, "
            "warburg_coefficient, double_layer",
        ),
        (
            "cell.interlayer.material",
            "is not a known film material; known are Ag, Au, Mg, Sn, Zn, In, Al, Si, Cd",
        ),
        (
            "cell.interlayer.reaction",
            "is not one of 'none', 'release' or 'reversible'",
        ),
        ("operation.temperature", "must be at least 100 K"),
        ("output.probes.0", pair),
        ("output.probes.1", pair),
        (
            "mesh",
            "is not a known key here; known are cell, operation, accuracy, output, impedance, "
            "stripping, protocol",
        ),
    ]


@pytest.mark.parametrize(
    ("make", "key", "message"),
    [
        (
            lambda: fi.Cell(islands=[]),
            "islands",
            "must have at least 1 entry; none is for the impedance of a bare [collector]",
        ),
        (lambda: fi.Cell(islands=[{}] * 1001), "islands", "must have at most 1000 entries"),
        (
            lambda: fi.Cell(islands=fi.Island()),
            "islands",
            "must be a list; in a case file write [[islands]]",
        ),
        (lambda: fi.Cell(islands=True), "islands", "must be a list"),
        (lambda: fi.Cell(islands=[None]), "islands.0", "must be a table of keys and values"),
        (lambda: fi.Cell(interlayer=["Ag"]), "interlayer", "must be a table of keys and values"),
        (lambda: fi.Interlayer(material=5), "material", "must be text in quotes"),
        (
            lambda: fi.Interlayer(),
            "equilibrium_potential",
            "is missing; give it, or a material to take it from",
        ),
        (
            lambda: fi.interlayer("Pb"),
            "material",
            "is not a known film material; known are Ag, Au, Mg, Sn, Zn, In, Al, Si, Cd",
        ),
        (lambda: fi.Interlayer(material="Ag", extent=[]), "extent", "must have at least 1 entry"),
    ],
)
def test_shapes_and_names(make: Callable[[], object], key: str, message: str) -> None:
    assert faults(make) == [(key, message)]


def test_a_fault_is_one_line() -> None:
    fault = Fault("islands.0.width", 'a\n"b\x1b[31m' + "x" * 100, "is wrong", "my.toml")
    line = str(fault)
    assert line.startswith('my.toml: islands.0.width = "a\\n\\"b')
    assert line.endswith("...: is wrong")
    assert line.isprintable()
    assert len(line) < 110
    assert str(Fault("", None, "is wrong")) == "is wrong"


def test_keys_are_quoted_where_they_need_it() -> None:
    odd = {"a.b": 1, "": 2, "a\nb": 3, "x" * 100: 4, "plain-key_1": 5}
    keys = [key for key, _ in faults(lambda: fi.Cell(electrolyte=odd))]
    assert keys == [
        'electrolyte."a.b"',
        'electrolyte.""',
        'electrolyte."a\\nb"',
        'electrolyte."' + "x" * 56 + "...",
        "electrolyte.plain-key_1",
    ]


def test_quantities_of_other_libraries() -> None:
    unit = pint.UnitRegistry()
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(
            width=unit.Quantity(80, "um"),
            height=np.array(20e-6),
            conductivity=unit.Quantity(2.5, "mS/cm"),
        ),
        islands=[fi.Island(width=Decimal("6e-6"), center=unit.Quantity(0.003, "mm"))],
        interlayer=fi.Interlayer(
            material="Au", extent=unit.Quantity(np.array([[6.0, 10.0], [70.0, 80.0]]), "um")
        ),
    )
    assert cell == fi.Cell(
        electrolyte=fi.Electrolyte(width=80e-6, height=20e-6, conductivity=0.25),
        islands=[fi.Island(width=6e-6, center=3e-6)],
        interlayer=fi.Interlayer(material="Au", extent=[(6e-6, 10e-6), (70e-6, 80e-6)]),
    )
    (axis,), _ = read_axes(
        {"operation.current_density": unit.Quantity(np.array([0.25, 1.0]), "mA/cm^2")},
        unit_required=False,
    )
    assert axis.values.tolist() == [2.5, 10.0]
    with pytest.raises(fi.InputError, match=r'conductivity = .* has the unit "volt", which is not'):
        fi.Electrolyte(conductivity=unit.Quantity(1, "V"))
