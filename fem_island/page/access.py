"""Who may ask the server: only pages that it has made itself, with its token, from this machine.

Another site that the user's browser shows can send requests to 127.0.0.1 as well. It does not know
the token; and should it, its requests carry its own name as Origin, or, where it has pointed its
name at 127.0.0.1, as Host.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Any port: it is another one behind ssh -L.
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?")

_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Lets requests through that have the right Host, Origin and token, and no others."""

    def __init__(self, app: ASGIApp, *, token: str, policy: str) -> None:
        """Guard an application.

        Args:
            app: What is guarded; it is at /TOKEN/.
            token: The first part of every path.
            policy: The Content-Security-Policy of all that is sent.
        """
        self._app = app
        self._token = token
        headers = {**_HEADERS, "content-security-policy": policy}
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, send_with_headers)
        elif scope["type"] == "http":
            await refused(scope, receive, send_with_headers)
        else:
            # Before a connection is accepted this is an answer with status 403.
            await send({"type": "websocket.close", "code": 1008})

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Why a request is refused, as the answer to it; None where it is not."""
        host = _only(scope, b"host")
        if host is None or not _HOST.fullmatch(host):
            return PlainTextResponse("The Host must be 127.0.0.1 or localhost.\n", 400)
        origins = _all(scope, b"origin")
        if any(origin != f"http://{host}" for origin in origins):
            return PlainTextResponse("Requests of other pages are refused.\n", 403)
        path = scope["path"]
        given, slash, _ = path.removeprefix("/").partition("/")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            text = "This address needs the token that fem-island explore has printed.\n"
            return PlainTextResponse(text, 403)
        if scope["type"] == "http":
            if scope["method"] not in ("GET", "HEAD"):
                return PlainTextResponse("Only GET is answered.\n", 405)
            if not slash:
                return RedirectResponse(f"/{self._token}/")
        return None


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _only(scope: Scope, name: bytes) -> str | None:
    values = _all(scope, name)
    return values[0] if len(values) == 1 else None
