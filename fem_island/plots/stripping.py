"""Pictures of a stripping run: the voltage curve, and the current in space and time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fem_island.case.case import Case
from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, given_look, picture_file, style

if TYPE_CHECKING:
    from collections.abc import Sequence

_UAH = 3.6e-3 * 1e4
"""One uAh/cm^2 in C/m^2."""

_FEWEST_DECADES = 0.3


class Happened(Protocol):
    """An event as the pictures need it."""

    @property
    def event(self) -> str:
        """Name."""

    @property
    def time(self) -> float:
        """When [s]."""

    @property
    def voltage(self) -> float:
        """Then [V]."""


class History(Protocol):
    """The bottom in time."""

    @property
    def edges(self) -> Array:
        """Ends of the cells [m]."""

    @property
    def thickness(self) -> Array:
        """Of the metal [m]."""

    @property
    def film_charge(self) -> Array:
        """Of the film [C/m^2]."""

    @property
    def current_density(self) -> Array:
        """Local [A/m^2]."""


class Curve(Protocol):
    """What the picture of the voltage needs of a run."""

    @property
    def case(self) -> Case:
        """What was computed."""

    @property
    def times(self) -> Array:
        """[s]."""

    @property
    def voltage(self) -> Array:
        """[V]."""

    @property
    def drive_mean(self) -> Array:
        """Mean of phi_Li - phi over the bottom [V]."""

    @property
    def capacity(self) -> Array:
        """[C/m^2]."""

    @property
    def events(self) -> Sequence[Happened]:
        """What happened."""


class Run(Curve, Protocol):
    """What the other pictures need of a run."""

    @property
    def bottom(self) -> History:
        """What lay where."""


@style.applied()
def plot_curve(
    run: Curve,
    path: Path | str | None = None,
    *,
    ax: Axes | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw the voltage against time and capacity, with events and the film's plateaus.

    Args:
        run: A stripping run.
        path: Picture file to write, or None.
        ax: Axes of a figure of one's own to draw in, or None.
        size: Width and height of the figure in inches.

    Raises:
        InputError: A picture cannot be written there, or cannot look like that.
    """
    path = picture_file.prepared(path)
    figure, axes = given_look.axes_in(ax, (5.6, 3.8), size)
    unit, name = axis_units.time_unit(float(run.times[-1]))
    axes.plot(run.times / unit, 1e3 * run.voltage, color="#1f4e79", linewidth=1.4)
    film = run.case.cell.interlayer
    if film is not None and film.reaction != "none":
        for number, step in enumerate(film.steps_at(run.case.operation.temperature), start=1):
            axes.axhline(1e3 * step.potential, color=style.FILM_COLOR, linewidth=0.8, zorder=0)
            axes.annotate(
                f"plateau {number}: {1e3 * step.potential:g} mV",
                (0.0, 1e3 * step.potential),
                xycoords=("axes fraction", "data"),
                xytext=(4, 2),
                textcoords="offset points",
                fontsize=style.SMALL - 1,
                color="#8a6415",
            )
    top = 1e3 * float(np.max(run.voltage))
    axes.set_ylim(min(0.0, 1.05e3 * float(np.min(run.voltage))), 1.08 * top)
    for number, group in enumerate(_grouped(run.events, 0.01 * float(run.times[-1])), start=1):
        axes.axvline(group[0].time / unit, color="0.8", linewidth=0.6, zorder=0)
        axes.plot(
            [each.time / unit for each in group],
            [1e3 * each.voltage for each in group],
            "o",
            color="#b03a2e",
            markersize=3,
            label=f"{number}  " + ", ".join(each.event.replace("_", " ") for each in group),
        )
        axes.annotate(
            str(number),
            (group[-1].time / unit, 1e3 * group[-1].voltage),
            xytext=(-3, 4),
            textcoords="offset points",
            ha="right",
            fontsize=style.SMALL,
            color="#b03a2e",
        )
    if run.events:
        axes.legend(
            loc="upper left",
            fontsize=style.SMALL - 1,
            frameon=False,
            handlelength=0,
            handletextpad=0,
            markerscale=0,
        )
    axes.set_xlabel(f"time [{name}]")
    axes.set_ylabel("voltage against lithium [mV]")
    if np.all(np.diff(run.capacity) > 0):
        per_time = float(run.capacity[-1] / run.times[-1]) * unit / _UAH
        upper = axes.secondary_xaxis(
            "top",
            functions=(
                lambda time: np.asarray(time) * per_time,
                lambda charge: np.asarray(charge) / per_time,
            ),
        )
        upper.set_xlabel("capacity [µAh/cm$^2$]")
    style.keep_tick_labels(axes)
    picture_file.save(figure, path)
    return figure


@style.applied()
def plot_map(run: Run, path: Path | str | None = None) -> Figure:
    """Draw the local current density in space and time, with edges of lithium and of the film.

    Twice: over the time, and in steps of the march, so that what happens fast is seen as well.

    Args:
        run: A stripping run.
        path: Picture file to write, or None.
    """
    path = picture_file.prepared(path)
    figure = style.new_figure(7.4, 3.6)
    in_time, in_steps = figure.subplots(1, 2)
    density = 0.1 * np.abs(run.bottom.current_density)
    highest = float(density.max())
    lowest = max(highest * 1e-4, float(np.quantile(density[density > 0], 0.02)))
    norm = LogNorm(min(lowest, highest * 10**-_FEWEST_DECADES), highest)
    seconds, name = axis_units.time_unit(float(run.times[-1]))
    later = np.flatnonzero(np.diff(run.times, prepend=-1.0) > 0)
    times = run.times[later] / seconds
    image = _draw_map(in_time, run, later, times, norm)
    in_time.set_ylim(times[-1], times[0])
    in_time.set_ylabel(f"time [{name}]")
    steps = np.arange(len(run.times), dtype=np.float64)
    _draw_map(in_steps, run, steps.astype(int), steps, norm)
    in_steps.set_ylim(steps[-1], steps[0])
    shown = np.unique(np.linspace(0, len(run.times) - 1, 8).astype(int))
    in_steps.set_yticks(shown, [f"{run.times[row] / seconds:.4g}" for row in shown])
    in_steps.set_ylabel(f"time [{name}], in steps of the march")
    figure.colorbar(image, ax=[in_time, in_steps], label="local current density [mA/cm$^2$]")
    handles = [Line2D([], [], color=style.ISLAND_COLOR, label="edge of lithium")]
    if run.bottom.film_charge.any():
        handles.append(Line2D([], [], color=style.FILM_COLOR, label="film used up"))
    figure.legend(handles=handles, loc="outside upper center", ncols=2, frameon=False)
    for axes in (in_time, in_steps):
        style.keep_tick_labels(axes)
    picture_file.save(figure, path)
    return figure


def _draw_map(
    axes: Axes, run: Run, shown: npt.NDArray[np.intp], rows: Array, norm: LogNorm
) -> QuadMesh:
    """Draw the current density of some instants at heights that ascend."""
    bottom, electrolyte = run.bottom, run.case.cell.electrolyte
    unit = axis_units.length_unit(electrolyte.span)
    width = electrolyte.span / unit.metres
    between = 0.5 * (rows[1:] + rows[:-1])
    ends = np.concatenate([rows[:1], between, rows[-1:]])
    density = np.clip(0.1 * np.abs(bottom.current_density[shown]), norm.vmin, None)
    for block in _blocks(bottom.edges):
        sides = np.append(bottom.edges[block, 0], bottom.edges[block[-1], 1]) / unit.metres
        image = axes.pcolormesh(
            sides, ends, density[:, block], norm=norm, cmap=style.SHARE_MAP, rasterized=True
        )
        for values, color in (
            (bottom.thickness, style.ISLAND_COLOR),
            (bottom.film_charge, style.FILM_COLOR),
        ):
            _draw_ends(axes, sides, rows, values[np.ix_(shown, block)], color, width=width)
    axes.set_facecolor("#f2e6da")
    axes.set_xlim(0, width)
    axes.set_xlabel(f"position [{unit.name}]")
    return image


def _draw_ends(
    axes: Axes, sides: Array, rows: Array, values: Array, color: str, *, width: float
) -> None:
    """The lines along which something ends, but not at walls, as long as their number stays."""
    held = values > 1e-4 * float(values.max())
    # Beside the cells there is nothing, and beyond a wall the mirror image of what is before it.
    at_walls = np.array([sides[0] <= 1e-9 * width, sides[-1] >= (1 - 1e-9) * width])
    beside = held[:, [0, -1]] & at_walls
    held = np.column_stack([beside[:, 0], held, beside[:, 1]])
    ends = [np.flatnonzero(row[1:] != row[:-1]) for row in held]
    counts = np.array([len(each) for each in ends])
    changes = np.flatnonzero(np.diff(counts)) + 1
    for stretch in np.split(np.arange(len(rows)), changes):
        if counts[stretch[0]]:
            lines = sides[np.array([ends[row] for row in stretch])]
            axes.plot(lines, rows[stretch], color=color, linewidth=1.2)


def _blocks(edges: Array) -> list[Array]:
    """Numbers of the cells that touch one another."""
    gaps = np.flatnonzero(edges[1:, 0] - edges[:-1, 1] > 1e-9 * edges[-1, 1]) + 1
    return np.split(np.arange(len(edges)), gaps)


def _grouped(events: Sequence[Happened], near: float) -> list[list[Happened]]:
    """Events so close to each other that their labels would overlap."""
    groups: list[list[Happened]] = []
    for event in events:
        if groups and event.time - groups[-1][0].time < near:
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups
