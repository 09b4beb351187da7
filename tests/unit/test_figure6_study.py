"""The study of Figure 6 on results that are known exactly: figures, table and JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import kinetic_maps
import numpy as np
import pytest
import xarray as xr
from kinetic_maps import kinetic_map, kinetic_points
from matplotlib import image
from matplotlib.contour import QuadContourSet
from scipy.special import ndtr

from fem_island.experiments.point.solution import Solution
from fem_island.machine.whole_files import write_json
from fem_island.plots import style
from fem_island.results.result import STATUSES, ErrorEstimate
from fem_island.studies.figure6 import Report, drawing, meaning, paper, probability, scan, show
from fem_island.studies.figure6.study import Computed, analyse

FILES = (Path("figure6.png"), Path("figure6.json"))


def solution(width: float, current: float) -> Solution:
    """All of a solution that is read off it."""
    result = SimpleNamespace(
        status="converged",
        overpotential_mean=float(kinetic_maps.overpotential(width, current)),
        charge_imbalance=3e-13,
        error_estimate=ErrorEstimate(
            overpotential_mean=2e-10, overpotential_max=4e-10, local_current_density_max=1e-6
        ),
    )
    return cast("Solution", SimpleNamespace(result=result))


def computed(maps: xr.Dataset | None = None) -> Computed:
    trials = scan.trials()
    widths = np.concatenate([trial.island_widths for trial in trials])
    exchange = np.repeat([trial.exchange_current_density for trial in trials], len(scan.BESIDE))
    return Computed(
        solutions=tuple(solution(p.island_width, p.current_density) for p in paper.PANELS),
        maps=kinetic_map() if maps is None else maps,
        scan=kinetic_points(widths, exchange),
        trials=trials,
    )


def report(data: Computed) -> Report:
    widths = scan.onset_widths(data.scan, data.trials)
    return analyse(data, widths, seconds=12.34, files=FILES)


def record(data: Computed, folder: Path) -> dict[str, Any]:
    file = folder / "figure6.json"
    write_json(report(data).record({"python": "3"}), file)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def printed(data: Computed, capsys: pytest.CaptureFixture[str]) -> str:
    show(report(data))
    return " ".join(capsys.readouterr().out.split())


def test_axes_of_the_map() -> None:
    widths = paper.ISLAND_WIDTHS
    assert widths == pytest.approx(1e-6 * np.arange(1, 51), rel=1e-12, abs=0)
    assert widths[-1] == paper.CASE.cell.electrolyte.width
    assert len(paper.CURRENT_DENSITIES) == 50
    assert paper.CURRENT_DENSITIES[[0, -1]] == pytest.approx([0.5, 50.0], rel=1e-12, abs=0)
    steps = np.diff(np.log(paper.CURRENT_DENSITIES))
    assert steps == pytest.approx(np.log(100) / 49, rel=1e-9, abs=0)


def test_numbers_as_json(tmp_path: Path) -> None:
    found = record(computed(), tmp_path)
    assert found["quoted"] == [
        {
            "island_width": width,
            "current_density": 2.5,
            "paper": quoted,
            "computed": kinetic_maps.overpotential(width, 2.5),
        }
        for width, quoted in ((20e-6, 0.030), (5e-6, 0.085))
    ]
    for film, potential in (("Ag", 0.05), ("Au", 0.07)):
        exact = kinetic_maps.onset(potential)
        assert found["onset_width"][film] == pytest.approx(exact, abs=1e-9)
        assert found["onset_width_closed_form"][film] == pytest.approx(exact, rel=1e-12, abs=0)
        by_drive = found["onset_width_by_exposed_drive"][film]
        assert by_drive == pytest.approx(kinetic_maps.onset(potential - 1e-4), abs=1e-9)
    assert found["onset_current_density"] == 2.5
    assert found["exchange_current_density"] == 5.0
    assert found["exchange_current_density_of_impedance"] == pytest.approx(256.9, abs=0.1)
    assert (found["points"], found["failures"], found["failed"]) == (2500, 0, [])
    assert found["tolerance_not_met"] == 0
    assert found["charge_imbalance"] == 3e-13
    assert found["error_estimate"] == {"overpotential_mean": 1e-9}
    assert found["seconds"] == 12.34
    assert found["versions"] == {"python": "3"}
    for entry in found["onset_against_exchange_current_density"]:
        assert set(entry) == {"film", "exchange_current_density", "width", "closed_form"}
        assert entry["width"] == pytest.approx(entry["closed_form"], rel=2e-4, abs=0)


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(computed(), capsys)
    assert "d 20 0.25 30 30.3246 +- 2e-07" in text
    assert "e 5 0.25 85 84.6432 +- 2e-07" in text
    assert "Li-Ag 50 11.0227 11.0227" in text
    assert "Li-Au 70 6.8513 6.8513" in text
    assert "The paper does not state the exchange current density." in text
    assert "i0 = 0.5 mA/cm^2, and the conclusion hangs on it" in text
    assert "25.7 mA/cm^2 of an interface resistance of 1 Ohm cm^2" in text
    assert "below 0.21 um (Ag), 0.13 um (Au)" in text
    assert "2500 points, 0 failed; charge balanced to 3e-13" in text
    assert "12.3 s" in text
    assert text.endswith("written: figure6.png, figure6.json")


def test_points_that_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = computed(kinetic_map(holes=(np.s_[10:12], np.s_[3:10])))
    data.scan["overpotential_mean"][9] = np.nan
    data.scan["status"][9] = STATUSES.index("failed")
    data.scan["reason"][9] = "no luck"
    data.scan["charge_imbalance"][9] = np.nan
    data.maps["status"][0, 0] = STATUSES.index("tolerance not met")
    found = record(data, tmp_path)
    assert (found["points"], found["failures"], found["tolerance_not_met"]) == (2500, 15, 1)
    assert found["failed"][0] == {
        "island_width": pytest.approx(11e-6),
        "current_density": pytest.approx(paper.CURRENT_DENSITIES[3]),
        "exchange_current_density": 5.0,
        "reason": "it broke",
    }
    assert found["failed"][14] == {
        "island_width": pytest.approx(data.trials[2].island_widths[1]),
        "current_density": 2.5,
        "exchange_current_density": data.trials[2].exchange_current_density,
        "reason": "no luck",
    }
    assert found["onset_against_exchange_current_density"][2]["width"] is None
    assert found["charge_imbalance"] == 3e-13
    assert found["onset_width"]["Ag"] == pytest.approx(kinetic_maps.onset(0.05), abs=1e-9)
    text = printed(data, capsys)
    assert "2500 points, 15 failed" in text
    assert "no solution: 11 um, 0.06629 mA/cm^2, i0 = 0.5 mA/cm^2: it broke" in text
    assert "and 5 more without a solution" in text
    assert "1 points did not meet the tolerance" in text


def test_a_map_without_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = computed(kinetic_map(np.linspace(20e-6, 50e-6, 50)))
    found = record(data, tmp_path)
    assert found["onset_width"] == {"Ag": None, "Au": None}
    assert found["onset_width_closed_form"]["Ag"] == pytest.approx(11.0227e-6, rel=1e-4, abs=0)
    text = printed(data, capsys)
    assert "Li-Ag 50 not on the map 11.0227 not on the map" in text


def test_nothing_but_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = computed(kinetic_map(holes=(np.s_[:], np.s_[:])))
    data = replace(data, scan=data.scan.assign(overpotential_mean=np.nan * data.scan["status"]))
    found = record(data, tmp_path)
    assert found["failures"] == 2500
    assert {entry["width"] for entry in found["onset_against_exchange_current_density"]} == {None}
    assert "2500 points, 2500 failed" in printed(data, capsys)
    assert_written(tmp_path, data)


def assert_written(folder: Path, data: Computed) -> None:
    """Panel c, and the second figure."""
    with style.applied():
        figure = style.new_figure(3.6, 3.6)
        drawing.draw_panel_c(figure.add_subplot(), data.maps)
    widths = scan.onset_widths(data.scan, data.trials)
    second = meaning.draw(data.maps, data.trials, widths)
    for name, picture in (("c", figure), ("meaning", second)):
        files = [folder / f"{name}.png", folder / f"{name}.pdf"]
        drawing.write(picture, files)
        pixels = image.imread(files[0])[..., :3]
        width, height = picture.get_size_inches() * 300
        assert pixels.shape[:2] == (int(height), int(width))
        for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
            assert edge.min() > 0.9, "cut off"
        content = files[1].read_bytes()
        assert content.startswith(b"%PDF-")
        assert b"/CIDFontType2" in content
        assert len(content) < 1_000_000


@pytest.mark.parametrize("holes", [None, (np.s_[10:12], np.s_[3:10]), (np.s_[:], np.s_[25:30])])
def test_pictures(holes: tuple[slice, slice] | None, tmp_path: Path) -> None:
    assert_written(tmp_path, computed(kinetic_map(holes=holes)))


def test_what_panel_c_says() -> None:
    with style.applied():
        axes = style.new_figure(3.6, 3.6).add_subplot()
        drawing.draw_panel_c(axes, kinetic_map())
    said = {text.get_text() for text in axes.texts}
    assert {"Li–Ag, 50 mV", "Li–Au, 70 mV", "c", "d", "e"} <= said  # noqa: RUF001
    assert {"both films give up lithium", "neither film\ngives up lithium"} <= said
    assert axes.get_xlabel() == "island size [µm]"
    assert axes.get_ylabel() == "stripping current density [mA/cm$^2$]"
    assert axes.get_xlim() == pytest.approx((1.0, 50.0))
    assert axes.get_ylim() == pytest.approx((0.05, 5.0))
    points = sorted(np.asarray(line.get_xydata())[0].tolist() for line in axes.lines)
    assert points == [[pytest.approx(5.0), 0.25], [pytest.approx(20.0), 0.25]]


def test_panel_c_claims_nothing_about_a_map_that_is_elsewhere() -> None:
    with style.applied():
        axes = style.new_figure(3.6, 3.6).add_subplot()
        drawing.draw_panel_c(axes, kinetic_map(currents=np.geomspace(0.01, 0.02, 20)))
    said = {text.get_text() for text in axes.texts}
    assert "neither film\ngives up lithium" in said
    assert "both films give up lithium" not in said


def test_what_the_second_figure_says() -> None:
    data = computed()
    widths = scan.onset_widths(data.scan, data.trials)
    figure = meaning.draw(data.maps, data.trials, widths)
    left, right = figure.axes[:2]
    assert left.get_xlim() == pytest.approx((0.02, 1.0))
    assert left.get_ylim() == pytest.approx((0.1, 10.0))
    # The closed form lies on the computed lines.
    for line, potential in zip(left.lines, (0.05, 0.07), strict=True):
        coverage, ratio = np.asarray(line.get_xydata()).T
        exact = ratio / (2 * np.sinh(potential / (2 * kinetic_maps.THERMAL)))
        assert coverage == pytest.approx(exact, rel=1e-9, abs=0)
    said = " ".join(text.get_text() for text in right.texts)
    assert "implied by the paper" in said
    assert "$i_0$ = 0.5" in said
    assert "Ag 11, Au 6.9 µm" in said
    assert "1 Ω cm$^2$: $i_0$ = 25.7" in said
    assert "Ag 0.21, Au 0.13 µm" in said
    assert "cell width 50 µm" in said
    markers = [line for line in right.lines if line.get_marker() in ("o", "s")]
    assert len(markers) == len(data.trials)


def test_the_line_of_the_map_lies_over_the_probabilities() -> None:
    """Where i0 at onset is that of the paper; the probability along it is that of a smaller i0."""
    chances = probability.compute()
    figure = probability.draw(chances)
    panels = figure.axes[: len(paper.FILMS)]
    onset_at_quarter = {"Ag": 11.0227, "Au": 6.8513}
    for axes, film in zip(panels, paper.FILMS, strict=True):
        words = [text.get_text() for text in axes.texts]
        assert {"5 %", "50 %", "$i_0$ = 0.5 mA/cm$^2$"} <= set(words)
        dashed = next(
            line
            for line in axes.collections
            if isinstance(line, QuadContourSet) and list(line.levels) == [0.5]
        )
        sizes, currents = np.asarray(dashed.get_paths()[0].vertices, dtype=np.float64).T
        rising = np.argsort(currents)
        at = np.interp(0.25, currents[rising], sizes[rising])
        assert at == pytest.approx(onset_at_quarter[film], rel=1e-2)
        share = chances[film].probability.interp(current_density=2.5, island_width=1e-6 * at)
        deviation = np.log(1000) / (2 * 1.959964)
        z = (np.log(0.5) - 0.5 * np.log(10)) / deviation
        assert float(share) == pytest.approx(ndtr(z), abs=2e-3)
    assert figure.axes[-1].get_ylabel() == "probability [%]"
