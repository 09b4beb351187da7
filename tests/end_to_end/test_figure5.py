"""``fem-island figure5``: what geometry the paper's resistances need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fem_island.experiments.impedance.computing import impedance_of_case
from fem_island.studies.figure5.geometry import COLLECTORS, case_of

COMMAND = Path(sys.executable).with_name("fem-island")


def test_geometry_of_the_resistances(tmp_path: Path) -> None:
    finished = subprocess.run(
        [COMMAND, "figure5", "--out", tmp_path], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0
    said = finished.stderr.splitlines()
    assert len(said) == 4
    assert all(line.startswith("fem-island: figure5: ") for line in said)
    names = {f"figure5_geometry.{ending}" for ending in ("png", "pdf", "json")}
    names |= {f"figure5_in_time.{ending}" for ending in ("png", "pdf")}
    assert {file.name for file in tmp_path.iterdir()} == names
    record = json.loads((tmp_path / "figure5_geometry.json").read_text())
    touching, gap = record["maps"]
    for one in (touching, gap):
        assert one["error_estimate"] < 1e-6
        resistance = np.array(one["total_resistance"])
        assert (np.diff(resistance, axis=1) < 0).all()
    # Where contacts are close, copper and lithium are one capacitor: 1 / (2 pi R C).
    high = touching["needed"][-1]
    assert high["apex"][0] == pytest.approx(1 / (2 * np.pi * 27e-4 * 0.22), rel=2e-3)
    assert min(apex for apex in gap["needed"][-1]["apex"]) > 7e3
    assert "needs 39 uF/cm^2" in " ".join(finished.stdout.split())

    copper, silver, gold = record["in_time"]
    end = copper["marked"]["t6"]
    assert 1e4 * end["total_resistance"] == pytest.approx(39.5, abs=0.5)
    assert end["apexes"][-1]["frequency"] == pytest.approx(168, abs=3)
    for one in (copper, silver, gold):
        assert one["error_estimate"]["impedance"] < 1e-6
        # While plated lithium covers all, and at the end a film does: 1 Ohm cm^2 each.
        assert one["total_resistance"][:3] == pytest.approx([1.002e-4] * 3, abs=1e-7)
    for one in (silver, gold):
        assert one["total_resistance"][-1] == pytest.approx(1.002e-4, abs=1e-7)
        assert max(one["total_resistance"]) > 1.5e-4


@pytest.mark.parametrize(
    ("collector", "apex"), [("copper touches", 147.6), ("copper behind a gap", 1e4)]
)
def test_a_millimetre_with_a_tenth_in_contact(collector: str, apex: float) -> None:
    spectrum = impedance_of_case(case_of(1e-3, 0.1, COLLECTORS[collector]))
    assert spectrum.features.apexes[-1].frequency == pytest.approx(apex, rel=0.05)
    assert 1e4 * spectrum.total_resistance == pytest.approx(44.0, abs=0.5)
