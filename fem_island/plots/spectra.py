"""Spectra: Nyquist with equal axes, and Bode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, style
from fem_island.surface.admittance import ComplexArray

COLORS = ("#1f4e79", "#c0392b", "#2a7f62", "#c47f00", "#7b4fa3", "#5b6770")
"""Of spectra in one picture, in this order and then again."""

_MOST_CURVES = 6
"""Spectra of one run in a picture: more cannot be told apart."""

_LEVEL = 1.5
"""Largest over smallest size of an impedance below which its axis is not logarithmic."""

_PER_AREA = 1e4
"""Ohm cm^2 in one Ohm m^2."""


@dataclass(frozen=True)
class Curve:
    """A spectrum to draw.

    Attributes:
        name: For the legend; empty for none.
        frequencies: [Hz], shape (f,).
        impedance: Z [Ohm m^2], shape (f,).
        measured: Whether it is drawn as points, as data are.
    """

    name: str
    frequencies: Array
    impedance: ComplexArray
    measured: bool = False


@dataclass(frozen=True)
class Series:
    """Values at times.

    Attributes:
        times: [s], shape (t,).
        values: Shape (t,).
    """

    times: Array
    values: Array


@style.applied()
def draw_spectra(curves: Sequence[Curve], *, size: tuple[float, float] | None = None) -> Figure:
    """Draw spectra as Nyquist, left, and as Bode, right: magnitude and phase.

    Args:
        curves: The spectra.
        size: Width and height in inches, or None.
    """
    figure = style.new_figure(*(size or (8.0, 3.6)), gap=0.08)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.3, 1.0))
    draw_nyquist(figure.add_subplot(grid[:, 0]), curves)
    above = figure.add_subplot(grid[0, 1])
    below = figure.add_subplot(grid[1, 1], sharex=above)
    _draw_bode(above, below, curves)
    return figure


@style.applied()
def draw_in_time(curves: Sequence[Curve], resistances: Series, voltage: Series) -> Figure:
    """Draw spectra of one run as Nyquist, and their width and the voltage against time.

    Args:
        curves: The spectra.
        resistances: Widths [Ohm m^2] against time [s].
        voltage: [V] against time [s].
    """
    figure = style.new_figure(8.0, 3.6, gap=0.08)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.3, 1.0))
    shown = curves
    if len(curves) > _MOST_CURVES:
        chosen = np.linspace(0, len(curves) - 1, _MOST_CURVES).round().astype(int)
        shown = [curves[number] for number in np.unique(chosen)]
    draw_nyquist(figure.add_subplot(grid[:, 0]), shown)
    above = figure.add_subplot(grid[0, 1])
    below = figure.add_subplot(grid[1, 1], sharex=above)
    unit, name = axis_units.time_unit(float(voltage.times[-1]))
    above.plot(
        resistances.times / unit, _PER_AREA * resistances.values, "o-", color=COLORS[0], ms=3, lw=1
    )
    above.set_ylabel(r"$R_{tot}$ [$\Omega$ cm$^2$]")
    above.set_ylim(bottom=0.0)
    below.plot(voltage.times / unit, 1e3 * voltage.values, color="0.3", linewidth=1.2)
    below.set_ylabel("voltage [mV]")
    below.set_xlabel(f"time [{name}]")
    for part in (above, below):
        style.keep_tick_labels(part)
        part.spines[["top", "right"]].set_visible(False)
    return figure


def draw_nyquist(axes: Axes, curves: Sequence[Curve]) -> None:
    """Draw spectra in the complex plane, with equal axes; decades of the largest carry labels.

    Args:
        axes: Where.
        curves: The spectra.
    """
    labelled = max(curves, key=lambda curve: float(np.ptp(curve.impedance.real)), default=None)
    for number, curve in enumerate(curves):
        color = COLORS[number % len(COLORS)]
        z = _PER_AREA * curve.impedance
        axes.plot(z.real, -z.imag, color=color, label=curve.name or None, **_look(curve))
        for place in _decades(curve.frequencies):
            axes.plot(z.real[place], -z.imag[place], "o", color=color, markersize=3.5)
            if curve is labelled:
                _label(axes, curve.frequencies[place], z, place)
    axes.set_aspect("equal", adjustable="datalim")
    axes.locator_params(axis="x", nbins=5)
    axes.ticklabel_format(useOffset=False)
    axes.axhline(0.0, color="black", linewidth=0.5)
    axes.set_xlabel(r"Re $Z$ [$\Omega$ cm$^2$]")
    axes.set_ylabel(r"$-$Im $Z$ [$\Omega$ cm$^2$]")
    _finish(axes, curves)


def _draw_bode(above: Axes, below: Axes, curves: Sequence[Curve]) -> None:
    for number, curve in enumerate(curves):
        color = COLORS[number % len(COLORS)]
        size, phase = _PER_AREA * np.abs(curve.impedance), np.angle(curve.impedance, deg=True)
        above.loglog(curve.frequencies, size, color=color, label=curve.name or None, **_look(curve))
        below.semilogx(curve.frequencies, -phase, color=color, **_look(curve))
    _level_if_level(above)
    above.set_ylabel(r"$|Z|$ [$\Omega$ cm$^2$]")
    below.set_ylabel("$-$phase [°]")
    below.set_xlabel("frequency [Hz]")
    for part in (above, below):
        style.keep_tick_labels(part)
        part.spines[["top", "right"]].set_visible(False)


def _level_if_level(axes: Axes) -> None:
    """An even scale where sizes hardly change: a logarithmic one would have no tick or one many."""
    low, high = axes.dataLim.intervaly
    if np.isfinite([low, high]).all() and high < _LEVEL * low:
        axes.set_yscale("linear")
        axes.set_ylim(min(low, 0.95 * high), max(high, 1.05 * low))


def _look(curve: Curve) -> dict[str, Any]:
    if curve.measured:
        return {"linestyle": "none", "marker": "o", "markersize": 3, "markerfacecolor": "none"}
    return {"linewidth": 1.2}


def _finish(axes: Axes, curves: Sequence[Curve]) -> None:
    if any(curve.name for curve in curves):
        axes.legend(frameon=False)
    style.keep_tick_labels(axes)
    axes.spines[["top", "right"]].set_visible(False)


def _decades(frequencies: Array) -> list[int]:
    """Numbers of the frequencies that are nearest to powers of ten."""
    exponents = np.log10(frequencies)
    wanted = np.arange(np.ceil(exponents.min() - 0.02), np.floor(exponents.max() + 0.02) + 1)
    nearest = {int(np.argmin(np.abs(exponents - exponent))) for exponent in wanted}
    return sorted(place for place in nearest if abs(exponents[place] % 1 - 0.5) > 0.4)


def _label(axes: Axes, frequency: float, impedance: ComplexArray, place: int) -> None:
    """A frequency beside its point, unless it is crowded there."""
    z = impedance[place]
    span = max(np.ptp(impedance.real), np.ptp(impedance.imag))
    others = [impedance[other] for other in _decades_before(impedance, place)]
    if span == 0 or any(abs(z - other) < 0.04 * span for other in others):
        return
    axes.annotate(
        frequency_text(frequency),
        (z.real, -z.imag),
        xytext=(3, 4),
        textcoords="offset points",
        fontsize=style.SMALL - 1,
    )


def _decades_before(impedance: ComplexArray, place: int) -> list[int]:
    """Ten and twenty points before a place: labels there would be beside this one."""
    return [other for other in (place - 10, place - 20) if 0 <= other < len(impedance)]


def frequency_text(frequency: float) -> str:
    """A frequency as it is read out.

    Example:
        >>> frequency_text(2e6), frequency_text(147.58)
        ('2 MHz', '148 Hz')
    """
    for unit, size in (("MHz", 1e6), ("kHz", 1e3)):
        if frequency >= size * (1 - 5e-4):
            return f"{frequency / size:.3g} {unit}"
    return f"{frequency:.3g} Hz"
