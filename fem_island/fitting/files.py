"""What is made of a fit: labelled data, a picture and files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray

from fem_island.machine.research_object import write_crate
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, replacing, write_json
from fem_island.plots import picture_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fem_island.fitting.record import Fit


def dataset(fit: Fit) -> xarray.Dataset:
    """Measured and fitted values along "observation", the parameters along "parameter"."""
    along, each = "observation", "parameter"
    measured = np.concatenate([one.values for one in fit.data])
    fitted = measured + fit.residuals * np.concatenate(fit.divisors)
    numbers = np.concatenate([np.full(len(one.values), n) for n, one in enumerate(fit.data)])
    intervals = {
        name: [getattr(one, name) or (np.nan, np.nan) for one in fit.parameters]
        for name in ("interval_68", "interval_95")
    }
    units = "V for points and stripping, ohm m2 for impedance"
    data = {
        "measured": (along, measured, {"long_name": "measured value", "comment": units}),
        "fitted": (along, fitted, {"long_name": "value of the best fit", "comment": units}),
        "residual": (along, fit.residuals, {"long_name": "residual over its error", "units": "1"}),
        "value": (
            each,
            [np.nan if one.value is None else one.value for one in fit.parameters],
            {"long_name": "fitted value in SI units, none where the data do not tell it"},
        ),
        **{
            name: ((each, "end"), values, {"long_name": f"{name[-2:]} % interval in SI units"})
            for name, values in intervals.items()
        },
        "singular_value": ("direction", fit.singular_values, {"units": "1"}),
    }
    coordinates = {
        "data": (along, numbers, {"long_name": "number of the data"}),
        each: (each, [one.path for one in fit.parameters], {"long_name": "fitted key"}),
        "end": ("end", ["low", "high"]),
    }
    said = ", ".join(f"{name} {number}" for name, number in versions().items())
    about = {"case": fit.case.to_json(), "versions": said}
    return xarray.Dataset(data, coordinates, about)


def plot(
    fit: Fit,
    path: Path | str | None,
    *,
    ax: Sequence[Axes] | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw data and best fit; see ``Fit.plot``."""
    from fem_island.plots.fits import draw_fit

    path = picture_file.prepared(path)
    figure = draw_fit(fit.curves(), ax=ax, size=size)
    picture_file.save(figure, path)
    return figure


def write(fit: Fit, folder: Path, name: str) -> list[Path]:
    """Write numbers, table and picture; see ``Fit.write``."""
    make_folder(folder)
    numbers, table, picture = (folder / f"{name}.{kind}" for kind in ("json", "csv", "png"))
    write_json(fit.record(name), numbers)
    found = dataset(fit)
    with (
        replacing(table) as unfinished,
        unfinished.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["data", "measured", "fitted", "residual"])
        rows = zip(
            *(found[key].values.tolist() for key in ("data", "measured", "fitted", "residual")),
            strict=True,
        )
        writer.writerows((fit.data[int(number)].name, *rest) for number, *rest in rows)
    plot(fit, picture)
    words = {numbers.name: "the fit", table.name: "data and fit", picture.name: "their picture"}
    return [numbers, table, picture, write_crate(folder, f"Fit of {name}", words)]
