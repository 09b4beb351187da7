"""Tables keep all their words and numbers in a narrow terminal and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections import Counter
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "fem-island")


def words(text: str) -> Counter[str]:
    return Counter(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).split())


def in_terminal(arguments: list[str], *, columns: int) -> str:
    """What a command prints in a terminal of a width."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.pop("COLUMNS", None)
        os.execv(COMMAND, [COMMAND, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    found = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # The command has ended.
            break
        if not part:
            break
        found += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return found.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        ["solve", "--solver=condensed", "--set=interlayer.material=Ag"],
        ["onset", "--film=Au"],
        ["materials"],
        ["compare", "case.toml"],
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_no_word_is_cut(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "case.toml").touch()
    monkeypatch.chdir(tmp_path)
    piped = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=True)
    expected = words(piped.stdout)
    assert len(expected) > 50
    for columns in (30, 80):
        assert words(in_terminal(arguments, columns=columns)) == expected
