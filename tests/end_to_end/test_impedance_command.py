"""``fem-island impedance`` and ``circuit`` as they are installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from impedance_cases import CASES, case_file, reference

COMMAND = Path(sys.executable).with_name("fem-island")
KEYS = {
    "case",
    "input",
    "status",
    "current_density",
    "voltage",
    "frequencies",
    "impedance_real",
    "impedance_imaginary",
    "resistance_dc",
    "total_resistance",
    "left_resistance",
    "right_resistance",
    "apexes",
    "valleys",
    "circuit",
    "error_estimate",
    "solver",
}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("spectra")
    written = []
    for case in CASES:
        file = folder / f"{case['id']}.toml"
        file.write_text(case_file(case), encoding="utf-8")
        written.append(file)
    return written


def test_every_reference_spectrum_as_json(files: list[Path]) -> None:
    finished = run("impedance", *files, "--json")
    assert (finished.returncode, finished.stderr) == (0, "")
    lines = finished.stdout.splitlines()
    for line, case, file in zip(lines, CASES, files, strict=True):
        record: dict[str, Any] = json.loads(line)
        assert set(record) == KEYS
        assert (record["case"], record["status"]) == (str(file), "converged")
        frequencies, wanted = reference(case)
        found = np.array(record["impedance_real"]) + 1j * np.array(record["impedance_imaginary"])
        np.testing.assert_allclose(record["frequencies"], frequencies, rtol=1e-13)
        assert np.abs(found / wanted - 1).max() < 1e-8
        assert record["resistance_dc"] == (
            None
            if "Z_dc" not in case["outputs"]
            else pytest.approx(case["outputs"]["Z_dc"], rel=1e-8)
        )


def test_report_and_files(files: list[Path], tmp_path: Path) -> None:
    finished = run("impedance", files[1], "--out", tmp_path)
    assert finished.returncode == 0
    assert "193.453 Ohm cm^2" in finished.stdout
    assert "82.6 Hz" in finished.stdout
    names = {f"{files[1].stem}.impedance.{ending}" for ending in ("png", "csv", "json")}
    assert {file.name for file in tmp_path.iterdir()} == names
    table = tmp_path / f"{files[1].stem}.impedance.csv"
    fitted = run("circuit", table, "--area", "0.785 cm^2", "--json")
    assert (fitted.returncode, fitted.stderr) == (0, "")
    record = json.loads(fitted.stdout)
    assert record["arc_resistance"]["value"] == pytest.approx(192.6e-4, rel=1e-3)
    assert 0 < record["misfit"] < 2e-3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "impedance.frequencies={from='2 MHz'}"], "must be a list, or a range with"),
        (["--set", "impedance.frequencies=['5 Hz','5 Hz']"], "must each be given once"),
        (["--set", "impedance.tolerance=1e-20"], "must be at least 1e-09"),
        (["--set", "series.pellet=1 um"], "must be at least the height of the domain (15 um)"),
        (["--set", "collector.gap_extent=[['1 um','2 um']]"], "gap: is missing"),
        (
            ["--set", 'sweep={"islands.width"=["1 um"]}'],
            "is for fem-island sweep CASE.toml --out DIR --of impedance",
        ),
    ],
)
def test_refusals_are_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.touch()
    finished = run("impedance", file, *arguments)
    assert finished.returncode == 2
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert said in line


def test_no_operating_point_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "bare.toml"
    file.write_text('islands = []\n[collector]\ndouble_layer = { capacitance = "1 uF/cm^2" }\n')
    finished = run("impedance", file, "--json")
    assert finished.returncode == 1
    assert "nothing reacts, so that no direct current can flow" in finished.stderr
    assert json.loads(finished.stdout)["status"] == "failed"
    assert run("impedance", file, "--set", "operation.current_density=0 A/m^2").returncode == 0


def test_a_measured_file_needs_an_area(tmp_path: Path) -> None:
    finished = run("circuit", tmp_path / "a.csv")
    assert finished.returncode == 2
    assert finished.stderr.strip() == (
        'fem-island: --area: is missing; give the area of the cell, such as "0.785 cm^2"'
    )


IN_TIME = """
    [kinetics]
    double_layer = { capacitance = "10 uF/cm^2" }
    [[islands]]
    width = "50 um"
    thickness = "0.1 um"
    [interlayer]
    material = "Ag"
    reaction = "release"
    thickness = "5 nm"
    double_layer = { capacitance = "10 uF/cm^2" }
    [impedance]
    times = ["10 s", "5 min", "1 h"]
    """


def test_spectra_at_times_of_a_run(tmp_path: Path) -> None:
    file = tmp_path / "cell.toml"
    file.write_text(IN_TIME)
    shown = run("impedance", file, "--out", tmp_path / "out")
    assert shown.returncode == 1
    assert "no spectrum at 3600 s: the run ends before, at " in shown.stderr
    assert "R_tot" in shown.stdout
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"cell.impedance.{kind}" for kind in ("csv", "json", "nc", "png")]
    spectra = run("circuit", tmp_path / "out" / "cell.impedance.csv", "--area", "1 cm^2", "--json")
    assert len(spectra.stdout.splitlines()) == 2

    found = run("impedance", file, "--json", "--set", 'impedance.times=["10 s", "5 min"]')
    assert found.returncode == 0, found.stderr
    record = json.loads(found.stdout)
    assert [one["time"] for one in record["spectra"]] == [10.0, 300.0]
    lithium, film = record["spectra"]
    # On lithium of i0 = 0.5 mA/cm^2, then on silver at its plateau, with the same kinetics.
    assert lithium["resistance_dc"] == pytest.approx(film["resistance_dc"], rel=1e-6)
    assert film["voltage"] - lithium["voltage"] == pytest.approx(0.05, abs=1e-6)
    assert record["status"] == "converged"
    assert record["error_estimate"]["voltage"] < 1e-5

    refused = run("impedance", file, "--set", "stripping.duration='1 s'", "--set", "islands=[{}]")
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert "islands.0.thickness: is missing; stripping in time needs to know" in line
