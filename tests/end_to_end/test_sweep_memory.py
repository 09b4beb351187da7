"""A long sweep in one process takes no more memory than a short one, and no more files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sweep_runs

SCRIPT = """
import sys
from pathlib import Path
import fem_island as fi
from fem_island.experiments.sweeps.batches import BatchFile

def resident():
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0])

done, after = 0, {}
append = BatchFile.append

def append_and_note(self, batch):
    global done
    append(self, batch)
    done += len(batch.points)
    after[done] = resident()

BatchFile.append = append_and_note
widths = {"from": 1e-6, "to": 49e-6, "count": int(sys.argv[3])}
currents = {"from": 0.5, "to": 50.0, "count": 100, "spacing": "log"}
fi.sweep(
    fi.Case(accuracy=fi.Accuracy(tolerance=float(sys.argv[4]))),
    island_width=widths,
    current_density=currents,
    solver=sys.argv[2],
    out=sys.argv[1],
)
# Batches are written by the clock: the first to reach a quarter of the points may be a large one.
first = min(points for points in after if points >= 5000)
early = max(size for points, size in after.items() if points <= first)
print(done, early, max(after.values()), resident())
"""


@pytest.mark.parametrize(
    ("solver", "widths", "tolerance"),
    [
        ("condensed", 200, 1e-6),
        pytest.param("newton", 200, 1e-3, marks=pytest.mark.slow),
    ],
)
def test_memory_and_files_do_not_grow_with_points(
    solver: str, widths: int, tolerance: float, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(out), solver, str(widths), str(tolerance)],
        capture_output=True,
        text=True,
        check=False,
        env=sweep_runs.ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    points, early, largest, end = map(int, done.stdout.split())
    assert points == 100 * widths == 20_000
    assert largest < 1.05 * early
    # All results together once more, to be written as one file.
    assert end < 1.10 * early
    files = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    crate = "ro-crate-metadata.json"
    assert files == [".lock", "batches/rank-0000.fib", "results.nc", crate, "sweep.json"]
