"""Contact maps by the command: solving, files, sweeps, what an image is, shapes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image as Picture

import fem_island as fi

CASE = """
[electrolyte]
geometry = "map"
[map]
image = "contact.png"
pixel = "1 um"
threshold = 0.5
[interlayer]
material = "Ag"
reaction = "release"
[output]
probes = [["6 um", "4 um", "15 um"]]
"""

SOLVERS = "newton", "condensed"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fem_island.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    image = np.zeros((16, 24), dtype=np.uint8)
    image[2:7, 3:9] = image[10:13, 15:21] = 255
    Picture.fromarray(image).save(folder / "contact.png")
    (folder / "map.toml").write_text(CASE)
    return folder


def test_solve_and_its_files(folder: Path) -> None:
    done = run(folder, "solve", "map.toml", "--json", "--out", "out")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "converged"
    assert record["coverage"] == pytest.approx(48 / 384)
    assert record["regions"] == 2
    assert [round(region["area"] * 1e12) for region in record["islands"]] == [30, 18]
    assert record["islands"][0]["centroid"] == pytest.approx([6e-6, 4.5e-6])
    assert record["islands"][0]["overpotential_left"] is None
    assert record["probes"][0][3] == pytest.approx(record["potential_top_mean"], abs=5e-4)
    shares = [region["current_fraction"] for region in record["islands"]]
    assert sum(shares) + record["interlayer"]["current_fraction"] == pytest.approx(1, abs=1e-9)
    density = np.load(folder / "out" / "map.current_density.npy")
    assert density.mean() == pytest.approx(2.5)
    with h5py.File(folder / "out" / "map.bottom.vtkhdf") as file:
        cells = file["VTKHDF/CellData/current_density_A_per_m2"][:]
        assert cells == pytest.approx(density.ravel())
    with h5py.File(folder / "out" / "map.vtkhdf") as file:
        potential = file["VTKHDF/PointData/potential_V"][:]
        assert potential.min() == pytest.approx(record["potential_top_mean"], abs=2e-4)
    assert (folder / "out" / "map.map.png").stat().st_size > 10_000


def test_both_solvers_report_alike(folder: Path) -> None:
    loose = ("--json", "--set", "accuracy.tolerance=0.1 mV")
    runs = [run(folder, "solve", "map.toml", "--solver", each, *loose) for each in SOLVERS]
    assert [each.returncode for each in runs] == [0, 0], runs
    newton, condensed = (json.loads(each.stdout) for each in runs)
    assert [newton.pop("solver"), condensed.pop("solver")] == list(SOLVERS)
    assert list(newton) == list(condensed)
    assert list(newton["islands"][0]) == list(condensed["islands"][0])
    for key in ("overpotential_mean", "potential_top_mean", "overpotential_max"):
        assert newton[key] == pytest.approx(condensed[key], abs=5e-5)
        assert newton["error_estimate"][key] < 1e-3
    film = [record["interlayer"]["current_fraction"] for record in (newton, condensed)]
    assert film[0] == pytest.approx(film[1], abs=1e-3)
    refused = run(folder, "solve", "map.toml", "--solver", "newton", "--set", "accuracy.degree=3")
    assert refused.returncode == 2
    assert refused.stderr == (
        "fem-island: accuracy.degree = 3: must be 1 or 2 for newton on maps\n"
    )


def test_the_report(folder: Path) -> None:
    done = run(folder, "solve", "map.toml")
    assert done.returncode == 0, done.stderr
    assert "24 x 16 x 15 um" in done.stdout
    assert "12.5 % of them lithium in 2 regions" in done.stdout
    assert "share of the bottom that is lithium" in done.stdout


def test_a_sweep(folder: Path) -> None:
    axis = 'sweep."operation.current_density"=["0.1 mA/cm^2", "-1 mA/cm^2"]'
    done = run(folder, "sweep", "map.toml", "--set", axis, "--out", "sweep")
    assert done.returncode == 0, done.stderr
    assert "2 points: 2 converged" in done.stdout
    again = run(folder, "sweep", "map.toml", "--set", axis, "--out", "sweep")
    assert "all were finished before" in again.stdout


def test_what_an_image_is(folder: Path) -> None:
    done = run(folder, "map-info", "contact.png", "--threshold", "0.5", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["rows"], record["columns"], record["regions"]) == (16, 24, 2)
    assert record["coverage"] == pytest.approx(0.125)
    assert record["perimeter"] == 2 * (5 + 6) + 2 * (3 + 6)
    assert record["values"] == {"0": 336, "255": 48}
    refused = run(folder, "map-info", "contact.png")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "the image has the values 0, 255" in refused.stderr


def test_a_map_is_stripped_where_its_thickness_is_known(folder: Path) -> None:
    done = run(folder, "strip", "map.toml")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "map.thickness" in done.stderr


def test_a_spectrum(folder: Path) -> None:
    done = run(folder, "impedance", "map.toml", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "converged"
    assert len(record["frequencies"]) == len(record["impedance_real"]) == 61
    assert max(record["impedance_real"]) < 1.0


def test_shapes(folder: Path) -> None:
    done = run(folder, "shapes", "--pixels", "20", "--out", "shapes")
    assert done.returncode == 0, done.stderr
    answers = json.loads((folder / "shapes" / "shapes.json").read_text())["answers"]
    resistance = {answer["shape"]: answer["constriction_resistance"] for answer in answers}
    assert [answer["coverage"] for answer in answers] == [0.1] * 4
    # Small discs constrict less than one stripe, a single disc more.
    assert resistance["lattice"] < resistance["stripe"] < resistance["disc"]
    for answer in answers:
        assert 1.0 < answer["onsets"]["Ag"] < answer["onsets"]["Au"] < 2.5
        assert 0 < answer["constriction_error"] < 1e-2 * answer["constriction_resistance"]
        assert 0 < answer["peak_error"] < 0.1
    # The stripe is a planar cell.
    for film in ("Ag", "Au"):
        planar = fi.onset(fi.Cell(), vary="operation.current_density", film=film)
        stripe = answers[0]
        assert planar.value is not None
        off = abs(stripe["onsets"][film] - planar.value)
        assert off < stripe["onset_errors"][film] < 0.03 * planar.value
