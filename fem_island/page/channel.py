"""One page at its server: of every kind of question only the newest is answered."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from fem_island.page.asked import KINDS, PATIENCE
from fem_island.page.lanes import Lane, LaneError

_MOST_REFUSED = 1000
"""Messages in a row that are no questions; a page that sends more is broken."""

_POLICY_VIOLATION = 1008
_KEPT = ("welcome", "map")
"""Kinds whose answers are kept for the next page, or for when a value is set back."""

_MOST_KEPT = 48

Kept = OrderedDict[str, bytes]


class Channel:
    """Reads a page's questions and sends the answers; nothing is queued on either way.

    A question that has not been looked at when the next of its kind arrives is forgotten. While an
    answer is on its way to a slow page, questions are not looked at.
    """

    def __init__(self, page: WebSocket, lanes: Mapping[str, Lane], kept: Kept) -> None:
        """Take a page that is connected.

        Args:
            page: The connection.
            lanes: What computes, by name; shared with other pages.
            kept: Answers that are kept; shared with other pages.
        """
        self._page = page
        self._lanes = lanes
        self._kept = kept
        self._newest: dict[str, dict[str, Any]] = {}
        self._arrived = {kind: asyncio.Event() for kind in KINDS}

    async def serve(self) -> None:
        """Answer until the page is closed."""
        answering = [asyncio.create_task(self._answer_all(kind)) for kind in KINDS]
        try:
            await self._receive_all()
        except WebSocketDisconnect:
            pass
        finally:
            for task in answering:
                task.cancel()
            await asyncio.gather(*answering, return_exceptions=True)

    async def _receive_all(self) -> None:
        refused = 0
        while refused < _MOST_REFUSED:
            message = _read(await self._page.receive())
            if message is None:
                refused += 1
                reason = "is not a question of the page: a table of JSON with a known kind"
                fault = {"key": "", "line": f"a message {reason}"}
                await self._say({"kind": None, "status": "refused", "faults": [fault]})
                continue
            refused = 0
            kind = message["kind"]
            self._newest[kind] = message
            self._arrived[kind].set()
        await self._page.close(_POLICY_VIOLATION)

    async def _answer_all(self, kind: str) -> None:
        arrived = self._arrived[kind]
        while True:
            await arrived.wait()
            arrived.clear()
            message = self._newest.pop(kind)
            try:
                frame = await self._answer(kind, message)
                if frame is not None:
                    await self._page.send_bytes(frame)
            except LaneError as error:
                said = {"kind": kind, "id": message.get("id"), "status": "failed"}
                await self._say(said | {"reason": str(error)})
            except (WebSocketDisconnect, RuntimeError):
                # The page was closed before its answer came.
                return

    async def _answer(self, kind: str, message: dict[str, Any]) -> bytes | None:
        """The answer; None where a newer question has taken its place."""
        text = json.dumps(message, sort_keys=True)
        if kind in _KEPT and (frame := self._kept.get(text)) is not None:
            self._kept.move_to_end(text)
            return frame
        asking = _watched(asyncio.create_task(self._lanes[KINDS[kind]].ask(message)))
        if KINDS[kind] not in PATIENCE:
            # It is short, and its process is shared: what closes a page does not end it.
            return await asyncio.shield(asking)
        frame = await self._unless_newer(kind, asking)
        if frame is not None and kind in _KEPT:
            self._kept[text] = frame
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return frame

    async def _unless_newer(self, kind: str, asking: asyncio.Task[bytes]) -> bytes | None:
        newer = asyncio.create_task(self._arrived[kind].wait())
        try:
            await asyncio.wait({asking}, timeout=PATIENCE[KINDS[kind]])
            await asyncio.wait({asking, newer}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # The page was closed. A map is soon done, and its process then free for the next page.
            if kind not in _KEPT:
                asking.cancel()
            raise
        finally:
            newer.cancel()
        if asking.done():
            return await asking
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return None

    async def _say(self, said: dict[str, Any]) -> None:
        await self._page.send_text(json.dumps(said))


def _watched(task: asyncio.Task[bytes]) -> asyncio.Task[bytes]:
    """The task, of which nobody has to take the exception once its page is closed."""
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _read(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The question in what a page has sent; None where there is none.

    Raises:
        WebSocketDisconnect: The page is closed.
    """
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code", 1000))
    text = event.get("text")
    if text is None:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    kind = message.get("kind")
    return message if isinstance(kind, str) and kind in KINDS else None
