"""A stripping run of a map in pictures: the lithium at some times, and an animation of it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, picture_file, style
from fem_island.plots.animation_file import RESOLUTION, frame_of, write_gif

_SHOWN = 6
"""Times of the picture."""

_SECONDS_PER_FRAME = 0.15
_DECADES = 1e-3
"""Smallest local current density that has a colour of its own, over the largest."""

_FEW = 0.005
"""Share of pixels, of all times, beyond either end of the colours: the last lithium carries
hundreds of times the current density of what was there before, and would leave that one colour."""


class MapInTime(Protocol):
    """What lay and reacted where on a map, at some times."""

    @property
    def times(self) -> Array:
        """[s], shape (k,)."""

    @property
    def width(self) -> float:
        """[m]."""

    @property
    def depth(self) -> float:
        """[m]."""

    @property
    def thickness(self) -> npt.NDArray[np.float32]:
        """Of the metal [m], shape (k, rows, columns)."""

    @property
    def current_density(self) -> npt.NDArray[np.float32]:
        """Of all that reacts [A/m^2], shape (k, rows, columns)."""


class RunOfMap(Protocol):
    """What the pictures need of a run."""

    @property
    def times(self) -> Array:
        """[s]."""

    @property
    def voltage(self) -> Array:
        """[V]."""

    @property
    def bottom(self) -> MapInTime:
        """What lay where."""


@style.applied()
def plot_frames(run: RunOfMap, path: Path) -> Figure:
    """Draw the thickness of lithium at some times, evenly by the charge that is gone.

    Args:
        run: A stripping run of a map.
        path: Picture file to write.

    Returns:
        The figure.
    """
    history = run.bottom
    chosen = np.unique(np.linspace(0, len(history.times) - 1, _SHOWN).round().astype(int))
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    ratio = float(np.clip(history.depth / history.width, 0.3, 2.0))
    figure = style.new_figure(7.6, rows * (2.1 * ratio + 0.6), gap=0.03)
    grid = figure.subplots(rows, columns, squeeze=False)
    unit, name = axis_units.time_unit(float(run.times[-1]))
    image = None
    for axes, number in zip(grid.flat, chosen.tolist(), strict=False):
        image = _thickness(axes, history, number)
        voltage = 1e3 * _voltage_at(run, float(history.times[number]))
        axes.set_title(f"{history.times[number] / unit:.4g} {name}, {voltage:.1f} mV")
    for axes in list(grid.flat)[len(chosen) :]:
        axes.set_axis_off()
    if image is not None:
        bar = figure.colorbar(image, ax=list(grid.flat), shrink=0.9)
        bar.set_label("thickness of lithium [µm]")
    for axes in grid.flat:
        style.keep_tick_labels(axes)
    picture_file.save(figure, path)
    return figure


@style.applied()
def animate_map(run: RunOfMap, path: Path) -> None:
    """Write an animation (GIF): lithium, local current and the voltage.

    Args:
        run: A stripping run of a map.
        path: The file.

    Raises:
        OutputError: It cannot be written.
    """
    history = run.bottom
    figure = Figure(figsize=(9.6, 3.2), dpi=RESOLUTION, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    left, middle, right = figure.subplots(1, 3)
    metal = _thickness(left, history, 0)
    figure.colorbar(metal, ax=left).set_label("lithium [µm]")
    density = 0.1 * np.abs(history.current_density)
    current = middle.imshow(
        _above(density[0], 0.0),
        origin="lower",
        extent=_extent(history),
        cmap=style.OVERPOTENTIAL_MAP,
        norm=LogNorm(*_range(density)),
        interpolation="nearest",
    )
    middle.set_facecolor(style.GROUND_COLOR)
    figure.colorbar(current, ax=middle, extend="both").set_label(
        "local current density [mA/cm$^2$]"
    )
    unit, name = axis_units.time_unit(float(run.times[-1]))
    right.plot(run.times / unit, 1e3 * run.voltage, color="0.6", linewidth=1.2)
    (dot,) = right.plot([], [], "o", color="#b03a2e", markersize=5)
    right.set_xlabel(f"time [{name}]")
    right.set_ylabel("voltage against lithium [mV]")
    # From nothing on, or a flat curve would show its last digits.
    ends = 1e3 * np.array([min(run.voltage.min(), 0.0), max(run.voltage.max(), 0.0)])
    right.set_ylim(*(ends + 0.05 * np.array([-1.0, 1.0]) * max(float(np.ptp(ends)), 1e-6)))
    for axes in (left, middle, right):
        style.keep_tick_labels(axes)
    frames = []
    for number, time in enumerate(history.times.tolist()):
        metal.set_data(_above(1e6 * history.thickness[number], 0.0))
        current.set_data(_above(density[number], 0.0))
        voltage = 1e3 * _voltage_at(run, time)
        dot.set_data([time / unit], [voltage])
        right.set_title(f"{time / unit:.4g} {name}, {voltage:.1f} mV")
        canvas.draw()  # type: ignore[no-untyped-call]
        # Where everything is stays, or it would jump about.
        figure.set_layout_engine("none")
        frames.append(frame_of(canvas))
    write_gif(frames, path, seconds=_SECONDS_PER_FRAME)


def _thickness(axes: Axes, history: MapInTime, number: int) -> AxesImage:
    """Draw the lithium of one time."""
    axes.set_facecolor(style.GROUND_COLOR)
    unit = axis_units.length_unit(max(history.width, history.depth))
    axes.set_xlabel(f"x [{unit.name}]")
    axes.set_ylabel(f"y [{unit.name}]")
    return axes.imshow(
        _above(1e6 * history.thickness[number], 0.0),
        origin="lower",
        extent=_extent(history),
        cmap=style.SHARE_MAP,
        vmin=0.0,
        vmax=1e6 * float(history.thickness.max()) or 1.0,
        interpolation="nearest",
    )


def _range(density: Array) -> tuple[float, float]:
    """Between which current densities colours differ, in the unit of what is given."""
    flows = density[density > 0]
    if not flows.size:
        return 0.5, 1.0
    lowest, highest = np.quantile(flows, [_FEW, 1 - _FEW]).tolist()
    if highest < 2 * lowest:
        return lowest / 1.5, 1.5 * highest
    return max(lowest, _DECADES * highest), highest


def _above(
    values: npt.NDArray[np.float32], least: float
) -> np.ma.MaskedArray[tuple[int, ...], np.dtype[np.float32]]:
    return np.ma.masked_where(values <= least, values)


def _extent(history: MapInTime) -> tuple[float, float, float, float]:
    unit = axis_units.length_unit(max(history.width, history.depth))
    return 0.0, history.width / unit.metres, 0.0, history.depth / unit.metres


def _voltage_at(run: RunOfMap, time: float) -> float:
    return float(np.interp(time, run.times, run.voltage))
