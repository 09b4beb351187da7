"""Pictures with axes, sizes, colours and limits of one's own, and of tall cells."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import fem_island as fi
from fem_island.plots import style
from fem_island.plots.field import scene_of


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


def test_a_profile_in_axes_of_ones_own(solution: fi.Solution) -> None:
    figure = Figure(figsize=(4, 3))
    above, below = figure.subplots(2, 1)
    colors = {"island": "#123456"}
    drawn = solution.plot_profile(
        ax=(above, below), colors=colors, limits=("84 mV", 0.087), extent=("20 um", 30e-6)
    )
    assert drawn is figure
    assert above.get_ylim() == pytest.approx((84, 87))
    assert above.get_xlim() == below.get_xlim() == pytest.approx((20, 30))
    used = {to_hex(line.get_color()) for line in below.get_lines()}
    assert "#123456" in used
    assert style.ISLAND_COLOR not in used
    assert tuple(solution.plot_profile(size=(3.4, 3)).get_size_inches()) == (3.4, 3)


def test_no_label_of_a_small_picture_is_cut(solution: fi.Solution) -> None:
    image = np.zeros((40, 60))
    image[5:15, 10:22] = 1
    solved = fi.solve(fi.Cell(map=fi.ContactMap(image=image, pixel="1 um")))
    for figure in (
        solution.plot_profile(size=(3.4, 3.2)),
        solution.plot(size=(3.3, 2.0)),
        solved.plot(size=(5.2, 2.6)),
        solved.plot(),
        fi.plot_map(grid(), size=(3.0, 2.4)),
    ):
        figure.savefig(BytesIO(), dpi=figure.dpi)
        for axes in [*figure.axes, *(bar for each in figure.axes for bar in each.child_axes)]:
            for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
                box = text.get_window_extent()
                assert not text.get_text() or (
                    box.x0 >= -1
                    and box.y0 >= -1
                    and box.x1 <= figure.bbox.width + 1
                    and box.y1 <= figure.bbox.height + 1
                ), text


def grid() -> xarray.Dataset:
    return fi.sweep(
        fi.Cell(),
        island_width={"from": "2 um", "to": "40 um", "count": 3},
        current_density={"from": "0.05 mA/cm^2", "to": "5 mA/cm^2", "count": 4, "spacing": "log"},
    )


def test_a_contact_map_in_axes_of_ones_own() -> None:
    cell = fi.Cell(map=fi.ContactMap(image=[[1, 0], [0, 0]], pixel="10 um"))
    figure = Figure()
    axes = figure.subplots()
    solved = fi.solve(cell)
    assert solved.plot(ax=axes, colors="cividis", limits=(0, "2 mA/cm^2")) is figure
    (shown,) = [each for each in axes.get_images() if each.get_cmap().name == "cividis"]
    assert shown.get_clim() == pytest.approx((0, 2))


def test_a_map_of_a_sweep() -> None:
    data = grid()
    figure = fi.plot_map(data, levels=["50 mV", 0.07], limits=(0, "0.1 V"), colors="viridis")
    axes, bar = figure.axes
    assert axes.get_xlabel() == "island width [µm]"
    assert axes.get_ylabel() == "current density [mA/cm$^{2}$]"
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "log")
    assert axes.get_xlim() == pytest.approx((2, 40))
    assert bar.get_ylim() == pytest.approx((0, 100))
    assert bar.get_ylabel().replace("\n", " ") == "overpotential, mean over all islands [mV]"
    assert {text.get_text() for text in axes.texts} == {"50 mV", "70 mV"}
    turned = fi.plot_map(data, x="current_density").axes[0]
    assert (turned.get_xscale(), turned.get_yscale()) == ("log", "linear")


def test_a_map_of_a_sweep_with_a_point_missing() -> None:
    data = grid()
    data.overpotential_mean[0, 0] = np.nan
    legend = fi.plot_map(data).axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["no solution: 1 of 12 points"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"number": "overpotential"},
            'number = "overpotential": is no number of the dataset; such',
        ),
        ({"x": "width"}, 'x = "width": is not one of island_width, current_density'),
        ({"levels": ["1 um"]}, 'levels = "1 um": has the unit "um", which is not that of a'),
        ({"limits": 3}, "limits = 3: must be two potentials"),
        ({"ax": 3}, "ax = 3: must be axes of matplotlib"),
        ({"path": "map.doc"}, 'path = "map.doc": must end in one of .avif'),
    ],
)
def test_what_a_map_refuses(options: dict[str, Any], message: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.plot_map(grid(), **options)
    assert str(caught.value).startswith(message)


def test_a_map_has_two_axes() -> None:
    for data, message in (
        (grid().isel(island_width=0), "along two axes; select one value of each other one"),
        (grid().isel(island_width=[0]), "island_width: must have at least two values"),
        ("results.nc", 'data = "results.nc": must be a dataset'),
    ):
        with pytest.raises(fi.InputError, match=message):
            fi.plot_map(data)  # type: ignore[arg-type]


def test_runs_and_spectra_in_axes_of_ones_own() -> None:
    island = {"width": "10 um", "thickness": "1 um", "shape": "parabola"}
    run = fi.strip(fi.Cell(islands=[island]), tolerance="1 mV")
    layer = {"double_layer": {"capacitance": "10 uF/cm^2"}}
    spectrum = fi.impedance(fi.Cell(kinetics=layer))
    for record, label in ((run, "time [s]"), (spectrum, r"Re $Z$ [$\Omega$ cm$^2$]")):
        figure = Figure()
        axes = figure.subplots()
        assert record.plot(ax=axes) is figure
        assert axes.get_xlabel() == label
        assert tuple(record.plot(size=(5, 2)).get_size_inches()) == (5, 2)
        for options in ({"ax": 1}, {"size": (0, 1)}, {"path": "curve.doc"}):
            with pytest.raises(fi.InputError):
                record.plot(**options)


def test_an_impedance_that_hardly_changes_has_ticks_that_are_read() -> None:
    figure = fi.impedance(fi.Cell()).plot()
    figure.draw_without_rendering()
    nyquist, size, _ = figure.axes
    assert nyquist.xaxis.get_offset_text().get_text() == ""
    assert size.get_yscale() == "linear"
    low, high = size.get_ylim()
    assert 0.9 < low / 193.453 < 1 < high / 193.453 < 1.1


def test_fits_points_and_uncertainty_in_axes_of_ones_own() -> None:
    widths = fi.evaluate(fi.Cell(), {"islands.width": [5e-6, 10e-6, 20e-6]})
    figure = Figure()
    axes = figure.subplots()
    assert widths.plot(ax=axes) is figure
    assert axes.get_xlabel() == "island width [µm]"
    marks = np.asarray(axes.collections[0].get_offsets())
    assert marks[:, 1] == pytest.approx(1e3 * widths["overpotential_mean"], rel=1e-12)

    measured = {
        "current_density [mA/cm^2]": [0.1, 0.5, 2.0],
        "overpotential [mV]": [39.6, 110.9, 180.9],
    }
    fit = fi.fit(
        fi.Cell(),
        parameters=["kinetics.exchange_current_density"],
        data=[{"table": measured, "error": "1 mV"}],
    )
    above, below = (figure := Figure()).subplots(2)
    assert fit.plot(ax=(above, below)) is figure
    assert below.lines[-1].get_ydata() == pytest.approx(fit.residuals, rel=1e-12)
    (line,) = (each for each in above.lines if each.get_label() == "best fit")
    currents, fitted = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert len(currents) == 60
    assert (currents[0], currents[-1]) == pytest.approx((0.1, 2.0))
    i0, thermal = 0.1 * float(fit.parameters[0].value or 0), 25.692579
    between = 2 * thermal * np.arcsinh(currents * 10 / (2 * i0))
    assert fitted == pytest.approx(between, abs=0.01)

    spread = fi.uncertainty(
        fi.Cell(),
        uncertain={
            "electrolyte.conductivity": {"distribution": "uniform", "low": 0.1, "high": 0.3}
        },
        outputs=["overpotential.mean"],
        films=[],
        count=16,
        sensitivity_count=0,
    )
    above, below = (figure := Figure()).subplots(2)
    assert spread.plot(ax=[above, below]) is figure
    assert sum(bar.get_height() * bar.get_width() for bar in above.patches) == pytest.approx(1)

    for record, panels in ((widths, 1), (fit, 2), (spread, 2)):
        assert tuple(record.plot(size=(5, 2)).get_size_inches()) == (5, 2)
        many = "axes" if panels == 1 else f"{panels} axes"
        with pytest.raises(fi.InputError, match=f"ax = 1: must be {many}"):
            record.plot(ax=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ax": 3}, "ax = 3: must be 2 axes, one for each panel, of matplotlib"),
        ({"colors": {"lithium": "red"}}, 'colors = "lithium": is not one of island, film,'),
        ({"colors": {"film": "rot"}}, 'colors.film = "rot": is not a colour of matplotlib'),
        ({"extent": ("1 mV", "2 mV")}, 'extent: must be two lengths: has the unit "mV"'),
        ({"limits": (1, 2, 3)}, "limits = [1, 2, 3]: must be two potentials, the smaller and"),
    ],
)
def test_what_a_profile_refuses(
    solution: fi.Solution, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(fi.InputError) as caught:
        solution.plot_profile(**options)
    assert str(caught.value).startswith(message)


def test_a_home_folder_is_one_in_every_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    island = {"width": "10 um", "thickness": "1 um", "shape": "parabola"}
    run = fi.strip(fi.Cell(islands=[island]), tolerance="1 mV")
    points = fi.evaluate(fi.Cell(), {"islands.width": ["5 um", "6 um"]})
    run.plot("~/pictures/run.png", size=(3, 2))
    for record in (run, points):
        record.write("~/out", "mine")
    assert (tmp_path / "pictures" / "run.png").is_file()
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {"mine.png", "mine.nc"}
    assert not (tmp_path / "~").exists()


def test_many_islands_are_few_lines() -> None:
    islands = [{"width": "3 um", "center": f"{10 + 20 * number} um"} for number in range(60)]
    cell = fi.Cell(electrolyte={"width": "1.2 mm"}, islands=islands)
    solved = fi.solve(cell, solver="condensed")
    above, below = solved.plot_profile().axes
    lithium = next(line for line in above.get_lines() if line.get_label() == "lithium island")
    x = np.asarray(lithium.get_xdata())
    assert len(above.get_lines()) == 2
    assert np.isnan(x).sum() == 60
    # All of it is there, and the bare collector is below at no current.
    assert np.nanmin(x) == pytest.approx(8.5)
    assert np.nanmax(x) == pytest.approx(1191.5)
    low, high = below.get_ylim()
    assert low < 0 < high
    (shade,) = above.collections
    assert len(shade.get_paths()) == 60
    assert len(scene_of(solved).x) <= 4000


def lines_at(axes: Axes) -> dict[float, list[tuple[float, float]]]:
    """Dashed lines of a film: where each level is drawn."""
    found: dict[float, list[tuple[float, float]]] = {}
    for lines in axes.collections:
        if isinstance(lines, LineCollection):
            for (start, level), (end, _) in lines.get_segments():
                found.setdefault(round(float(level), 6), []).append((float(start), float(end)))
    return found


def test_a_film_gives_lithium_above_the_potential_that_it_has_there() -> None:
    """Also at another temperature, and where parts of it are on other plateaus."""
    gold = fi.interlayer("Au", reaction="release", potential_temperature_coefficient="0.4 mV/K")
    case = fi.Case(
        cell=fi.Cell(interlayer=gold),
        operation={"temperature": "60 degC", "current_density": "0.3 mA/cm^2"},
    )
    limits = ("70 mV", "0.2 V")
    above = fi.solve(case, solver="condensed").plot_profile(limits=limits).axes[0]
    assert [text.get_text() for text in above.texts] == ["Au gives up lithium above 84 mV"]
    charge = [("0 um", 1.0), ("10 um", 1.0), ("10.1 um", 0.5), ("50 um", 0.5)]
    parts = gold.with_(state_of_charge_profile=charge)
    case = case.with_({"cell.interlayer": parts, "operation.current_density": "1 mA/cm^2"})
    above = fi.solve(case, solver="condensed").plot_profile(limits=limits).axes[0]
    levels = lines_at(above)
    assert set(levels) == {84.0, 174.0}
    ((start, end),) = levels[84.0]
    assert (start, end) == pytest.approx((0.0, 10.05), abs=0.05)
    assert [ends for ends in levels[174.0]] == [
        pytest.approx((10.05, 22.5), abs=0.05),
        pytest.approx((27.5, 50.0), abs=1e-6),
    ]
    assert [text.get_text() for text in above.texts] == [
        "gives lithium above 84 mV",
        "gives lithium above 174 mV",
    ]


def test_nothing_lies_over_the_lines_of_a_small_profile(solution: fi.Solution) -> None:
    figure = solution.plot_profile(size=(3.3, 2.8))
    figure.savefig(BytesIO(), dpi=figure.dpi)
    (legend,) = figure.legends
    above, below = figure.axes
    assert above.get_legend() is None
    boxes = [axes.get_window_extent() for axes in (above, below)]
    assert not any(legend.get_window_extent().overlaps(box) for box in boxes)
    for axes, box in zip((above, below), boxes, strict=True):
        label = axes.yaxis.label.get_window_extent()
        assert label.height <= box.height, axes.yaxis.label
