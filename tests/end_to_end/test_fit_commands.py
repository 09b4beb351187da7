"""Fits, designs and uncertain values on the command line: numbers, files and refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).parent / "fem-island"

# (2RT/F) asinh(I W / (2 i0 w)) with i0 = 0.5 mA/cm^2 and w/W = 0.1, and 0.5 mV of pattern.
POINTS = """current_density [mA/cm^2],overpotential [mV]
0.1,45.79
0.25,84.06
0.5,119.29
1,153.76
2,190.02
"""
CASE = """
[fit]
parameters = {{ {parameters} }}
data = [{{ file = "points.csv", error = "1 mV" }}]
"""
I0, WIDTH = '"kinetics.exchange_current_density" = {}', '"islands.width" = {}'


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        cwd=cwd,
    )


def one_object(*arguments: str | Path, cwd: Path) -> dict[str, Any]:
    finished = run(*arguments, "--json", cwd=cwd)
    assert finished.returncode == 0, finished.stderr
    (line,) = finished.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def files(folder: Path, *, points: str = POINTS, parameters: str = I0) -> Path:
    (folder / "points.csv").write_text(points, "utf-8")
    (folder / "case.toml").write_text(CASE.format(parameters=parameters), "utf-8")
    return folder


def test_a_fit_and_its_files(tmp_path: Path) -> None:
    found = one_object("fit", "case.toml", "--out", "fits", cwd=files(tmp_path))
    (parameter,) = found["parameters"]
    assert parameter["value"] == pytest.approx(5.0, rel=0.01)
    low, high = parameter["interval_95"]
    # Known to 1 / 107 in the logarithm: five errors of 1 mV over a slope of RT/F and a little.
    assert (high - low) / 2 / parameter["value"] == pytest.approx(1.96 / 107, rel=0.03)
    assert found["singular_values"] == pytest.approx([107], abs=1)
    assert found["data"][0]["derivatives"] == "exact"
    written = {file.name for file in (tmp_path / "fits").iterdir()}
    crate = "ro-crate-metadata.json"
    assert written == {"case.json", "case.csv", "case.png", crate}
    listed = json.loads((tmp_path / "fits" / crate).read_text("utf-8"))["@graph"]
    entities = {part["@id"]: part for part in listed}
    assert {"case.json", "case.csv", "case.png"} < set(entities)
    root = entities["./"]
    assert entities[root["license"]["@id"]]["@type"] == "CreativeWork"
    assert root["mentions"] == {"@id": "#computation"}


def test_what_the_data_do_not_tell_is_said_and_what_would(tmp_path: Path) -> None:
    files(tmp_path, parameters=f"{I0}, {WIDTH}")
    finished = run("fit", "case.toml", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("not known") == 2
    assert "kinetics.exchange_current_density * islands.width = 2.4955 mA/cm^2 um +- " in (
        finished.stdout
    )
    assert "fem-island design" in finished.stdout
    found = one_object("design", "case.toml", cwd=tmp_path)
    assert not found["now"]["tells"]
    assert found["now"]["singular_values"] == pytest.approx([151, 0], abs=1)
    assert found["candidates"][0]["tells"]
    usual = next(one for one in found["candidates"] if one["measurement"].startswith("overpot"))
    assert usual["singular_values"] == pytest.approx([151 * 2**0.5, 0], abs=2)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (POINTS.replace(" [mV]", ""), '"overpotential" has no unit; write overpotential [mV]'),
        (POINTS.replace("0.25,", "-0.25,-"), "mixes stripping and plating"),
    ],
)
def test_bad_data_are_one_line(tmp_path: Path, points: str, said: str) -> None:
    finished = run("fit", "case.toml", cwd=files(tmp_path, points=points))
    assert finished.returncode == 2
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert said in line
    assert "points.csv" in line
    assert len(line) < 400


def test_uncertain_values_and_their_map(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(
        '[interlayer]\nmaterial = "Ag"\n[uncertain]\n"kinetics.exchange_current_density" = '
        '{ distribution = "uniform", low = "0.5 mA/cm^2", high = "2 mA/cm^2" }\n',
        "utf-8",
    )
    found = one_object(
        "uncertain", "case.toml", "--samples", "64", "--sobol", "0", "--out", "u", cwd=tmp_path
    )
    silver = found["films"]["Ag"]
    # i0 below which silver acts: 25 A/m^2 / (2 sinh(0.05 V F / 2RT)) = 11.02 A/m^2.
    assert silver["probability"] == pytest.approx((1.102 - 0.5) / 1.5, abs=0.03)
    low, high = silver["interval_95"]
    assert low < 0.35 < silver["probability"] < 0.5 < high
    median = found["outputs"]["overpotential_mean"]["quantiles"]["0.5"]
    assert median == pytest.approx(0.0513852 * 0.881374, rel=3e-3)  # asinh(25 / 25)
    written = {file.name for file in (tmp_path / "u").iterdir()}
    assert written > {"case.json", "case.nc", "case.png", "case.Ag.nc", "case.Ag.png"}
