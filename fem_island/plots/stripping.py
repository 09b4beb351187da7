"""Pictures of a stripping run: the voltage curve, and the current in space and time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

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
        for number, step in enumerate(film.steps, start=1):
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

    Time runs in steps of the march, so that what happens fast is seen.

    Args:
        run: A stripping run.
        path: Picture file to write, or None.
    """
    path = picture_file.prepared(path)
    figure = style.new_figure(5.2, 3.6)
    axes = figure.subplots()
    bottom = run.bottom
    edges = bottom.edges
    steps = np.arange(len(run.times) + 1) - 0.5
    density = 0.1 * np.abs(bottom.current_density)
    unit = axis_units.length_unit(run.case.cell.electrolyte.span)
    highest = float(density.max())
    lowest = max(highest * 1e-4, float(np.quantile(density[density > 0], 0.02)))
    lowest = min(lowest, highest * 10**-_FEWEST_DECADES)
    norm = LogNorm(lowest, highest)
    image = None
    for block in _blocks(edges):
        sides = np.append(edges[block, 0], edges[block[-1], 1]) / unit.metres
        image = axes.pcolormesh(
            sides,
            steps,
            np.maximum(density[:, block], lowest),
            norm=norm,
            cmap=style.SHARE_MAP,
            rasterized=True,
        )
        middles = 0.5 * (sides[1:] + sides[:-1])
        rows = np.arange(len(run.times), dtype=np.float64)
        _contour(axes, middles, rows, bottom.thickness[:, block], style.ISLAND_COLOR)
        _contour(axes, middles, rows, bottom.film_charge[:, block], style.FILM_COLOR)
    axes.set_facecolor("#f2e6da")
    axes.set_xlim(0, run.case.cell.electrolyte.span / unit.metres)
    axes.set_ylim(steps[-1], steps[0])
    seconds, name = axis_units.time_unit(float(run.times[-1]))
    shown = np.unique(np.linspace(0, len(run.times) - 1, 8).astype(int))
    axes.set_yticks(shown, [f"{run.times[row] / seconds:.4g}" for row in shown])
    axes.set_ylabel(f"time [{name}], in steps of the march")
    axes.set_xlabel(f"position [{unit.name}]")
    if image is not None:
        figure.colorbar(image, ax=axes, label="local current density [mA/cm$^2$]")
    axes.plot([], [], color=style.ISLAND_COLOR, label="edge of lithium")
    if bottom.film_charge.any():
        axes.plot([], [], color=style.FILM_COLOR, label="film used up")
    axes.legend(loc="upper right", fontsize=style.SMALL - 1)
    style.keep_tick_labels(axes)
    picture_file.save(figure, path)
    return figure


def _contour(axes: object, middles: Array, rows: Array, values: Array, color: str) -> None:
    """The line where something ends."""
    largest = float(values.max())
    if largest > 0 and float(values.min()) < 1e-6 * largest and len(middles) > 1 and len(rows) > 1:
        axes.contour(  # type: ignore[attr-defined]
            middles, rows, values, levels=[1e-4 * largest], colors=[color], linewidths=1.0
        )


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
