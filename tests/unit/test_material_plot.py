"""The diagram of the films: its lines, its file, and the command that makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.text import Annotation

from fem_island.cli import app
from fem_island.errors import InputError
from fem_island.machine.communicator import OneProcess
from fem_island.materials import library as materials
from fem_island.plots import materials as diagram
from fem_island.studies.figure6 import paper


def test_gold_in_two_steps() -> None:
    given_up, potentials = diagram.steps(materials.films()["Au"])
    assert potentials == pytest.approx([70, 70, 160, 160], rel=1e-12)
    assert given_up == pytest.approx([0, 19.7, 19.7, 78.8], abs=0.05)


def test_every_film_has_its_own_color() -> None:
    assert list(diagram.COLORS) == list(materials.films())
    assert len(set(diagram.COLORS.values())) == len(diagram.COLORS)


def test_the_level_is_the_paper_s() -> None:
    (panel,) = (panel for panel in paper.PANELS if panel.island_width == 5e-6)
    assert panel.current_density == 2.5
    assert panel.paper == diagram.ISLAND_DRIVE


def test_lines_and_symbols() -> None:
    figure = diagram.plot_films(None, OneProcess())
    assert figure is not None
    everything, low = figure.axes
    for axes, symbols in (
        (everything, list(materials.films())),
        (low, ["Ag", "Au", "Mg", "Zn", "Cd"]),
    ):
        shown = [text.get_text() for text in axes.texts if isinstance(text, Annotation)]
        assert [text for text in shown if text in materials.films()] == symbols
        corners = [np.asarray(line.get_xydata()) for line in axes.lines]
        for symbol in symbols:
            expected = np.column_stack(diagram.steps(materials.films()[symbol]))
            assert any(np.array_equal(line, expected) for line in corners), symbol
        assert any(np.array_equal(line[:, 1], [85.0, 85.0]) for line in corners)
    assert low.get_ylim() == pytest.approx((0, 200))
    assert low.get_xlim() == everything.get_xlim()
    assert everything.get_ylim()[1] > 760
    assert everything.get_xlim()[1] > 83.4


@pytest.mark.parametrize(
    ("name", "start"), [("a.pdf", b"%PDF"), ("a.svg", b"<?xml"), ("new/a.png", b"\x89PNG")]
)
def test_file(tmp_path: Path, name: str, start: bytes) -> None:
    diagram.plot_films(tmp_path / name, OneProcess())
    assert (tmp_path / name).read_bytes().startswith(start)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "films.png"
    assert app(["materials", "--plot", str(path)], exit_on_error=False) == 0
    assert "78.8" in capsys.readouterr().out
    pixels = image.imread(path)
    assert pixels.shape[:2] == (1320, 2580)
    assert 0.01 < (pixels[..., :3].min(axis=2) < 0.9).mean() < 0.2


def test_an_ending_that_is_no_format(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end in one of .*\.png"):
        diagram.plot_films(tmp_path / "films.xyz", OneProcess())
    path = str(tmp_path / "films.xyz")
    finished = subprocess.run(
        [sys.executable, "-m", "fem_island.cli", "materials", "--plot", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 2
    assert finished.stdout == ""
    (line,) = finished.stderr.splitlines()
    assert line.startswith(f'fem-island: path = "{path}"'[:60])
    assert "must end in one of " in line
    assert not list(tmp_path.iterdir())


def test_the_table_alone_needs_no_matplotlib() -> None:
    code = (
        "import sys; from fem_island.cli import app; app(['materials'], exit_on_error=False); "
        "print('matplotlib' in sys.modules, 'mpi4py.MPI' in sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert finished.stdout.endswith("\nFalse False\n")
