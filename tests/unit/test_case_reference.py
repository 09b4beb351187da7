"""What is said of case files, in a schema, a template and a table, is what ``read_case`` does."""

from __future__ import annotations

import json
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_blocks import Page

from fem_island import quantities
from fem_island.case import keys as case_keys
from fem_island.case import reference as case_reference
from fem_island.case import schema as case_schema
from fem_island.case import template as case_template
from fem_island.case.axes import numeric_keys
from fem_island.case.case import Case
from fem_island.case.file import case_from_table, read_case
from fem_island.case.fit import Data, read_fitting
from fem_island.case.readers import QuantityReader, WholeNumberReader
from fem_island.case.shapes import Key
from fem_island.case.sweep_table import read_axes
from fem_island.case.tables_beside import BESIDE_CASE, SWEEP
from fem_island.case.uncertain import read_uncertain_case
from fem_island.case.writing import number_text
from fem_island.errors import InputError
from fem_island.experiments.sweeps.sweep_file import read_plan
from fem_island.materials import library as materials

SCHEMA = case_schema.schema()
README_CASES = Page("README.md").blocks("toml")
BLANK = case_template.template(schema_beside=True)
# Keys that are left out have a # without a blank in front.
ALL_KEYS = re.sub(r'^#(?=[\[\w"])', "", BLANK, flags=re.MULTILINE)
KEYS = list(case_keys.values_in(case_keys.case_table()))


def complaints(text: str) -> list[str]:
    """What the schema says against a case file."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(tomllib.loads(text))]


def without_sweep(text: str) -> dict[str, Any]:
    return {key: value for key, value in tomllib.loads(text).items() if key not in BESIDE_CASE}


# --- The reference -------------------------------------------------------------------------------


def test_every_key_is_one_of_the_records() -> None:
    paths = [key.path.replace("[]", "") for key in KEYS]
    assert len(set(paths)) == len(paths) > 20
    for path in paths:
        assert case_keys.key_at(path.split(".")) is not None, path
    assert set(numeric_keys()) <= set(paths)


def test_every_key_is_explained() -> None:
    tables = case_keys.case_table().keys
    for key in (*tables, *KEYS):
        assert len(key.description) > 6, key.path
        assert "None" not in key.description, key.path
        assert "``" not in key.description, key.path
        assert "[m]" not in key.description, key.path
        assert "  " not in key.description, key.path


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_defaults_and_examples_are_read_as_they_are(key: Key) -> None:
    for text in {case_reference.default_text(key), case_reference.example(key.shape)} - {""}:
        value = tomllib.loads(f"value = {text}")["value"]
        if isinstance(key.shape, QuantityReader):
            found: Any = key.shape.read(value, unit_required=True)
            assert (
                key.default is None
                or text != case_reference.default_text(key)
                or (found == key.default)
            )
        elif isinstance(key.shape, WholeNumberReader):
            assert key.shape.read(value) == value


def test_some_rows() -> None:
    rows = {row.key: row for row in case_reference.rows()}
    width = rows["electrolyte.width"]
    assert (width.default, width.allowed) == ('"50 um"', "1 nm to 1 m")
    assert width.description == "Width W; 50 um in the paper."
    assert rows["accuracy.tolerance"].default == '"1 uV"'
    assert rows["accuracy.tolerance"].allowed == "0.1 nV to 100 mV"
    assert rows["accuracy.degree"].allowed == "1 to 6"
    assert rows["kinetics.anodic_transfer_coefficient"].allowed == "above 0, at most 2"
    assert rows["operation.temperature"].default == '"298.15 K"'
    assert rows["islands[].center"].default == ""
    assert rows["interlayer.material"].allowed == ", ".join(
        f'"{name}"' for name in materials.films()
    )
    assert SWEEP in rows


def test_the_markdown_table_has_a_row_for_every_key() -> None:
    lines = case_reference.markdown_table().splitlines()
    # A sweep, what is fitted and to which data, and what is uncertain.
    about_a_case = 1 + 1 + len(Data.model_fields) + 1
    assert len(lines) == 2 + len(KEYS) + about_a_case
    assert {line.count("|") for line in lines} == {5}
    assert lines[2] == (
        '| `electrolyte.width` | "50 um" | 1 nm to 1 m | Width W; 50 um in the paper. |'
    )


# --- The schema ----------------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(case_schema.schema_text()) == SCHEMA


def test_what_an_editor_shows() -> None:
    width = SCHEMA["properties"]["electrolyte"]["properties"]["width"]
    assert width["default"] == "50 um"
    assert width["examples"] == ["5 um"]
    assert width["description"] == (
        'Width W; 50 um in the paper. Allowed: 1 nm to 1 m. Default: "50 um".'
    )
    law = SCHEMA["properties"]["kinetics"]["properties"]["law"]
    assert law["enum"] == ["butler-volmer", "linear", "tafel"]
    assert SCHEMA["properties"]["islands"]["maxItems"] == 1000


@pytest.mark.parametrize("text", ["", *README_CASES, BLANK, ALL_KEYS], ids=lambda text: text[:20])
def test_the_schema_accepts_good_files(text: str, tmp_path: Path) -> None:
    assert complaints(text) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("electrolyte.width", '"50um"'),
        ("electrolyte.width", '" .05 mm "'),
        ("electrolyte.width", '"5e4 nm"'),
        ("electrolyte.width", '"+50 \N{GREEK SMALL LETTER MU}m"'),
        ("electrolyte.width", '"500000 \N{LATIN CAPITAL LETTER A WITH RING ABOVE}"'),
        ("electrolyte.conductivity", '"0.18 1/(ohm m)"'),
        ("electrolyte.conductivity", '"1.8 mS cm^-1"'),
        ("operation.current_density", '"-2.5 A/m\N{SUPERSCRIPT TWO}"'),
        ("operation.current_density", '"\N{MINUS SIGN}0.25 mA/cm^2"'),
        ("electrolyte.conductivity", '"1.8\N{MULTIPLICATION SIGN}10\u207b\u00b3 S cm\u207b\u00b9"'),
        ("electrolyte.conductivity", '"1.8 mS cm-1"'),
        ("interlayer.equilibrium_potential", '"50 mV vs. Li/Li+"'),
        ("kinetics.anodic_transfer_coefficient", '"500 mm/m"'),
        ("operation.temperature", '"-20 degC"'),
        ("operation.temperature", '"25 \N{DEGREE SIGN}C"'),
        ("kinetics.anodic_transfer_coefficient", "1"),
        ("kinetics.anodic_transfer_coefficient", '"50 %"'),
        ("accuracy.degree", "6"),
    ],
)
def test_the_schema_accepts_values_as_people_write_them(path: str, value: str) -> None:
    text = f"{path} = {value}"
    case_from_table(tomllib.loads(text))
    assert complaints(text) == []


PIECES = {
    "sign": ["", "", "-", "+", "\N{MINUS SIGN}", "\N{EN DASH}", "--", "~"],
    "number": ["5", "0.5", ".5", "5.", "5e1", "5E-1", "10", "0,5", "1 000", "five", ""],
    "power": ["", "", "x10^2", " x 10-2", "*10**2", "\u00d710\u207b\u00b2", "x10", "x102", "^2"],
    "blank": ["", " ", "  ", "\N{NO-BREAK SPACE}"],
    "unit": [
        *("mA/cm^2", "mA cm-2", "mA cm\u207b\u00b2", "mA.cm-2", "A/m2", "A m^{-2}", "mA", "", "%"),
        *("A m^-2.5", "A/m^^2", "A/", "/m2 A", "A+m", "mA cm^-22", "uA\u00b7cm**-2", "A vs. Li"),
    ],
    "end": ["", "", " ", ";", " vs. Li/Li+"],
}


def test_schema_and_reader_agree_on_how_quantities_are_written() -> None:
    """On 4,000 texts of pieces that people write, and of some that nobody should."""
    draw = random.Random(19)
    validator = jsonschema.Draft202012Validator(
        SCHEMA["properties"]["operation"]["properties"]["current_density"]
    )
    accepted = 0
    for _ in range(4000):
        text = "".join(draw.choice(options) for options in PIECES.values())
        try:
            quantities.to_si(text, quantities.CURRENT_DENSITY)
            refused = ""
        except ValueError as error:
            refused = str(error)
        # Only the reader knows which units are those of a current density.
        is_unit = not refused or "not that of" in refused or "unknown unit" in refused
        assert validator.is_valid(text) == is_unit, (text, refused)
        accepted += not refused
    assert accepted > 200


@pytest.mark.parametrize(
    "text",
    [
        "electrolyte.width = 50",
        'electrolyte.width = "50"',
        'electrolyte.width = "-50 um"',
        'electrolyte.width = "50,0 um"',
        'electrolyte.width = ["50 um"]',
        'electrolyte.width = "nan um"',
        "electrolyte.width = true",
        'electrolyte.widht = "50 um"',
        'electrolyte = "Li6PS5Cl"',
        "operation.current_density = 2.5",
        'kinetics.law = "marcus"',
        "kinetics.anodic_transfer_coefficient = 0",
        'kinetics.anodic_transfer_coefficient = "0.5 V"',
        "kinetics.anodic_transfer_coefficient = 2.5",
        'interlayer = { material = "Pb" }',
        'interlayer = { material = "Ag", reaction = "both" }',
        'interlayer = { material = "Ag", extent = [["1 um"]] }',
        'interlayer = { material = "Ag", extent = [] }',
        'cathode.material = "NMC"',
        'islands.width = "5 um"',
        '[[islands]]\nradius = "5 um"',
        "[[islands]]\nkinetics = { i0 = 1 }",
        "accuracy.degree = 7",
        "accuracy.degree = 2.5",
        "accuracy.tolerance = 1e-6",
        "output.probes = [[25e-6, '1 um']]",
        'output.probes = [["1 um", "2 um", "3 um", "4 um"]]',
    ],
)
def test_schema_and_reader_refuse(text: str) -> None:
    assert complaints(text) != []
    with pytest.raises(InputError):
        case_from_table(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "islands = []",
        'electrolyte.width = "50 mV"',
        'electrolyte.width = "50 m"',
        '[[islands]]\nwidth = "60 um"',
        "[interlayer]",
    ],
)
def test_what_only_the_reader_knows(text: str) -> None:
    assert complaints(text) == []
    with pytest.raises(InputError):
        case_from_table(tomllib.loads(text))


SWEEPS = [
    '"islands.width" = ["1 um", "2 um"]',
    'islands.width = ["1 um", "2 um"]',
    '"islands.0.width" = ["1 um"]',
    'islands.0.kinetics.exchange_current_density = { from = "1 A/m^2", to = "9 A/m^2", count = 3 }',
    '"operation.temperature" = { from = "20 degC", to = "60 degC", count = 3, spacing = "linear" }',
    '"accuracy.degree" = { from = 1, to = 3, count = 3 }',
    '"kinetics.anodic_transfer_coefficient" = [0.4, 0.5]',
    'zip = true\n"islands.width" = ["1 um"]\n"islands.center" = ["9 um"]',
]
NO_SWEEPS = [
    '"islands.width" = [1e-6]',
    '"islands.width" = []',
    '"islands.width" = "1 um"',
    '"islands.widht" = ["1 um"]',
    '"interlayer.material" = ["Ag"]',
    '"islands.width" = { from = "1 um", to = "2 um" }',
    '"islands.width" = { from = "1 um", to = "2 um", count = 0 }',
    '"islands.width" = { from = "1 um", to = "2 um", count = 2, spacing = "cubic" }',
    '"islands.width" = { from = "1 um", to = "2 um", count = 2, step = 1 }',
    'zip = "yes"\n"islands.width" = ["1 um"]',
]


@pytest.mark.parametrize("table", SWEEPS)
def test_sweeps_that_are_accepted(table: str) -> None:
    read_axes(tomllib.loads(table))
    assert complaints(f"[sweep]\n{table}") == []


@pytest.mark.parametrize("table", NO_SWEEPS)
def test_sweeps_that_are_refused(table: str) -> None:
    with pytest.raises(InputError):
        read_axes(tomllib.loads(table))
    assert complaints(f"[sweep]\n{table}") != []


def test_every_numeric_key_can_be_swept() -> None:
    for path in numeric_keys():
        key = next(key for key in KEYS if key.path.replace("[]", "") == path)
        values = f"[{case_reference.example(key.shape)}]"
        assert complaints(f'sweep."{path}" = {values}') == []
        assert complaints(f"sweep.{path} = {values}") == []


# --- The template --------------------------------------------------------------------------------


def test_the_template_is_the_default_case(tmp_path: Path) -> None:
    for beside in (True, False):
        file = tmp_path / f"{beside}.toml"
        file.write_text(case_template.template(schema_beside=beside), encoding="utf-8")
        assert read_case(file) == Case()
        assert all(len(line) <= 100 for line in file.read_text("utf-8").splitlines())


def test_the_template_has_every_key() -> None:
    table = without_sweep(ALL_KEYS)
    for key in KEYS:
        place: Any = table
        for name in key.path.replace("[]", ".0").split("."):
            place = place[int(name)] if isinstance(place, list) else place[name]
    live = without_sweep(BLANK)
    assert "interlayer" not in live
    assert live["islands"] == [{"width": "5 um", "shape": "slab", "inactive_fraction": 0.0}]
    assert not {"lithium", "series", "stripping", "protocol"} & set(live)


def with_example(name: str) -> str:
    """The template with the example of a table that says what is done with the case."""
    head, _, rest = BLANK.partition(f"#[{name}]")
    example, between, others = rest.partition("\n\n")
    live = re.sub("^#", "", f"#[{name}]{example}", flags=re.MULTILINE)
    return head + live + between + others


def test_the_fit_of_the_template(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(with_example("fit"))
    fitting = read_fitting(file)
    paths = ["kinetics.exchange_current_density", "islands.width"]
    assert [parameter.path for parameter in fitting.parameters] == paths
    assert [data.error for data in fitting.data] == ["1 mV"]
    assert complaints(file.read_text()) == []


def test_the_uncertain_values_of_the_template(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(with_example("uncertain"))
    _, uncertainty = read_uncertain_case(file)
    assert [key.path for key in uncertainty.keys] == ["islands.width"]
    assert complaints(file.read_text()) == []


def test_a_table_that_says_what_is_done_is_no_part_of_the_case(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text("[fit]\nparameters = 1\n")
    assert read_case(file) == Case()


def test_the_sweep_of_the_template(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(with_example("sweep"))
    assert [axis.name for axis in read_plan(file).axes] == ["island_width", "current_density"]


def test_the_schema_is_named_where_it_is() -> None:
    directive = f"#:schema ./{case_schema.FILE_NAME}"
    assert BLANK.startswith(f"{directive}\n")
    alone = case_template.template(schema_beside=False)
    assert not re.search(r"^#:schema", alone, re.MULTILINE)
    assert directive in alone


def test_numbers_as_people_write_them() -> None:
    text = number_text
    assert text(1e-6, quantities.LENGTH) == "1 um"
    assert text(0.0, quantities.LENGTH) == "0 um"
    assert text(-0.05, quantities.POTENTIAL) == "-50 mV"
    assert text(5e-11, quantities.POTENTIAL) == "0.05 nV"
    assert text(298.15, quantities.TEMPERATURE) == "298.15 K"
    assert text(0.5, quantities.PURE_NUMBER) == "0.5"
