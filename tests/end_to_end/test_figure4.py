"""The paper's Figure 4 by the command: states of copper whose fits have the paper's R2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fem_island.studies import figure4

COMMAND = Path(sys.executable).parent / "fem-island"


def test_fits_have_the_papers_numbers(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(COMMAND), "figure4", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "figure4.json").read_text())
    assert [cycle["cycle"] for cycle in record["cycles"]] == [1, 2, 3, 4, 5]
    contacts = []
    for cycle in record["cycles"]:
        circuit = cycle["spectrum"]["circuit"]
        wanted = cycle["arc_resistance_wanted"]
        # Found by interpolation between states that were computed.
        assert circuit["arc_resistance"]["value"] == pytest.approx(wanted, rel=0.02)
        # The pellet: 0.75 mm at 1.8 mS/cm.
        assert circuit["series_resistance"]["value"] == pytest.approx(41.67e-4, rel=2e-3)
        assert cycle["spectrum"]["resistance_dc"] > wanted
        contacts.append(cycle["contact"])
    assert contacts == sorted(contacts, reverse=True)
    assert contacts[0] == pytest.approx(0.69, abs=0.02)
    assert contacts[-1] == pytest.approx(0.16, abs=0.01)
    for resistance in record["films"].values():
        assert resistance == pytest.approx(1e-4, rel=0.02)
    assert "must fall from 69 to 15.9 %" in " ".join(done.stdout.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"figure4.{kind}" for kind in ("json", "pdf", "png")
    ]


def test_what_is_done_is_kept_where_it_is_interrupted(tmp_path: Path) -> None:
    def told(line: str) -> None:
        if line.startswith("Au"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        figure4.run(tmp_path, told)
    record = json.loads((tmp_path / "figure4.json").read_text())
    assert len(record["cycles"]) == 5
    assert record["films"] == {"Ag": pytest.approx(1e-4, rel=0.02)}
    assert [path.name for path in tmp_path.iterdir()] == ["figure4.json"]
