"""``fem-island selftest``, ``init`` and ``schema`` as they are installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from fem_island.case import schema as case_schema
from fem_island.case.case import Case
from fem_island.errors import MissingSystemLibraryError
from fem_island.results.result import Result
from fem_island.solvers.names import SolverName
from fem_island.studies import selftest
from fem_island.studies.selftest.answers import drops_in_the_electrolyte, paper_points, solved
from fem_island.studies.selftest.finding import Check, Finding, number_found

BIN = Path(sys.executable).parent


def run(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, ranks: int | None = None
) -> subprocess.CompletedProcess[str]:
    launcher = [] if ranks is None else [str(BIN / "mpirun"), "-n", str(ranks)]
    return subprocess.run(
        [*launcher, str(BIN / "fem-island"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
    )


# --- selftest ------------------------------------------------------------------------------------


def test_the_installation_passes_without_a_home(tmp_path: Path) -> None:
    """As in a container, by a user that has no home, and with nothing compiled yet."""
    start = time.perf_counter()
    # Matplotlib says so where it has no place for its settings.
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CACHE", "CONFIG")}
    home = {"HOME": "/nonexistent", **folders}
    done = run("selftest", cwd=tmp_path, env=home)
    assert time.perf_counter() - start < 60
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    *lines, last = done.stdout.splitlines()
    assert last.startswith(f"all {len(lines)} checks passed, in ")
    assert all(line.startswith("ok ") for line in lines)
    assert all("wanted " in line for line in lines)
    for part in (
        "wanted 30.3246, found 30.3246 mV",
        "wanted 84.6432, found 84.6432 mV",
        "wanted 85.2507, found 85.2507 mV",
        "wanted 56.4125, found 56.412",
        "condensed: edge - centre",
        "newton: edge - centre",
        "triangles of planar.geo",
        "picture of the field",
        "two ranks: mean as on one",
    ):
        assert any(part in line for line in lines), part


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path) -> None:
    env = {"PATH": "/nonexistent", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run("selftest", cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "Traceback" not in done.stdout
    *lines, last = done.stdout.splitlines()
    failed = [line for line in lines if line.startswith("FAILED ")]
    assert last.startswith(f"{len(failed)} of {len(lines)} checks FAILED, in ")
    assert len(failed) >= 4
    assert all("apt-get install gcc" in line for line in failed)
    # What needs no compiler is checked all the same.
    assert any(line.startswith("ok      5 um island, condensed: mean") for line in lines)


def test_ranks_are_refused(tmp_path: Path) -> None:
    done = run("selftest", cwd=tmp_path, ranks=2)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "fem-island: selftest: runs on one rank, and tries two itself; leave out mpirun\n"
    )


def of(check: Check) -> dict[str, bool]:
    return {finding.name: finding.passed for finding in check()}


def test_a_wrong_conductivity_is_found_where_the_electrolyte_matters() -> None:
    def wrong(case: Case, solver: SolverName) -> Result:
        electrolyte = dict(case.cell.electrolyte)
        electrolyte["conductivity"] *= 1.001
        cell = dict(case.cell) | {"electrolyte": electrolyte}
        return solved(Case.model_validate(dict(case) | {"cell": cell}), solver)

    assert not any(of(drops_in_the_electrolyte("condensed", solve=wrong)).values())
    # The mean overpotential is that of the reaction alone.
    assert all(
        passed
        for name, passed in of(paper_points("condensed", solve=wrong)).items()
        if "mean" in name
    )


def test_whatever_a_check_raises_is_one_line() -> None:
    def broken() -> Iterator[Finding]:
        yield Finding("first", True, "wanted 1, found 1")
        raise ZeroDivisionError("of two\nlines")

    def missing() -> Iterator[Finding]:
        raise MissingSystemLibraryError("apt-get install something")
        yield

    def blank() -> Iterator[Finding]:
        yield number_found("number", 1.1, 1.0, tolerance=0.01)
        yield number_found("no number", float("nan"), 1.0, tolerance=0.01)

    checks = {"broken": broken, "missing": missing, "blank": blank}
    lines: list[str] = []
    assert not selftest.run(lines.append, checks=checks)
    assert [" ".join(line.split()) for line in lines[:-1]] == [
        "ok first wanted 1, found 1",
        "FAILED broken ZeroDivisionError: of two lines",
        "FAILED missing apt-get install something",
        "FAILED number wanted 1.000, found 1.100 V",
        "FAILED no number wanted 1.000, found nan V",
    ]
    assert lines[-1].startswith("4 of 5 checks FAILED")


# --- init and schema -----------------------------------------------------------------------------


def test_init_writes_a_case_that_can_be_checked_and_overwrites_nothing(tmp_path: Path) -> None:
    done = run("init", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "written: case.toml\n", "")
    content = (tmp_path / "case.toml").read_bytes()
    again = run("init", "case.toml", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "fem-island: case.toml: is there already; give another name\n"
    assert (tmp_path / "case.toml").read_bytes() == content
    nowhere = run("init", "no/folder.toml", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert nowhere.stderr == (
        "fem-island: no/folder.toml: cannot be written: No such file or directory\n"
    )
    axis = 'sweep.operation.current_density=["1 mA/cm^2"]'
    checked = run("sweep", "case.toml", "--dry-run", "--set", axis, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_schema_is_printed_or_written_and_then_named(tmp_path: Path) -> None:
    printed = run("schema", cwd=tmp_path)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert json.loads(printed.stdout) == case_schema.schema()
    name = case_schema.FILE_NAME
    for _ in range(2):
        done = run("schema", "--out", name, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"written: {name}\n", "")
    assert (tmp_path / name).read_text("utf-8") == printed.stdout
    assert run("init", cwd=tmp_path).returncode == 0
    assert (tmp_path / "case.toml").read_text("utf-8").startswith(f"#:schema ./{name}\n")
    nowhere = run("schema", "--out", "no/folder.json", cwd=tmp_path)
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert nowhere.stderr.startswith("fem-island: --out: no/folder.json cannot be written")
