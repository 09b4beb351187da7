"""Films on the command line: compared side by side, and the study of what they do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xarray

BIN = Path(sys.executable).parent
COMMAND = BIN / "fem-island"
KNOWN = "is not one of none, Mg, Ag, Cd, Au, Zn, Si, Sn, Al, In, case"

CASES = {
    "paper": "",
    "two": '[[islands]]\ncenter = "10 um"\n[[islands]]\ncenter = "40 um"\n',
    "plating": '[operation]\ncurrent_density = "-0.25 mA/cm^2"\n',
    "wrong": '[electrolyte]\nwidth = "5 V"\n[interlayer]\nmaterial = "Pb"\n',
    "silver": '[interlayer]\nmaterial = "Ag"\n',
    # Half of the silver, twice as thick.
    "half": '[interlayer]\nmaterial = "Ag"\nthickness = "200 nm"\nstate_of_charge = 0.5\n',
    # No potential carries this current, but where magnesium does.
    "impossible": """
        [kinetics]
        law = "linear"
        exchange_current_density = "1e-12 A/m^2"
        """,
}


def run(
    *arguments: str | Path, cwd: Path, ranks: int | None = None
) -> subprocess.CompletedProcess[str]:
    launcher = [] if ranks is None else [str(BIN / "mpirun"), "-n", str(ranks)]
    return subprocess.run(
        [*launcher, str(COMMAND), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=cwd,
    )


def done(*arguments: str | Path, cwd: Path) -> str:
    finished = run(*arguments, cwd=cwd)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout


def test_a_comparison_is_kept(folder: Path) -> None:
    change = ("--set", "islands.width=8 um")
    text = done(
        "compare", "silver.toml", "--films", "none,Ag", "--out", "kept", *change, cwd=folder
    )
    files = [Path("kept") / f"silver.films.{kind}" for kind in ("nc", "csv", "json")]
    assert text.splitlines()[-1] == "written: " + ", ".join(map(str, files))
    with xarray.open_dataset(folder / files[0]) as films:
        share = films.interlayer_current_fraction.sel(film="Ag").item()
        made_of = films.attrs["case"]
    assert '"width": 8e-06' in made_of
    _, silver = (folder / files[1]).read_text().splitlines()[1:]
    assert f"{share:.10g}" in silver
    record = json.loads((folder / files[2]).read_text())
    assert [row["film"] for row in record["films"]] == ["none", "Ag"]
    lines = done("compare", "silver.toml", "--films", "none,Ag", "--json", *change, cwd=folder)
    assert [json.loads(line)["input"] for line in lines.splitlines()] == [
        row["input"] for row in record["films"]
    ]
    assert record["films"][1]["input"]["interlayer"]["reaction"] == "release"
    blocked = folder / "kept" / "silver.films.nc"
    refusal = refused("compare", "silver.toml", "--out", blocked, cwd=folder)
    # Long values are shortened.
    assert refusal[0].startswith(f'--out = "{str(blocked)[:30]}')
    assert ": cannot be made a folder" in refusal[0]


def test_where_a_film_starts_to_act(folder: Path) -> None:
    text = done("onset", "silver.toml", cwd=folder)
    assert "Ag, 50 mV: acts below islands.width = 11.14579 um (estimated error 0.0" in text
    assert "the mean overpotential on the islands: 11.02266 um (estimated error " in text
    found = json.loads(
        done("onset", "--film", "Au", "--vary", "current_density", "--json", cwd=folder) + "\n"
    )
    assert found["case"] == "paper_cell"
    assert (found["vary"], found["acts"]) == ("operation.current_density", "above")
    assert found["value"] == pytest.approx(1.8067570, rel=1e-6)
    assert 0 < found["error_estimate"]["value"] < 1e-5
    assert found["input"]["interlayer"]["material"] == "Au"
    assert refused("onset", "--film", "Pb", cwd=folder)[0].startswith('--film = "Pb": ')
    assert refused("onset", "--film", "Ag", "--to", "5 um", cwd=folder) == [
        "--from: is missing; give both ends of the range, or none"
    ]


def refused(*arguments: str | Path, cwd: Path, ranks: int | None = None) -> list[str]:
    """The lines of a run that was refused."""
    finished = run(*arguments, cwd=cwd, ranks=ranks)
    assert finished.returncode == 2, finished.stderr
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr
    # Under mpirun the launcher adds what it has to say.
    lines = [line for line in finished.stderr.splitlines() if line.strip()]
    lines = [line for line in lines if ranks is None or line.startswith("fem-island: ")]
    assert all(line.startswith("fem-island: ") for line in lines)
    return [line.removeprefix("fem-island: ") for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, content in CASES.items():
        (folder / f"{name}.toml").write_text(content)
    return folder


# --- Compared ------------------------------------------------------------------------------------


def test_compare(folder: Path) -> None:
    text = done("compare", "paper.toml", cwd=folder)
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert text.startswith("paper.toml\n")
    assert rows["none"] == ["84.6432", "84.7533", "2.506", "1.000", "10.00"]
    silver = ["50", "46.718", "56.4125", "56.4656", "1.334", "1.879", "32.45", "12.1", "12"]
    assert rows["Ag"] == silver
    assert rows["Au"][-2:] == ["16.43", "18.5"]  # it stops at its next plateau
    films = [name for name in rows if name in {"none", "Mg", "Ag", "Cd", "Au", "Zn", "In"}]
    assert films == ["none", "Mg", "Ag", "Cd", "Au", "Zn", "In"]
    assert 'films react by "release"' in text


def test_compare_as_json(folder: Path) -> None:
    text = done(
        "compare",
        "half.toml",
        "--films",
        "none, case,Au",
        "--json",
        "--set",
        "interlayer.reaction=reversible",
        cwd=folder,
    )
    bare, own, gold = (json.loads(line) for line in text.splitlines())
    assert [row["film"] for row in (bare, own, gold)] == ["none", "case", "Au"]
    assert {row["case"] for row in (bare, own, gold)} == {"half.toml"}
    assert bare["interlayer_current_fraction"] is None
    assert bare["equilibrium_potential"] is None
    assert own["overpotential_mean"] == pytest.approx(0.0564125, abs=1e-6)
    assert own["interlayer_current_fraction"] == pytest.approx(0.46718, abs=1e-5)
    assert own["relief"] == pytest.approx(1.8787, abs=1e-3)
    for row in (own, gold):
        assert row["overpotential_mean_without_film"] == bare["overpotential_mean"]
    # Half of 200 nm of silver is what 100 nm hold: 12.05 min.
    assert own["interlayer_time_until_empty_mean"] / 60 == pytest.approx(12.05, abs=0.01)
    # Gold that is half full is at 0.16 V: on a reversible film lithium is taken up.
    assert gold["equilibrium_potential"] == 0.16
    assert gold["interlayer_current_fraction"] < 0
    assert gold["relief"] < 1


def test_a_film_that_fails(folder: Path) -> None:
    finished = run("compare", "impossible.toml", "--films", "none,Mg", "--json", cwd=folder)
    reason = "failed: no potential within 1000 V carries the applied current"
    assert finished.returncode == 1
    assert finished.stderr == f"fem-island: impossible.toml: none: {reason}\n"
    failed, good = (json.loads(line) for line in finished.stdout.splitlines())
    assert (failed["status"], good["status"]) == ("failed", "converged")
    assert failed["overpotential_mean"] is None
    assert good["interlayer_current_fraction"] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("case", "films", "lines"),
    [
        ("paper", "case", ['--films = "case": is the film of the case, which has none']),
        (
            "paper",
            "lead,Ag,,Ag",
            [
                f'--films = "lead": {KNOWN}',
                f'--films = "": {KNOWN}',
                '--films = "Ag": is there more than once',
            ],
        ),
        ("half", "case,case", ['--films = "case": is there more than once']),
    ],
    ids=["no film", "several", "twice"],
)
def test_films_that_are_refused(case: str, films: str, lines: list[str], folder: Path) -> None:
    assert refused("compare", f"{case}.toml", "--films", films, cwd=folder) == lines


def test_compare_refuses_what_solve_refuses(folder: Path) -> None:
    lines = refused("compare", "wrong.toml", cwd=folder)
    assert [line.split(" = ")[0] for line in lines] == [
        "wrong.toml: electrolyte.width",
        "wrong.toml: interlayer.material",
    ]
    assert refused("compare", "missing.toml", cwd=folder) == ["missing.toml: there is no such file"]
    (line,) = refused("compare", "paper.toml", "--set", "colour=red", cwd=folder)
    assert line.startswith('paper.toml: colour = "red": is not a known table; known are ')


# --- The study: what is refused, and the dry run -------------------------------------------------


def test_dry_run(folder: Path) -> None:
    text = done("film-map", "--dry-run", "--points", "4", "--films", "Ag, In", cwd=folder)
    lines = text.splitlines()
    assert lines[0] == "films: Ag, In, each beside bare copper"
    # Three films, 16 + 4 + 4 points, and once 2 x 3 x 2.
    assert [line.rsplit(": ", 1)[-1] for line in lines[1:]] == [
        "48 points",
        "12 points",
        "12 points",
        "12 points",
        "84 points in all",
    ]
    assert not (folder / "film_map").exists()


@pytest.mark.parametrize("points", ["3", "501"])
def test_numbers_of_points_that_are_refused(points: str, folder: Path) -> None:
    (line,) = refused("film-map", "--dry-run", f"--points={points}", cwd=folder)
    assert line == f"--points = {points}: must be from 4 to 500"


@pytest.mark.parametrize("points", ["many", "4,5"])
def test_what_is_no_number_of_points(points: str, folder: Path) -> None:
    (line,) = refused("film-map", "--dry-run", f"--points={points}", cwd=folder)
    assert "--points" in line
    assert "fem-island --help" in line


def test_cases_that_the_maps_are_not_of(folder: Path) -> None:
    (line,) = refused("film-map", "plating.toml", "--dry-run", cwd=folder)
    assert "operation.current_density = -2.5" in line
    assert line.endswith("must be above 0: films give lithium when the cell strips")
    change = "operation.current_density=0 A/m^2"
    lines = refused("film-map", "two.toml", "--dry-run", "--set", change, "--points=1", cwd=folder)
    keys = ("islands", "islands.0.center", "operation.current_density", "--points")
    for line, key in zip(lines, keys, strict=True):
        assert key in line
    assert lines[0].endswith("islands: are 2; the maps are over the size of one")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("interlayer.state_of_charge=0.5", "state_of_charge: must be left out: films are full"),
        ('interlayer.reaction="reversible"', 'must be "release" or left out'),
        ('interlayer.extent=[["0 um", "9 um"]]', "must be left out: the films cover all"),
        ('islands.center="25 um"', "must be left out: the island stays in the middle"),
        ('islands.width="50 um"', "must be at most 49 um, to leave room for a film"),
        ("islands.kinetics={}", "must be left out; the kinetics of the one island"),
    ],
)
def test_cases_that_do_not_go_with_the_grids(change: str, refusal: str, folder: Path) -> None:
    (line,) = refused("film-map", "silver.toml", "--dry-run", "--set", change, cwd=folder)
    assert refusal in line


def test_films_that_are_no_materials(folder: Path) -> None:
    refusal = "is no material, of which every panel shows one"
    arguments = ("film-map", "silver.toml", "--dry-run", "--films")
    assert refused(*arguments, "none,Ag,case", cwd=folder) == [
        f'--films = "none": {refusal}',
        f'--films = "case": {refusal}',
    ]
    assert refused(*arguments, "Pb", cwd=folder) == [f'--films = "Pb": {KNOWN}']


def test_the_folder_of_the_study(folder: Path) -> None:
    (folder / "file").touch()
    (line,) = refused("film-map", "--points=4", "--out", "file/below", cwd=folder)
    assert line.startswith('--out = "file/below": cannot be made a folder: ')


# --- The study -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alone(folder: Path) -> str:
    """What one process prints; it writes into "alone"."""
    finished = run("film-map", "--points=4", "--films=Ag", "--out=alone", cwd=folder)
    assert finished.returncode == 0, finished.stderr
    # How far it is, where it takes more than some seconds.
    assert all(line.endswith(" left") for line in finished.stderr.splitlines())
    return finished.stdout


def numbers(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "film_map.json").read_text())
    return {key: value for key, value in found.items() if key not in ("seconds", "versions")}


def test_film_map(folder: Path, alone: str) -> None:
    names = [
        f"film_map_{name}.{end}"
        for name in ("share", "relief", "constriction", "where", "answer")
        for end in ("png", "pdf")
    ]
    data = ("size", "constriction", "where", "curves")
    names += [f"film_map_{name}.{end}" for name in data for end in ("nc", "csv")]
    names.append("film_map.json")
    assert alone.splitlines()[-1] == "written: " + ", ".join(f"alone/{name}" for name in names)
    assert {file.name for file in (folder / "alone").iterdir()} == set(names)
    assert all(file.stat().st_size > 300 for file in (folder / "alone").iterdir())
    text = " ".join(alone.split())
    assert "46.72 1.88 56.41 12.1 59.61 2.48 26.1 of 26.1" in text
    assert "wrong at 0 of 20 points" in text
    (silver,) = numbers(folder / "alone")["films"]
    assert silver["share"] == pytest.approx(0.46718, abs=1e-5)
    assert silver["relief"] == pytest.approx(1.8787, abs=1e-3)
    assert silver["overpotential_mean"] == pytest.approx(0.0564125, abs=1e-6)


@pytest.mark.usefixtures("alone")
def test_two_ranks_find_the_same(folder: Path) -> None:
    finished = run("film-map", "--points=4", "--films=Ag", "--out=both", cwd=folder, ranks=2)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("What films do below 100 mV") == 1
    assert numbers(folder / "both") == numbers(folder / "alone")


def test_two_ranks_say_once_what_is_wrong(folder: Path) -> None:
    lines = refused("compare", "paper.toml", "--films", "Pb", cwd=folder, ranks=2)
    assert lines == [f'--films = "Pb": {KNOWN}']


def test_two_ranks_compare(folder: Path) -> None:
    finished = run("compare", "paper.toml", "--films=Ag", "--json", cwd=folder, ranks=2)
    assert finished.returncode == 0, finished.stderr
    (line,) = finished.stdout.splitlines()
    assert json.loads(line)["overpotential_mean"] == pytest.approx(0.0564125, abs=1e-6)
