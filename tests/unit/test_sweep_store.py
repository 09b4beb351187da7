"""What was finished is kept, whatever happens to the process or the file."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

from fem_island.case.case import Case
from fem_island.case.sweep_table import read_axes
from fem_island.errors import InputError, OutputError
from fem_island.experiments.stripping.sweeping import StrippingRuns
from fem_island.experiments.sweeps.batches import Batch, BatchFile, read_batches
from fem_island.experiments.sweeps.folder import Folder, opened
from fem_island.experiments.sweeps.plan import Plan
from fem_island.experiments.sweeps.planning import make_plan
from fem_island.results.columns import Columns, layout

LAYOUT = layout(islands=2, probes=1)
SWEEP = "fingerprint"


def batch(first: int, count: int = 3) -> Batch:
    columns = Columns.missing(count, LAYOUT)
    columns.numbers["overpotential_mean"] = np.arange(first, first + count) / 7
    columns.numbers["islands_current_fraction"] = [0.25, 0.75]
    columns.numbers["status"] = [0, 2, 0][:count]
    return Batch(np.arange(first, first + count), Columns(columns.numbers, {1: "no luck: µ"}))


def write(path: Path, count: int) -> list[int]:
    """Write so many batches; returns the sizes of the file after each."""
    ends = []
    with BatchFile(path, SWEEP, LAYOUT) as file:
        for number in range(count):
            file.append(batch(3 * number))
            ends.append(path.stat().st_size)
    return ends


def read(path: Path) -> list[Batch]:
    return list(read_batches(path, SWEEP, LAYOUT))


def test_batches_come_back_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "a.fib"
    write(path, 2)
    found = read(path)
    assert [b.points.tolist() for b in found] == [[0, 1, 2], [3, 4, 5]]
    for number, read_back in enumerate(found):
        assert read_back.columns.numbers.tobytes() == batch(3 * number).columns.numbers.tobytes()
        assert read_back.columns.reasons == {1: "no luck: µ"}


def test_curves_of_any_length_come_back_to_the_last_bit(tmp_path: Path) -> None:
    rows = StrippingRuns().layout(Case())
    path = tmp_path / "a.fib"
    lengths = [3, 0, 5]
    with BatchFile(path, SWEEP, rows) as file:
        for number, length in enumerate(lengths):
            columns = Columns.missing(2, rows.opened_to(length))
            columns.numbers["time"] = np.arange(length) / 7
            file.append(Batch(np.array([number, number + 10]), columns))
    found = list(read_batches(path, SWEEP, rows))
    assert [b.points.tolist() for b in found] == [[0, 10], [1, 11], [2, 12]]
    for length, read_back in zip(lengths, found, strict=True):
        assert np.array_equal(read_back.columns.numbers["time"][1], np.arange(length) / 7)
    with BatchFile(path, SWEEP, rows) as file:
        file.append(Batch(np.array([5]), Columns.missing(1, rows.opened_to(9))))
    assert len(list(read_batches(path, SWEEP, rows))) == 4


def test_a_file_cut_anywhere_keeps_all_whole_batches_and_takes_more(tmp_path: Path) -> None:
    whole = tmp_path / "whole.fib"
    ends = write(whole, 3)
    content = whole.read_bytes()
    start_of_first = ends[0] - (ends[1] - ends[0])
    for cut in range(len(content)):
        path = tmp_path / "cut.fib"
        path.write_bytes(content[:cut])
        kept = sum(end <= cut for end in ends)
        if cut % 50 == 0 or cut < start_of_first or any(abs(cut - end) < 3 for end in ends):
            assert len(read(path)) == kept
            with BatchFile(path, SWEEP, LAYOUT) as file:
                file.append(batch(100))
            points = [b.points[0] for b in read(path)]
            assert points == [3 * n for n in range(kept)] + [100]


def test_room_that_was_never_written_to_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.fib"
    ends = write(path, 2)
    for zeros in (3, 20, 5000):
        os.truncate(path, ends[-1] + zeros)
        assert len(read(path)) == 2
    with BatchFile(path, SWEEP, LAYOUT) as file:
        assert path.stat().st_size == ends[-1]
        file.append(batch(100))
    assert [b.points[0] for b in read(path)] == [0, 3, 100]


def test_a_changed_byte_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.fib"
    write(path, 3)
    content = path.read_bytes()
    for place in range(0, len(content), 37):
        changed = bytearray(content)
        changed[place] ^= 0x40
        path.write_bytes(changed)
        with pytest.raises(InputError, match="is damaged or no file of fem-island, from byte"):
            read(path)
        with pytest.raises(InputError, match="is damaged"):
            BatchFile(path, SWEEP, LAYOUT)
        assert path.read_bytes() == changed


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.fib"
    write(path, 1)
    with pytest.raises(InputError, match="is of another sweep; move it away"):
        list(read_batches(path, "other", LAYOUT))
    with pytest.raises(InputError, match="is of another sweep"):
        BatchFile(path, "other", LAYOUT)
    path.write_text("a text that happens to be here")
    with pytest.raises(InputError, match="damaged or no file of fem-island"):
        BatchFile(path, SWEEP, LAYOUT)
    assert path.read_text() == "a text that happens to be here"


def test_a_file_has_one_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.fib"
    with (
        BatchFile(path, SWEEP, LAYOUT),
        pytest.raises(InputError, match="another process writes to this file"),
    ):
        BatchFile(path, SWEEP, LAYOUT, seconds_to_wait=0.1)
    with BatchFile(path, SWEEP, LAYOUT) as file:
        file.append(batch(0))


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.fib"
    real = os.write

    def short(number: int, data: Any) -> int:
        if len(data) > 100:
            return real(number, bytes(data)[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with BatchFile(path, SWEEP, LAYOUT) as file:
        file.append(batch(0))
        size = path.stat().st_size
        monkeypatch.setattr(os, "write", short)
        with pytest.raises(OutputError, match="No space left on device; what was finished before"):
            file.append(batch(3))
        monkeypatch.undo()
        assert path.stat().st_size == size
        file.append(batch(6))
    assert [b.points[0] for b in read(path)] == [0, 6]


def plan(width: str = "1 um") -> Plan:
    axes, zipped = read_axes({"islands.width": [width, "2 um"]})
    return make_plan({}, axes, zipped=zipped)


def open_folder(path: Path, width: str = "1 um", *, restart: bool = False) -> Folder:
    with opened(path, plan(width), solver="newton", restart=restart) as folder:
        return folder


def put(folder: Folder) -> None:
    columns = Columns.missing(1, folder.layout)
    with folder.batch_file(0) as file:
        file.append(Batch(np.array([0]), columns))


def test_a_folder_is_taken_up_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sweep"
    folder = open_folder(path)
    put(folder)
    again = open_folder(path)
    assert again.sweep == folder.sweep
    assert [b.points.tolist() for b in again.finished()] == [[0]]


def test_a_changed_sweep_is_refused_with_what_changed(tmp_path: Path) -> None:
    put(open_folder(tmp_path))
    with pytest.raises(InputError) as caught:
        open_folder(tmp_path, "1.5 um")
    line = str(caught.value)
    assert line.startswith(f"{tmp_path}: holds another sweep: ")
    assert "axes.islands.width was [1e-06, 2e-06] and is [1.5e-06, 2e-06]" in line
    assert "--restart" in line
    assert len(list(open_folder(tmp_path).finished())) == 1


def test_a_changed_version_is_refused(tmp_path: Path) -> None:
    open_folder(tmp_path)
    description = json.loads((tmp_path / "sweep.json").read_text())
    description["versions"]["fem-island"] = "0.0.1"
    (tmp_path / "sweep.json").write_text(json.dumps(description))
    with pytest.raises(InputError, match=r'versions.fem-island was "0.0.1" and is "\d'):
        open_folder(tmp_path)


def test_restart_throws_away_what_is_there(tmp_path: Path) -> None:
    put(open_folder(tmp_path))
    xarray.Dataset(attrs={"sweep": "old"}).to_netcdf(tmp_path / "results.nc", engine="h5netcdf")
    folder = open_folder(tmp_path, "1.5 um", restart=True)
    assert list(folder.finished()) == []
    assert not (tmp_path / "results.nc").exists()


@pytest.mark.parametrize("name", ["results.nc", "batches/notes.txt", "batches/rank-0001.fib"])
def test_restart_leaves_files_of_something_else(name: str, tmp_path: Path) -> None:
    put(open_folder(tmp_path))
    (tmp_path / name).write_text("years of work")
    with pytest.raises(InputError, match=r"move it away"):
        open_folder(tmp_path, restart=True)
    assert (tmp_path / name).read_text() == "years of work"
    (tmp_path / name).unlink()
    assert len(list(open_folder(tmp_path).finished())) == 1


def test_a_folder_or_nothing_where_a_file_should_be(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    (folder.batches / "inner").mkdir()
    with pytest.raises(InputError, match="inner: cannot be read: Is a directory"):
        list(folder.finished())
    with pytest.raises(InputError, match="is no file of a sweep; move it away"):
        open_folder(tmp_path, restart=True)


def test_folders_of_something_else_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for restart in (False, True):
        with pytest.raises(InputError, match=r"holds files that are not of a sweep \(thesis.tex\)"):
            open_folder(tmp_path, restart=restart)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(InputError, match="is a file"):
        open_folder(tmp_path / "thesis.tex")


def test_a_damaged_description_is_refused(tmp_path: Path) -> None:
    put(open_folder(tmp_path))
    for text in ("", "{", "[]", '{"format": "other"}'):
        (tmp_path / "sweep.json").write_text(text)
        for restart in (False, True):
            with pytest.raises(InputError, match=r"sweep.json: is damaged or not of this version"):
                open_folder(tmp_path, restart=restart)
        assert (tmp_path / "sweep.json").read_text() == text


def test_a_stray_file_among_the_batches_is_refused(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    (folder.batches / "notes.txt").write_text("here by mistake")
    with pytest.raises(InputError, match=r"notes.txt: is damaged or no file of fem-island"):
        list(folder.finished())


def test_a_folder_is_in_use_by_one_process_and_free_when_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from test_sweep_store import plan\n"
        "from fem_island.experiments.sweeps.folder import opened\n"
        "with opened(Path(sys.argv[1]), plan(), solver='newton', restart=False):\n"
        "    print('open', flush=True); time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(InputError, match="another sweep is working in this folder"):
            open_folder(tmp_path)
    finally:
        other.kill()
        other.communicate()
    open_folder(tmp_path)
