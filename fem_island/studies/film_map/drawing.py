"""Maps of what films do, a panel for each, with the line on which the paper judges them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fem_island.case.case import Case
from fem_island.case.variants import BARE
from fem_island.plots import map_lines, maps, style
from fem_island.studies.film_map.answers import Answer
from fem_island.studies.film_map.sizes import Sizes, sizes_of
from fem_island.surface.kinetics import wagner_number

MICRO, MILLI, PER_MA_CM2 = 1e6, 1e3, 0.1
"""What SI numbers are multiplied with for um, mV and mA/cm^2."""

_COLUMNS = 3
_PANEL = (2.55, 2.1)
_SHARES = (10.0, 50.0)
_RELIEFS = (1.1, 2.0, 5.0)
_LINE = "#ffffff"
_DRIVE = "#7fd4ff"
_QUIET = "#9a9a9a"

Axis = tuple[str, float, str, str]
"""Name of a dimension, what its values are multiplied with, label, spacing."""

_CURRENT: Axis = ("current_density", PER_MA_CM2, "current density [mA/cm$^2$]", "log")
_EXCHANGE: Axis = ("exchange_current_density", PER_MA_CM2, "$i_0$ [mA/cm$^2$]", "log")


def size_axes(sizes: Sizes) -> tuple[Axis, Axis]:
    """The axes of the first grid."""
    return (sizes.island, MICRO, f"{sizes.island_words} [µm]", "linear"), _CURRENT


def constriction_axes(sizes: Sizes) -> tuple[Axis, Axis]:
    """The axes of the second grid."""
    return (sizes.cell, MICRO, f"{sizes.cell_words} [µm]", "log"), _EXCHANGE


@style.applied()
def draw_share(results: xarray.Dataset, found: Sequence[Answer], axes: tuple[Axis, Axis]) -> Figure:
    """The film's share of the current, a panel for each film.

    Args:
        results: One of the first two grids, along film and the dimensions of ``axes``.
        found: Answers for the films.
        axes: Those of the grid.
    """

    def data(answer: Answer) -> maps.Map:
        share = 100 * results["interlayer_current_fraction"].sel(film=answer.film)
        values = _beyond_onset(share, results, answer)
        label = "film's share of the current [%]"
        return _map(values, axes, label, (0.0, 100.0), style.SHARE_MAP, "linear")

    return _panels(results, found, axes, data, _SHARES, "{:g} %")


@style.applied()
def draw_relief(
    results: xarray.Dataset, found: Sequence[Answer], axes: tuple[Axis, Axis]
) -> Figure:
    """Peak current density on the lithium without film over that with it; as ``draw_share``."""

    def data(answer: Answer) -> maps.Map:
        label = "relief: peak without over with film"
        relief: xarray.DataArray = xarray.ufuncs.log(results["relief"].sel(film=answer.film))
        values: xarray.DataArray = xarray.ufuncs.exp(_beyond_onset(relief, results, answer))
        return _map(values, axes, label, (1.0, 10.0), style.RELIEF_MAP, "log")

    return _panels(results, found, axes, data, _RELIEFS, "{:g}")


def _beyond_onset(
    values: xarray.DataArray, results: xarray.Dataset, answer: Answer
) -> xarray.DataArray:
    """What a film does, going on below 0 where it does not act.

    Lines that are drawn between the points of a coarse map would else cross the line at which the
    film begins to act: between 0 at one point and a share at the next, its half is in the middle,
    wherever between them the onset is. Below it the values go on with how far the drive on bare
    copper is below the film's potential, at least as steeply as above, so that they pass 0 at the
    onset or after it.

    Args:
        values: Along two dimensions, 0 where the film does not act.
        results: Of the grid.
        answer: For the film.
    """
    share = results["interlayer_current_fraction"].sel(film=answer.film)
    margin = results["exposed_drive_max"].sel(film=BARE) - answer.potential
    share, margin = (each.transpose(*values.dims) for each in (share, margin))
    acts = share > 0
    steepness = (values / margin).where(acts & (margin > 0)).to_numpy()
    # Of the points around each; where none of these acts, no line is near.
    around = np.pad(steepness, 1, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(around, (3, 3)).reshape(*steepness.shape, 9)
    steepest = np.where(np.isfinite(windows), windows, 0.0).max(axis=-1)
    beyond = -np.abs(margin) * xarray.DataArray(steepest, coords=values.coords, dims=values.dims)
    return values.where(acts | ~np.isfinite(values), beyond)


def _map(
    values: xarray.DataArray,
    axes: tuple[Axis, Axis],
    label: str,
    limits: tuple[float, float],
    colors: str,
    spacing: str,
) -> maps.Map:
    (x_name, x_factor, x_label, x_spacing), (y_name, y_factor, y_label, y_spacing) = axes
    grid = values.transpose(y_name, x_name)
    return maps.Map(
        x=maps.Scale(x_factor * grid[x_name].to_numpy(), x_label, x_spacing),  # type: ignore[arg-type]
        y=maps.Scale(y_factor * grid[y_name].to_numpy(), y_label, y_spacing),  # type: ignore[arg-type]
        values=grid.to_numpy(),
        label=label,
        limits=limits,
        colors=colors,
        color_spacing=spacing,  # type: ignore[arg-type]
    )


def _panels(
    results: xarray.Dataset,
    found: Sequence[Answer],
    axes: tuple[Axis, Axis],
    data_of: Callable[[Answer], maps.Map],
    levels: Sequence[float],
    level_text: str,
) -> Figure:
    columns = min(_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    figure = style.new_figure(_PANEL[0] * columns + 1.0, _PANEL[1] * rows + 0.7)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for panel in grid.ravel()[len(found) :]:
        panel.remove()
    drawn = []
    for number, (panel, answer) in enumerate(zip(grid.ravel(), found, strict=False)):
        data = data_of(answer)
        drawn.append(data)
        maps.draw_map(panel, data)
        _draw_levels(panel, data, levels, level_text)
        for judge, color in (("overpotential_mean", _LINE), ("exposed_drive_max", _DRIVE)):
            judged = _map(
                MILLI * results[judge].sel(film=BARE), axes, "", (0, 1), data.colors, "linear"
            )
            line = maps.Threshold(MILLI * answer.potential, "", color, "--")
            # The two lines lie on top of each other where kinetics decide.
            if color == _LINE or _EXCHANGE in axes:
                map_lines.draw_threshold(panel, judged, line, ticked=False)
        panel.set_title(f"Li–{answer.film}, {MILLI * answer.potential:g} mV")  # noqa: RUF001
        if not (data.values > (0 if "share" in data.label else 1 + 1e-6)).any():
            _say(panel, "gives nothing here")
        if number % columns:
            panel.set_ylabel("")
        if number + columns < len(found):
            panel.set_xlabel("")
    _thin_ticks(grid[0, 0])
    bar = maps.add_color_bar(grid[0, 0], drawn[0], beside=list(grid.ravel()[: len(found)]))
    if bar is not None and drawn[0].color_spacing == "log":
        bar.set_ticks([1, 2, 5, 10], labels=["1", "2", "5", "10"])
    _add_legend(figure, axes, columns)
    return figure


def _draw_levels(panel: Axes, data: maps.Map, levels: Sequence[float], text: str) -> None:
    for label in map_lines.draw_levels(panel, data, levels, text.format):
        label.set_path_effects(style.halo(1.5))


def _say(panel: Axes, text: str) -> None:
    panel.text(
        0.5,
        0.5,
        text,
        transform=panel.transAxes,
        ha="center",
        va="center",
        color="white",
        path_effects=style.halo(1.5),
        zorder=5,
    )


def _thin_ticks(panel: Axes) -> None:
    low, high = panel.get_xlim()
    if panel.get_xscale() == "linear" and 40 <= high <= 50 and low < 10:
        panel.set_xticks([tick for tick in (1, 10, 20, 30, 40, 50) if low <= tick <= high])


def _add_legend(figure: Figure, axes: tuple[Axis, Axis], columns: int) -> None:
    entries = [_dashed(_LINE, "mean overpotential on bare copper is the film's potential")]
    if _EXCHANGE in axes:
        entries.append(_dashed(_DRIVE, "largest drive beside the island is it"))
        label = "Wagner number 10, 1 and 0.1 (upwards)"
        entries.append(Line2D([], [], color=_QUIET, lw=0.8, label=label))
    side_by_side = len(entries) if columns == _COLUMNS else 1
    figure.legend(handles=entries, loc="outside lower center", ncols=side_by_side, frameon=False)


def _dashed(color: str, label: str) -> Line2D:
    effects = style.halo(3.0)
    return Line2D([], [], color=color, ls="--", lw=1.4, path_effects=effects, label=label)


def add_wagner_lines(figure: Figure, case: Case) -> None:
    """Draw where the Wagner number is 10, 1 and 0.1 on all panels of the second grid."""
    kappa, temperature = case.conductivity, case.operation.temperature
    lithium = case.cell.kinetics
    # The axis has i0 at 298.15 K.
    faster = lithium.exchange_current_density_at(temperature) / lithium.exchange_current_density
    for panel in figure.axes:
        if panel.get_xscale() != "log" or panel.get_title() == "":
            continue
        widths = np.array(panel.get_xlim()) / MICRO
        for number in (10.0, 1.0, 0.1):
            # Along such a line i0 is inversely proportional to the width.
            lengths = sizes_of(case).per_size * widths
            exchange = wagner_number(kappa, faster, lengths, temperature=temperature) / number
            panel.plot(MICRO * widths, PER_MA_CM2 * exchange, color=_QUIET, lw=0.8, zorder=2)
