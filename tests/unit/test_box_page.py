"""Pages with a box in three dimensions: what is added to what pyvista exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fem_island as fi
from fem_island.plots.box_page import with_legends
from fem_island.plots.box_scene import Box

EXPORTED = """<!doctype html><html><head><meta charset="utf-8" /><title>VTK.js | Example</title>
<link href="https://kitware.github.io/vtk-js/icon/favicon.png"></head>
<body><script>view()</script></body></html>"""


def test_a_page_says_which_colour_is_which_number() -> None:
    box = Box(
        x=np.array([0.0, 1.0]),
        y=np.array([0.0, 1.0]),
        z=np.array([0.0, 1.0]),
        potential=np.array([[[-80.0, -40.0]] * 2] * 2),
        bottom=np.array([[np.nan, 1.0], [3.0, 2.0]]),
        colors="viridis",
        bottom_colors="plasma",
        ground="#ffffff",
        pixels=100,
    )
    page = with_legends(EXPORTED, box, title="a <b> c")
    assert "<title>a &lt;b&gt; c</title>" in page
    for number in ("1", "1.5", "2", "2.5", "3", "-80", "-70", "-60", "-50", "-40"):
        assert f">{number}</span>" in page
    # From the lowest value up: first and last colour of viridis.
    assert "linear-gradient(to top, #440154, " in page
    assert page.count("#fde725)") == 1
    assert 'http-equiv="Content-Security-Policy"' in page
    assert "https://" not in page
    # The viewer empties the part that is for it alone.
    assert page.index('class="content"') < page.index('class="legend left"')
    assert page.rindex("</div>") < page.rindex("</body>")


def test_a_box_becomes_a_page(tmp_path: Path) -> None:
    pytest.importorskip("trame_pyvista", reason="the extra `scene` is not installed")
    cell = fi.Cell(map=fi.ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
    file = tmp_path / "new" / "box.html"
    fi.solve(cell).plot_box(file)  # type: ignore[attr-defined]
    page = file.read_text(encoding="utf-8")
    assert "OfflineLocalView.load" in page
    assert "<title>box</title>" in page
    assert ">1</span>" in page  # mA/cm^2 on the quarter that is lithium


def test_other_endings_are_refused(tmp_path: Path) -> None:
    cell = fi.Cell(map=fi.ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
    with pytest.raises(fi.InputError, match=r"must end in \.png or \.html"):
        fi.solve(cell).plot_box(tmp_path / "box.pdf")  # type: ignore[attr-defined]
