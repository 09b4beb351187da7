"""Electrolytes of voxels by the command: files of every kind, reports, refusals in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image as Picture

CASE = """
[electrolyte]
geometry = "map"
height = "12 um"
conductivity_image = "k.npy"
conductivity_unit = "mS/cm"
[map]
image = "contact.npy"
pixel = "2 um"
[accuracy]
tolerance = "1 mV"
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fem_island.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voxels")
    image = np.zeros((6, 8), dtype=np.uint8)
    image[1:3, 1:4] = image[4, 6] = 1
    np.save(folder / "contact.npy", image)
    voxels = np.full((5, 6, 8), 2, dtype=np.uint8)
    voxels[1:3, 2:5, 4:6] = 0
    np.save(folder / "k.npy", voxels)
    np.savez(folder / "several.npz", k=voxels, other=np.ones(3))
    pages = [Picture.fromarray(page) for page in voxels]
    pages[0].save(folder / "k.tif", save_all=True, append_images=pages[1:])
    np.save(folder / "flat.npy", voxels[0])
    np.save(folder / "below.npy", voxels - 3.0)
    np.save(folder / "short.npy", voxels[:, :4])
    gap = voxels.copy()
    gap[2] = 0
    np.save(folder / "gap.npy", gap)
    gap[2, 0, 7] = 2
    gap[3, 0, 7] = 0
    np.save(folder / "cut.npy", gap)
    np.save(folder / "texts.npy", np.array([["a"]]))
    (folder / "map.toml").write_text(CASE)
    return folder


def test_files_of_every_kind(folder: Path) -> None:
    tops = []
    for name in ("k.npy", "several.npz:k", "k.tif"):
        change = f"electrolyte.conductivity_image={name}"
        done = run(folder, "solve", "map.toml", "--json", "--set", change)
        assert done.returncode == 0, done.stderr
        record = json.loads(done.stdout)
        assert (record["status"], record["solver"]) == ("converged", "condensed")
        assert record["error_estimate"]["potential_top_mean"] < 1e-3
        assert record["regions"] == 2
        tops.append(record["potential_top_mean"])
    assert tops[0] == tops[1] == tops[2]


def test_report_files_and_a_sweep(folder: Path) -> None:
    done = run(folder, "solve", "map.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "electrolyte 16 x 12 x 12 um" in done.stdout
    assert "image k.npy: 8 x 6 x 5 voxels, 5 % of them do not conduct" in done.stdout
    with h5py.File(folder / "out" / "map.vtkhdf") as file:
        potential = file["VTKHDF/PointData/potential_V"][:]
        assert np.isfinite(potential).mean() > 0.9
    record = json.loads((folder / "out" / "map.json").read_text())
    assert record["result"]["status"] == "converged"
    (folder / "sweep.toml").write_text(
        CASE + '[sweep]\n"operation.current_density" = ["0.1 mA/cm^2", "0.2 mA/cm^2"]\n'
    )
    done = run(folder, "sweep", "sweep.toml", "--out", "sweep")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("electrolyte.conductivity_image=none.npy", "is not there"),
        ("electrolyte.conductivity_image=flat.npy", "must have three dimensions"),
        ("electrolyte.conductivity_image=below.npy", "must not be negative anywhere, and has -3"),
        ("electrolyte.conductivity_image=short.npy", "has 4 rows and 8 columns of voxels"),
        ("electrolyte.conductivity_image=gap.npy", "has no conductor in layer 2"),
        ("electrolyte.conductivity_image=cut.npy", "leaves no way from the top to lithium"),
        ("electrolyte.conductivity_image=texts.npy", "must have"),
        ("electrolyte.conductivity_image=several.npz", "must name one of its arrays"),
        ("electrolyte.conductivity_unit=um", "must be a unit of a conductivity"),
        ("electrolyte.conductivity=1 mS/cm", "is given along with conductivity_image"),
        ("electrolyte.geometry=planar", "map"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder: Path, change: str, reason: str) -> None:
    done = run(folder, "solve", "map.toml", "--set", change)
    assert done.returncode == 2, done
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 400


@pytest.mark.parametrize("command", ["strip", "impedance"])
def test_other_commands_refuse_them(folder: Path, command: str) -> None:
    done = run(folder, command, "map.toml")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
