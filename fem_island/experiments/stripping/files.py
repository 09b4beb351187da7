"""Files of a stripping run: the curve as a table, the dataset, pictures and numbers."""

from __future__ import annotations

import csv
from pathlib import Path

from fem_island.experiments.stripping.map_record import MapRun
from fem_island.experiments.stripping.record import StrippingRun
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, replacing, write_json
from fem_island.plots.stripping import plot_curve, plot_map
from fem_island.plots.stripping_animation import animate
from fem_island.plots.stripping_map import animate_map, plot_frames
from fem_island.results.dataset_file import write_dataset

_COLUMNS = {
    "time [s]": "times",
    "voltage [V]": "voltage",
    "cell voltage [V]": "cell_voltage",
    "capacity [C/m^2]": "capacity",
    "mean drive [V]": "drive_mean",
    "lithium width [m]": "lithium_width",
    "lithium area [m^2]": "lithium_area",
    "lithium charge [{charge}]": "lithium_charge",
    "film charge [{charge}]": "film_charge",
    "film share [1]": "film_share",
    "mean overpotential [V]": "overpotential_mean",
    "largest local current density [A/m^2]": "local_current_density_max",
}


def write_run(run: StrippingRun, folder: Path, name: str) -> list[Path]:
    """Write ``NAME.csv``, ``.nc``, ``.json``, ``.voltage.png`` and ``.current.png``.

    There is an animation too, ``.gif``, and of a map, ``.map.png`` instead of the current.

    Args:
        run: What to write.
        folder: Made where it does not exist.
        name: What the names of the files start with.

    Returns:
        The files written.
    """
    make_folder(folder)
    table, numbers = folder / f"{name}.csv", folder / f"{name}.json"
    data = folder / f"{name}.nc"
    charge = "C/m" if run.lithium_area is None else "C"
    columns = {
        header.format(charge=charge): values
        for header, key in _COLUMNS.items()
        if (values := getattr(run, key)) is not None
    }
    with replacing(table) as unfinished, unfinished.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(
            [repr(float(value)) for value in row] for row in zip(*columns.values(), strict=True)
        )
    record = {
        "result": run.record(name),
        "case": run.case.model_dump(mode="json"),
        "versions": versions(),
    }
    write_json(record, numbers)
    write_dataset(run.dataset(), data)
    return [table, data, numbers, *run.draw(folder, name)]


def draw_run(run: StrippingRun, folder: Path, name: str) -> list[Path]:
    """See ``StrippingRun.draw``."""
    pictures = [folder / f"{name}.voltage.png", folder / f"{name}.current.png"]
    plot_curve(run, pictures[0])
    plot_map(run, pictures[1])
    pictures.append(folder / f"{name}.gif")
    animate(run, pictures[-1])
    return pictures


def draw_map_run(run: MapRun, folder: Path, name: str) -> list[Path]:
    """See ``MapRun.draw``."""
    curve, frames, animation = (
        folder / f"{name}.{ending}" for ending in ("voltage.png", "map.png", "gif")
    )
    plot_curve(run, curve)
    plot_frames(run, frames)
    animate_map(run, animation)
    return [curve, frames, animation]
