"""Pictures of fields with axes, sizes, colours and limits of one's own, and of tall cells."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from matplotlib.figure import Figure

import fem_island as fi


@pytest.fixture(scope="module")
def solution() -> fi.Solution:
    return fi.solve(solver="condensed")


def test_in_axes_of_ones_own(solution: fi.Solution) -> None:
    figure = Figure(figsize=(7, 3))
    left, right = figure.subplots(1, 2)
    assert solution.plot(ax=left) is figure
    assert left.get_xlabel() == "x [µm]"
    assert not right.has_data()
    assert tuple(figure.get_size_inches()) == (7, 3)


def test_size_colours_and_limits(solution: fi.Solution) -> None:
    figure = solution.plot(size=(5, 4), colors="cividis", limits=("-86 mV", -0.084))
    assert tuple(figure.get_size_inches()) == (5, 4)
    (bar,) = [axes for axes in figure.axes[0].child_axes if axes.get_ylabel()]
    assert bar.get_ylim() == pytest.approx((-86, -84))
    assert {mesh.get_cmap().name for mesh in bar.collections if mesh.get_array() is not None} == {
        "cividis"
    }


def test_a_tall_cell_is_legible() -> None:
    cell = fi.Cell(electrolyte={"height": "0.7 mm"})
    figure = fi.solve(cell, solver="condensed").plot()
    figure.savefig(BytesIO(), dpi=figure.dpi)
    (axes,) = figure.axes
    assert axes.get_ylabel() == "y [µm], compressed"
    field, bar = axes.get_window_extent(), axes.child_axes[0].get_window_extent()
    assert 2.5 < field.height / field.width < 3.5
    # The bar is an eighth of an inch wide at least, and the title is on the paper.
    assert bar.width > figure.dpi / 8
    title = axes.title.get_window_extent()
    assert title.x0 > 0
    assert title.x1 < figure.bbox.width


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ax": 3}, "ax = 3: must be axes of matplotlib"),
        ({"size": (0, 3)}, "size = [0, 3]: must be width and height, 0.5 to 100 inches each"),
        ({"colors": "rainbows"}, 'colors = "rainbows": is not a colour map of matplotlib'),
        ({"limits": ("1 mV", "2 um")}, "limits: must be two potentials: has the unit"),
        ({"limits": (0, -1)}, "limits = [0, -1]: must be the smaller and the larger one"),
    ],
)
def test_what_is_refused(solution: fi.Solution, options: dict[str, Any], message: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        solution.plot(**options)
    assert str(caught.value).startswith(message)
