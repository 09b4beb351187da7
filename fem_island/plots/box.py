"""The potential in the box over a contact map, with the current on its bottom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import image as images

from fem_island.errors import Fault, InputError
from fem_island.machine.paths import from_home
from fem_island.machine.whole_files import replacing
from fem_island.plots import box_scene, picture_file, style
from fem_island.plots.box_page import with_legends
from fem_island.plots.rendering import page_of, rendered
from fem_island.results.box_field import BoxField
from fem_island.surface.contact import LITHIUM

_PIXELS, _INTERVALS, _LAYERS = 1600, 128, 25
_MICRO, _MILLI, _TO_SHOWN = 1e6, 1e3, 0.1


def plot_box(field: BoxField, path: Path | str) -> None:
    """Draw the potential on two sides of the box and the local current on lithium below.

    Args:
        field: The potential.
        path: Picture file to write (.png), or a page in which a browser turns the box (.html).

    Raises:
        InputError: A picture cannot be written there.
        RenderingError: Pyvista is missing, or cannot draw here; for a page also trame-pyvista.
        MissingSystemLibraryError: There is no OpenGL library.
        OutputError: The file cannot be written.
    """
    file = from_home(path)
    if file.suffix.lower() not in (".png", ".html"):
        raise InputError([Fault("path", str(path), "must end in .png or .html")])
    picture_file.make_folder_of(file)
    width, depth, height = field.size
    # More layers close to the bottom, where the potential varies most.
    z = height * np.linspace(0.0, 1.0, _LAYERS) ** 1.5
    potential = np.stack([field.layer(each, most=_INTERVALS) for each in z.tolist()])
    state = field.state
    density = np.where(state.contact.image.classes == LITHIUM, state.density_map(), np.nan)
    box = box_scene.Box(
        x=_MICRO * np.linspace(0.0, width, potential.shape[2]),
        y=_MICRO * np.linspace(0.0, depth, potential.shape[1]),
        z=_MICRO * z,
        potential=_MILLI * potential,
        bottom=_TO_SHOWN * density,
        colors=style.POTENTIAL_MAP,
        bottom_colors=style.OVERPOTENTIAL_MAP,
        ground=style.GROUND_COLOR,
        pixels=_PIXELS,
    )
    if file.suffix.lower() == ".html":
        text = with_legends(page_of(box), box, title=file.stem)
        with replacing(file) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
        return
    (image,) = rendered([box], program=box_scene)
    with replacing(file) as unfinished:
        images.imsave(unfinished, image)
