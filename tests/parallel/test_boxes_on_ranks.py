"""A contact map on hexahedra shared by several ranks gives the numbers of one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BIN = Path(sys.executable).parent
CASE = """
[electrolyte]
geometry = "map"
[map]
image = "contact.npy"
pixel = "2 um"
[interlayer]
material = "Ag"
reaction = "reversible"
[accuracy]
tolerance = "0.1 mV"
[output]
probes = [["6 um", "4 um", "1 um"], ["30 um", "20 um", "11 um"]]
"""


def run(ranks: int, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [BIN / "mpirun", "-n", str(ranks), BIN / "fem-island", "solve", "map.toml"]
    return subprocess.run(
        [*map(str, command), *arguments], capture_output=True, text=True, check=False, cwd=folder
    )


def numbers(value: Any, place: str = "") -> dict[str, float]:
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return {
            key: v for name, part in parts for key, v in numbers(part, f"{place}.{name}").items()
        }
    return {place: float(value)} if isinstance(value, int | float) else {}


def test_ranks_agree(tmp_path: Path) -> None:
    image = np.random.default_rng(5).random((12, 16)) < 0.2
    np.save(tmp_path / "contact.npy", image.astype(np.uint8))
    (tmp_path / "map.toml").write_text(CASE)
    done = [run(ranks, tmp_path, "--solver", "newton", "--json") for ranks in (1, 2, 3)]
    assert [each.returncode for each in done] == [0, 0, 0], done
    alone, *together = (numbers(json.loads(each.stdout)) for each in done)
    for found in together:
        assert found.keys() == alone.keys()
        for key, value in alone.items():
            if "imbalance" not in key and "estimate" not in key:
                assert found[key] == pytest.approx(value, rel=1e-9, abs=1e-9), key
    refused = run(2, tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[0].endswith("leave out mpirun, or give --solver newton")
