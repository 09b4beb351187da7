"""The wheel of the checkout, and commands that know nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from markdown_blocks import ROOT


def finished(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command that has run without the paths of this process."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=cwd,
        env={**environment, "OMP_NUM_THREADS": "1"},
    )


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must work."""
    done = finished(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(folder: Path) -> Path:
    """Build the wheel into an empty folder."""
    # The build backend itself: no isolation, no network, and no pip, which uv leaves out of .venv.
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (wheel,) = folder.iterdir()
    return wheel
