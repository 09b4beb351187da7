"""Files of pictures: what can be written is known before anything is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from fem_island.errors import Fault, InputError, OutputError
from fem_island.machine.collective import on_first_rank
from fem_island.machine.communicator import Communicator
from fem_island.machine.paths import from_home
from fem_island.plots import style

PRINT_RESOLUTION = 300


def prepared(path: Path | str | None) -> Path | None:
    """A picture file that can be written, as far as that is known before anything is drawn.

    Args:
        path: The file, whose folder is made where it does not exist; None is no file.

    Returns:
        The file; "~" at its beginning is the home folder.

    Raises:
        InputError: The ending is not that of a format, or the folder cannot be made.
    """
    if path is None:
        return None
    path = from_home(path)
    formats = sorted(FigureCanvasBase.get_supported_filetypes())
    if path.suffix.lower().removeprefix(".") not in formats:
        allowed = ", ".join(f".{name}" for name in formats)
        raise InputError([Fault("path", str(path), f"must end in one of {allowed}")])
    make_folder_of(path)
    return path


def prepare(path: Path | str | None, comm: Communicator) -> Path | None:
    """As ``prepared``, on the first of several ranks. Collective.

    Args:
        path: The file.
        comm: Who draws. All ranks raise the same error, so that none waits for the others.

    Raises:
        InputError: As in ``prepared``.
    """
    found: Path | None = comm.bcast(on_first_rank(comm, lambda: prepared(path)))
    return found


def make_folder_of(path: Path) -> None:
    """Make the folder of a file that is to be written.

    Raises:
        InputError: It cannot be made, or the file is a folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"must be in a folder that can be made: {error.strerror}"
        raise InputError([Fault("path", str(path), reason)]) from error
    if path.is_dir():
        raise InputError([Fault("path", str(path), "must be a file, and is a folder")])


@style.applied()
def save(figure: Figure, *paths: Path | str | None) -> None:
    """Write a figure; the ending of each name says in which format.

    Raises:
        InputError: The ending is not that of a format, or the folder cannot be made.
        OutputError: It cannot be written.
    """
    for path in map(prepared, paths):
        if path is None:
            continue
        try:
            figure.savefig(path, dpi=PRINT_RESOLUTION, **_options(path))
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
        # Where everything goes is found once: it takes as long as drawing does.
        figure.set_layout_engine("none")


def _options(path: Path | str) -> dict[str, Any]:
    """For PNG a third of the time that the strongest compression takes, which gains little."""
    png = Path(path).suffix.lower() == ".png"
    return {"pil_kwargs": {"compress_level": 3}} if png else {}
