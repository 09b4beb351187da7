"""The files of the page, read once from the package."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
INDEX = "index.html"
_INLINE = re.compile(r"<script[^>]*>(.+?)</script>", re.DOTALL)


@dataclass(frozen=True)
class File:
    """A file of the page.

    Attributes:
        text: Its contents.
        kind: What it is, for Content-Type.
    """

    text: str
    kind: str


@cache
def site() -> dict[str, File]:
    """All files of the page, by name."""
    found = {}
    for file in files(__package__).joinpath("static").iterdir():
        kind = _KINDS.get(file.name.rpartition(".")[2])
        if kind is not None:
            found[file.name] = File(file.read_text("utf-8"), kind)
    return found


def policy(*, framed: bool) -> str:
    """The Content-Security-Policy: nothing but the page's own files and its own server.

    Args:
        framed: Whether notebooks on this machine may show the page.
    """
    inline = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in _INLINE.findall(site()[INDEX].text)
    )
    local = "http://127.0.0.1:* http://localhost:*"
    sockets = local.replace("http", "ws")
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' {inline}",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": f"'self' {sockets}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": local if framed else "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
