"""Files of films compared: the dataset, the same as a table, and the numbers as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import xarray

from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, write_json
from fem_island.results.dataset_file import write_dataset
from fem_island.results.dataset_table import write_table
from fem_island.studies.comparison.table import records


def write(results: xarray.Dataset, folder: Path, name: str) -> list[Path]:
    """Write ``NAME.films.nc``, ``.csv`` and ``.json``.

    Args:
        results: Of ``comparing.compare``.
        folder: Made where it does not exist.
        name: What the names of the files start with.

    Returns:
        The files written.

    Raises:
        OutputError: A file cannot be written.
    """
    make_folder(folder)
    data, table, numbers = (folder / f"{name}.films.{kind}" for kind in ("nc", "csv", "json"))
    write_dataset(results, data)
    write_table(results, table)
    case = json.loads(results.attrs["case"])
    record = {"films": records(name, results), "case": case, "versions": versions()}
    write_json(record, numbers)
    return [data, table, numbers]
