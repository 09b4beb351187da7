"""Case files that are right: what is read from them, and what assignments change."""

from __future__ import annotations

from pathlib import Path

import pytest

import fem_island as fi
from fem_island.case.file import case_from_table, read_case

# Every key that there is, none with its default.
EVERYTHING = """
[electrolyte]
width = "80 um"
height = "20 um"
conductivity = "2.5 mS/cm"

[kinetics]
law = "linear"
exchange_current_density = "0.7 mA/cm^2"
anodic_transfer_coefficient = 0.4
cathodic_transfer_coefficient = 0.6

[[islands]]
width = "6 um"
center = "3 um"

[[islands]]
width = "8 um"
center = "40 um"
kinetics = { law = "tafel", exchange_current_density = "1 mA/cm^2", \
anodic_transfer_coefficient = 1, cathodic_transfer_coefficient = 1.5 }

[interlayer]
material = "Au"
reaction = "release"
equilibrium_potential = "0.16 V"
exchange_current_density = "3 A/m^2"
anodic_transfer_coefficient = "30 %"
cathodic_transfer_coefficient = "0.7"
extent = [["6 um", "10 um"], ["70 um", "80 um"]]

[operation]
current_density = "-0.5 mA/cm^2"
temperature = "60 degC"

[accuracy]
tolerance = "10 nV"
degree = 3

[output]
probes = [["25 um", "7.5 um"], ["0 um", "20 um"]]
"""

# The file of the documentation, whose values are the defaults.
DOCUMENTED = """
[electrolyte]
width = "50 um"
height = "15 um"
conductivity = "1.8 mS/cm"

[kinetics]                       # lithium | electrolyte
law = "butler-volmer"            # "linear", "tafel"
exchange_current_density = "0.5 mA/cm^2"
anodic_transfer_coefficient = 0.5
cathodic_transfer_coefficient = 0.5

[[islands]]                      # one table per island
width = "5 um"

[operation]
current_density = "0.25 mA/cm^2" # > 0 strips, < 0 plates
temperature = "298.15 K"

[accuracy]
tolerance = "1 uV"
"""


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "case.toml"


def read(path: Path, content: str | bytes, *changes: str) -> fi.Case:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_case(path, changes)


def test_every_key(write: Path) -> None:
    case = read(write, EVERYTHING)
    cell = case.cell
    assert cell.electrolyte == fi.Electrolyte(width=80e-6, height=20e-6, conductivity=0.25)
    assert cell.kinetics == fi.Kinetics(
        law="linear",
        exchange_current_density=7.0,
        anodic_transfer_coefficient=0.4,
        cathodic_transfer_coefficient=0.6,
    )
    assert cell.islands == (
        fi.Island(width=6e-6, center=3e-6),
        fi.Island(
            width=8e-6,
            center=40e-6,
            kinetics=fi.IslandKinetics(
                law="tafel",
                exchange_current_density=10.0,
                anodic_transfer_coefficient=1.0,
                cathodic_transfer_coefficient=1.5,
            ),
        ),
    )
    assert cell.interlayer == fi.Interlayer(
        material="Au",
        reaction="release",
        equilibrium_potential=0.16,
        exchange_current_density=3.0,
        anodic_transfer_coefficient=0.3,
        cathodic_transfer_coefficient=0.7,
        extent=((6e-6, 10e-6), (70e-6, 80e-6)),
    )
    assert case.operation.current_density == -5.0
    assert case.operation.temperature == pytest.approx(333.15, rel=1e-15, abs=0)
    assert case.accuracy == fi.Accuracy(tolerance=1e-8, degree=3)
    assert case.output.probes == ((25e-6, 7.5e-6), (0.0, 20e-6))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\n\t\n", id="blank"),
        pytest.param("# nothing\n# here", id="comments"),
        pytest.param(DOCUMENTED, id="documented"),
        pytest.param(
            "[electrolyte]\n[kinetics]\n[[islands]]\n[operation]\n[accuracy]", id="headings"
        ),
        pytest.param(DOCUMENTED.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param(b"\xef\xbb\xbf" + DOCUMENTED.encode(), id="Windows byte order mark"),
        pytest.param('electrolyte.width = "50 um"\nislands = [{}]', id="inline"),
        pytest.param('[electrolyte]\nwidth = "50 \N{MICRO SIGN}m"', id="micro sign"),
        pytest.param('[[islands]]\nwidth = """\n5\n um"""', id="on two lines"),
        pytest.param("# 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16 digits and dots", id="dots"),
    ],
)
def test_all_defaults(write: Path, content: str | bytes) -> None:
    assert read(write, content) == fi.Case()


def test_a_negative_zero_is_zero(write: Path) -> None:
    content = """
        operation.current_density = "-0.0 A/m^2"
        output.probes = [["-0.0 um", "-0 um"]]
        islands = [{ width = "50 um" }]
    """
    case = read(write, content)
    assert str(case.operation.current_density) == "0.0"
    assert str(case.output.probes) == "((0.0, 0.0),)"


def test_numbers_need_units_in_files_only() -> None:
    with pytest.raises(fi.InputError, match="width = 5e-05: has no unit"):
        case_from_table({"electrolyte": {"width": 50e-6}})
    assert fi.Electrolyte(width=50e-6).width == 50e-6


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("operation.current_density=1 mA/cm^2", fi.Case(operation={"current_density": 10.0})),
        ("operation.current_density = 1 mA/cm^2 ", fi.Case(operation={"current_density": 10.0})),
        ('operation.current_density="1 mA/cm^2"', fi.Case(operation={"current_density": 10.0})),
        ("operation . temperature='60 degC'", fi.Case(operation={"temperature": "60 degC"})),
        ("islands.width=20 um", fi.Case(cell={"islands": [{"width": 20e-6}]})),
        ("islands.0.width=20 um", fi.Case(cell={"islands": [{"width": 20e-6}]})),
        ('islands=[{width="20 um"}]', fi.Case(cell={"islands": [{"width": 20e-6}]})),
        ('islands.0={width="20 um"}', fi.Case(cell={"islands": [{"width": 20e-6}]})),
        (
            "islands.kinetics.law=linear",
            fi.Case(cell={"islands": [{"kinetics": {"law": "linear"}}]}),
        ),
        ("kinetics.law=tafel", fi.Case(cell={"kinetics": {"law": "tafel"}})),
        (
            "kinetics.anodic_transfer_coefficient=0.3",
            fi.Case(cell={"kinetics": {"anodic_transfer_coefficient": 0.3}}),
        ),
        ("interlayer.material=Ag", fi.Case(cell={"interlayer": {"material": "Ag"}})),
        (
            'interlayer={material="Ag", reaction="release"}',
            fi.Case(cell={"interlayer": {"material": "Ag", "reaction": "release"}}),
        ),
        ("accuracy.degree=4", fi.Case(accuracy={"degree": 4})),
        (
            'output.probes=[["1 um", "2 um"]]',
            fi.Case(output={"probes": [(1e-6, 2e-6)]}),
        ),
    ],
)
def test_one_assignment_to_an_empty_file(write: Path, change: str, expected: fi.Case) -> None:
    assert read(write, "", change) == expected


def test_assignments_to_many_islands(write: Path) -> None:
    content = '[[islands]]\ncenter = "10 um"\n[[islands]]\ncenter = "40 um"\nwidth = "2 um"'
    every = read(write, content, "islands.width=7 um")
    assert [island.width for island in every.cell.islands] == [7e-6, 7e-6]
    assert [island.center for island in every.cell.islands] == [10e-6, 40e-6]
    second = read(write, content, "islands.1.width=7 um")
    assert [island.width for island in second.cell.islands] == [5e-6, 7e-6]


def test_assignments_replace_what_the_file_says_in_their_order(write: Path) -> None:
    wrong = '[electrolyte]\nwidth = "50 V"\nheight = "20 um"'
    case = read(write, wrong, "electrolyte.width=70 um", "electrolyte.width=60 um")
    assert case.cell.electrolyte == fi.Electrolyte(width=60e-6, height=20e-6)


def test_an_assignment_to_one_entry_of_a_list(write: Path) -> None:
    content = '[output]\nprobes = [["1 um", "2 um"], ["3 um", "4 um"]]'
    case = read(write, content, "output.probes.1.0=9 um")
    assert case.output.probes == ((1e-6, 2e-6), (9e-6, 4e-6))
    case = read(write, content, 'output.probes.0=["8 um", "1 um"]')
    assert case.output.probes == ((8e-6, 1e-6), (3e-6, 4e-6))


def test_paths_may_be_text(write: Path) -> None:
    write.touch()
    assert read_case(str(write)) == fi.Case()


def test_files_beside_a_case_file_in_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "layer.csv").write_text("x [um],thickness [um]\n0,4.6\n50,5.1\n")
    (tmp_path / "case.toml").write_text('[lithium]\nprofile = "layer.csv"\n')
    layer = read_case("~/case.toml").cell.lithium
    assert layer is not None
    assert layer.profile is not None
    assert layer.profile[1] == pytest.approx((50e-6, 5.1e-6))
    nobody = tmp_path / "nobody.toml"
    nobody.write_text('[map]\nimage = "~nobody-here/contact.png"\npixel = "1 um"\n')
    with pytest.raises(fi.InputError, match=r"map\.image = .*: is not there"):
        read_case(nobody)
