"""Compiled forms: a first compilation that is stopped, a damaged cache, foreign settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "fem-island")
MEAN = 0.0846432178


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").touch()
    return tmp_path


def environment(folder: Path, **variables: str) -> dict[str, str]:
    return os.environ | {"XDG_CACHE_HOME": str(folder / "cache")} | variables


def solve(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "solve", "case.toml", "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment(folder, **variables),
        timeout=120,
    )


def assert_solved(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert record["overpotential_mean"] == pytest.approx(MEAN, abs=1e-9)


def libraries(folder: Path) -> list[Path]:
    return sorted((folder / "cache").rglob("*.so"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_first_compilation_that_is_stopped_is_done_again(how: int, folder: Path) -> None:
    stopped = subprocess.Popen(
        [COMMAND, "solve", "case.toml", "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment(folder),
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list((folder / "cache").rglob("*.c")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(stopped.pid, how)
    stopped.wait(timeout=30)
    began = time.monotonic()
    assert_solved(solve(folder))
    assert time.monotonic() - began < 60
    # Nothing of the first attempt is left.
    assert not list((folder / "cache").rglob("*.c"))


def test_damaged_libraries_are_compiled_again(folder: Path) -> None:
    assert_solved(solve(folder))
    whole = {path: path.read_bytes() for path in libraries(folder)}
    assert len(whole) == 2
    first, second = whole
    first.write_bytes(b"")
    second.write_bytes(whole[second][:-5000])
    assert_solved(solve(folder))
    assert all(len(path.read_bytes()) == len(content) for path, content in whole.items())
    first.unlink()
    next((folder / "cache").rglob("*.json")).write_text("{")
    assert_solved(solve(folder))
    assert libraries(folder) == sorted(whole)


def test_two_processes_that_compile_at_once(folder: Path) -> None:
    command = [COMMAND, "solve", "case.toml", "--json"]
    both = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=folder, env=environment(folder)
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert said[0] == said[1]
    assert len(libraries(folder)) == 2


def test_a_cache_that_cannot_be_written_to_is_no_failure(folder: Path) -> None:
    (folder / "cache").write_text("no folder")
    assert_solved(solve(folder))


def test_foreign_settings_have_no_influence(folder: Path) -> None:
    """Compiler variables of a cluster, option files of FFCx, DOLFINx, PETSc and setuptools."""
    (folder / "ffcx_options.json").write_text('{"table_atol": 0.002, "scalar_type": "float32"}')
    (folder / "dolfinx_jit_options.json").write_text("{ broken")
    (folder / "setup.cfg").write_text("[build_ext]\nlibraries = nowhere\n")
    (folder / "pyproject.toml").write_text("[broken")
    (folder / ".petscrc").write_text("-info\n-log_view\n-vec_type cuda\n")
    done = solve(
        folder,
        CC="icc",
        CFLAGS="-xHost",
        LDFLAGS="-lnowhere",
        LDSHARED="icc -shared",
        PETSC_OPTIONS="-vec_type cuda -info -log_view -fem_island_ksp_type richardson",
        PYTHONWARNINGS="error",
    )
    assert_solved(done)
    assert len(libraries(folder)) == 2


def test_without_a_compiler_a_line_says_what_to_install(folder: Path) -> None:
    done = solve(folder, PATH="/nowhere")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get install gcc" in done.stderr
