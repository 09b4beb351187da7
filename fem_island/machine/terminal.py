"""Where tables and reports are printed."""

from __future__ import annotations

from rich.console import Console


def report_console(plain_width: int) -> Console:
    """Standard output, as wide as a terminal is, or of a fixed width in a file or a pipe.

    Args:
        plain_width: Characters of a line where there is no terminal.
    """
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = plain_width
    return console
