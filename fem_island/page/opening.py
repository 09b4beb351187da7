"""What a page is opened with, by the command and from Python; nothing here needs the server."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import case_from_changes, read_case
from fem_island.errors import Fault, InputError
from fem_island.page.bases import Base
from fem_island.page.controls import check_shown

_NEEDED = ("starlette", "uvicorn", "websockets")


def base_of_file(path: Path | None, changes: Sequence[str]) -> Base | None:
    """The base that a case file makes; None where there is neither a file nor a change.

    Args:
        path: The case file, or None for the paper's cell.
        changes: As ``--set`` takes them.

    Raises:
        InputError: With every fault.
    """
    if path is None:
        if not changes:
            return None
        case = case_from_changes(changes)
        check_shown(case)
        return Base.of(case, "paper, changed")
    case = read_case(path, changes)
    try:
        check_shown(case)
    except InputError as error:
        raise error.in_file(str(path)) from None
    return Base.of(case, path.name)


def base_of_cell(cell: Cell | Case) -> Base:
    """The base that a cell from Python makes.

    Raises:
        InputError: The page cannot show it.
    """
    case = cell if isinstance(cell, Case) else Case(cell=cell)
    check_shown(case)
    return Base.of(case, "given cell")


def check_installed() -> None:
    """Refuse where what the page is served with is not installed.

    Raises:
        InputError: It is missing; the message says how to install it.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        reason = f"needs {', '.join(missing)} (pip install 'fem-island[live]')"
        raise InputError([Fault("explore", None, reason)])
