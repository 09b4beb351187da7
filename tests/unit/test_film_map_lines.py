"""Lines of equal effect of a film, which on no map lie where it does not act."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import numpy.typing as npt
import pytest
import xarray
from matplotlib.contour import QuadContourSet
from scipy.interpolate import RegularGridInterpolator

from fem_island.case.variants import BARE
from fem_island.studies.film_map.answers import Answer
from fem_island.studies.film_map.drawing import draw_relief, draw_share, size_axes
from fem_island.studies.film_map.sizes import STRIPES

POTENTIAL = 0.05
"""Of the film [V]."""

Grid = npt.NDArray[np.float64]


def answer() -> Answer:
    unknown = dict.fromkeys((field.name for field in fields(Answer)), None)
    return Answer(**{**unknown, "film": "Ag", "potential": POTENTIAL})  # type: ignore[arg-type]


def results(points: int, steepness: float) -> xarray.Dataset:
    """A film that acts, at once steeply, where a curved drive passes its potential."""
    widths = np.linspace(2e-6, 48e-6, points)
    currents = np.geomspace(0.5, 50.0, points + 1)
    drive = 0.02 * np.arcsinh(currents[:, None] * 25e-6 / widths)
    share = np.where(drive > POTENTIAL, 1 - np.exp(-steepness * (drive - POTENTIAL)), 0.0)
    along = ("film", "current_density", "island_width")

    def both(bare: Grid, film: Grid) -> tuple[tuple[str, ...], Grid]:
        return along, np.stack([bare, film])

    data = {
        "interlayer_current_fraction": both(np.full_like(share, np.nan), share),
        # Where the film does not act the relief is 1 but for the error of two solutions.
        "relief": both(np.ones_like(share), (1 + 1e-8) / (1 - 0.95 * share)),
        "exposed_drive_max": both(drive, np.minimum(drive, POTENTIAL + 1e-3)),
        "overpotential_mean": both(drive, drive),
    }
    coordinates = {"film": [BARE, "Ag"], "current_density": currents, "island_width": widths}
    return xarray.Dataset(data, coordinates)


@pytest.mark.parametrize("points", [4, 5, 9])
@pytest.mark.parametrize("steepness", [20.0, 300.0])
@pytest.mark.parametrize("draw", [draw_share, draw_relief])
def test_lines_do_not_cross_the_onset(points: int, steepness: float, draw: object) -> None:
    data = results(points, steepness)
    panel = draw(data, [answer()], size_axes(STRIPES)).axes[0]  # type: ignore[operator]
    margin = RegularGridInterpolator(
        (0.1 * data.current_density.to_numpy(), 1e6 * data.island_width.to_numpy()),
        data.exposed_drive_max.sel(film=BARE).to_numpy() - POTENTIAL,
        bounds_error=False,
        fill_value=None,  # an end of a line may be a rounding outside
    )
    lines = [each for each in panel.collections if isinstance(each, QuadContourSet)]
    lines = [each for each in lines if not each.filled and len(each.get_paths()) > 0]
    onset = next(each for each in lines if each.get_linestyle() != lines[0].get_linestyle())
    assert len(lines) == 2
    for line in lines:
        vertices = np.concatenate([path.vertices for path in line.get_paths()])
        assert len(vertices) > 3
        # Every vertex is on an edge between two points, where the onset is drawn evenly as well.
        distance = margin(vertices[:, ::-1])
        if line is onset:
            assert np.abs(distance).max() < 1e-12
        else:
            assert distance.min() > -1e-12
