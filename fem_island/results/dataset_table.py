"""A dataset as a table (CSV) for spreadsheets: a row for each point, units in its header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fem_island.machine.whole_files import replacing
from fem_island.quantities import PURE_NUMBER, with_unit

if TYPE_CHECKING:
    import xarray

_OF_POINTS = "status"
"""A variable that has a value for every point, and nothing else."""

_SPREAD = ("island", "material", "probe")
"""Dimensions along which each entry has a column of its own."""

_MOST_ENTRIES = 50


def write_table(results: xarray.Dataset, path: Path) -> None:
    """Write the numbers of all points, in SI units; curves are left to the dataset.

    Args:
        results: Points along any dimensions, with a status.
        path: The file.

    Raises:
        OutputError: It cannot be written.
    """
    points = results[_OF_POINTS].dims
    columns = dict(_columns(results, points))
    frame = (
        results[[_OF_POINTS]]
        .drop_vars(_others(results, points), errors="ignore")
        .to_dataframe()
        .reset_index()
    )
    drop = [name for name in frame.columns if name not in results.coords]
    frame = frame.drop(columns=drop).rename(columns=lambda name: _headed(results[name]))
    for name, values in columns.items():
        frame[name] = np.asarray(values).ravel()
    with replacing(path) as unfinished:
        frame.to_csv(unfinished, index=False, float_format="%.15g")


def _columns(results: xarray.Dataset, points: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for array in results.data_vars.values():
        further = [name for name in array.dims if name not in points]
        if not further:
            yield _headed(array), _meant(array.transpose(*points))
        elif len(further) == 1 and further[0] in _SPREAD and array.sizes[further[0]]:
            along = further[0]
            for number in range(min(array.sizes[along], _MOST_ENTRIES)):
                one = array.isel({along: number})
                label = results[along][number].item() if along in results.coords else number
                yield f"{_headed(array)} {along} {label}", _meant(one.transpose(*points))


def _others(results: xarray.Dataset, points: tuple[Any, ...]) -> list[Any]:
    """Coordinates that do not belong to points."""
    return [name for name, array in results.coords.items() if not set(array.dims) <= {*points}]


def _headed(array: xarray.DataArray) -> str:
    unit = array.attrs.get("units", "1")
    return with_unit(str(array.name), "" if unit == PURE_NUMBER.cf_unit else unit)


def _meant(array: xarray.DataArray) -> Any:
    """The values, or of flags what they mean."""
    values = array.to_numpy()
    if "flag_values" not in array.attrs:
        return values
    flags = np.asarray(array.attrs["flag_values"]).tolist()
    words = [word.replace("_", " ") for word in str(array.attrs["flag_meanings"]).split()]
    meanings = dict(zip(flags, words, strict=True))
    return np.vectorize(meanings.get, otypes=[object])(values)
