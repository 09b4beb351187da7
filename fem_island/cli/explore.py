"""``fem-island explore``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fem_island.cli.parameters import Changes, OptionalCaseFile
from fem_island.cli.process import DONE, refuse, say, tell
from fem_island.machine.launcher import launched_rank

if TYPE_CHECKING:
    from fem_island.page.bases import Base


def explore(
    case: OptionalCaseFile = None,
    /,
    *,
    set_: Changes = None,
    port: int = 0,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
    export: Path | None = None,
) -> int:
    """Show a cell in the browser, and solve every change at once.

    The page is on 127.0.0.1 alone and ends with this command. From another machine: choose a port,
    and there ssh -L PORT:127.0.0.1:PORT to here.

    Args:
        case: Case file (TOML) to start from; by default the paper's cell.
        set_: Changes.
        port: To listen on; by default one that is free.
        browser: Open a browser.
        export: Write a page to send to others instead (HTML): a map and sliders by the closed form.
    """
    from fem_island.errors import InputError
    from fem_island.page.opening import base_of_file, check_installed

    try:
        base = base_of_file(case, set_ or [])
        if export is None:
            check_installed()
    except InputError as error:
        return refuse(list(error.faults))
    if launched_rank() not in (None, 0):
        return DONE
    if export is not None:
        return _export(base, export)
    return _serve(base, port, browser)


def _export(base: Base | None, path: Path) -> int:
    from fem_island.page.export import write_page

    write_page(base, path)
    tell(f"written: {path}")
    return DONE


def _serve(base: Base | None, port: int, browser: bool) -> int:
    from fem_island.page.server import PageServer

    server = PageServer(base, port=port)
    tell(server.address)
    say("the page is there until this command is interrupted (Ctrl-C)")
    if browser and _has_display():
        import webbrowser

        webbrowser.open(server.address)
    with suppress(KeyboardInterrupt):
        server.run()
    say("ended")
    return DONE


def _has_display() -> bool:
    """Whether a browser would open a window: elsewhere it would take over the terminal."""
    if sys.platform in ("darwin", "win32"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
