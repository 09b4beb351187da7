"""Sweeps as users run them: from the command line and from Python."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import sweep_runs
import xarray

import fem_island as fi
from fem_island.results.result import Result
from fem_island.results.variables import numbers_of, variables

WIDE = 'sweep."islands.width"={ from = "1 um", to = "50 um", count = 500 }'
CASES = {
    # What stands in [sweep] replaces the case's own 500 um, which would not fit.
    "small": """
        [[islands]]
        width = "500 um"
        [accuracy]
        tolerance = "1 mV"
        [output]
        probes = [["25 um", "7.5 um"]]
        [sweep]
        "islands.width" = ["20 um", "5 um", "50 um"]
        "operation.current_density" = ["0.25 mA/cm^2", "0.1 mA/cm^2"]
        """,
    "wide": '[sweep]\n"islands.width" = { from = "10 um", to = "60 um", count = 6 }\n',
    "none": "# no sweep",
    # At +-10 V of the film and 100 K two reactions exchange far more than a balance can be kept of.
    "failing": """
        [interlayer]
        reaction = "reversible"
        equilibrium_potential = "0.05 V"
        [operation]
        temperature = "100 K"
        [accuracy]
        tolerance = "100 mV"
        degree = 1
        [sweep]
        "interlayer.equilibrium_potential" = ["0.05 V", "10 V", "0.07 V"]
        """,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps")
    for name, content in CASES.items():
        (folder / f"{name}.toml").write_text(content)
    return folder


@pytest.fixture(scope="module")
def small(folder: Path) -> xarray.Dataset:
    done = sweep_runs.run(folder / "small.toml", folder / "out", "--solver", "newton")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first.startswith("6 points: 6 converged; 6 computed in ")
    assert second == f"written: {folder / 'out' / 'results.nc'}"
    return sweep_runs.load(folder / "out")


def test_the_same_as_a_table(folder: Path, small: xarray.Dataset) -> None:
    done = sweep_runs.run(folder / "small.toml", folder / "out", "--solver", "newton", "--csv")
    assert done.stdout.splitlines()[-1] == f"written: {folder / 'out' / 'results.csv'}"
    header, *rows = (folder / "out" / "results.csv").read_text().splitlines()
    assert header.startswith("island_width [m],current_density [A m-2],status,overpotential_mean")
    means = [float(row.split(",")[3]) for row in rows]
    assert means == pytest.approx(small.overpotential_mean.values.ravel(), rel=1e-13)


def test_the_file_has_what_every_solution_reports(small: xarray.Dataset) -> None:
    assert dict(small.sizes) == {
        "island_width": 3,
        "current_density": 2,
        "island": 1,
        "material": 9,
        "probe": 1,
    }
    assert small.island_width.values.tolist() == [20e-6, 5e-6, 50e-6]
    assert small.current_density.values.tolist() == [2.5, 1.0]
    assert small.island_width.attrs["units"] == "m"
    assert small.current_density.attrs["units"] == "A m-2"
    for variable in variables(Result):
        found = small[variable.name]
        assert found.dims == ("island_width", "current_density", *variable.dimensions)
        assert found.attrs["long_name"] == variable.words
        if variable.flags is None:
            assert found.attrs["units"] == variable.unit


def test_the_file_has_the_right_numbers(small: xarray.Dataset) -> None:
    at = small.sel(current_density=2.5)
    assert float(at.overpotential_mean.sel(island_width=20e-6)) == pytest.approx(
        0.0303246, abs=2e-4
    )
    assert float(at.overpotential_mean.sel(island_width=5e-6)) == pytest.approx(0.0846432, abs=2e-4)
    full = 2 * 8.314462618 * 298.15 / 96485.33212 * np.arcsinh(0.25)
    assert float(at.overpotential_mean.sel(island_width=50e-6)) == pytest.approx(full, abs=1e-12)
    assert np.all(small.charge_imbalance < 1e-9)
    # Nothing is exposed beside an island as wide as the cell, and there is no film.
    assert np.isnan(at.exposed_drive_max.sel(island_width=50e-6))
    assert at.delithiates.sel(island_width=50e-6, material="Ag") == -1
    assert at.delithiates.sel(island_width=5e-6).sel(material=["Ag", "Au"]).values.tolist() == [
        1,
        1,
    ]
    assert at.delithiates.sel(island_width=20e-6, material="Ag") == 0
    assert small.interlayer_current_fraction.isnull().all()
    assert small.probe_x.values.tolist() == [25e-6]
    assert -0.0862 < float(at.probes_potential.sel(island_width=5e-6).item()) < -0.0848


def test_a_point_has_the_numbers_of_solve(small: xarray.Dataset) -> None:
    case = fi.Case(
        cell=fi.Cell(islands=[fi.Island(width=5e-6)]),
        operation=fi.Operation(current_density=1.0),
        accuracy=fi.Accuracy(tolerance=1e-3),
        output=fi.Output(probes=[(25e-6, 7.5e-6)]),
    )
    result = fi.solve(case).result
    point = small.isel(island_width=1, current_density=1)
    found = dict(numbers_of(result))
    assert result.interlayer is None
    names = [
        variable.name
        for variable in variables(Result)
        if variable.dtype == "f8" and not variable.name.startswith(("interlayer", "probes"))
    ]
    assert set(names) <= found.keys()
    for name in names:
        wanted = np.nan if found[name] is None else found[name]
        close = pytest.approx(wanted, rel=1e-6, abs=1e-12, nan_ok=True)
        assert float(point[name].values.ravel()[0]) == close, name


def test_the_condensed_solver_is_the_default_and_agrees(
    folder: Path, small: xarray.Dataset
) -> None:
    assert sweep_runs.run(folder / "small.toml", folder / "condensed").returncode == 0
    condensed = sweep_runs.load(folder / "condensed")
    assert condensed.attrs["solver"] == "condensed"
    for variable in variables(Result):
        ours, theirs = condensed[variable.name], small[variable.name]
        assert ours.dims == theirs.dims
        assert ours.dtype == theirs.dtype
        assert ours.attrs.keys() == theirs.attrs.keys()
        if variable.unit == "V" and not variable.name.startswith("error"):
            assert np.nanmax(np.abs(ours - theirs)) < 1e-3
    assert np.array_equal(condensed.delithiates, small.delithiates)
    estimate = condensed.error_estimate_overpotential_mean + small.error_estimate_overpotential_mean
    assert np.all(np.abs(condensed.overpotential_mean - small.overpotential_mean) <= estimate)


def test_flags_follow_the_conventions(small: xarray.Dataset) -> None:
    assert small.attrs["Conventions"].startswith("CF-")
    status = small["status"].attrs
    assert status["flag_values"].tolist() == [0, 1, 2]
    assert status["flag_meanings"] == "converged tolerance_not_met failed"
    assert np.all(small["status"] == 0)
    assert np.all(small["reason"] == "")
    assert json.loads(small.attrs["case"])["accuracy"]["tolerance"] == 1e-3
    assert json.loads(small.attrs["versions"])["fem-island"] == fi.__version__
    assert small.attrs["solver"] == "newton"
    assert "sweep" in small.attrs["history"]


def test_the_same_command_again_computes_nothing(folder: Path, small: xarray.Dataset) -> None:
    before = (folder / "out" / "results.nc").read_bytes()
    done = sweep_runs.run(folder / "small.toml", folder / "out", "--solver", "newton")
    assert done.returncode == 0
    assert done.stdout.startswith("6 points: 6 converged; all were finished before\n")
    assert (folder / "out" / "results.nc").read_bytes() == before
    assert small.sizes["island_width"] == 3


def test_a_lost_results_file_is_made_again(folder: Path, small: xarray.Dataset) -> None:
    (folder / "out" / "results.nc").unlink()
    done = sweep_runs.run(folder / "small.toml", folder / "out", "--solver", "newton")
    assert "all were finished before" in done.stdout
    sweep_runs.assert_equal_to_the_last_bit(small, sweep_runs.load(folder / "out"))


def test_results_of_something_else_are_not_overwritten(folder: Path, small: xarray.Dataset) -> None:
    results = folder / "out" / "results.nc"
    kept = results.read_bytes()
    try:
        results.write_bytes(b"a file of someone")
        done = sweep_runs.run(folder / "small.toml", folder / "out", "--solver", "newton")
        assert done.returncode == 2
        assert "results.nc: cannot be read as the results of a sweep; move it away" in done.stderr
        assert results.read_bytes() == b"a file of someone"
        small.assign_attrs(sweep="other").to_netcdf(results, engine="h5netcdf")
        done = sweep_runs.run(folder / "small.toml", folder / "out", "--solver", "newton")
        assert done.returncode == 2
        assert "holds the results of another sweep; move it away" in done.stderr
    finally:
        results.write_bytes(kept)


def test_a_changed_case_is_refused_and_restart_starts_afresh(
    folder: Path, small: xarray.Dataset
) -> None:
    assert small.sizes["island_width"] == 3
    more = ("--solver", "newton", "--set", "operation.temperature=310 K")
    done = sweep_runs.run(folder / "small.toml", folder / "out", *more)
    assert done.returncode == 2
    assert "case.operation.temperature was 298.15 and is 310.0" in done.stderr
    again = folder / "again"
    assert sweep_runs.run(folder / "small.toml", again).returncode == 0
    done = sweep_runs.run(folder / "small.toml", again, *more, "--restart")
    assert done.returncode == 0
    assert "6 computed" in done.stdout
    warmer = sweep_runs.load(again)
    assert json.loads(warmer.attrs["case"])["operation"]["temperature"] == 310.0


def test_a_failed_point_is_data_and_its_neighbours_go_on(folder: Path) -> None:
    for _ in range(2):
        done = sweep_runs.run(folder / "failing.toml", folder / "failing", "--quiet")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith("fem-island: interlayer.equilibrium_potential = 10000 mV: failed: ")
        assert done.stdout.startswith("3 points: 2 converged, 1 failed; ")
    results = sweep_runs.load(folder / "failing")
    assert results["status"].values.tolist() == [0, 2, 0]
    assert "Newton stopped after" in str(results["reason"].values[1])
    assert np.isnan(results.overpotential_mean.values).tolist() == [False, True, False]


def test_impossible_corners_are_refused_before_anything_is_written(folder: Path) -> None:
    done = sweep_runs.run(folder / "wide.toml", folder / "wide")
    assert done.returncode == 2
    (corner,) = done.stderr.splitlines()
    assert corner == (
        f'fem-island: {folder / "wide.toml"}: islands.0.width = "60 um": is wider than the cell '
        "(50 um) (at islands.width = 60 um)"
    )
    assert not (folder / "wide").exists()


def test_what_is_missing_is_said(folder: Path) -> None:
    done = sweep_runs.run(folder / "none.toml", folder / "never")
    assert done.returncode == 2
    assert "[sweep]: is missing: a table of what is varied" in done.stderr
    assert not (folder / "never").exists()


def test_a_dry_run_says_what_would_be_computed(folder: Path) -> None:
    done = sweep_runs.run(folder / "small.toml", folder / "dry", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "islands.width: 20 um, 5 um, 50 um",
        "operation.current_density: 0.25 mA/cm^2, 0.1 mA/cm^2",
        "6 points (all combinations), 3 geometries",
    ]
    assert not (folder / "dry").exists()


def test_axes_can_be_set_and_what_is_varied_cannot(folder: Path) -> None:
    for key in ('sweep."islands.width"', "sweep.islands.width"):
        more = ("--dry-run", "--set", f'{key}=["7 um", "8 um"]')
        done = sweep_runs.run(folder / "small.toml", folder / "dry", *more)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("islands.width: 7 um, 8 um\n")
    more = ("--dry-run", "--set", 'sweep."islands.width".count=11')
    done = sweep_runs.run(
        folder / "wide.toml", folder / "dry", *more, "--set", "sweep.islands.width.to=50 um"
    )
    assert done.stdout.startswith("islands.width: 11 values, 10 um to 50 um\n"), done.stderr
    done = sweep_runs.run(folder / "small.toml", folder / "dry", "--set", "islands.width=7 um")
    assert done.returncode == 2
    assert "is varied by the sweep" in done.stderr


def test_a_reader_that_has_enough_does_not_end_the_sweep(folder: Path) -> None:
    command = sweep_runs.command(folder / "small.toml", folder / "piped")
    line = shlex.join(command) + " | true; exit ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (folder / "piped" / "results.nc").is_file()


def test_an_interrupted_sweep_says_that_it_goes_on(folder: Path) -> None:
    more = ("--quiet", "--solver", "newton", "--set", "accuracy.tolerance=1e-9 V")
    sweep = subprocess.Popen(
        sweep_runs.command(folder / "wide.toml", folder / "interrupted", *more, "--set", WIDE),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell may have the tests ignore it, as it does to what it runs in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    batches = folder / "interrupted" / "batches"
    last = time.monotonic() + 60
    while not batches.exists() and time.monotonic() < last:
        time.sleep(0.05)
    time.sleep(1.0)
    sweep.send_signal(signal.SIGINT)
    stdout, stderr = sweep.communicate(timeout=60)
    assert sweep.returncode == 130
    assert stdout == ""
    assert [line.removeprefix("fem-island: ") for line in stderr.splitlines()] == [
        "what is finished is kept; the same command goes on from there",
        "interrupted",
    ]


def test_an_interruption_in_a_finaliser_is_not_lost() -> None:
    # A shell starts what runs in its background with interruptions ignored.
    script = """
import signal, time
from fem_island.cli.process import keep_interruptions

signal.signal(signal.SIGINT, signal.default_int_handler)

class Dropping:
    def __del__(self):
        raise KeyboardInterrupt

keep_interruptions()
try:
    Dropping()
    time.sleep(20)
except KeyboardInterrupt:
    print("interrupted")
"""
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=15
    )
    assert (run.stdout, run.stderr) == ("interrupted\n", "")


def test_solve_takes_the_case_alone(folder: Path) -> None:
    # The case without its sweep has an island wider than the cell.
    with pytest.raises(fi.InputError, match="is wider than the cell"):
        fi.read_case(folder / "small.toml")
    assert fi.read_case(folder / "failing.toml").operation.temperature == 100.0


def test_five_axes_at_once_from_python() -> None:
    cell = fi.Cell(
        islands=[fi.Island(width=5e-6, center=10e-6), fi.Island(width=8e-6, center=35e-6)],
        interlayer=fi.Interlayer(equilibrium_potential=0.05, reaction="reversible"),
    )
    case = fi.Case(cell=cell, accuracy=fi.Accuracy(tolerance=1e-3))
    maps = fi.sweep(
        case,
        current_density=["1 mA/cm^2", "-0.2 mA/cm^2"],
        temperature=[298.15, 330.0],
        axes={
            "islands.0.width": ["5 um"],
            "islands.1.kinetics.exchange_current_density": np.array([5.0, 50.0]),
            "interlayer.equilibrium_potential": {"from": 0.05, "to": 0.07, "count": 2},
        },
        solver="newton",
    )
    assert maps.overpotential_mean.dims == (
        "current_density",
        "temperature",
        "island_0_width",
        "island_1_kinetics_exchange_current_density",
        "interlayer_equilibrium_potential",
    )
    assert maps["status"].shape == (2, 2, 1, 2, 2)
    assert maps.interlayer_equilibrium_potential.attrs["key"] == "interlayer.equilibrium_potential"
    assert np.all(maps["status"] == 0)
    point = maps.isel(
        current_density=0,
        temperature=1,
        island_0_width=0,
        island_1_kinetics_exchange_current_density=1,
        interlayer_equilibrium_potential=1,
    )
    kinetics = fi.IslandKinetics(exchange_current_density=50.0)
    alone = fi.solve(
        fi.Cell(
            islands=[cell.islands[0], fi.Island(width=8e-6, center=35e-6, kinetics=kinetics)],
            interlayer=fi.Interlayer(equilibrium_potential=0.07, reaction="reversible"),
        ),
        current_density=10.0,
        temperature=330.0,
        tolerance=1e-3,
    ).result
    assert alone.interlayer is not None
    fractions = [island.current_fraction for island in alone.islands]
    assert point.islands_current_fraction.values == pytest.approx(fractions, rel=1e-9)
    assert float(point.interlayer_current_fraction) == pytest.approx(
        alone.interlayer.current_fraction, rel=1e-9
    )
    assert float(point.overpotential_max) == pytest.approx(alone.overpotential_max, rel=1e-9)
    # Faster kinetics on one island takes current from the other; a higher U from the film.
    share = maps.islands_current_fraction.isel(current_density=0, island=1)
    along = "island_1_kinetics_exchange_current_density"
    assert np.all(share.diff(along) > 0.1)
    film = maps.interlayer_current_fraction.isel(current_density=0)
    assert np.all(film.diff("interlayer_equilibrium_potential") < -0.01)


def test_paired_axes_and_a_folder_from_python(tmp_path: Path) -> None:
    cell = fi.Cell()
    widths, currents = ["5 um", "20 um", "5 um"], ["0.25 mA/cm^2"] * 3
    case = fi.Case(cell=cell, accuracy=fi.Accuracy(tolerance=1e-3))
    maps = fi.sweep(
        case, island_width=widths, current_density=currents, zip=True, out=tmp_path / "a"
    )
    assert maps.overpotential_mean.dims == ("point",)
    assert maps.island_width.values.tolist() == [5e-6, 20e-6, 5e-6]
    values = maps.overpotential_mean.values
    assert values[0] == values[2] == pytest.approx(0.0846, abs=2e-4)
    again = fi.sweep(
        case, island_width=widths, current_density=currents, zip=True, out=tmp_path / "a"
    )
    sweep_runs.assert_equal_to_the_last_bit(maps, again)
    assert again.date_created == maps.date_created


def test_faults_from_python_name_the_key() -> None:
    with pytest.raises(fi.InputError, match=r'sweep."islands.width".1 = "2 V": has the unit "V"'):
        fi.sweep(fi.Cell(), island_width=["1 um", "2 V"])
    with pytest.raises(fi.InputError, match="is wider than the cell"):
        fi.sweep(fi.Cell(), island_width=[5e-6, 60e-6])
    with pytest.raises(fi.InputError, match='solver = "fast": is not one of condensed, newton'):
        fi.sweep(fi.Cell(), island_width=[5e-6], solver="fast")  # type: ignore[arg-type]
    with pytest.raises(fi.InputError, match=r"axes = .*: is an argument of its own"):
        fi.sweep(fi.Cell(), island_width=[5e-6], axes={"islands.width": [6e-6]})
    with pytest.raises(fi.InputError, match="give a list"):
        fi.sweep(fi.Cell(), island_width=np.array(5e-6))
    with pytest.raises(fi.InputError, match="varies nothing"):
        fi.sweep(fi.Cell())


def test_a_sweep_of_runs_holds_what_each_run_alone_gives() -> None:
    film = fi.interlayer("Au", reaction="release")
    parts = {
        "electrolyte": {"width": "20 um"},
        "islands": [fi.Island(width="20 um", thickness="0.1 um")],
    }
    stripping = fi.Stripping(tolerance="1 mV")
    case = fi.Case(cell=fi.Cell(**parts, interlayer=film), stripping=stripping)
    films = ["1 nm", "3 nm"]
    runs = fi.sweep(case, axes={"interlayer.thickness": films}, of="strip")
    assert (runs.status == 0).all()
    for number, thickness in enumerate(films):
        changed = fi.Interlayer(**dict(film) | {"thickness": thickness})
        cell = fi.Cell(**parts, interlayer=changed)
        alone = fi.strip(fi.Case(cell=cell, stripping=stripping))
        one = runs.isel(interlayer_thickness=number)
        length = len(alone.times)
        assert np.array_equal(one.time[:length], alone.times)
        assert np.array_equal(one.voltage[:length], alone.voltage)
        assert np.array_equal(one.film_share[:length], alone.film_share)
        assert np.isnan(one.voltage[length:]).all()
        assert one.end.attrs["flag_meanings"].split()[1 + int(one.end)] == alone.end
        happened = one.event_time.dropna("event")
        assert set(happened.event.values) == {event.event for event in alone.events}
        for event in alone.events:
            assert float(happened.sel(event=event.event)) == event.time
    assert runs.voltage.attrs["units"] == "V"


def test_a_sweep_of_spectra_holds_what_each_spectrum_alone_gives() -> None:
    cell = fi.Cell(kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}})
    found = fi.sweep(cell, island_width=["5 um"], current_density=[0.0, 2.5], of="impedance")
    for current in (0.0, 2.5):
        alone = fi.impedance(cell, current_density=current)
        one = found.sel(current_density=current, island_width=5e-6)
        z = one.impedance_real + 1j * one.impedance_imaginary
        assert np.array_equal(z, alone.impedance)
        assert float(one.resistance_dc) == alone.resistance_dc
        assert float(one.apex_frequency[0]) == alone.features.apexes[0].frequency
        assert alone.circuit is not None
        assert float(one.circuit_arc_resistance) == alone.circuit.arc_resistance.value
    with pytest.raises(fi.InputError, match='solver = "newton": must be "condensed" for impedance'):
        fi.sweep(cell, current_density=[1.0], of="impedance", solver="newton")
