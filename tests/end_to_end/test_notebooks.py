"""The notebooks run, and both forms of each say the same."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.md"))
NAMES = [notebook.stem for notebook in NOTEBOOKS]

RUN = """
import sys
import jupytext
from nbclient import NotebookClient
notebook = jupytext.read(sys.argv[1])
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            sys.exit(f"{cell.source}\\n{output.text}")
"""
"""In a process of its own: the packages around notebooks warn of their own future."""


def test_there_are_notebooks() -> None:
    assert len(NOTEBOOKS) >= 3
    assert sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_notebooks_run(notebook: Path, tmp_path: Path) -> None:
    """What is stated in prose is asserted in cells that the documentation leaves out."""
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(notebook)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr[-3000:]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_both_forms_are_the_same(notebook: Path) -> None:
    """After a change of either: jupytext --sync notebooks/*.md."""
    text = jupytext.read(notebook)
    paired = nbformat.read(notebook.with_suffix(".ipynb"), as_version=4)  # type: ignore[no-untyped-call]
    for one, other in zip_longest(text.cells, paired.cells):
        assert one is not None
        assert other is not None
        assert (one.cell_type, one.source) == (other.cell_type, other.source)
        assert one.metadata.get("tags", []) == other.metadata.get("tags", [])
        assert not other.get("outputs")
        assert other.get("execution_count") is None
    assert paired.metadata.kernelspec.name == text.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=NAMES)
def test_numbers_in_prose_are_asserted(notebook: Path) -> None:
    cells = jupytext.read(notebook).cells
    checks = [c for c in cells if c.cell_type == "code" and "assert " in c.source]
    assert checks
    assert all("remove-cell" in cell.metadata.get("tags", []) for cell in checks)
