"""The command line as it is installed: help, reports, JSON, files, and exit statuses.

The runs that compute are shared between tests, since each of them loads DOLFINx.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from matplotlib import image

from fem_island.case.case import Case
from fem_island.materials import library as materials
from fem_island.results.result import ErrorEstimate, InterlayerResult, IslandResult, Result

COMMAND = Path(sys.executable).with_name("fem-island")
HEAVY = ("dolfinx", "mpi4py", "pydantic", "numpy", "pint", "matplotlib", "pyvista", "gmsh")

ENDINGS = ("json", "bottom.csv", "vtkhdf", "bottom.vtkhdf", "potential.png", "bottom.png")

# The keys whose names are fixed are pinned in tests/unit/test_result.py.
KEYS = {"case", "input", *(field.name for field in fields(Result))} - {"reason"}
ISLAND_KEYS, ERROR_KEYS, FILM_KEYS = (
    {field.name for field in fields(record)}
    for record in (IslandResult, ErrorEstimate, InterlayerResult)
)

CASES = {
    "default": "# the paper's cell",
    # A film of silver that shares the current.
    "film": """
        [interlayer]
        material = "Ag"
        reaction = "reversible"
        [output]
        probes = [["25 um", "7.5 um"], ["0 um", "15 um"]]
        """,
    # Plating on two islands, one of them at a wall.
    "plating": """
        [[islands]]
        center = "2.5 um"
        [[islands]]
        center = "30 um"
        width = "10 um"
        [interlayer]
        material = "Au"
        extent = [["10 um", "20 um"]]
        [operation]
        current_density = "-0.25 mA/cm^2"
        """,
    # Fast kinetics in a poor electrolyte.
    "ohmic": """
        [electrolyte]
        conductivity = "0.1 mS/cm"
        [kinetics]
        exchange_current_density = "100 mA/cm^2"
        """,
    # A thousandth as high as wide.
    "flat": '[electrolyte]\nwidth = "100 um"\nheight = "0.1 um"',
    # No current at all.
    "rest": '[operation]\ncurrent_density = "0 A/m^2"',
}


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=300, cwd=cwd
    )


def done(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Standard output of a run that must work, and say nothing on standard error."""
    finished = run(*arguments, cwd=cwd)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout


def refused(*arguments: str | Path, cwd: Path | None = None) -> str:
    """The one line of a run that was refused."""
    finished = run(*arguments, cwd=cwd)
    assert finished.returncode == 2, finished.stderr
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith("fem-island: ")
    return line.removeprefix("fem-island: ")


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    for name, content in CASES.items():
        (folder / f"{name}.toml").write_text(content)
    return folder


@pytest.fixture(scope="module")
def solved(folder: Path) -> dict[str, dict[str, Any]]:
    """All cases by one run with ``--json``."""
    found = records(done("solve", *(f"{name}.toml" for name in CASES), "--json", cwd=folder))
    assert [record["case"] for record in found] == [f"{name}.toml" for name in CASES]
    return dict(zip(CASES, found, strict=True))


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, str]:
    """The reports of all cases for people, from one run, with line breaks as blanks."""
    text = done("solve", *(f"{name}.toml" for name in CASES), cwd=folder)
    found = {}
    for name in reversed(CASES):
        text, _, report = text.rpartition(f"{name}.toml\n")
        found[name] = " ".join(report.split())
    assert text == ""
    return found


# --- Help, and what needs no computation ---------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--help"], ["solve", "figure6", "materials", "--version"]),
        ([], ["solve", "figure6", "materials", "--version"]),
        (["solve", "--help"], ["CASE.TOML", "--set", "--solver", "--json", "--out", "newton"]),
        (["figure6", "--help"], ["--out", "Figure 6"]),
        (["materials", "--help"], ["films and electrolytes"]),
        (["init", "--help"], ["FILE", "case.toml", "default"]),
        (["schema", "--help"], ["--out", "JSON Schema"]),
        (["selftest", "--help"], ["known answers"]),
        (["--version"], [version("fem-island")]),
    ],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: list[str], shown: list[str]) -> None:
    program = (
        "import sys\n"
        "from fem_island.cli import main\n"
        f"sys.argv = ['fem-island', *{arguments!r}]\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        f"    loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "    print(end.code, loaded, file=sys.stderr)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert finished.stderr == "0 []\n"
    assert all(word in finished.stdout for word in shown), finished.stdout


@pytest.mark.parametrize("module", ["fem_island", "fem_island.cli"])
def test_the_module_is_the_command(module: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", module, "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert finished.stdout == done("--version") == version("fem-island") + "\n"


def test_materials() -> None:
    text = done("materials")
    rows = [[cell.strip() for cell in line.split("  ")] for line in text.splitlines()]
    for symbol, film in materials.films().items():
        name = f"{symbol} {film.name}"
        (row,) = (row for row in rows if name in row)
        potential = film.delithiation_potential
        assert {f"{potential.text} ({potential.confidence})", film.lithiated_phase} <= set(row)
        (row,) = (row for row in rows if row[0] == film.name)
        assert {film.molar_mass.text, film.density.text} <= set(row)
    plain = " ".join(text.split())
    for film in materials.films().values():
        assert film.delithiation_potential.source in plain
        assert film.delithiation_potential.note in plain
    for electrolyte in materials.electrolytes().values():
        assert f"{electrolyte.formula} {electrolyte.conductivity.text}" in plain
        assert electrolyte.interface_resistance.source in plain


def test_a_reader_that_has_enough_is_no_fault() -> None:
    """As in ``fem-island materials | head``."""
    with subprocess.Popen(
        [COMMAND, "materials"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_without_a_file_the_papers_cell_is_solved(folder: Path) -> None:
    changes = ("--set=islands.width=20 um", "--solver=condensed")
    record = json.loads(done("solve", *changes, "--json", cwd=folder))
    assert record["case"] == "paper_cell"
    assert record["overpotential_mean"] == pytest.approx(0.0303246, abs=1e-6)
    refused = run("solve", "--set=islands.width=20 mV", cwd=folder)
    assert refused.returncode == 2
    assert refused.stderr.startswith('fem-island: islands.0.width = "20 mV": has the unit "mV"')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["strip"], "CASE.toml: is missing"),
        (["evaluate", "default.toml"], "--table: is missing"),
        (["solve", "default.toml", "--mesh", "3"], "--mesh"),
        (["solve", "default.toml", "--solver", "magic"], '"magic"'),
        (["solve", "default.toml", "--set"], "--set: has no value behind it"),
        (["solve", "default.toml", "--out"], "--out"),
        (["solve", "default.toml", "--json=5"], "--json"),
        (["solv", "default.toml"], '"solv"'),
        (["materials", "Ag"], "Ag: is more than the command takes"),
        (["figure6", "--paper"], "--paper"),
        (["--colour"], "--colour"),
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: list[str], said: str, folder: Path) -> None:
    line = refused(*arguments, cwd=folder)
    assert said in line
    assert "fem-island --help" in line


def test_out_must_be_a_folder_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "default.toml").touch()
    for out in ("file", "file/below"):
        for command in (["solve", "default.toml"], ["figure6"]):
            line = refused(*command, "--out", out, cwd=tmp_path)
            assert line.startswith(f'--out = "{out}": cannot be made a folder: ')


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_out_must_not_be_read_only(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o555)
    line = refused("solve", folder / "default.toml", "--out", "out", cwd=tmp_path)
    assert line == '--out = "out": is a folder that cannot be written to'


def test_cases_of_one_name_would_overwrite_each_other(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "default.toml").touch()
    first, second = folder / "default.toml", tmp_path / "default.toml"
    out = tmp_path / "out"
    for command in ("solve", "impedance"):
        line = refused(command, first, second, folder / "film.toml", "--out", out)
        assert line == (
            f"{second}: --out: would be written over {first}; give the files different names"
        )
    thick = ("--set", "islands.thickness=1 um", "--films", "Ag,Ag")
    line = refused("strip", second, *thick, "--out", out)
    assert line == f"{second}-Ag: --out: is given twice"
    assert not out.exists() or not list(out.iterdir())


# --- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_json_has_exactly_the_keys(name: str, solved: dict[str, dict[str, Any]]) -> None:
    record = solved[name]
    assert set(record) == KEYS
    assert Case.from_json(json.dumps(record)) == Case.from_toml(CASES[name])
    assert all(set(island) == ISLAND_KEYS for island in record["islands"])
    assert set(record["error_estimate"]) == ERROR_KEYS
    assert record["interlayer"] is None or set(record["interlayer"]) == FILM_KEYS
    assert set(record["delithiates"]) == set(materials.films())
    assert record["status"] == "converged"
    assert record["solver"] == "newton"
    assert record["charge_imbalance"] < 1e-9
    assert 0 <= record["error_estimate"]["overpotential_mean"] < 1e-6


def test_the_papers_cell(solved: dict[str, dict[str, Any]]) -> None:
    record = solved["default"]
    assert record["overpotential_mean"] == pytest.approx(0.0846432, abs=1e-6)
    assert record["exposed_drive_max"] == pytest.approx(0.0852507, abs=1e-6)
    assert record["local_current_density_mean"] == pytest.approx(25.0, rel=1e-9, abs=0)
    assert record["overpotential_min"] < record["overpotential_mean"] < record["overpotential_max"]
    (island,) = record["islands"]
    assert island["current_fraction"] == pytest.approx(1.0, abs=1e-9)
    assert island["overpotential_left"] == pytest.approx(record["overpotential_max"], abs=1e-6)
    assert island["overpotential_right"] == pytest.approx(record["overpotential_max"], abs=1e-6)
    assert island["overpotential_center"] == pytest.approx(record["overpotential_min"], abs=1e-6)
    assert record["interlayer"] is None
    acting = {symbol for symbol, acts in record["delithiates"].items() if acts}
    assert acting == {"Ag", "Au", "Mg", "Cd"}
    resistance = (-record["potential_top_mean"] - record["overpotential_mean"]) / 2.5 - 15e-6 / 0.18
    assert record["constriction_resistance"] == pytest.approx(resistance, rel=1e-9, abs=0)
    assert record["probes"] == []


def test_a_film_that_shares_the_current(solved: dict[str, dict[str, Any]]) -> None:
    record = solved["film"]
    assert record["overpotential_mean"] == pytest.approx(56.4125e-3, abs=1e-6)
    assert record["interlayer"]["current_fraction"] == pytest.approx(0.46718, abs=1e-5)
    (island,) = record["islands"]
    assert island["current_fraction"] == pytest.approx(1 - 0.46718, abs=1e-5)
    (x, y, middle), (*corner, top) = record["probes"]
    assert [x, y] == pytest.approx([25e-6, 7.5e-6], rel=1e-12, abs=0)
    assert corner == pytest.approx([0, 15e-6], rel=1e-12, abs=0)
    # Between the island's surface and the top.
    assert top < middle < -record["overpotential_min"]
    assert top == pytest.approx(record["potential_top_mean"], abs=1e-4)


def test_plating_on_two_islands(solved: dict[str, dict[str, Any]]) -> None:
    record = solved["plating"]
    # 15 of 50 um carry the current; ohmic differences are below 1 mV.
    expected = -2 * 8.314462618 * 298.15 / 96485.33212 * math.asinh(2.5 * 50 / (2 * 5.0 * 15))
    assert record["overpotential_mean"] == pytest.approx(expected, abs=2e-4)
    assert record["overpotential_min"] < record["overpotential_max"] < 0
    assert record["local_current_density_min"] < record["local_current_density_max"] < 0
    assert record["potential_top_mean"] > 0
    left, right = (island["current_fraction"] for island in record["islands"])
    assert left + right == pytest.approx(1.0, abs=1e-9)
    assert left == pytest.approx(1 / 3, abs=0.01)
    # The film is there, and passive.
    assert {key: value for key, value in record["interlayer"].items() if value is not None} == {
        "current_fraction": 0.0,
        "current_density_mean": 0.0,
        "current_density_min": 0.0,
        "current_density_max": 0.0,
    }
    assert not any(record["delithiates"].values())


def test_at_rest(solved: dict[str, dict[str, Any]]) -> None:
    record = solved["rest"]
    assert record["overpotential_mean"] == record["potential_top_mean"] == 0.0
    assert record["constriction_resistance"] is None
    assert record["islands"][0]["current_fraction"] is None


# --- The report ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_report_says_units_assumptions_and_regime(name: str, reports: dict[str, str]) -> None:
    report = reports[name]
    for part in (
        "overpotential on lithium [mV]",
        "local current density [mA/cm^2]",
        "potential at the top [mV]",
        "mS/cm, insulated sides",
        "butler-volmer kinetics of lithium, i0 = ",
        "regime: ",
        "Wagner number kappa R T / (F i0 W) = ",
        "converged; ",
        "charge balanced to ",
    ):
        assert part in report
    assert ("constriction resistance [Ohm cm^2]" in report) == (name != "rest")


def test_report_of_the_papers_cell(reports: dict[str, str], solved: dict[str, Any]) -> None:
    report = reports["default"]
    assert "electrolyte 50 x 15 um, 1.8 mS/cm" in report
    assert "stripping at 0.25 mA/cm^2" in report
    assert "298.15 K" in report
    # Where i0 is from is what the conclusion hangs on.
    assert "i0 = 0.5 mA/cm^2 (implied by the overpotentials that Sandoval et al." in report
    assert "charge-transfer resistance R T / (F i0 (aa + ac)) of 51 Ohm cm^2" in report
    assert "nothing reacts there" in report
    record = solved["default"]
    numbers = [1e3 * record[f"overpotential_{which}"] for which in ("mean", "min", "max")]
    assert "overpotential on lithium [mV] " + " ".join(f"{v:.4f}" for v in numbers) in report
    assert "local current density [mA/cm^2] 2.5 " in report
    assert f"beside the islands [mV] {1e3 * record['exposed_drive_max']:.4f}" in report
    assert "constriction resistance [Ohm cm^2] 1.78 " in report
    assert "regime: kinetic" in report
    # kappa R T / (F i0 W) = 0.18 x 0.0256926 / (5 x 50e-6)
    assert "(F i0 W) = 18.5" in report
    said = "films that would give up lithium here, instead of bare copper: "
    assert f"{said}Ag, Au, Mg (estimate), Cd; not: Sn" in report


def test_report_of_the_others(reports: dict[str, str]) -> None:
    assert "film: Ag, gives and takes lithium; U = 50 mV (of Ag in this package" in reports["film"]
    assert "the film's i0 = 0.5 mA/cm^2 (assumed: that of lithium" in reports["film"]
    assert "current carried by the film [%] 46.718" in reports["film"]
    assert "plating at 0.25 mA/cm^2" in reports["plating"]
    assert "film: Au, passive" in reports["plating"]
    assert "the film covers 10 to 20 um" in reports["plating"]
    assert "(min and max)" in reports["plating"]  # plating's peak is the smallest one
    assert "share of the current [%]" in reports["plating"]
    assert "regime: ohmic" in reports["ohmic"]
    assert "i0 = 100 mA/cm^2 (given)" in reports["ohmic"]
    assert "hangs on i0" not in reports["ohmic"]
    assert "regime: no applied current (Wagner" in reports["rest"]


# --- Assignments ---------------------------------------------------------------------------------


def test_set_changes_every_case(folder: Path) -> None:
    changes = [
        "--set=operation.current_density=0.5 mA/cm^2",
        "--set=interlayer.material=Ag",
        "--set=interlayer.reaction=none",
        "--set=output.probes=[]",
        "--set",
        "islands.width=20 um",
    ]
    for record in records(
        done("solve", "default.toml", "film.toml", "--json", *changes, cwd=folder)
    ):
        # Kinetic: 20 um at twice the current.
        expected = 2 * 8.314462618 * 298.15 / 96485.33212 * math.asinh(5.0 * 50 / (2 * 5.0 * 20))
        assert record["overpotential_mean"] == pytest.approx(expected, abs=1e-5)
        assert record["local_current_density_mean"] == pytest.approx(12.5, rel=1e-9, abs=0)
        assert record["probes"] == []


def test_set_changes_one_island(folder: Path, solved: dict[str, dict[str, Any]]) -> None:
    (record,) = records(
        done("solve", "plating.toml", "--json", "--set", "islands.1.width=20 um", cwd=folder)
    )
    assert solved["plating"]["local_current_density_mean"] == pytest.approx(
        -125 / 15, rel=1e-9, abs=0
    )
    assert record["local_current_density_mean"] == pytest.approx(-125 / 25, rel=1e-9, abs=0)
    assert record["islands"][0]["current_fraction"] == pytest.approx(1 / 5, abs=0.01)


# --- Failure -------------------------------------------------------------------------------------


def test_a_computation_that_fails(folder: Path) -> None:
    """Exit status 1, with the reason in the record and on standard error; the others go on."""
    (folder / "impossible.toml").write_text(
        """
        [kinetics]
        law = "linear"
        exchange_current_density = "1e-12 A/m^2"
        """
    )
    finished = run("solve", "impossible.toml", "default.toml", "--json", cwd=folder)
    assert finished.returncode == 1
    failed, good = records(finished.stdout)
    reason = "failed: no potential within 1000 V carries the applied current"
    assert finished.stderr == f"fem-island: impossible.toml: {reason}\n"
    assert failed["status"] == reason
    assert set(failed) == KEYS
    assert failed["overpotential_mean"] is None
    assert good["status"] == "converged"


# --- Files ---------------------------------------------------------------------------------------


def assert_picture(file: Path) -> None:
    """A picture of some size with much else than white paper."""
    pixels = image.imread(file)[..., :3]
    height, width, _ = pixels.shape
    assert width > 600
    assert height > 300
    colours = np.unique((pixels[::2, ::2] * 31).astype(int) @ [1024, 32, 1])
    assert len(colours) > 50, "hardly any colours"
    ink = np.mean(np.any(pixels < 0.9, axis=-1))
    assert 0.02 < ink < 0.9
    # Not cut off: the outermost rows and columns are paper.
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.min() > 0.9


@pytest.fixture(scope="module")
def written(folder: Path, solved: dict[str, dict[str, Any]]) -> Path:
    """The folder that two cases were written to, which did not exist."""
    out = folder / "some" / "where"
    # Nothing but the JSON on standard output, and the same numbers.
    (record,) = records(done("solve", "default.toml", "--json", "--out", out, cwd=folder))
    expected = solved["default"]["overpotential_mean"]
    assert record["overpotential_mean"] == pytest.approx(expected, rel=1e-12, abs=0)
    # Without it, the report says what was written.
    report = done("solve", "plating.toml", "--out", "some/where", cwd=folder)
    names = (f"some/where/plating.{ending}" for ending in ENDINGS)
    assert report.splitlines()[-1] == "written: " + ", ".join(names)
    return out


def test_names_of_the_files(written: Path) -> None:
    expected = {f"{name}.{ending}" for name in ("default", "plating") for ending in ENDINGS}
    assert {file.name for file in written.iterdir()} == expected


def test_a_very_flat_cell_is_stretched(folder: Path, tmp_path: Path) -> None:
    done("solve", "flat.toml", "--json", "--out", tmp_path, cwd=folder)
    file = tmp_path / "flat.potential.png"
    assert_picture(file)
    pixels = image.imread(file)[..., :3]
    # Rows that are colours over most of the width: the field, and the thinner colour bar.
    rows = np.mean(np.ptp(pixels, axis=-1) > 0.2, axis=1) > 0.5
    width = np.any(np.ptp(pixels, axis=-1) > 0.2, axis=0).sum()
    assert 0.13 < rows.sum() / width < 0.22


@pytest.mark.parametrize("name", ["default", "plating"])
@pytest.mark.parametrize("kind", ["potential", "bottom"])
def test_pictures_are_not_blank(written: Path, name: str, kind: str) -> None:
    assert_picture(written / f"{name}.{kind}.png")


@pytest.mark.parametrize("name", ["default", "plating"])
def test_field_reads_back(written: Path, name: str, solved: dict[str, dict[str, Any]]) -> None:
    record = solved[name]
    with h5py.File(written / f"{name}.vtkhdf") as file:
        root = file["VTKHDF"]
        assert bytes(root.attrs["Type"]) == b"UnstructuredGrid"
        points = root["Points"][:]
        potential = root["PointData/potential_V"][:]
        current = root["PointData/current_density_A_per_m2"][:]
    assert points.min(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert points.max(axis=0) == pytest.approx([50, 15, 0], rel=1e-12, abs=0)  # um
    # On the islands the potential is minus the overpotential.
    x, y, _ = points.T
    surface = np.zeros(len(x), dtype=bool)
    for left, right in [(22.5, 27.5)] if name == "default" else [(0, 5), (25, 35)]:
        surface |= (y < 1e-9) & (x > left - 1e-9) & (x < right + 1e-9)
    assert -potential[surface].max() == pytest.approx(record["overpotential_min"], abs=1e-6)
    assert -potential[surface].min() == pytest.approx(record["overpotential_max"], abs=1e-6)
    top = potential[y > 15 - 1e-9]
    assert top.min() <= record["potential_top_mean"] <= top.max()
    # And the potential is extreme on the islands and at the top, nowhere inside.
    ends = np.concatenate([top, potential[surface]])
    assert (potential.min(), potential.max()) == (ends.min(), ends.max())
    # What enters at the top, upwards when stripping.
    applied = 2.5 if name == "default" else -2.5
    assert current[y > 15 - 1e-9, 1].mean() == pytest.approx(applied, rel=0.02, abs=0)
    assert np.all(current[:, 2] == 0)


def test_paraviews_library_reads_the_field(written: Path) -> None:
    program = (
        "import sys, json, pyvista\n"
        "grid = pyvista.read(sys.argv[1])\n"
        "phi = grid.point_data['potential_V']\n"
        "area = grid.compute_cell_sizes(length=False, volume=False).cell_data['Area'].sum()\n"
        "print(json.dumps([*grid.bounds, area, phi.min(), phi.max()], default=float))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, written / "default.vtkhdf"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    *bounds, area, lowest, highest = json.loads(finished.stdout)
    assert bounds == pytest.approx([0, 50, 0, 15, 0, 0], abs=1e-9)
    assert area == pytest.approx(750.0, rel=1e-6, abs=0)  # um^2
    with h5py.File(written / "default.vtkhdf") as file:
        potential = file["VTKHDF/PointData/potential_V"][:]
    assert (lowest, highest) == (potential.min(), potential.max())


@pytest.mark.parametrize("name", ["default", "plating"])
def test_numbers_with_their_provenance(
    written: Path, name: str, solved: dict[str, dict[str, Any]]
) -> None:
    record = json.loads((written / f"{name}.json").read_text())
    # The case stands beside the numbers.
    assert set(record["result"]) == KEYS - {"input"}
    expected = solved[name]["overpotential_mean"]
    assert record["result"]["overpotential_mean"] == pytest.approx(expected, rel=1e-12, abs=0)
    assert record["case"]["cell"]["electrolyte"]["width"] == 50e-6
    applied = {"default": 2.5, "plating": -2.5}[name]
    assert record["case"]["operation"]["current_density"] == applied
    assert record["discretisation"]["degree"] == 2
    versions = record["versions"]
    for package in ("fem-island", "gmsh", "numpy"):
        assert versions[package] == version(package)
    assert {"fenics-dolfinx", "dolfinx-solver-real"} & set(versions)
    assert versions["python"].split(".")[0] == "3"


# --- Figure 6 ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure6(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder it was written to, and what it printed."""
    out = tmp_path_factory.mktemp("figure6") / "new"
    return out, done("figure6", "--out", out)


FIGURE6 = [
    f"{name}.{end}"
    for name in ("figure6", "figure6_meaning", "figure6_probability")
    for end in ("png", "pdf")
]


def test_figure6_files(figure6: tuple[Path, str]) -> None:
    out, text = figure6
    assert {*FIGURE6, "figure6.json"} == {file.name for file in out.iterdir()}
    for name in ("figure6", "figure6_meaning"):
        assert_picture(out / f"{name}.png")
        width = image.imread(out / f"{name}.png").shape[1]
        assert width == 2190, "7.3 inches at 300 dpi"
        content = (out / f"{name}.pdf").read_bytes()
        assert content.startswith(b"%PDF-")
        assert b"/CIDFontType2" in content, "letters must be fonts"
        assert len(content) < 2_000_000
    written = ", ".join(str(out / name) for name in (*FIGURE6, "figure6.json"))
    assert text.splitlines()[-1] == f"written: {written}"


def test_figure6_numbers(figure6: tuple[Path, str]) -> None:
    out, _ = figure6
    record = json.loads((out / "figure6.json").read_text())
    found = [
        (q["island_width"], q["current_density"], q["paper"], q["computed"])
        for q in record["quoted"]
    ]
    assert found == [
        (20e-6, 2.5, 0.030, pytest.approx(0.030325, abs=1e-6)),
        (5e-6, 2.5, 0.085, pytest.approx(0.084643, abs=1e-6)),
    ]
    # As the paper rounds them.
    assert [f"{q['computed']:.3f}" for q in record["quoted"]] == ["0.030", "0.085"]
    assert (record["points"], record["failures"], record["tolerance_not_met"]) == (2500, 0, 0)
    assert record["charge_imbalance"] < 1e-9
    assert 0 < record["error_estimate"]["overpotential_mean"] < 1e-6
    assert record["seconds"] > 0
    assert record["versions"]["fem-island"] == version("fem-island")


def test_figure6_onsets(figure6: tuple[Path, str]) -> None:
    out, _ = figure6
    record = json.loads((out / "figure6.json").read_text())
    for film, closed_form in (("Ag", 11.02e-6), ("Au", 6.85e-6)):
        assert record["onset_width_closed_form"][film] == pytest.approx(closed_form, abs=5e-9)
        # The mean overpotential on the island is kinetic; to 6 uV, says DESIGN.
        assert record["onset_width"][film] == pytest.approx(
            record["onset_width_closed_form"][film], abs=5e-9
        )
        # The drive is largest beside the island, so judged by it the film acts a little earlier.
        earlier = record["onset_width_by_exposed_drive"][film] / record["onset_width"][film]
        assert 1.005 < earlier < 1.02
    computed = record["onset_against_exchange_current_density"]
    assert {entry["film"] for entry in computed} == {"Ag", "Au"}
    for entry in computed:
        assert entry["width"] == pytest.approx(entry["closed_form"], rel=2e-4, abs=0)


def test_figure6_table(figure6: tuple[Path, str]) -> None:
    _, text = figure6
    plain = " ".join(text.split())
    assert "d 20 0.25 30 30.3246" in plain
    assert "e 5 0.25 85 84.6432" in plain
    assert "Li-Ag 50 11.0227 11.0227" in plain
    assert "Li-Au 70 6.8513 6.8513" in plain
    assert "2500 points, 0 failed; charge balanced to " in plain
    assert "does not state the exchange current density" in plain
    assert "i0 = 0.5 mA/cm^2, and the conclusion hangs on it" in plain


@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.3])
def test_an_interruption_while_the_command_loads_is_no_traceback(seconds: float) -> None:
    """Of Python itself there is one in its first hundredths of a second."""
    program = "from fem_island.__main__ import main; print('in', flush=True); main()"
    command = subprocess.Popen(
        [sys.executable, "-c", program, "materials"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert command.stdout is not None
    assert command.stdout.readline() == "in\n"
    time.sleep(seconds)
    command.send_signal(signal.SIGINT)
    _, said = command.communicate()
    assert said in ("", "fem-island: interrupted\n")
    assert command.returncode in (0, 130, -signal.SIGINT)
