"""``fem-island explore`` as a server: who is let in, what is refused, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("uvicorn", reason="the extra live is not installed")
pytest.importorskip("websockets", reason="the extra live is not installed")

from page_server import served
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import fem_island as fi
from fem_island.page.frames import unpacked

SECONDS = 60.0


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as (address, _):
        yield address


def status(address: str, path: str | None = None, method: str = "GET", **headers: str) -> int:
    """Of the answer to a request; "_" in the names of headers stand for "-"."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=SECONDS)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, parts.path if path is None else path, skip_host="Host" in named)
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def live(address: str, **options: Any) -> ClientConnection:
    page: ClientConnection = connect(
        address.replace("http:", "ws:") + "live", max_size=None, **options
    )
    return page


def ask(page: ClientConnection, **message: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    page.send(json.dumps(message))
    return answer(page)


def answer(page: ClientConnection) -> tuple[dict[str, Any], dict[str, Any]]:
    found = page.recv(SECONDS)
    return (json.loads(found), {}) if isinstance(found, str) else unpacked(found)


def point(page: ClientConnection, width: float, number: int = 1) -> float:
    changes = {"islands.width": f"{width} um"}
    header, _ = ask(page, kind="point", id=number, base="paper", changes=changes)
    assert (header["status"], header["id"]) == ("ok", number)
    found: float = header["numbers"][0]["si"]
    return found


def solved(width: float) -> float:
    cell = fi.Cell(islands=[fi.Island(width=f"{width} um")])
    return fi.solve(cell, solver="condensed").result.overpotential_mean


def test_who_is_let_in(address: str) -> None:
    port, path = urlsplit(address).port, urlsplit(address).path
    assert status(address) == 200
    assert status(address, f"{path}static/main.js") == 200
    # Without the token, or with another one.
    assert status(address, "/") == 403
    assert status(address, "/static/main.js") == 403
    assert status(address, "/live") == 403
    assert status(address, f"/{path[1:-2]}/") == 403
    assert status(address, f"/{path[1:-1]}x/") == 403
    assert status(address, "/%C3%A4/") == 403
    # What is not there, and what would change something.
    assert status(address, f"{path}static/../server.py") == 404
    assert status(address, f"{path}static/%2e%2e%2fserver.py") == 404
    assert status(address, f"{path}etc/passwd") == 404
    assert status(address, method="POST") == 405
    # A name of another site that points here, and a page of another site.
    assert status(address, Host="example.org") == 400
    assert status(address, Host=f"127.0.0.1.example.org:{port}") == 400
    assert status(address, Host="") == 400
    assert status(address, Origin="http://example.org") == 403
    assert status(address, Origin="null") == 403
    assert status(address, Origin=f"http://127.0.0.1:{port}") == 200
    # Behind ssh -L, where the port is another one.
    assert status(address, Host="localhost:1") == 200
    assert status(address, Host="localhost:1", Origin="http://localhost:1") == 200
    assert status(address, Host="localhost:1", Origin=f"http://localhost:{port}") == 403


def test_which_page_is_let_in(address: str) -> None:
    port = urlsplit(address).port
    for origin in ("http://example.org", "null", "http://localhost:1"):
        with pytest.raises(InvalidStatus, match="403"), live(address, origin=origin):
            pass
    with pytest.raises(InvalidStatus, match="403"), live(f"http://127.0.0.1:{port}/"):
        pass
    with live(address, origin=f"http://127.0.0.1:{port}") as page:
        assert point(page, 5) == solved(5)


def test_it_listens_on_this_machine_alone(address: str) -> None:
    port = urlsplit(address).port or 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; says which address would
        except OSError:
            pytest.skip("this machine has no address but its own")
        outside = probe.getsockname()[0]
    with pytest.raises(OSError, match=r"refused|timed out"):
        socket.create_connection((outside, port), timeout=5)


def test_nonsense_is_refused_and_changes_nothing(address: str) -> None:
    nonsense = ["", "[]", "{", "null", "[" * 5000, '{"kind": 3}', '{"kind": "exit"}', "é", "1e999"]
    with live(address) as other, live(address) as page:
        for text in nonsense:
            page.send(text)
            assert answer(page)[0]["status"] == "refused"
        page.send(b"\x00\xff")
        assert answer(page)[0]["status"] == "refused"
        header, _ = ask(page, kind="point", id=[{}], base={}, changes=7)
        assert header["status"] == "refused"
        assert point(page, 5) == solved(5)
        with pytest.raises(ConnectionClosed, match="1009"):
            ask(page, kind="point", changes={"islands.width": "5 um" * 10_000})
        assert point(other, 6) == solved(6)
    with live(address) as page:
        assert point(page, 5) == solved(5)


def test_a_page_that_only_sends_nonsense_is_closed(address: str) -> None:
    with live(address) as page:
        for _ in range(999):
            page.send("nonsense")
            assert answer(page)[0]["status"] == "refused"
        page.send("nonsense")
        answer(page)
        with pytest.raises(ConnectionClosed, match="1008"):
            page.recv(SECONDS)


def test_only_the_newest_of_many_changes_is_solved(address: str) -> None:
    """They come faster than they can be solved; the last one is answered, and soon."""
    count = 400
    with live(address) as page:
        for number in range(count):
            changes = {"islands.width": f"{2 + number / 100} um"}
            message = {"kind": "point", "id": number, "base": "paper", "changes": changes}
            page.send(json.dumps(message))
        answered: list[int] = []
        while not answered or answered[-1] != count - 1:
            header, _ = answer(page)
            answered.append(header["id"])
        assert answered == sorted(answered)
        assert len(answered) < count / 4
        assert header["numbers"][0]["si"] == solved(2 + (count - 1) / 100)


def test_a_newer_question_ends_an_older_computation(address: str) -> None:
    """A stripping curve that takes long does not keep the next one waiting."""
    changes = {"islands.thickness": "2 um", "islands.shape": "slab"}
    long = {"film": "Au", "electrolyte.conductivity": "0.005 mS/cm", "islands.shape": "triangle"}
    with live(address) as page:
        message = {"kind": "strip", "base": "paper"}
        page.send(json.dumps(message | {"id": "long", "changes": changes | long}))
        time.sleep(0.5)
        header, _ = ask(page, **message, id="short", changes=changes)
        if header["id"] == "long":
            pytest.skip("this machine is too fast for the test")
        assert (header["id"], header["status"]) == ("short", "ok")


def test_pages_do_not_disturb_each_other(address: str) -> None:
    with live(address) as one, live(address) as other:
        for width in (3, 4, 5):
            changes = {"islands.width": f"{width} um"}
            message = {"kind": "point", "id": width, "base": "paper"}
            one.send(json.dumps(message | {"changes": changes}))
            other.send(json.dumps(message | {"changes": changes | {"film": "Ag"}}))
            bare, silver = answer(one)[0], answer(other)[0]
            assert bare["numbers"][0]["si"] == solved(width)
            assert silver["numbers"][0]["si"] < solved(width) - 0.01


def test_maps_are_kept(address: str) -> None:
    message = {"kind": "map", "id": "m", "base": "paper", "changes": {}, "options": {}}
    with live(address) as page, live(address) as other:
        first, _ = ask(page, **message)
        start = time.monotonic()
        again, arrays = ask(other, **message)
        assert time.monotonic() - start < 0.2
        assert (again, len(arrays["overpotential_mean"])) == (first, 2500)


def test_there_are_only_so_many_pages(address: str) -> None:
    with ExitStack() as pages:
        for _ in range(16):
            pages.enter_context(live(address))
        with live(address) as late, pytest.raises(ConnectionClosed, match="1013"):
            late.recv(SECONDS)


def children(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def gone(processes: list[int]) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if not any(Path(f"/proc/{number}/cmdline").exists() for number in processes):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks into /proc")
@pytest.mark.parametrize(
    ("ending", "expected"), [(signal.SIGINT, 0), (signal.SIGTERM, -15), (signal.SIGHUP, -1)]
)
def test_it_ends_with_its_terminal(ending: signal.Signals, expected: int) -> None:
    with served() as (address, process), live(address) as page:
        assert point(page, 5) == solved(5)
        computing = children(process.pid)
        assert computing
        os.kill(process.pid, ending)
        assert process.wait(20) == expected
        assert gone(computing)


def test_it_lives_when_a_process_that_computes_dies(address: str) -> None:
    with served() as (other, process), live(other) as page:
        assert point(page, 5) == solved(5)
        for number in children(process.pid):
            os.kill(number, signal.SIGKILL)
        # The first answer may have been lost with it.
        header, _ = ask(page, kind="point", id=1, base="paper", changes={})
        assert header["status"] == "ok" or "ended" in header["reason"]
        assert point(page, 6) == solved(6)


def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fem_island.cli", "explore", *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | variables,
    )


def test_what_is_wrong_is_said_in_one_line(address: str, tmp_path: Path) -> None:
    port = urlsplit(address).port
    bad = tmp_path / "bad.toml"
    bad.write_text('[electrolyte]\nwidth = "3 um"\n')
    for arguments, said in [
        (("--port", port), "in use"),
        (("--port", 70000), "must be from 0 to 65535"),
        ((bad,), "islands.0"),
        ((tmp_path / "none.toml",), "there is no such file"),
        (("--set", "islands=[]", "--set", "collector.gap='50 nm'"), "islands"),
    ]:
        done = run("--no-browser", *map(str, arguments))
        assert (done.returncode, done.stdout) == (2, ""), said
        assert len(done.stderr.splitlines()) == 1
        assert said in done.stderr


def test_a_case_file_is_what_the_page_starts_from(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[islands]]\nwidth = "8 um"\n\n[interlayer]\nmaterial = "Au"\n')
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    with served(file, "--set", "operation.temperature='40 degC'") as (address, _):
        page = live(address)
        with page:
            header, _ = ask(page, kind="point", id=1, base="case", changes={})
            cell = fi.Cell(islands=[fi.Island(width="8 um")], interlayer=fi.interlayer("Au"))
            result = fi.solve(cell, temperature="40 degC", solver="condensed").result
            assert header["numbers"][0]["si"] == result.overpotential_mean
            texts, _ = ask(page, kind="texts", id=1, base="case", changes={"film": "none"})
            assert texts["file"] == (
                '[[islands]]\nwidth = "8 um"\n\n[operation]\ntemperature = "313.15 K"\n'
            )
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_in_a_notebook() -> None:
    page = fi.explore(fi.Cell(islands=[fi.Island(width="20 um")]))
    try:
        assert page.address in page._repr_html_()
        with live(page.address) as socket:
            header, _ = ask(socket, kind="point", id=1, base="case", changes={})
            assert header["numbers"][0]["si"] == solved(20)
    finally:
        page.close()
    with pytest.raises(OSError, match="refused"), live(page.address):
        pass


def test_the_page_to_send_away(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    done = run("--export", file)
    assert (done.returncode, done.stdout) == (0, f"written: {file}\n")
    text = file.read_text("utf-8")
    assert len(text) < 3e6
    assert "default-src 'none'" in text
    assert "http://" not in text.replace("http://www.w3.org/", "")
    done = run("--set", "kinetics.law=linear", "--export", file)
    assert done.returncode == 2
    assert "closed form" in done.stderr
    assert len(done.stderr.splitlines()) == 1
