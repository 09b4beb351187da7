"""What a page with a box in three dimensions says beside it: which colour is which number."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

from fem_island.machine.arrays import Array
from fem_island.plots.box_scene import Box

_STOPS = 17
"""Colours of a bar, between which a browser mixes."""

_LABELS = 5

_STYLE = """
.content {position: absolute; inset: 0;}
.legend {position: fixed; z-index: 10; top: 20%; height: 60%; width: 8em; pointer-events: none;
  font: 13px system-ui, sans-serif; color: #222;}
.legend p {margin: 0; position: absolute; bottom: calc(100% + 0.8em); width: 12em;}
.legend .bar {position: absolute; height: 100%; width: 16px;}
.legend span {position: absolute; left: 24px; transform: translateY(50%);}
.left {left: 24px;} .right {right: 0;}
"""

_ICONS = "https://kitware.github.io/vtk-js/icon/"
"""Where the viewer has its icons from."""

_POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; " + (
    "style-src 'unsafe-inline'; img-src data: blob:; connect-src data: blob:; worker-src blob:"
)
"""Nothing is loaded from anywhere."""


def with_legends(page: str, box: Box, *, title: str) -> str:
    """A page of vtk.js with a title, a bar for the current and one for the potential.

    Args:
        page: As pyvista exports it.
        box: What is seen in it.
        title: Of the page.
    """
    bottom = box.bottom[np.isfinite(box.bottom)]
    legends = [
        *_legend("left", "local current density [mA/cm²]", box.bottom_colors, bottom),
        *_legend("right", "potential [mV]", box.colors, box.potential),
    ]
    page = page.replace(_ICONS, "data:,")
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{_STYLE}</style><title>{escape(title)}</title>"
    )
    before, _, rest = page.partition("<title>")
    _, _, after = rest.partition("</title>")
    place = after.rindex("</body>")
    # The viewer empties what it is shown in, which is the whole body where there is no such part.
    view = '<div class="content"></div>'
    return "".join([before, head, after[:place], view, *legends, after[place:]])


def _legend(side: str, name: str, colors: str, values: Array) -> Iterator[str]:
    """The bar of one quantity, its numbers beside it."""
    low, high = float(values.min()), float(values.max())
    shown = [to_hex(color) for color in mpl.colormaps[colors](np.linspace(0, 1, _STOPS))]
    yield f'<div class="legend {side}"><p>{escape(name)}</p>'
    yield f'<div class="bar" style="background: linear-gradient(to top, {", ".join(shown)})"></div>'
    for share in np.linspace(0.0, 1.0, _LABELS).tolist():
        value = low + share * (high - low)
        yield f'<span style="bottom: {100 * share:g}%">{value:.4g}</span>'
    yield "</div>"
