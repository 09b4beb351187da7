"""The folder of a sweep: what it is for, who works in it, and what is finished.

sweep.json               the plan, the solver and the versions that compute it
batches/rank-0000.fib    finished points, one file per rank
results.nc               all results, once they are complete
ro-crate-metadata.json   what these files are, for machines
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fem_island.errors import Fault, InputError, OutputError, shortened
from fem_island.experiments.sweeps.batches import Batch, BatchFile, is_batch_file, read_batches
from fem_island.experiments.sweeps.dataset import check_is_results
from fem_island.experiments.sweeps.plan import Plan, digest
from fem_island.machine.research_object import write_crate
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.results.variables import Layout

_FORMAT = "fem_island sweep 1"
_ASKED, _BATCHES, _RESULTS = "sweep.json", "batches", "results.nc"
_LOCK = ".lock"
_SUFFIX = ".fib"
_CHANGES_SHOWN = 3


def describe_files(path: Path, also: Mapping[str, str] | None = None) -> None:
    """Write what the files of a finished sweep are, for machines.

    Args:
        path: The folder.
        also: Names of further files in it, and what each is.

    Raises:
        OutputError: It cannot be written.
    """
    files = {
        _RESULTS: "all results",
        _ASKED: "what was asked for, and the versions that computed it",
    }
    write_crate(path, "Results of fem_island", files | dict(also or {}))


@dataclass(frozen=True)
class Folder:
    """The folder of one sweep.

    Attributes:
        path: The folder.
        sweep: Fingerprint of plan, solver and versions.
        layout: How the results of a point lie in memory.
    """

    path: Path
    sweep: str
    layout: Layout

    @property
    def results(self) -> Path:
        """The file with all results."""
        return self.path / _RESULTS

    @property
    def batches(self) -> Path:
        """The folder of the files of finished points."""
        return self.path / _BATCHES

    def batch_file(self, rank: int) -> BatchFile:
        """Open the file that a rank appends to; see ``BatchFile``."""
        return BatchFile(self.batches / f"rank-{rank:04d}{_SUFFIX}", self.sweep, self.layout)

    def finished(self) -> Iterator[Batch]:
        """All batches that are finished.

        Raises:
            InputError: A file is damaged, or of something else.
        """
        with _readable(self.batches):
            paths = sorted(self.batches.iterdir())
        for path in paths:
            if not path.name.startswith("."):
                with _readable(path):
                    yield from read_batches(path, self.sweep, self.layout)


def describe(plan: Plan, solver: str) -> dict[str, Any]:
    """The contents of ``sweep.json``: all that the results depend on."""
    return {
        "format": _FORMAT,
        **plan.record(),
        "solver": solver,
        "versions": {name: v for name, v in versions().items() if name != "python"},
    }


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn an error of reading into one that names the file or folder."""
    try:
        yield
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror or error}") from error


@contextmanager
def opened(path: Path, plan: Plan, *, solver: str, restart: bool) -> Iterator[Folder]:
    """Take possession of the folder of a sweep, made where there is none.

    Args:
        path: The folder.
        plan: What the sweep computes.
        solver: What with.
        restart: Throw away what is finished.

    Raises:
        InputError: Another sweep works there or worked there, or the folder is for something else.
        OutputError: It cannot be written to.
    """
    wanted = describe(plan, solver)
    folder = Folder(path, digest(wanted), plan.layout)
    with _readable(path):
        if path.exists():
            _check_is_ours(path)
    make_folder(path)
    lock = FileLock(path / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise _refused(path, "another sweep is working in this folder") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written to: {error.strerror or error}") from error
    try:
        with _readable(path):
            _check_is_ours(path)
        if restart:
            _empty(path)
        found = _read_description(path)
        if found is None:
            write_json(wanted, path / _ASKED)
        elif found != wanted:
            raise _refused(path, _changes(found, wanted))
        make_folder(folder.batches)
        yield folder
    finally:
        lock.release()


def _check_is_ours(path: Path) -> None:
    """Refuse a folder that holds anything, but no sweep."""
    if not path.is_dir():
        raise _refused(path, "is a file; give a folder for the sweep")
    if (path / _ASKED).exists():
        _read_description(path)
        return
    others = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    if others == [_BATCHES] and not any((path / _BATCHES).iterdir()):
        return  # a sweep that was ended while it made the folder
    if others:
        named = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        raise _refused(path, f"holds files that are not of a sweep ({named}); give another folder")


def _read_description(path: Path) -> dict[str, Any] | None:
    file = path / _ASKED
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        reason = "is damaged or not of this version of fem-island; move it away"
        raise _refused(file, reason)
    return found


def _empty(path: Path) -> None:
    """Throw away a sweep; the description goes last, so that the folder stays a sweep's."""
    results = path / _RESULTS
    with _readable(path):
        batches = sorted((path / _BATCHES).glob("*"))
        for batch in batches:
            if not is_batch_file(batch):
                raise _refused(batch, "is no file of a sweep; move it away")
        if results.exists():
            check_is_results(results)
    try:
        for file in (results, *batches, path / _ASKED):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be emptied: {error.strerror or error}") from error


def _changes(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    """What is different from the sweep that the folder is for."""
    old, new = _flat(found), _flat(wanted)
    changed = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    lines = [
        f"{key} was {shortened(old.get(key))} and is {shortened(new.get(key))}"
        for key in changed[:_CHANGES_SHOWN]
    ]
    if len(changed) > _CHANGES_SHOWN:
        lines.append(f"{len(changed) - _CHANGES_SHOWN} more")
    return (
        f"holds another sweep: {'; '.join(lines)} (SI units). Give another folder, or --restart "
        "to throw away what is there"
    )


def _flat(value: Any, place: str = "") -> dict[str, Any]:
    if isinstance(value, dict) and value:
        found: dict[str, Any] = {}
        for key, inner in value.items():
            found |= _flat(inner, f"{place}.{key}" if place else key)
        return found
    return {place: value}


def _refused(path: Path, reason: str) -> InputError:
    return InputError([Fault("", None, reason, str(path))])
