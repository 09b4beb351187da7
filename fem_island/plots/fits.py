"""Data, best fit and residuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fem_island.machine.arrays import Array
from fem_island.plots import given_look, style

_COLORS = ("#20639b", "#a3322b", "#3c8d5a", "#8a5fa8", "#c47f00")
_MOST = 5


@dataclass(frozen=True)
class FittedCurve:
    """One set of data with its fit, in the units of the axes.

    Attributes:
        name: Of the data.
        across: Label of the horizontal axis.
        along: Label of the vertical axis.
        x: Of the data, shape (n,).
        measured: Shape (n,).
        errors: Standard deviations, or None.
        fitted_x: Of the curve of the fit, shape (m,).
        fitted: Shape (m,).
        residuals: Over their errors, shape (n,) or more where a point has several.
        logarithmic: Whether the horizontal axis is.
        equal: Whether both axes have one scale, as a Nyquist plot has.
    """

    name: str
    across: str
    along: str
    x: Array
    measured: Array
    errors: Array | None
    fitted_x: Array
    fitted: Array
    residuals: Array
    logarithmic: bool = False
    equal: bool = False


@style.applied()
def draw_fit(
    curves: Sequence[FittedCurve],
    *,
    ax: Sequence[Axes] | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """A column for each set of data: data and fit above, residuals below.

    Args:
        curves: The data, of which the first five are drawn.
        ax: Two axes for each of these to draw in, the upper one first, or None.
        size: Width and height of the figure in inches.

    Raises:
        InputError: They are not as many axes, or no size.
    """
    shown = list(curves)[:_MOST]
    usual = max(3.4, 2.9 * len(shown)), 3.6
    columns = given_look.columns_in(ax, len(shown), usual, size, height_ratios=(3, 1))
    for curve, color, (above, below) in zip(shown, _COLORS, columns, strict=False):
        drawn = np.arange(len(curve.fitted_x)) if curve.equal else np.argsort(curve.fitted_x)
        above.errorbar(
            curve.x, curve.measured, curve.errors, fmt="o", ms=3.5, mfc="white", color=color,
            lw=1.0, label="measured", zorder=3,
        )  # fmt: skip
        above.plot(
            curve.fitted_x[drawn], curve.fitted[drawn], color="#10151c", lw=1.1, label="best fit",
            zorder=4,  # among many points a line behind them is not seen
        )  # fmt: skip
        above.set(xlabel=curve.across, ylabel=curve.along, title=curve.name)
        if curve.logarithmic:
            above.set_xscale("log")
            style.plain_decades(above.xaxis)
        if curve.equal:
            above.set_aspect("equal", adjustable="datalim")
        above.legend(frameon=False)
        style.keep_tick_labels(above)
        below.axhline(0.0, color="#6f7780", lw=0.8)
        below.plot(curve.residuals, ".", color=color, ms=4)
        below.set_xlabel("observation")
        below.set_ylabel("residual / error")
    return columns[0][0].figure.figure
