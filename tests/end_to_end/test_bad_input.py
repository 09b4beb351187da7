"""Faulty input: one line per fault, exit status 2, no traceback, and DOLFINx is not even loaded.

Every file of the table is checked in this process, and all of them at once by the real command.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import fem_island as fi
from fem_island.case.file import read_case
from fem_island.errors import InputError


class Bad(NamedTuple):
    """A faulty case file.

    Attributes:
        name: Of the file.
        content: Of the file.
        place: What follows the file's name: key and value; empty for the file as a whole.
        allowed: What the line says, in words that tell what to do.
    """

    name: str
    content: str | bytes
    place: str
    allowed: str


A_LENGTH = 'give a length, such as "5 um"'
A_CURRENT = 'give a current density, such as "0.25 mA/cm^2"'
A_NUMBER = 'give a number, such as "0.5"'
A_TEMPERATURE = 'give a temperature, such as "25 degC"'
A_PAIR = 'must be a list of two values, such as ["5 um", "10 um"]'
A_DEGREE = "must be a whole number from 1 to 6"
A_TABLE = "must be a table of keys and values"
TABLES = (
    "known are accuracy, collector, electrolyte, impedance, interlayer, islands, kinetics, "
    "lithium, map, operation, output, protocol, series, stripping"
)
KINETICS_KEYS = (
    "known are law, exchange_current_density, anodic_transfer_coefficient, "
    "cathodic_transfer_coefficient"
)
FILM = '[interlayer]\nmaterial = "Ag"\n'

BAD = [
    # Quantities.
    Bad(
        "no_unit", "[electrolyte]\nwidth = 50", "electrolyte.width = 50", f"has no unit; {A_LENGTH}"
    ),
    Bad(
        "no_unit_text",
        '[electrolyte]\nwidth = "50"',
        'electrolyte.width = "50"',
        f"has no unit; {A_LENGTH}",
    ),
    Bad(
        "no_unit_in_pair",
        "output.probes = [[25e-6, '1 um']]",
        "output.probes.0.0 = 2.5e-05",
        f"has no unit; {A_LENGTH}",
    ),
    Bad(
        "wrong_dimension",
        '[electrolyte]\nheight = "15 mV"',
        'electrolyte.height = "15 mV"',
        f'has the unit "mV", which is not that of a length; {A_LENGTH}',
    ),
    Bad(
        "current_for_current_density",
        '[operation]\ncurrent_density = "0.25 mA"',
        'operation.current_density = "0.25 mA"',
        f'has the unit "mA", which is not that of a current density; {A_CURRENT}',
    ),
    Bad(
        "coulomb_for_celsius",
        '[operation]\ntemperature = "25 C"',
        'operation.temperature = "25 C"',
        f'has the unit "C", which is not that of a temperature; {A_TEMPERATURE}',
    ),
    Bad(
        "unknown_unit",
        '[electrolyte]\nwidth = "50 mikrons"',
        'electrolyte.width = "50 mikrons"',
        f'has the unknown unit "mikrons"; {A_LENGTH}',
    ),
    Bad(
        "unit_of_a_number",
        '[kinetics]\nanodic_transfer_coefficient = "0.5 V"',
        'kinetics.anodic_transfer_coefficient = "0.5 V"',
        A_NUMBER,
    ),
    Bad(
        "decimal_comma",
        '[electrolyte]\nwidth = "50,0 um"',
        'electrolyte.width = "50,0 um"',
        A_LENGTH,
    ),
    Bad("empty_text", '[electrolyte]\nwidth = ""', 'electrolyte.width = ""', A_LENGTH),
    Bad(
        "power_tower",
        '[electrolyte]\nwidth = "5 um^9^9^9^9^9"',
        'electrolyte.width = "5 um^9^9^9^9^9"',
        f"has no unit that can be read; {A_LENGTH}",
    ),
    Bad(
        "arithmetic",
        "[electrolyte]\nwidth = \"5 * __import__('os').getpid() um\"",
        "electrolyte.width = \"5 * __import__('os').getpid() um\"",
        A_LENGTH,
    ),
    Bad("nan", "[electrolyte]\nwidth = nan", "electrolyte.width = NaN", A_LENGTH),
    Bad(
        "nan_with_unit",
        '[electrolyte]\nwidth = "nan um"',
        'electrolyte.width = "nan um"',
        f"is not a finite number; {A_LENGTH}",
    ),
    Bad(
        "nan_number",
        "[kinetics]\ncathodic_transfer_coefficient = nan",
        "kinetics.cathodic_transfer_coefficient = NaN",
        f"is not a finite number; {A_NUMBER}",
    ),
    Bad(
        "infinite",
        '[operation]\ncurrent_density = "-inf A/m^2"',
        'operation.current_density = "-inf A/m^2"',
        f"is not a finite number; {A_CURRENT}",
    ),
    Bad(
        "1e999",
        '[operation]\ncurrent_density = "1e999 A/m^2"',
        'operation.current_density = "1e999 A/m^2"',
        f"is not a finite number; {A_CURRENT}",
    ),
    Bad(
        "1e999_number",
        "[kinetics]\nanodic_transfer_coefficient = 1e999",
        "kinetics.anodic_transfer_coefficient = Infinity",
        f"is not a finite number; {A_NUMBER}",
    ),
    Bad(
        "400_digits",
        "[kinetics]\nanodic_transfer_coefficient = 1" + 400 * "0",
        "kinetics.anodic_transfer_coefficient = 1000000000",
        f"...: is not a finite number; {A_NUMBER}",
    ),
    Bad(
        "5000_digits",
        "[electrolyte]\nwidth = 1" + 5000 * "0",
        "",
        "has a number with too many digits",
    ),
    # Wrong types.
    Bad(
        "list_for_quantity",
        '[electrolyte]\nwidth = ["50 um"]',
        'electrolyte.width = ["50 um"]',
        f"{A_LENGTH}, not a list",
    ),
    Bad(
        "table_for_quantity",
        '[electrolyte]\nwidth = { value = 50, unit = "um" }',
        'electrolyte.width = {"value": 50, "unit": "um"}',
        f"{A_LENGTH}, not a table",
    ),
    Bad(
        "bool_for_quantity",
        "[electrolyte]\nwidth = true",
        "electrolyte.width = true",
        f"{A_LENGTH}, not true or false",
    ),
    Bad(
        "date_for_quantity",
        "[electrolyte]\nwidth = 2023-01-01",
        "electrolyte.width = 2023-01-01",
        f"{A_LENGTH}, not a value of type date",
    ),
    Bad(
        "text_for_number",
        '[kinetics]\nanodic_transfer_coefficient = "half"',
        'kinetics.anodic_transfer_coefficient = "half"',
        f"does not start with a number; {A_NUMBER}",
    ),
    Bad("text_for_table", 'electrolyte = "Li6PS5Cl"', 'electrolyte = "Li6PS5Cl"', A_TABLE),
    Bad("list_for_table", "operation = [1, 2]", "operation = [1, 2]", A_TABLE),
    Bad("interlayer_as_text", 'interlayer = "Ag"', 'interlayer = "Ag"', A_TABLE),
    Bad(
        "number_for_material",
        "[interlayer]\nmaterial = 47",
        "interlayer.material = 47",
        "in quotes",
    ),
    # Keys.
    Bad("unknown_table", '[cathode]\nmaterial = "NMC"', 'cathode = {"material": "NMC"}', TABLES),
    Bad("key_at_top", 'width = "50 um"', 'width = "50 um"', TABLES),
    Bad("inner_table", '[cell.electrolyte]\nwidth = "50 um"', "cell = ", TABLES),
    Bad(
        "unknown_electrolyte_key",
        '[electrolyte]\nwidht = "50 um"',
        'electrolyte.widht = "50 um"',
        "is not a known key here; known are width, height, material, conductivity",
    ),
    Bad("unknown_kinetics_key", '[kinetics]\ni0 = "5 A/m^2"', "kinetics.i0", KINETICS_KEYS),
    Bad(
        "unknown_island_key",
        '[[islands]]\nradius = "5 um"',
        'islands.0.radius = "5 um"',
        "is not a known key here; known are width, center, kinetics, thickness, shape, "
        "inactive_fraction",
    ),
    Bad(
        "unknown_island_kinetics_key",
        "[[islands]]\n[islands.kinetics]\nalpha = 0.5",
        "islands.0.kinetics.alpha = 0.5",
        KINETICS_KEYS,
    ),
    Bad(
        "unknown_interlayer_key",
        f'{FILM}roughness = "10 nm"',
        'interlayer.roughness = "10 nm"',
        "is not a known key here; known are material, metal, reaction",
    ),
    Bad(
        "unknown_operation_key",
        '[operation]\nvoltage = "1 V"',
        'operation.voltage = "1 V"',
        "known are current_density, temperature",
    ),
    Bad(
        "unknown_accuracy_key",
        "[accuracy]\nmesh = 3",
        "accuracy.mesh = 3",
        "known are tolerance, degree",
    ),
    Bad(
        "width_of_a_cylinder",
        '[electrolyte]\ngeometry = "axisymmetric"\nwidth = "50 um"',
        'electrolyte.width = "50 um"',
        'is for another geometry than "axisymmetric", which has radius',
    ),
    Bad(
        "radius_of_a_stripe",
        '[[islands]]\nouter_radius = "5 um"',
        'islands.0.outer_radius = "5 um"',
        'is for another geometry than "planar", which has width and center',
    ),
    Bad(
        "width_of_a_disc",
        '[electrolyte]\ngeometry = "axisymmetric"\n[[islands]]\nwidth = "5 um"',
        'islands.0.width = "5 um"',
        'is for another geometry than "axisymmetric", which has inner_radius and outer_radius',
    ),
    Bad(
        "disc_outside",
        '[electrolyte]\ngeometry = "axisymmetric"\n[[islands]]\nouter_radius = "26 um"',
        'islands.0.outer_radius = "26 um"',
        "is outside the cell (radius 25 um)",
    ),
    Bad(
        "ring_inside_out",
        '[electrolyte]\ngeometry = "axisymmetric"\n[[islands]]\ninner_radius = "6 um"',
        'islands.0.outer_radius = "5 um"',
        "above inner_radius (6 um)",
    ),
    Bad("unknown_output_key", '[output]\nfile = "a"', 'output.file = "a"', "known are probes"),
    Bad("key_with_line_break", '"a\\nb" = 1', '"a\\nb" = 1', TABLES),
    Bad("empty_key", '"" = 1', '"" = 1', TABLES),
    # Names.
    Bad(
        "unknown_material",
        '[interlayer]\nmaterial = "Pb"',
        'interlayer.material = "Pb"',
        "is not a known film material; known are Ag, Au, Mg, Sn, Zn, In, Al, Si, Cd",
    ),
    Bad(
        "unknown_law",
        '[kinetics]\nlaw = "marcus"',
        'kinetics.law = "marcus"',
        "is not one of 'butler-volmer', 'linear' or 'tafel'",
    ),
    Bad(
        "unknown_reaction",
        f'{FILM}reaction = "both"',
        'interlayer.reaction = "both"',
        "is not one of 'none', 'release' or 'reversible'",
    ),
    # Values out of range.
    Bad(
        "negative_width",
        '[electrolyte]\nwidth = "-50 um"',
        'electrolyte.width = "-50 um"',
        "at least",
    ),
    Bad(
        "zero_width", '[[islands]]\nwidth = "0 um"', 'islands.0.width = "0 um"', "at least 0.001 um"
    ),
    Bad(
        "minus_zero_width", '[[islands]]\nwidth = "-0.0 um"', "islands.0.width", "at least 0.001 um"
    ),
    Bad(
        "very_flat",
        '[electrolyte]\nwidth = "1 m"',
        'electrolyte.height = "15 um"',
        "times the width",
    ),
    Bad(
        "zero_conductivity",
        '[electrolyte]\nconductivity = "0 S/m"',
        'electrolyte.conductivity = "0 S/m"',
        "must be at least 1e-08 mS/cm",
    ),
    Bad(
        "negative_conductivity",
        '[electrolyte]\nconductivity = "-1.8 mS/cm"',
        'electrolyte.conductivity = "-1.8 mS/cm"',
        "must be at least 1e-08 mS/cm",
    ),
    Bad(
        "zero_i0",
        '[kinetics]\nexchange_current_density = "0 mA/cm^2"',
        'kinetics.exchange_current_density = "0 mA/cm^2"',
        "must be at least 1e-13 mA/cm^2",
    ),
    Bad(
        "negative_i0_of_an_island",
        '[[islands]]\nkinetics = { exchange_current_density = "-1 mA/cm^2" }',
        'islands.0.kinetics.exchange_current_density = "-1 mA/cm^2"',
        "must be at least 1e-13 mA/cm^2",
    ),
    Bad(
        "zero_transfer_coefficient",
        "[kinetics]\nanodic_transfer_coefficient = 0",
        "kinetics.anodic_transfer_coefficient = 0",
        "must be above 0",
    ),
    Bad(
        "transfer_coefficient_3",
        f"{FILM}cathodic_transfer_coefficient = 3",
        "interlayer.cathodic_transfer_coefficient = 3",
        "must be at most 2",
    ),
    Bad(
        "0_kelvin",
        '[operation]\ntemperature = "0 K"',
        'operation.temperature = "0 K"',
        "must be at least 100 K",
    ),
    Bad(
        "minus_300_celsius",
        '[operation]\ntemperature = "-300 degC"',
        'operation.temperature = "-300 degC"',
        "must be at least 100 K",
    ),
    Bad(
        "zero_tolerance", '[accuracy]\ntolerance = "0 V"', 'accuracy.tolerance = "0 V"', "at least"
    ),
    Bad("degree_0", "[accuracy]\ndegree = 0", "accuracy.degree = 0", A_DEGREE),
    Bad("degree_7", "[accuracy]\ndegree = 7", "accuracy.degree = 7", A_DEGREE),
    Bad("degree_2.5", "[accuracy]\ndegree = 2.5", "accuracy.degree = 2.5", A_DEGREE),
    Bad("degree_true", "[accuracy]\ndegree = true", "accuracy.degree = true", A_DEGREE),
    Bad("degree_text", '[accuracy]\ndegree = "2"', 'accuracy.degree = "2"', A_DEGREE),
    # Geometry.
    Bad(
        "island_outside",
        '[[islands]]\ncenter = "49 um"',
        'islands.0.center = "49 um"',
        "it would reach from 46.5 um to 51.5 um, outside the cell (0 to 50 um)",
    ),
    Bad(
        "island_center_outside",
        '[[islands]]\ncenter = "70 um"',
        'islands.0.center = "70 um"',
        "outside the cell (0 to 50 um)",
    ),
    Bad(
        "island_center_negative",
        '[[islands]]\ncenter = "-1 um"',
        'islands.0.center = "-1 um"',
        "must be at least 0 um",
    ),
    Bad(
        "islands_overlap",
        '[[islands]]\ncenter = "10 um"\n[[islands]]\ncenter = "12 um"',
        "islands.1",
        "overlaps island 0 between 9.5 um and 12.5 um",
    ),
    Bad(
        "island_wider_than_cell",
        '[[islands]]\nwidth = "60 um"',
        'islands.0.width = "60 um"',
        "is wider than the cell (50 um)",
    ),
    Bad(
        "gap_too_narrow",
        '[[islands]]\ncenter = "2.5001 um"',
        "islands.0",
        "leaves a gap of 0.0001 um to the wall; at least 0.0005 um, or none",
    ),
    Bad("no_islands", "islands = []", "islands = []", "must have at least 1 entry"),
    Bad(
        "islands_as_table",
        '[islands]\nwidth = "5 um"',
        'islands = {"width": "5 um"}',
        "must be a list; in a case file write [[islands]]",
    ),
    Bad("islands_as_text", 'islands = "5 um"', 'islands = "5 um"', "must be a list"),
    Bad("island_as_text", 'islands = ["5 um"]', 'islands.0 = "5 um"', A_TABLE),
    Bad(
        "1001_islands", 1001 * "[[islands]]\n", "islands = [{}, ", "must have at most 1000 entries"
    ),
    Bad(
        "extent_reversed",
        f'{FILM}extent = [["10 um", "5 um"]]',
        'interlayer.extent.0 = "10 um to 5 um"',
        "must run from left to right over at least 0.0005 um",
    ),
    Bad(
        "extent_outside",
        f'{FILM}extent = [["40 um", "55 um"]]',
        'interlayer.extent.0 = "40 um to 55 um"',
        "must lie within the cell (0 to 50 um)",
    ),
    Bad(
        "extent_negative",
        f'{FILM}extent = [["-1 um", "5 um"]]',
        'interlayer.extent.0.0 = "-1 um"',
        "must be at least 0 um",
    ),
    Bad(
        "extents_overlap",
        f'{FILM}extent = [["1 um", "15 um"], ["10 um", "20 um"]]',
        "interlayer.extent.1",
        "overlaps interval 0 of the interlayer",
    ),
    Bad("extent_of_one", f'{FILM}extent = [["1 um"]]', 'interlayer.extent.0 = ["1 um"]', A_PAIR),
    Bad(
        "extent_empty", f"{FILM}extent = []", "interlayer.extent = []", "must have at least 1 entry"
    ),
    Bad(
        "probe_outside",
        '[output]\nprobes = [["1 um", "1 um"], ["60 um", "5 um"]]',
        'output.probes.1 = "(60 um, 5 um)"',
        "is outside the cell (50 um x 15 um)",
    ),
    Bad(
        "probe_below",
        '[output]\nprobes = [["6 um", "-5 um"]]',
        'output.probes.0.1 = "-5 um"',
        "must be at least 0 um",
    ),
    Bad("probe_of_one", 'output.probes = [["6 um"]]', 'output.probes.0 = ["6 um"]', A_PAIR),
    Bad(
        "probe_of_three",
        'output.probes = [["6 um", "5 um", "1 um"]]',
        'output.probes.0 = ["6 um", "5 um", "1 um"]',
        A_PAIR,
    ),
    Bad("probes_as_text", 'output.probes = "6 um"', 'output.probes = "6 um"', "must be a list"),
    # What does not go together.
    Bad(
        "film_of_nothing",
        "[interlayer]",
        "interlayer.equilibrium_potential",
        "is missing; give it, or a material to take it from",
    ),
    Bad(
        "tafel_without_current",
        '[kinetics]\nlaw = "tafel"\n[operation]\ncurrent_density = "0 A/m^2"',
        "operation.current_density = 0",
        "Tafel kinetics has no equilibrium; give a current other than 0",
    ),
    # Files that are no case files.
    Bad("not_toml", "width of the cell: 50 um", "", "is not valid TOML"),
    Bad("json", '{"electrolyte": {"width": "50 um"}}', "", "is not valid TOML"),
    Bad("unclosed_text", '[electrolyte]\nwidth = "50 um', "", "is not valid TOML"),
    Bad("no_quotes", "[electrolyte]\nwidth = 50 um", "", "(at line 2, column"),
    Bad("duplicate_key", '[electrolyte]\nwidth = "1 um"\nwidth = "2 um"', "", "Cannot overwrite"),
    Bad("duplicate_table", "[electrolyte]\n[electrolyte]", "", "twice (at line 2"),
    Bad("binary", bytes(range(256)), "", "is not a text file in UTF-8 (a case file is TOML)"),
    Bad("picture", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "", "is not a text file in UTF-8"),
    Bad("zero_bytes", b"\x00" * 512, "", "is not valid TOML"),
    Bad(
        "utf_16",
        '[electrolyte]\nwidth = "50 um"'.encode("utf-16"),
        "",
        "is not a text file in UTF-8",
    ),
    Bad("latin_1", "# 50 \N{MICRO SIGN}m".encode("latin-1"), "", "is not a text file in UTF-8"),
    Bad("huge", "# filling\n" * 500_000, "", "is larger than a case file may be (1 MB)"),
    Bad("deep_list", "a = " + 100_000 * "[" + 100_000 * "]", "", "is nested too deeply"),
    Bad("deep_table", "a = " + 10_000 * "{a = " + "1" + 10_000 * "}", "", "is nested too deeply"),
    Bad("deep_key", "a" + 100_000 * ".a" + " = 1", "", "is nested too deeply"),
    Bad("deep_heading", "[a" + 100_000 * ". 'a'" + "]", "", "is nested too deeply"),
    Bad(
        "deep_value",
        "[electrolyte]\nwidth = " + 200 * "[" + 200 * "]",
        "electrolyte.width = [[[",
        f"...: {A_LENGTH}, not a list",
    ),
]
NAMES = [bad.name for bad in BAD]
HEAVY = ("dolfinx", "mpi4py", "petsc4py", "gmsh", "pyvista", "matplotlib", "vtkmodules")


def write(folder: Path, bad: Bad) -> Path:
    file = folder / f"{bad.name}.toml"
    file.write_bytes(bad.content.encode() if isinstance(bad.content, str) else bad.content)
    return file


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The real command, as it is installed."""
    command = Path(sys.executable).with_name("fem-island")
    assert command.exists(), "the package is not installed beside this Python"
    return subprocess.run(
        [command, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def lines_of_refusal(finished: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of a run that was refused as it must be, without the program's name."""
    assert finished.returncode == 2, finished.stderr
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    lines = finished.stderr.splitlines()
    assert lines
    assert all(line.startswith("fem-island: ") for line in lines), finished.stderr
    assert all(len(line) < 400 for line in lines)
    return [line.removeprefix("fem-island: ") for line in lines]


def check(line: str, file: Path, bad: Bad) -> None:
    """The line names file, key and value, and says what is allowed."""
    assert line.startswith(f"{file}: {bad.place}"), line
    rest = line.removeprefix(f"{file}: {bad.place}")
    assert bad.allowed in rest, line
    assert line.isprintable(), line


def test_the_table_is_long_enough_and_has_no_name_twice() -> None:
    assert len(set(NAMES)) == len(BAD) >= 45


@pytest.mark.parametrize("bad", BAD, ids=NAMES)
def test_refused_with_one_line(bad: Bad, tmp_path: Path) -> None:
    file = write(tmp_path, bad)
    with pytest.raises(InputError) as caught:
        read_case(file)
    assert len(caught.value.faults) == 1
    (line,) = str(caught.value).splitlines()
    check(line, file, bad)


def test_a_number_with_more_digits_than_python_prints(tmp_path: Path) -> None:
    file = tmp_path / "hexadecimal.toml"
    file.write_text("[electrolyte]\nwidth = 0x" + 5000 * "f")
    with pytest.raises(InputError, match=r"electrolyte\.width = .*: has no unit; give a length"):
        read_case(file)


def test_the_command_refuses_every_file_with_its_line(tmp_path: Path) -> None:
    files = [write(tmp_path, bad) for bad in BAD]
    lines = lines_of_refusal(run("solve", *files))
    assert len(lines) == len(BAD)
    for line, file, bad in zip(lines, files, BAD, strict=True):
        check(line, file, bad)


@pytest.mark.parametrize("name", ["no_unit", "binary", "deep_list", "island_outside"])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "json"])
def test_the_command_refuses_one_file(name: str, options: list[str], tmp_path: Path) -> None:
    (bad,) = (bad for bad in BAD if bad.name == name)
    file = write(tmp_path, bad)
    (line,) = lines_of_refusal(run("solve", file, *options))
    check(line, file, bad)


def test_one_line_per_fault(tmp_path: Path) -> None:
    file = tmp_path / "many.toml"
    file.write_text(
        """
        colour = "red"
        [electrolyte]
        width = "50 V"
        height = 15
        conductivity = "0 S/m"
        depth = "1 um"
        [[islands]]
        width = "-1 um"
        [[islands]]
        kinetics = { law = "marcus" }
        [accuracy]
        degree = 9
        [output]
        probes = [["1 um"], ["2 um", "3 V"]]
        """
    )
    lines = lines_of_refusal(run("solve", file))
    keys = [line.removeprefix(f"{file}: ").split(" = ")[0] for line in lines]
    assert keys == [
        "colour",
        "electrolyte.width",
        "electrolyte.height",
        "electrolyte.conductivity",
        "electrolyte.depth",
        "islands.0.width",
        "islands.1.kinetics.law",
        "accuracy.degree",
        "output.probes.0",
        "output.probes.1.1",
    ]


def test_nothing_is_solved_if_one_of_the_files_is_wrong(tmp_path: Path) -> None:
    good, bad, missing = (tmp_path / name for name in ("good.toml", "bad.toml", "missing.toml"))
    good.touch()
    bad.write_text("degree = 2")
    lines = lines_of_refusal(run("solve", good, bad, missing, tmp_path, "--json"))
    assert [line.split(": ")[0] for line in lines] == [str(bad), str(missing), str(tmp_path)]
    assert lines[1] == f"{missing}: there is no such file"
    assert lines[2] == f"{tmp_path}: is a folder; give a case file (TOML)"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "secret.toml"
    file.touch(mode=0)
    with pytest.raises(InputError, match=r"secret\.toml: cannot be read: Permission denied"):
        read_case(file)


def test_a_file_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"case\.toml: cannot be read: Not a directory"):
        read_case(tmp_path / "file" / "case.toml")


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve", "bad.toml"],
        ["solve", "bad.toml", "--json"],
        ["solve", "good.toml", "--set", "a=1"],
    ],
    ids=["file", "json", "set"],
)
def test_nothing_heavy_is_loaded_to_find_faults(arguments: list[str], tmp_path: Path) -> None:
    """That is why the answer comes at once."""
    (tmp_path / "bad.toml").write_text(
        '[[islands]]\nwidth = "60 um"\n[interlayer]\nmaterial = "Ag"'
    )
    (tmp_path / "good.toml").touch()
    program = (
        "import sys\n"
        "from fem_island.cli import main\n"
        f"sys.argv = ['fem-island', *{arguments!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        f"    loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "    print(end.code, loaded)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=tmp_path,
    )
    assert finished.stdout == "2 []\n"


@pytest.mark.parametrize(
    ("change", "place", "allowed"),
    [
        ("operation.current_density", "--set = ", "give KEY=VALUE, such as operation.current"),
        ("=5 um", "--set = ", "give KEY=VALUE"),
        ("", "--set = ", "give KEY=VALUE"),
        ("operation..temperature=300 K", "--set = ", "give KEY=VALUE"),
        ("a" + 2000 * ".a" + "=1", "--set = ", "give KEY=VALUE"),
        ("islands.1.width=5 um", "--set = ", "no entry 1: there is 1 entry, counted from 0"),
        ("islands." + 5000 * "9" + ".width=5 um", "--set = ", "no entry 999"),
        ("interlayer.material.symbol=Ag", "interlayer.material = ", "must be text in quotes"),
        ("colour=red", 'colour = "red"', TABLES),
        ("operation.voltage=1 V", 'operation.voltage = "1 V"', "known are current_density"),
        (
            "operation.current_density=1",
            "operation.current_density = 1",
            f"has no unit; {A_CURRENT}",
        ),
        ("operation.current_density=", 'operation.current_density = ""', A_CURRENT),
        ("operation.current_density=nan", "operation.current_density = NaN", A_CURRENT),
        ("operation.current_density=5 mV", "operation.current_density = ", "which is not that of"),
        ("islands.width=5", "islands.0.width = 5", f"has no unit; {A_LENGTH}"),
        ("islands.\N{SUPERSCRIPT TWO}=1", 'islands.0."\N{SUPERSCRIPT TWO}" = 1', "known are width"),
        ("islands=5", "islands = 5", "must be a list"),
        ("interlayer=Ag", 'interlayer = "Ag"', A_TABLE),
        ("accuracy.degree=2.5", "accuracy.degree = 2.5", A_DEGREE),
        ("accuracy.degree=1" + 5000 * "0", 'accuracy.degree = "1000', A_DEGREE),
    ],
)
def test_assignments_are_refused_the_same_way(
    change: str, place: str, allowed: str, tmp_path: Path
) -> None:
    file = tmp_path / "case.toml"
    file.touch()
    with pytest.raises(InputError) as caught:
        read_case(file, [change])
    (line,) = str(caught.value).splitlines()
    check(line, file, Bad("", "", place, allowed))


def test_an_assignment_into_what_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text('interlayer = "Ag"')
    with pytest.raises(InputError, match='"material" is not in a table'):
        read_case(file, ["interlayer.material=Au"])


def test_the_command_refuses_assignments(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.touch()
    options = ["--set", "colour=red", "--set", "islands.width=5 mV", "--set", "accuracy.degree=0"]
    lines = lines_of_refusal(run("solve", file, *options))
    assert [line.split(" = ")[0] for line in lines] == [
        f"{file}: colour",
        f"{file}: islands.0.width",
        f"{file}: accuracy.degree",
    ]
    lines = lines_of_refusal(run("solve", file, "--set", "colour", "--set", "=red"))
    assert [line.split(": give")[0] for line in lines] == [
        f'{file}: --set = "colour"',
        f'{file}: --set = "=red"',
    ]


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (
            lambda: fi.Cell(electrolyte={"width": "50"}),
            f'electrolyte.width = "50": has no unit; {A_LENGTH}',
        ),
        (lambda: fi.Island(width=-1e-6), "width = -1e-06: must be at least 0.001 um"),
        (
            lambda: fi.Island(radius="5 um"),
            'radius = "5 um": is not a known key here; known are width, center, kinetics, '
            "thickness, shape, inactive_fraction, inner_radius, outer_radius",
        ),
        (
            lambda: fi.Cell(islands=[fi.Island(width="60 um")]),
            'islands.0.width = "60 um": is wider than the cell (50 um)',
        ),
        (lambda: fi.Cell(collector="Ag"), f'collector = "Ag": {A_TABLE}'),
        (
            lambda: fi.interlayer("Pb"),
            'material = "Pb": is not a known film material; '
            "known are Ag, Au, Mg, Sn, Zn, In, Al, Si, Cd",
        ),
        (
            lambda: fi.interlayer("Ag", exchange_current_density="5 mV"),
            'exchange_current_density = "5 mV": has the unit "mV", '
            f"which is not that of a current density; {A_CURRENT}",
        ),
        (
            lambda: fi.solve(fi.Cell(), current_density="5 mV"),
            'current_density = "5 mV": has the unit "mV", '
            f"which is not that of a current density; {A_CURRENT}",
        ),
        (
            lambda: fi.solve(fi.Cell(), current_density=float("nan")),
            f"current_density = NaN: is not a finite number; {A_CURRENT}",
        ),
        (
            lambda: fi.solve(fi.Cell(), temperature="25 C"),
            'temperature = "25 C": has the unit "C", '
            f"which is not that of a temperature; {A_TEMPERATURE}",
        ),
        (
            lambda: fi.solve(fi.Cell(), tolerance=0),
            "tolerance = 0: must be at least 1e-07 mV",
        ),
        (lambda: fi.solve(fi.Cell(), degree=7), f"degree = 7: {A_DEGREE}"),
        (
            lambda: fi.solve(fi.Cell(kinetics={"law": "tafel"}), current_density=0),
            "current_density = 0: Tafel kinetics has no equilibrium; give a current other than 0",
        ),
    ],
)
def test_python_refuses_in_the_same_words(make: Callable[[], object], line: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        make()
    # ``solve`` may say in which record the argument goes.
    assert str(caught.value).removeprefix("operation.").removeprefix("accuracy.") == line


def test_python_finds_all_faults_of_a_call() -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.solve(fi.Cell(), current_density="5 mV", temperature="0 K", degree=0)
    assert [fault.key.split(".")[-1] for fault in caught.value.faults] == [
        "current_density",
        "temperature",
        "degree",
    ]
