"""Where tables and reports are printed, and tables of which no number is cut."""

from __future__ import annotations

import sys

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_NARROWEST = 40
"""Width below which lines of text are left to the terminal to break."""


def report_line(text: str, style: str = "") -> Padding:
    """A line of a report, set in; so are the lines that it breaks into."""
    return Padding(Text(text, style=style), (0, 0, 0, 2))


class WholeTable(Table):
    """A table whose words and numbers stay whole, in a terminal that is too narrow as well.

    It must be printed with ``crop=False``.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, as narrow as is asked for but for its longest words."""
        for column in self.columns:
            cells = [column.header, *column.cells]
            measured = [Measurement.get(console, options, cell) for cell in cells]
            column.min_width = max(each.minimum for each in measured)
        yield from super().__rich_console__(console, options)


def report_console(plain_width: int) -> Console:
    """Standard output, as wide as a terminal is, or of a fixed width in a file or a pipe.

    Args:
        plain_width: Characters of a line where there is no terminal.
    """
    console = Console(highlight=False, markup=False)
    # Colours may be forced upon a file, which does not make it a terminal.
    console.width = max(_NARROWEST, console.width) if sys.stdout.isatty() else plain_width
    return console
