"""What a shell, a home folder and a terminal bring along: it changes no number and no picture."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("fem-island")
MEAN = 0.08464321
"""Mean overpotential of the paper's cell [V]."""

SETTINGS = """
text.usetex: True
font.size: 30
figure.facecolor: red
savefig.bbox: tight
savefig.transparent: True
backend: NoSuchBackend
no.such.key: 5
"""

COMMANDS = ["solve", "strip", "sweep", "impedance", "circuit", "compare", "film-map"]
COMMANDS += ["figure5", "figure6", "materials", "init", "schema", "selftest"]


def shell(line: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash in which ``FI`` is the command."""
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        check=False,
        timeout=300,
        cwd=cwd,
        env={**os.environ, "FI": str(COMMAND), **variables},
    )


def on_terminal(arguments: list[str], columns: int, cwd: Path) -> str:
    """What a command prints in a terminal of such a width, without colours."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [COMMAND, *arguments],
        stdin=child,
        stdout=child,
        stderr=child,
        cwd=cwd,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm"},
    ) as process:
        os.close(child)
        shown = b""
        try:
            while piece := os.read(parent, 65536):
                shown += piece
        except OSError:  # how Linux says that nobody writes any more
            pass
    os.close(parent)
    assert process.returncode == 0, shown
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").touch()
    return tmp_path


def pictures(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.png")}


@pytest.fixture(scope="module")
def usual_pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("usual")
    (folder / "case.toml").touch()
    done = shell("$FI solve case.toml --solver condensed --out out", folder)
    assert done.returncode == 0, done.stderr
    found = pictures(folder / "out")
    assert len(found) == 2
    return found


# --- Settings of others --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "variables",
    [
        {},  # with the settings in the working folder
        {"HOME": "home", "XDG_CONFIG_HOME": "home/.config"},
        {"MPLBACKEND": "missing"},
        {"MPLBACKEND": "QtAgg"},
        {"PYVISTA_PLOT_THEME": "dark", "PYVISTA_OFF_SCREEN": "false"},
        {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error"},
    ],
    ids=["folder", "home", "no backend", "windows", "pyvista", "python"],
)
def test_pictures_are_the_same(
    variables: dict[str, str], folder: Path, usual_pictures: dict[str, bytes]
) -> None:
    place = folder
    if "HOME" in variables:
        place = folder / "home" / ".config" / "matplotlib"
        variables = {name: str(folder / path) for name, path in variables.items()}
    if "HOME" in variables or not variables:
        place.mkdir(parents=True, exist_ok=True)
        (place / "matplotlibrc").write_text(SETTINGS)
    done = shell("$FI solve case.toml --solver condensed --out out --json", folder, **variables)
    assert (done.returncode, done.stderr) == (0, b"")
    assert pictures(folder / "out") == usual_pictures


def test_settings_of_matplotlib_come_back(folder: Path) -> None:
    (folder / "matplotlibrc").write_text("text.usetex: True\nfont.size: 30\n")
    program = (
        "import fem_island as fi, matplotlib as mpl\n"
        "fi.solve(fi.Cell(), solver='condensed').plot('plot.png')\n"
        "print(mpl.rcParams['text.usetex'], mpl.rcParams['font.size'], mpl.rcParams['backend'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "svg"},
    )
    assert done.stdout == "True 30.0 svg\n"
    assert (folder / "plot.png").stat().st_size > 10_000


def test_warnings_as_errors(folder: Path) -> None:
    done = shell("$FI selftest", folder, PYTHONWARNINGS="error")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("arguments", ["schema", *(f"{name} --help" for name in COMMANDS)])
def test_python_without_docstrings(arguments: str, folder: Path) -> None:
    usual = shell(f"$FI {arguments}", folder)
    optimised = shell(f"$FI {arguments}", folder, PYTHONOPTIMIZE="2")
    assert (optimised.returncode, optimised.stderr) == (0, b"")
    assert optimised.stdout == usual.stdout


def test_template_without_docstrings(folder: Path) -> None:
    assert shell("$FI init usual.toml", folder).returncode == 0
    assert shell("$FI init optimised.toml", folder, PYTHONOPTIMIZE="2").returncode == 0
    assert (folder / "optimised.toml").read_text() == (folder / "usual.toml").read_text()


# --- Names of files ------------------------------------------------------------------------------

NAMES = [b"[Ag] 5 um", b"[1]", b"{a}", b"-lead", b"null", b"a\nb", b"bad\xff", b"x" * 200]


@pytest.mark.parametrize(
    ("name", "solver"), [*((name, "condensed") for name in NAMES), (b"[bad\xff", "newton")]
)
def test_any_name(name: bytes, solver: str, folder: Path) -> None:
    path = Path(os.fsdecode(name + b".toml"))
    (folder / path).touch()
    # As in a locale in which Python is strict about what it prints.
    done = subprocess.run(
        [COMMAND, "solve", "--solver", solver, "--json", "--out", "[out]", "--", path],
        capture_output=True,
        check=False,
        timeout=300,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    record = json.loads(done.stdout)
    assert os.fsencode(record["case"]) == os.fsencode(path)
    assert record["overpotential_mean"] == pytest.approx(MEAN, abs=1e-8)
    assert (folder / "[out]" / f"{path.stem}.json").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_no_file_is_one_line(name: bytes, folder: Path) -> None:
    path = os.fsdecode(name + b".toml")
    for command in ("solve", "compare", "sweep", "strip", "impedance"):
        done = subprocess.run(
            [COMMAND, command, "--", path], capture_output=True, timeout=60, cwd=folder, check=False
        )
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith(b"fem-island: ")


def test_a_sweep_of_a_name_that_is_no_text(folder: Path) -> None:
    sweep = '[sweep]\n"operation.temperature" = ["20 degC", "30 degC"]\n'
    (folder / os.fsdecode(b"[s]\xff.toml")).write_text(sweep)
    done = shell("$FI sweep $'[s]\\xff.toml' --out $'out\\xff' --quiet", folder)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.endswith(b"written: out\xff/results.nc\n")


# --- Streams and folders that are not there ------------------------------------------------------

SOLVE = "$FI solve case.toml --solver condensed"
FULL = b"fem-island: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", [SOLVE, f"{SOLVE} --json", "$FI materials", "$FI --help"])
def test_streams(command: str, folder: Path) -> None:
    usual = shell(command, folder).stdout
    for closed in (">&-", ">&- 2>&- <&-"):
        done = shell(f"{command} {closed}", folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    for deaf in ("2>&-", "2>/dev/full"):
        done = shell(f"{command} {deaf}", folder)
        assert (done.returncode, len(done.stdout), done.stderr) == (0, len(usual), b"")
    done = shell(f"{command} >/dev/full", folder)
    assert (done.returncode, done.stderr) == (1, FULL)


@pytest.mark.parametrize("where", [">&- 2>&- <&-", "2>/dev/full >/dev/full", "| true", ""])
def test_files_are_written_whoever_listens(where: str, folder: Path) -> None:
    shell(f"{SOLVE} --out out {where}", folder)
    assert len(list((folder / "out").iterdir())) == 6
    record = json.loads((folder / "out" / "case.json").read_text())
    assert record["result"]["overpotential_mean"] == pytest.approx(MEAN, abs=1e-8)


def test_refusals_keep_their_status(folder: Path) -> None:
    for where in (">&-", ">&- 2>&-", ">/dev/full"):
        assert shell(f"$FI solve no.toml {where}", folder).returncode == 2


@pytest.mark.parametrize("solver", ["condensed", "newton"])
def test_a_working_folder_that_is_gone(solver: str, folder: Path) -> None:
    gone = 'mkdir gone && cd gone && rmdir "$PWD" && $FI'
    case = folder / "case.toml"
    done = shell(f"{gone} solve {case} --json --solver {solver} --out {folder}/out", folder)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["overpotential_mean"] == pytest.approx(MEAN, abs=1e-8)
    for refused in ("solve case.toml", f"solve {case} --out out", "init", "schema --out a.json"):
        done = shell(f"{gone} {refused}", folder)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


# --- Terminals -----------------------------------------------------------------------------------


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+\.\d+", text)


@pytest.mark.parametrize("columns", [20, 80])
@pytest.mark.parametrize(
    "command", ["compare case.toml", "solve case.toml --solver condensed", "materials"]
)
def test_no_number_is_cut(command: str, columns: int, folder: Path) -> None:
    shown = on_terminal(command.split(), columns, folder)
    assert "…" not in shown
    usual = shell(f"$FI {command}", folder).stdout.decode()
    assert sorted(numbers(shown)) == sorted(numbers(usual))


def test_forced_colours_in_a_file(folder: Path) -> None:
    command = "$FI compare case.toml --films none,Ag,Au"
    plain = shell(command, folder, NO_COLOR="1").stdout.decode()
    colours = shell(command, folder, FORCE_COLOR="1", COLUMNS="30").stdout.decode()
    assert re.sub(r"\x1b\[[0-9;]*m", "", colours) == plain
    assert "84.6432" in plain
