"""Frames of an animation, and the file that they make."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fem_island.machine.whole_files import replacing

if TYPE_CHECKING:
    from PIL.Image import Image

RESOLUTION = 90
"""Dots of a frame per inch."""

_LAST_SECONDS = 1.5
"""How long the last frame is shown."""


def frame_of(canvas: FigureCanvasAgg) -> Image:
    """What a canvas shows."""
    from PIL import Image

    buffer = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return Image.fromarray(buffer[..., :3])


def write_gif(frames: Sequence[Image], path: Path, *, seconds: float) -> None:
    """Write frames that are shown again and again.

    Args:
        frames: At least one.
        path: The file.
        seconds: How long each but the last is shown.

    Raises:
        OutputError: It cannot be written.
    """
    from PIL.Image import Quantize

    durations = [int(1e3 * seconds)] * len(frames)
    durations[-1] = int(1e3 * _LAST_SECONDS)
    # The other choices of 256 colours give rare ones, like the brightest of a field, away.
    frames = [frame.quantize(method=Quantize.MAXCOVERAGE) for frame in frames]
    with replacing(path) as unfinished:
        frames[0].save(
            unfinished,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=durations,
            loop=0,
        )
