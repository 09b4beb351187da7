"""``fem-island strip``: what it prints, writes and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import xarray

CASE = """
[[islands]]
width = "5 um"
thickness = "2 um"
shape = "parabola"

[stripping]
times = ["100 s", "300 s"]
tolerance = "100 uV"
"""

LISTS = (
    "voltage",
    "drive_mean",
    "capacity",
    "lithium_width",
    "lithium_charge",
    "film_charge",
    "film_share",
    "overpotential_mean",
    "local_current_density_max",
)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fem_island.cli", "strip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # On a busy machine a run takes long enough to say how far it is.
    said = [line for line in done.stderr.splitlines() if "of the charge gone" not in line]
    return subprocess.CompletedProcess(command, done.returncode, done.stdout, "\n".join(said))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    file = tmp_path / "case.toml"
    file.write_text(CASE)
    return file


def test_json_has_a_line_for_every_film(case: Path) -> None:
    done = run(case, "--films", "none,Ag", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    bare, silver = (json.loads(line) for line in done.stdout.splitlines())
    for record in (bare, silver):
        assert record["status"] == "converged"
        assert {100.0, 300.0} <= set(record["times"])
        assert {len(record[key]) for key in LISTS} == {len(record["times"])}
        assert record["charge_imbalance"] < 1e-9
        assert record["error_estimate"]["voltage"] <= 100e-6
    assert bare["end"] == "cutoff_voltage"
    assert [event["event"] for event in bare["events"]] == ["cutoff_voltage"]
    assert bare["events"][0]["time"] == pytest.approx(395.8373, abs=1e-3)
    assert set(bare["film_share"]) == {None}
    assert silver["film_share"][0] == pytest.approx(0.467, abs=1e-3)
    assert "film_step_1_empty_somewhere" in [event["event"] for event in silver["events"]]
    peak = silver["local_current_density_max"][0] / bare["local_current_density_max"][0]
    assert peak == pytest.approx(0.533, abs=1e-3)


def test_files(case: Path, tmp_path: Path) -> None:
    done = run(case, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "cutoff_voltage" in done.stdout
    written = sorted(file.name for file in (tmp_path / "out").iterdir())
    kinds = ("csv", "current.png", "gif", "json", "nc", "voltage.png")
    assert written == [f"case.{kind}" for kind in kinds]
    with xarray.open_dataset(tmp_path / "out" / "case.nc", engine="h5netcdf") as data:
        assert data.voltage.attrs["units"] == "V"
        assert data.bottom_thickness.dims == ("time", "position")
        stored = (data.bottom_thickness[0] * data.position_width).sum()
        assert float(stored) == pytest.approx(2 / 3 * 5e-6 * 2e-6, rel=1e-9)


def test_a_profile_is_found_beside_the_case_file(tmp_path: Path) -> None:
    (tmp_path / "h.csv").write_text("x [um],thickness [um]\n0,0.5\n25,1.5\n50,0.5\n")
    file = tmp_path / "case.toml"
    file.write_text('[lithium]\nprofile = "h.csv"\n[stripping]\ntolerance = "1 mV"\n')
    done = run(file, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    # On average 1 um, which is 206.2 uAh/cm^2.
    assert record["events"][-1]["time"] == pytest.approx(2968.779, rel=1e-5)
    names = [event["event"] for event in record["events"]]
    assert names == ["lithium_empty_somewhere", "cutoff_voltage"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "islands.0.thickness: is missing"),
        (
            '[lithium]\nprofile = "none.csv"',
            "none.csv cannot be read: No such file or directory",
        ),
        ('[lithium]\nthickness = "1 um"\n[[islands]]\nwidth = "5 um"', "give one of them"),
        (
            '[operation]\ncurrent_density = "-1 mA/cm^2"\n[[islands]]\nthickness = "1 um"',
            "stripping.duration: is missing; plating does not end by itself",
        ),
        ('[[protocol]]\ncurrent_density = "0 A/m^2"', "protocol.0.duration: is missing"),
        (
            CASE + '[sweep]\n"islands.width" = ["5 um"]',
            "is for fem-island sweep CASE.toml --out DIR --of strip",
        ),
    ],
)
def test_refused_with_one_line(text: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(text)
    done = run(file, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert line in done.stderr
