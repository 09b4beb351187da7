"""Maps: the side of a line that is ticked, places without a value, and what is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib import image
from matplotlib.figure import Figure

from fem_island.plots import picture_file, style
from fem_island.plots.map_lines import draw_threshold
from fem_island.plots.maps import Map, Scale, Threshold, add_color_bar, draw_map, entry_of_missing

X, Y = np.linspace(1.0, 5.0, 21), np.geomspace(0.1, 10.0, 31)
LINE = Threshold(0.0, "a line", "white")


def a_map(values: npt.NDArray[np.float64]) -> Map:
    return Map(Scale(X, "x [m]"), Scale(Y, "y [s]", "log"), values, "z [V]")


def rising(direction: int) -> npt.NDArray[np.float64]:
    """Above zero above the line log10(y) = (x - 3) / 2, or below it."""
    values: npt.NDArray[np.float64] = direction * (np.log10(Y)[:, np.newaxis] - (X - 3) / 2)
    return values


def drawn(data: Map) -> Figure:
    with style.applied():
        figure = style.new_figure(3.0, 3.0)
        axes = figure.add_subplot()
        draw_map(axes, data)
        add_color_bar(axes, data, [LINE])
        draw_threshold(axes, data, LINE)
    return figure


@pytest.mark.parametrize("direction", [1, -1])
def test_ticks_are_on_the_side_of_the_larger_values(direction: int, tmp_path: Path) -> None:
    data = a_map(rising(direction))
    inks = []
    for ticked in (True, False):
        figure = style.new_figure(3.0, 3.0)
        axes = figure.add_subplot()
        draw_map(axes, data)
        line = draw_threshold(axes, data, Threshold(0.0, "", "white"), ticked=ticked)
        assert line is not None
        file = tmp_path / f"{ticked}.png"
        picture_file.save(figure, file)
        inks.append(image.imread(file)[..., :3])
    # The ticks are all that the two pictures differ in; where are they?
    rows, columns = np.nonzero(np.abs(inks[0] - inks[1]).max(axis=-1) > 0.3)
    assert len(rows) > 100
    places = np.column_stack([columns + 0.5, len(inks[0]) - rows - 0.5])
    figure.canvas.draw()
    scale = picture_file.PRINT_RESOLUTION / figure.dpi
    x, y = axes.transData.inverted().transform(places / scale).T
    assert np.mean(direction * (np.log10(y) - (x - 3) / 2) > 0) > 0.95


@pytest.mark.parametrize("values", [np.full((31, 21), np.nan), np.ones((31, 21)), rising(1) + 9])
def test_a_line_that_is_not_on_the_map(values: npt.NDArray[np.float64]) -> None:
    data = a_map(values)
    axes = style.new_figure(3.0, 3.0).add_subplot()
    draw_map(axes, data)
    assert draw_threshold(axes, data, LINE) is None
    assert axes.get_xlim() == (1.0, 5.0)
    assert axes.get_ylim() == pytest.approx((0.1, 10.0))


def test_places_without_a_value_are_hatched(tmp_path: Path) -> None:
    values = rising(1)
    assert entry_of_missing(a_map(values)) == []
    values[5, 5] = np.nan
    values[20:25, 10:14] = np.nan
    (entry,) = entry_of_missing(a_map(values))
    assert entry.get_label() == "no solution: 21 of 651 points"
    file = tmp_path / "map.png"
    figure = drawn(a_map(values))
    picture_file.save(figure, file)
    pixels = image.imread(file)[..., :3]
    figure.canvas.draw()
    scale = picture_file.PRINT_RESOLUTION / figure.dpi
    for row, column, grey in ((22, 12, True), (5, 5, True), (15, 5, False), (2, 18, False)):
        x, y = figure.axes[0].transData.transform((X[column], Y[row])) * scale
        around = pixels[len(pixels) - round(y) - 4 : len(pixels) - round(y) + 4]
        around = around[:, round(x) - 4 : round(x) + 4]
        assert (np.ptp(around, axis=-1).mean() < 0.05) == grey, (row, column)


def test_a_map_without_any_value(tmp_path: Path) -> None:
    data = a_map(np.full((31, 21), np.nan))
    figure = drawn(data)
    assert len(figure.axes) == 1, "a colour bar would show numbers that do not exist"
    picture_file.save(figure, tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 1000


def test_labels_and_thresholds() -> None:
    figure = drawn(a_map(rising(1)))
    axes, bar = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x [m]", "y [s]")
    assert bar.get_ylabel() == "z [V]"
    (text,) = axes.texts
    assert text.get_text() == "a line"
    # Along the line, which rises by a half decade per metre.
    figure.canvas.draw()
    ends = axes.transData.transform([(2.0, 10**-0.5), (4.0, 10**0.5)])
    step = ends[1] - ends[0]
    assert text.get_rotation() == pytest.approx(np.degrees(np.arctan2(step[1], step[0])), abs=1)


def test_the_pdf_has_letters_and_one_image(tmp_path: Path) -> None:
    file = tmp_path / "map.pdf"
    with style.applied():
        picture_file.save(drawn(a_map(rising(1))), file)
    content = file.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/CIDFontType2" in content, "letters must be fonts, not outlines"
    # The colours of the map and of its bar; lines, letters and ticks are vectors.
    assert content.count(b"/Subtype /Image") == 2
    assert len(content) < 300_000
