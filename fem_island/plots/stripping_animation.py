"""An animation of a stripping run: field, lithium and film, beside the voltage.

The field follows from the current density i at the bottom, which a run holds: between insulated
walls both are series of waves u_n, which are cosines, or Bessel functions around an axis,

    phi = phi_0 - I y / kappa + sum_n i_n / (kappa k_n) cosh(k_n (H - y)) / sinh(k_n H) u_n

    planar         u_n = cos(k_n x)   i_n = 2 / W int i u_n dx                        k_n = n pi / W
    axisymmetric   u_n = J0(k_n r)    i_n = 2 / [R J0(k_n R)]^2 int i u_n r dr        J1(k_n R) = 0

    phi_0  from the mean drive      I  applied current density
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from scipy.special import j0, j1, jn_zeros

from fem_island.machine.arrays import Array
from fem_island.plots import axis_units, style
from fem_island.plots.animation_file import RESOLUTION, frame_of, write_gif
from fem_island.plots.stripping import Run

_FRAMES = 40
_SECONDS_PER_FRAME = 0.12
_MODES = 160
_PLACES, _HEIGHTS = 200, 60


def animate(run: Run, path: Path) -> None:
    """Write an animation (GIF) of a run in a planar or axisymmetric cell.

    Half of the frames' steps is even in time, half in the steps of the march, so that the end is
    seen, where most happens.

    Args:
        run: A stripping run.
        path: The file.

    Raises:
        OutputError: It cannot be written.
    """
    with style.applied():
        frames = []
        scene = _Scene(run)
        for number in _chosen(run):
            scene.show(int(number))
            frames.append(frame_of(scene.canvas))
    write_gif(frames, path, seconds=_SECONDS_PER_FRAME)


def bottom_potential(run: Run, number: int, heights: Array) -> tuple[Array, Array]:
    """The potential at an instant.

    Args:
        run: A stripping run in a planar or axisymmetric cell.
        number: Of the instant.
        heights: y [m], shape (h,).

    Returns:
        Positions x [m] from wall to wall, below 0 on the other side of an axis, shape (x,), and phi
        [V], shape (h, x).
    """
    electrolyte = run.case.cell.electrolyte
    span, height, kappa = electrolyte.span, electrolyte.height, run.case.conductivity
    edges, density = run.bottom.edges, run.bottom.current_density[number]
    x = np.linspace(_first_place(run), span, _PLACES)
    orders = np.arange(1, _MODES + 1)
    if electrolyte.geometry == "planar":
        k = np.pi / span * orders
        integrals = np.sin(k[:, None, None] * edges)
        amplitudes, waves = np.full(_MODES, 2 / span), np.cos(np.outer(k, x))
        applied = float((edges[:, 1] - edges[:, 0]) @ density) / span
    else:
        k = jn_zeros(1, _MODES) / span
        integrals = edges * j1(k[:, None, None] * edges)
        amplitudes, waves = 2 / (span * j0(k * span)) ** 2, j0(np.outer(k, np.abs(x)))
        applied = float((edges[:, 1] ** 2 - edges[:, 0] ** 2) @ density) / span**2
    amplitudes = amplitudes / k * ((integrals[..., 1] - integrals[..., 0]) @ density)
    # cosh(k (H - y)) / sinh(k H) without numbers that overflow.
    decay = np.exp(-np.outer(heights, k)) + np.exp(-np.outer(2 * height - heights, k))
    decay /= -np.expm1(-2 * height * k)
    sideways = (decay * (amplitudes / (kappa * k))) @ waves
    phi = sideways - applied / kappa * heights[:, None] - float(run.drive_mean[number])
    return x, np.asarray(phi)


def _first_place(run: Run) -> float:
    """Where a picture begins [m]: at the wall."""
    electrolyte = run.case.cell.electrolyte
    return electrolyte.span - electrolyte.breadth


def _chosen(run: Run) -> Array:
    """Numbers of the instants that are drawn, ascending."""
    steps = np.linspace(0.0, 1.0, len(run.times))
    blend = 0.5 * steps + 0.5 * run.times / max(float(run.times[-1]), 1e-300)
    wanted = np.linspace(0.0, 1.0, _FRAMES)
    return np.unique(np.searchsorted(blend, wanted - 1e-12).clip(0, len(steps) - 1))


class _Scene:
    """The figure of the animation, of which frames change what moves."""

    def __init__(self, run: Run) -> None:
        """Draw what stays."""
        self._run = run
        # Tick labels of the field grow longer by a digit or two than those of the first frame.
        layout = ConstrainedLayoutEngine(w_pad=0.12)
        self._figure = Figure(figsize=(7.2, 3.6), dpi=RESOLUTION, layout=layout)
        self.canvas = FigureCanvasAgg(self._figure)
        grid = self._figure.add_gridspec(2, 2, width_ratios=(1.5, 1.0), height_ratios=(2.0, 1.0))
        self._field = self._figure.add_subplot(grid[0, 0])
        self._bottom = self._figure.add_subplot(grid[1, 0], sharex=self._field)
        curve = self._figure.add_subplot(grid[:, 1])
        electrolyte = run.case.cell.electrolyte
        self._unit = axis_units.length_unit(electrolyte.breadth)
        self._heights = np.linspace(0.0, electrolyte.height, _HEIGHTS)
        ends = (_first_place(run), electrolyte.span, 0.0, electrolyte.height)
        left, right, low, high = (end / self._unit.metres for end in ends)
        self._image = self._field.imshow(
            np.zeros((_HEIGHTS, _PLACES)),
            origin="lower",
            extent=(left, right, low, high),
            aspect="auto",
            cmap=style.POTENTIAL_MAP,
        )
        self._bar = self._figure.colorbar(self._image, ax=self._field)
        self._bar.ax.set_title("mV", fontsize=style.SMALL)
        self._field.set_title("potential", fontsize=style.SMALL)
        self._field.set_ylabel(f"height [{self._unit.name}]")
        self._seconds, name = axis_units.time_unit(float(run.times[-1]))
        curve.plot(run.times / self._seconds, 1e3 * run.voltage, color="0.6", linewidth=1.2)
        (self._dot,) = curve.plot([], [], "o", color="#b03a2e", markersize=5)
        curve.set_xlabel(f"time [{name}]")
        curve.set_ylabel("voltage against lithium [mV]")
        self._title = curve.set_title("")
        self._name = name
        for axes in (self._field, self._bottom, curve):
            style.keep_tick_labels(axes)

    def show(self, number: int) -> None:
        """Draw an instant."""
        run, unit = self._run, self._unit.metres
        _, phi = bottom_potential(run, number, self._heights)
        self._image.set_data(1e3 * phi)
        low, high = 1e3 * float(phi.min()), 1e3 * float(phi.max())
        high = max(high, low + 1e-6)
        self._image.set_norm(Normalize(low, high))
        digits = max(1 - math.floor(math.log10(high - low)), 0)
        ticks = np.linspace(low, high, 5)
        self._bar.set_ticks(ticks.tolist(), labels=[f"{tick:.{digits}f}" for tick in ticks])
        bottom, axes = run.bottom, self._bottom
        axes.clear()
        sides = bottom.edges.ravel() / unit
        thickness = np.repeat(1e6 * bottom.thickness[number], 2)
        left = np.repeat(bottom.film_charge[number], 2)
        if _first_place(run) < 0:
            sides = np.concatenate([-sides[::-1], sides])
            thickness, left = (np.concatenate([a[::-1], a]) for a in (thickness, left))
        axes.fill_between(
            sides, 0.0, thickness, color=style.ISLAND_COLOR, linewidth=0, label="lithium"
        )
        tallest = 1e6 * float(bottom.thickness.max()) or 1.0
        axes.set_ylim(-0.25 * tallest, 1.1 * tallest)
        full = float(bottom.film_charge.max())
        if full > 0:
            upper = (-0.2 + 0.17 * left / full) * tallest
            axes.fill_between(
                sides, -0.2 * tallest, upper, color=style.FILM_COLOR, lw=0, label="left in the film"
            )
            axes.legend(loc="upper right", fontsize=style.SMALL - 1, frameon=False)
        axes.set_xlim(_first_place(run) / unit, run.case.cell.electrolyte.span / unit)
        axes.set_xlabel(f"position [{self._unit.name}]")
        axes.set_ylabel("lithium [µm]")
        style.keep_tick_labels(axes)
        time, voltage = float(run.times[number]), 1e3 * float(run.voltage[number])
        self._dot.set_data([time / self._seconds], [voltage])
        self._title.set_text(f"{time / self._seconds:.4g} {self._name}, {voltage:.1f} mV")
        self.canvas.draw()  # type: ignore[no-untyped-call]
        # Where everything is stays, or it would jump about.
        self._figure.set_layout_engine("none")
