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
    assert (finished.returncode, finished.stderr) == (0, "")
    names = {f"figure5_geometry.{ending}" for ending in ("png", "pdf", "json")}
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


@pytest.mark.parametrize(
    ("collector", "apex"), [("copper touches", 147.6), ("copper behind a gap", 1e4)]
)
def test_a_millimetre_with_a_tenth_in_contact(collector: str, apex: float) -> None:
    spectrum = impedance_of_case(case_of(1e-3, 0.1, COLLECTORS[collector]))
    assert spectrum.features.apexes[-1].frequency == pytest.approx(apex, rel=0.05)
    assert 1e4 * spectrum.total_resistance == pytest.approx(44.0, abs=0.5)
