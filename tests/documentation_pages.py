"""The pages of the documentation as sequences of code blocks, and running those."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from itertools import pairwise
from pathlib import Path

from fem_island.case.file import beside, case_from_table
from fem_island.case.film import interlayer
from fem_island.case.fit import read_fitting
from fem_island.case.tables_beside import FIT, SWEEP, without_others
from fem_island.experiments.sweeps.sweep_file import read_plan

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BIN = Path(sys.executable).parent

_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>.+?) -->\n+|<!-- needs: (?P<needs>.+?) -->\n+)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_MAKE = re.compile(r"\bmake ([a-z][a-z0-9-]*)\b")


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        language: As it is marked.
        text: Its lines.
        not_run: Why it cannot be run here, from the comment before it; or None.
        needs: Modules that are no part of the package, without which it is not run.
    """

    language: str
    text: str
    not_run: str | None
    needs: tuple[str, ...] = ()

    def commands(self) -> list[str]:
        """The commands of a shell block, each on one line and without its comment."""
        joined = self.text.replace("\\\n", " ")
        lines = [re.sub(r"\s+#\s.*", "", line).strip() for line in joined.splitlines()]
        return [line for line in lines if line and not line.startswith("#")]


def pages() -> list[Path]:
    """All pages that are committed."""
    made = {DOCS / "_build", DOCS / "_generated", DOCS / "tutorial"}
    return sorted(path for path in DOCS.rglob("*.md") if not made & set(path.parents))


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page, from top to bottom."""
    return [
        Block(
            found["language"],
            found["text"],
            found["reason"],
            tuple((found["needs"] or "").replace(",", " ").split()),
        )
        for found in _BLOCK.finditer(page.read_text("utf-8"))
    ]


def run(block: Block, folder: Path) -> None:
    """Run a block, or check it as far as it can be checked here."""
    if block.not_run is not None:
        check_names(block)
        return
    if missing(block):
        compile(block.text, "script", "exec")
        return
    match block.language:
        case "toml":
            write_case(block.text, folder)
        case "python":
            run_python(block.text, folder)
        case "sh":
            for command in block.commands():
                run_command(command, folder)
        case other:
            raise AssertionError(f"no test knows what to do with {other}")


def missing(block: Block) -> list[str]:
    """Modules that a block needs and that are not installed."""
    return [name for name in block.needs if find_spec(name) is None]


def write_case(text: str, folder: Path) -> None:
    """A case file, or one of materials, has its name in the first line, and is valid."""
    name = re.match(r"# (\w+\.toml)\n", text)
    assert name is not None, text
    (folder / name[1]).write_text(text, "utf-8")
    table = tomllib.loads(text)
    if SWEEP in table:
        read_plan(folder / name[1], [])
    elif "films" in table:
        for symbol in table["films"]:
            interlayer(metal=f"{folder / name[1]}:{symbol}")
    else:
        case_from_table(without_others(beside(table, folder / name[1])))
        if FIT in table:
            read_fitting(folder / name[1])


def run_python(text: str, folder: Path) -> None:
    """A script prints what its comments say: those after ``print``, or those at its end.

    In this process, where the packages that all scripts need are loaded.
    """
    printed = StringIO()
    with chdir(folder), redirect_stdout(printed):
        exec(compile(text, "script", "exec"), {"__name__": "__main__"})
    said = re.findall(r"^ *(?:print\(.*\)  )?# (.*)$", text, re.MULTILINE)
    assert printed.getvalue().splitlines() == said, printed.getvalue()


def run_command(command: str, folder: Path) -> None:
    """A command succeeds."""
    assert command.startswith(".venv/bin/"), f"{command}: not a command of the package"
    done = subprocess.run(
        command.replace(".venv/bin/", f"{BIN}/"),
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=_environment(),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def check_names(block: Block) -> None:
    """What a command names of this checkout exists: scripts, targets of make, own commands."""
    for command in block.commands():
        words = shlex.split(command)
        for word in words:
            if word.startswith("scripts/"):
                assert (ROOT / word).is_file(), command
        assert missing_targets(f"`{command}`") == []
        for before, word in pairwise(words):
            if before.endswith("fem-island") and re.fullmatch(r"[a-z][a-z0-9-]*", word):
                assert word in known_words(), command
        if words[:2] == ["docker", "build"]:
            assert (ROOT / "Dockerfile").is_file()


def known_words() -> set[str]:
    """What may stand after ``fem-island``: its commands, and programs inside of the container."""
    from fem_island.cli import app

    programs = {"mpirun", "python", "sh"}
    return {*app, *programs}


def missing_targets(text: str) -> list[str]:
    """Targets of make that a text names in code, and that there are not."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    known = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    code = re.findall(r"`([^`\n]+)`", text)
    return [target for part in code for target in _MAKE.findall(part) if target not in known]


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
