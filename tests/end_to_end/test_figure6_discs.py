"""``fem-island figure6 --geometry axisymmetric``: discs beside the paper's stripes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FEM_ISLAND = str(Path(sys.executable).parent / "fem-island")
THERMAL = 8.314462618 * 298.15 / 96485.33212


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("discs")
    run = subprocess.run(
        [FEM_ISLAND, "figure6", "--geometry", "axisymmetric", "--out", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    record = json.loads((folder / "figure6_axisymmetric.json").read_text())
    return run.stdout, folder, record


def test_the_islands_of_the_paper(found: tuple[str, Path, dict[str, Any]]) -> None:
    text, folder, record = found
    compared = {(one["shape"], round(1e6 * one["stripe_width"])): one for one in record["compared"]}
    assert len(compared) == 6
    means = {key: one["overpotential_mean"] for key, one in compared.items()}
    assert means["stripes", 5] == pytest.approx(0.0846432, abs=1e-6)
    assert means["stripes", 20] == pytest.approx(0.0303246, abs=1e-6)
    for (shape, width), one in compared.items():
        share = width / 50
        wanted = share**2 if shape == "width" else share
        assert one["coverage"] == pytest.approx(wanted, rel=1e-9)
        # Kinetics decide: I over coverage, within what the electrolyte adds.
        kinetic = 2 * THERMAL * math.asinh(2.5 / (2 * 5.0 * wanted))
        assert means[shape, width] == pytest.approx(kinetic, abs=1e-5)
    assert compared["coverage", 5]["size"] == pytest.approx(50e-6 * math.sqrt(0.1))
    # The way of the current does not: a disc draws it together from all sides.
    constriction = {key: one["constriction_resistance"] for key, one in compared.items()}
    assert constriction["coverage", 5] > 1.2 * constriction["stripes", 5]
    assert "201.0394" in text
    assert {file.name for file in folder.iterdir()} == {
        f"figure6_axisymmetric.{ending}" for ending in ("png", "pdf", "json")
    }


def test_the_sizes_at_onset(found: tuple[str, Path, dict[str, Any]]) -> None:
    text, _, record = found
    onsets = {(one["shape"], one["film"]): one for one in record["onsets"]}
    for film, width in (("Ag", 11.0227e-6), ("Au", 6.8513e-6)):
        assert onsets["stripes", film]["size"] == pytest.approx(width, abs=1e-9)
        diameter = math.sqrt(width * 50e-6)
        for shape in ("width", "coverage"):
            assert onsets[shape, film]["size"] == pytest.approx(diameter, rel=1e-4)
            assert onsets[shape, film]["closed_form"] == pytest.approx(diameter, rel=1e-4)
    assert "23.4762" in text
    assert record["failures"] == 0
    assert record["points"] == 7500
