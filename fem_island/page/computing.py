"""A process that answers one message after the other, until its server ends.

    python -m fem_island.page.computing

It reads what the pages start from, then messages, and writes frames; see ``pipes``.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from fem_island.page import pipes

_ASKED_BETWEEN_COLLECTIONS = 20


def main() -> None:
    """Answer on standard output what comes on standard input."""
    # Interruptions are for the server, which ends this process by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = _own_output()
    messages: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_receive, args=(messages,), daemon=True).start()
    answer = _answerer(json.loads(messages.get()))
    asked = 0
    while True:
        output.write(pipes.framed(answer(json.loads(messages.get()))))
        output.flush()
        asked += 1
        if asked % _ASKED_BETWEEN_COLLECTIONS == 0:
            gc.collect()


def _receive(messages: SimpleQueue[bytes]) -> None:
    """Take in messages; end the process with its server, whatever is being computed."""
    while (message := pipes.read(sys.stdin.buffer)) is not None:
        messages.put(message)
    os._exit(0)


def _own_output() -> BinaryIO:
    """Standard output for frames alone: what a library prints goes to standard error."""
    own = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(own, "wb")


def _answerer(given: dict[str, Any] | None) -> Callable[[Mapping[str, Any]], bytes]:
    from threadpoolctl import threadpool_limits

    from fem_island.page.answering import Answerer
    from fem_island.page.bases import Base

    # Several processes compute at once, and matrices are too small to gain from threads.
    threadpool_limits(1)
    return Answerer(None if given is None else Base(**given)).answer


if __name__ == "__main__":
    main()
