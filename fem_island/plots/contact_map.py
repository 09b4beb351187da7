"""The local current on a contact map, and how it is distributed over lithium."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fem_island.case.case import Case
from fem_island.case.contact_map import FILM, LITHIUM
from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, given_look, picture_file, style
from fem_island.quantities import CURRENT_DENSITY
from fem_island.results.map_state import MapState
from fem_island.results.result import Result

_BINS = 60
_TO_SHOWN = 0.1
"""mA/cm^2 per A/m^2."""

_FILM_GROUND = "#f1dfb8"
_LINE = "#9a958f"


@style.applied()
def plot_contact_map(
    case: Case,
    state: MapState,
    result: Result,
    path: Path | str | None = None,
    *,
    ax: Axes | None = None,
    size: tuple[float, float] | None = None,
    colors: str = style.OVERPOTENTIAL_MAP,
    limits: tuple[float | str, float | str] | None = None,
) -> Figure:
    """Draw a solved contact map.

    Args:
        case: What was computed.
        state: The solution.
        result: Its numbers.
        path: Picture file to write, or None.
        ax: Axes of a figure of one's own to draw the map in, without its distribution, or None.
        size: Width and height of the figure in inches; None suits the map.
        colors: Name of matplotlib's colour map.
        limits: Current densities of the first and the last colour [A/m^2]; None takes those of the
            solution.

    Returns:
        The figure.

    Raises:
        InputError: A picture cannot be written there, or cannot look like that.
    """
    path = picture_file.prepared(path)
    given_look.check_look(ax=ax, size=size, colors=colors)
    shown = given_look.ends_of(limits, CURRENT_DENSITY)
    density = _TO_SHOWN * state.density_map()
    image = state.contact.image
    if ax is not None:
        _draw_map(ax, density, state, colors, shown)
        style.keep_tick_labels(ax)
        figure = ax.figure.figure
    else:
        ratio = float(np.clip(image.depth / image.width, 0.4, 1.6))
        figure = style.new_figure(*(size or (8.0, 3.6 * ratio + 0.5)), gap=0.04)
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1.0))
        _draw_map(left, density, state, colors, shown)
        _draw_distribution(right, state, result)
        for axes in (left, right):
            style.keep_tick_labels(axes)
    picture_file.save(figure, path)
    return figure


def _draw_map(
    axes: Axes,
    density: Array,
    state: MapState,
    colors: str,
    limits: tuple[float, float] | None,
) -> None:
    """The local current where something reacts, row 0 at the bottom."""
    image = state.contact.image
    unit = axis_units.length_unit(max(image.width, image.depth))
    extent = (0.0, image.width / unit.metres, 0.0, image.depth / unit.metres)
    kinds = image.classes
    has_film = state.contact.has_film
    ground = np.where((kinds == FILM) & has_film, 1.0, 0.0)
    axes.imshow(
        ground,
        origin="lower",
        extent=extent,
        cmap=ListedColormap([style.GROUND_COLOR, _FILM_GROUND]),
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    shown = np.ma.masked_where(kinds != LITHIUM, density)
    low, high = float(shown.min()), float(shown.max())
    if limits is not None:
        low, high = (_TO_SHOWN * end for end in limits)
    elif high - low < 1e-3 * max(abs(low), abs(high), 1e-12):
        low, high = min(0.0, low), max(0.0, high)
    drawn = axes.imshow(
        shown,
        origin="lower",
        extent=extent,
        cmap=colors,
        norm=Normalize(low, high),
        # Regions of single pixels must not vanish where there are more pixels than dots.
        interpolation="nearest" if max(image.shape) < 1000 else "antialiased",
    )
    bar = axes.figure.colorbar(drawn, ax=axes, shrink=0.95, pad=0.02)
    width, height = style.size_of(axes)
    # The map is as high as its width allows, and the bar not much higher.
    height = min(height, 0.9 * width * image.depth / image.width)
    bar.set_label(style.wrapped("local current density on lithium [mA/cm$^2$]", height))
    axes.set_xlabel(f"x [{unit.name}]")
    axes.set_ylabel(f"y [{unit.name}]")
    beside = []
    if has_film:
        mean = 0.0 if state.film is None else _TO_SHOWN * float(state.film.density.mean())
        beside.append((f"film, {mean:.3g} mA/cm$^2$ in the mean", _FILM_GROUND))
    if not has_film or (kinds != FILM)[kinds != LITHIUM].any():
        beside.append(("bare collector", style.GROUND_COLOR))
    if image.coverage < 1:
        handles = [Patch(facecolor=color, edgecolor=_LINE, label=name) for name, color in beside]
        axes.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=2,
            frameon=False,
            borderpad=0.2,
        )


def _draw_distribution(axes: Axes, state: MapState, result: Result) -> None:
    """Share of the area of lithium over the local current, and how much is above each."""
    values = _TO_SHOWN * state.lithium.density
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9 * max(abs(low), abs(high)):
        low, high = low - 0.5 * abs(low), high + 0.5 * abs(high)
    counts, edges = np.histogram(values, bins=_BINS, range=(low, high))
    share = 100 * counts / len(values)
    axes.bar(
        edges[:-1],
        share,
        width=np.diff(edges),
        align="edge",
        color=style.ISLAND_COLOR,
    )
    axes.axvline(
        _TO_SHOWN * result.local_current_density_mean,
        color="#c2410c",
        linewidth=1,
    )
    axes.set_xlabel("local current density [mA/cm$^2$]")
    # Currents that hardly vary have labels of many digits.
    axes.locator_params(axis="x", nbins=4)
    axes.set_ylabel(f"share in one of {_BINS} bins [%]")
    above = axes.twinx()
    size = np.sort(np.abs(values))
    places = np.linspace(0, len(size) - 1, min(len(size), 400)).astype(int)
    sign = -1.0 if abs(low) > abs(high) else 1.0
    rest = 100 * (1 - places / len(size))
    above.plot(sign * size[places], rest, color="#0f766e", linewidth=1.2)
    above.set_ylim(0, 105)
    above.set_ylabel("share with more current [%]", color="#0f766e")
    style.keep_tick_labels(above)
    words = "over the area of lithium; the line is the mean"
    axes.set_title(style.wrapped(words, style.size_of(axes)[0]))
