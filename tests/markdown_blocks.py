"""The code blocks of a Markdown page of the checkout, and running those in Python."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """A page at the top of the checkout.

    Attributes:
        name: Of the file.
    """

    name: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def blocks(self, language: str) -> list[str]:
        return [text for kind, text in _BLOCK.findall(self.text) if kind == language]


def numbers_printed(code: str, folder: Path) -> list[float]:
    """The numbers that a script prints, run in a folder."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert run.returncode == 0, run.stderr
    return [float(line) for line in run.stdout.splitlines()]
