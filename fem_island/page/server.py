"""The server of the page: on 127.0.0.1 alone, behind a random token."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from fem_island.errors import Fault, InputError
from fem_island.page.access import Guard
from fem_island.page.asked import LONGEST_MESSAGE, SECONDS
from fem_island.page.bases import Base
from fem_island.page.channel import Channel, Kept
from fem_island.page.lanes import Lane
from fem_island.page.site import INDEX, policy, site

ADDRESS = "127.0.0.1"
_TOKEN_BYTES = 24
_MOST_PAGES = 16
_TRY_AGAIN_LATER = 1013
_LAST_SECONDS = 1
"""That pages get when the server ends."""


class PageServer:
    """A server of pages, on a port of its own.

    Attributes:
        address: Of the page, with its token.
        port: Where it listens.
    """

    def __init__(self, given: Base | None, *, port: int = 0, framed: bool = False) -> None:
        """Take the port; nothing is answered before ``run`` or ``start``.

        Args:
            given: What the pages start from, beside the paper's cell.
            port: To listen on; 0 is any that is free.
            framed: Whether notebooks on this machine may show the page.

        Raises:
            InputError: The port is taken, or not allowed.
        """
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.address = f"http://{ADDRESS}:{self.port}/{token}/"
        config = uvicorn.Config(
            application(given, token=token, framed=framed),
            loop="asyncio",
            http="h11",
            ws="websockets-sansio",
            ws_max_size=LONGEST_MESSAGE,
            ws_max_queue=4,
            ws_per_message_deflate=False,
            proxy_headers=False,
            server_header=False,
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=_LAST_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread: Thread | None = None

    def run(self) -> None:
        """Answer until the process is interrupted."""
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Answer in a thread, until ``close`` or the end of the process."""
        self._thread = Thread(target=self.run, name="fem-island page", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End what ``start`` has begun."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()


def application(given: Base | None, *, token: str, framed: bool = False) -> ASGIApp:
    """What answers requests; everything is at /TOKEN/.

    Args:
        given: What the pages start from, beside the paper's cell.
        token: The first part of every path.
        framed: Whether notebooks on this machine may show the page.
    """
    first = None if given is None else asdict(given)
    lanes = {name: Lane(first, seconds=seconds) for name, seconds in SECONDS.items()}
    kept: Kept = Kept()
    pages: set[WebSocket] = set()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # The first page need not wait for the processes to load what they compute with.
        loading = [asyncio.create_task(lanes[name].ready()) for name in ("point", "map")]
        yield
        for task in loading:
            task.cancel()
        await asyncio.gather(*loading, return_exceptions=True)
        for lane in lanes.values():
            await lane.end()

    async def live(page: WebSocket) -> None:
        await page.accept()
        if len(pages) >= _MOST_PAGES:
            await page.close(_TRY_AGAIN_LATER)
            return
        pages.add(page)
        try:
            await Channel(page, lanes, kept).serve()
        finally:
            pages.discard(page)

    inside = [
        Route("/", _file),
        Route("/static/{name}", _file),
        WebSocketRoute("/live", live),
    ]
    app = Starlette(routes=[Mount(f"/{token}", routes=inside)], lifespan=lifespan)
    return Guard(app, token=token, policy=policy(framed=framed))


async def _file(request: Request) -> Response:
    file = site().get(request.path_params.get("name", INDEX))
    if file is None:
        return Response("There is no such file.\n", 404, media_type="text/plain")
    return Response(file.text, media_type=file.kind)


def _listening(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((ADDRESS, port))
        # Who asks at once waits until there is an answer.
        made.listen()
    except OverflowError:
        made.close()
        raise InputError([Fault("--port", port, "must be from 0 to 65535")]) from None
    except OSError as error:
        made.close()
        reason = f"cannot be listened on: {error.strerror}; without --port a free one is taken"
        raise InputError([Fault("--port", port, reason)]) from None
    return made
