"""The colours of the package's pictures, for the page."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

from fem_island.plots import style

_COLORS = 64


def palettes() -> dict[str, Any]:
    """Maps of colours as lists of hexadecimal ones, and the colours of what lies on the bottom.

    Example:
        >>> palettes()["potential"][0]
        '#440154'
    """
    maps = {
        "potential": style.POTENTIAL_MAP,
        "overpotential": style.OVERPOTENTIAL_MAP,
        "share": style.SHARE_MAP,
    }
    places = np.linspace(0.0, 1.0, _COLORS)
    found: dict[str, Any] = {
        name: [to_hex(color) for color in mpl.colormaps[of](places)] for name, of in maps.items()
    }
    found["bottom"] = {
        "lithium": style.ISLAND_COLOR,
        "film": style.FILM_COLOR,
        "copper": style.COLLECTOR_COLOR,
    }
    return found
