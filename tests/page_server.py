"""A page that is served by the command, as a user starts it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit


@contextmanager
def served(*arguments: str | Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of the page, and the process that serves it."""
    command = [sys.executable, "-m", "fem_island.cli", "explore", "--no-browser"]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.communicate()
        _wait_for(urlsplit(address).port or 0)
        yield address, process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise AssertionError("the server does not answer")


@contextmanager
def forwarded(port: int) -> Iterator[int]:
    """Another port of this machine that leads to a port, as ``ssh -L`` makes one."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        Thread(target=_accept, args=(door, port), daemon=True).start()
        yield door.getsockname()[1]


def _accept(door: socket.socket, port: int) -> None:
    while True:
        try:
            here, _ = door.accept()
        except OSError:
            return
        there = socket.create_connection(("127.0.0.1", port))
        for way in ((here, there), (there, here)):
            Thread(target=_pass_on, args=way, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    finally:
        # The other way reads from what is closed here, and ends as well.
        source.close()
