"""The paper's Figure 1 c by the command, and what its numbers must be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fem_island.studies import figure1

COMMAND = Path(sys.executable).parent / "fem-island"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any], Path]:
    out = tmp_path_factory.mktemp("figure1")
    done = subprocess.run(
        [str(COMMAND), "figure1", "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "run 12 of 12" in done.stderr
    return done.stdout, json.loads((out / "figure1.json").read_text()), out


def tail(record: dict[str, Any], name: str, density: float, efficiency: float) -> dict[str, Any]:
    (found,) = (
        one
        for one in record["tails"]
        if (one["collector"], one["exchange_current_density"]) == (name, density)
        and one["efficiency_asked"] == efficiency
    )
    return dict(found)


def test_what_is_plated_comes_back_unless_it_is_inactive(
    shown: tuple[str, dict[str, Any], Path],
) -> None:
    _, record, _ = shown
    assert len(record["tails"]) == 12
    for one in record["tails"]:
        # Trapezoids of the profile, and 0.1 mV of the cut-off.
        assert one["coulombic_efficiency"] == pytest.approx(one["efficiency_asked"], abs=1e-5)
        hours = 4 + 4 * one["coulombic_efficiency"]
        assert one["ends_at"] == pytest.approx(3600 * hours, rel=1e-9)
        assert one["status"] == "converged"
        assert one["error_estimate"]["voltage"] < 100e-6
    copper = tail(record, "Cu", 50.0, 0.9694)
    assert copper["ends_at"] / 3600 == pytest.approx(7.8776, abs=2e-4)


def test_flat_parts_and_plateaus_are_those_of_the_closed_form(
    shown: tuple[str, dict[str, Any], Path],
) -> None:
    _, record, _ = shown
    drop = 2.5 * 0.75e-3 / 0.18
    thermal = 8.314462618 * 298.15 / 96485.33212
    for density in (5.0, 50.0, 300.0):
        flat = drop + 2 * thermal * np.arcsinh(2.5 / (2 * density))
        for name in ("Cu", "Ag", "Au"):
            assert tail(record, name, density, 1.0)["flat_voltage"] == pytest.approx(flat, abs=1e-6)
        assert tail(record, "Ag", density, 1.0)["plateaus"] == pytest.approx(
            [0.05 + flat], abs=1e-4
        )
        assert tail(record, "Au", density, 1.0)["plateaus"] == pytest.approx(
            [0.07 + flat, 0.16 + flat], abs=1e-4
        )


def test_what_does_not_fit_is_said(shown: tuple[str, dict[str, Any], Path]) -> None:
    text, record, out = shown
    first, second, third = record["misfits"]
    assert "11.7 there, 23.1 mV at 0.5" in first
    assert "7.83 h there, 7.88 h at 5, 7.89 h at 30" in first
    assert "bare copper ends at 8.000 h, and not near 7.88 h" in second
    assert "3.06 % of it must be inactive" in second
    assert "lie at 81 and 171 mV at best, where the paper has 70 and 160" in third
    for line in record["misfits"]:
        assert line.split(":")[0][:60] in text.replace("\n", " ")
    assert sorted(path.name for path in out.iterdir()) == [
        f"figure1.{kind}" for kind in ("csv", "json", "pdf", "png")
    ]


def test_what_is_done_is_kept_where_it_is_interrupted(tmp_path: Path) -> None:
    def told(line: str) -> None:
        if line.startswith("run 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        figure1.run(tmp_path, told)
    (table,) = tmp_path.iterdir()
    assert table.name == "figure1.csv"
    rows = table.read_text().splitlines()
    assert {row.split(",")[0] for row in rows[1:]} == {"Cu", "Ag"}
