"""The page in a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.page.opening import base_of_cell, check_installed

if TYPE_CHECKING:
    from fem_island.page.server import PageServer

_HEIGHT = 820


class LivePage:
    """A page that is served by this process, until ``close`` or its end.

    In a notebook it shows itself inline, if the browser runs on the same machine.

    Attributes:
        address: To open in a browser on this machine.
        port: Where it listens: what ``ssh -L`` forwards from another machine.
    """

    def __init__(self, server: PageServer) -> None:
        """Take a server that answers."""
        self._server = server
        self.address = server.address
        self.port = server.port

    def close(self) -> None:
        """End the server."""
        self._server.close()

    def __repr__(self) -> str:
        """Where the page is."""
        return f"<page at {self.address}>"

    def _repr_html_(self) -> str:
        """The page inside of a notebook."""
        address = html.escape(self.address)
        return (
            f'<iframe src="{address}" style="width: 100%; height: {_HEIGHT}px; border: 0" '
            f'title="fem_island" allow="clipboard-write"></iframe>'
            f'<p><a href="{address}" target="_blank" rel="noopener">in a page of its own</a>; '
            f"from another machine first <code>ssh -L {self.port}:127.0.0.1:{self.port}</code></p>"
        )


def explore(cell: Cell | Case | None = None, *, port: int = 0) -> LivePage:
    """Show a cell as a page on which every change is solved at once.

    Args:
        cell: What the page starts from, a cell or a whole case; by default the paper's cell.
        port: To listen on, at 127.0.0.1 alone; by default one that is free.

    Returns:
        The page; as the last line of a notebook's cell it shows itself.

    Raises:
        InputError: The page cannot show the cell, the port is taken, or what the page is served
            with is not installed.

    Example:
        >>> import fem_island as fi
        >>> page = fi.explore(fi.Cell())  # doctest: +SKIP
        >>> page.close()  # doctest: +SKIP
    """
    base = None if cell is None else base_of_cell(cell)
    check_installed()
    from fem_island.page.server import PageServer

    server = PageServer(base, port=port, framed=True)
    server.start()
    return LivePage(server)
