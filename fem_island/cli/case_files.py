"""Commands that help to write a case file: ``fem-island init`` and ``fem-island schema``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fem_island.cli.process import DONE, from_first_rank, refuse, tell
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.errors import Fault


def init(file: Annotated[Path, Parameter(name="FILE")] = Path("case.toml"), /) -> int:
    """Write a case file to start from: every key with its default and its explanation.

    Args:
        file: What to write; an existing file is left as it is, and refused.
    """
    file = from_home(file)
    fault = from_first_rank(lambda: _write_template(file))
    if fault is not None:
        return refuse([fault])
    if launched_rank() in (None, 0):
        tell(f"written: {file}")
    return DONE


def schema(*, out: Path | None = None) -> int:
    """Print the JSON Schema of a case file, with which editors complete and check it.

    Args:
        out: File to write it to instead; one that exists is replaced.
    """
    if out is not None:
        out = from_home(out)
        fault = from_first_rank(partial(_write_schema, out))
        if fault is not None:
            return refuse([fault])
    if launched_rank() in (None, 0):
        tell(f"written: {out}" if out is not None else _schema_text().rstrip("\n"))
    return DONE


def _write_template(file: Path) -> Fault | None:
    from fem_island.case.schema import FILE_NAME
    from fem_island.case.template import template
    from fem_island.errors import Fault

    text = template(schema_beside=file.with_name(FILE_NAME).is_file())
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        return Fault("", None, "is there already; give another name", str(file))
    except OSError as error:
        return Fault("", None, f"cannot be written: {error.strerror}", str(file))
    return None


def _write_schema(out: Path) -> Fault | None:
    from fem_island.errors import Fault, OutputError
    from fem_island.machine.whole_files import replacing

    try:
        with replacing(out) as unfinished:
            unfinished.write_text(_schema_text(), encoding="utf-8")
    except OutputError as error:
        return Fault("--out", None, str(error))
    return None


def _schema_text() -> str:
    from fem_island.case.schema import schema_text

    return schema_text()
