"""What is made of spectra: labelled data, pictures and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray

from fem_island.machine.arrays import Array
from fem_island.machine.versions import versions
from fem_island.machine.whole_files import make_folder, replacing, write_json
from fem_island.results.dataset_file import write_dataset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fem_island.experiments.impedance.in_time import SpectraInTime
    from fem_island.experiments.impedance.spectrum import Spectrum

_OHM = "ohm m2"
_TO_OHM_CM2 = 1e4

_NUMBERS = {
    "total_resistance": "width of the spectrum without its tail",
    "left_resistance": "its end at high frequency",
    "right_resistance": "its end at low frequency",
}


def dataset(spectra: Sequence[Spectrum]) -> xarray.Dataset:
    """Spectra at the same frequencies as labelled data.

    Args:
        spectra: One, or one for every time of a stripping run, which then is a dimension.
    """
    if not spectra:
        raise ValueError("there are no spectra")
    times = [spectrum.time for spectrum in spectra if spectrum.time is not None]
    before = ("time",) if times else ()
    values = np.array([spectrum.impedance for spectrum in spectra])
    values = values if times else values[0]
    frequencies = spectra[0].frequencies
    data = {
        "impedance_real": ((*before, "frequency"), values.real, _said("real part of Z", _OHM)),
        "impedance_imaginary": (
            (*before, "frequency"),
            values.imag,
            _said("imaginary part of Z", _OHM),
        ),
        "resistance_dc": (
            before,
            _one(times, [_number(spectrum.resistance_dc) for spectrum in spectra]),
            _said("limit of Z at no frequency", _OHM),
        ),
        **{
            name: (
                before,
                _one(times, [getattr(spectrum.features, name) for spectrum in spectra]),
                _said(said, _OHM),
            )
            for name, said in _NUMBERS.items()
        },
        "error_estimate": (
            before,
            _one(times, [spectrum.error_estimate for spectrum in spectra]),
            _said("largest estimated relative error of Z", "1"),
        ),
    }
    coordinates = {"frequency": ("frequency", frequencies, _said("frequency", "Hz"))}
    if times:
        coordinates["time"] = ("time", np.array(times), _said("time", "s"))
    about = {"solver": "condensed", "case": spectra[0].case.to_json()}
    return xarray.Dataset(data, coordinates, about)


def local_current(spectrum: Spectrum, frequencies: Array) -> xarray.Dataset:
    """The local current along the bottom; see ``Spectrum.local_current``."""
    found = spectrum.solved.response.modelled.local_current(2 * np.pi * frequencies)
    currents, along = found.values, ("frequency", *found.coordinates)
    size = _said("local current density over that at the top", "1")
    phase = _said("phase of the local current density against that at the top", "rad")
    return xarray.Dataset(
        {"magnitude": (along, np.abs(currents), size), "phase": (along, np.angle(currents), phase)},
        {
            "frequency": ("frequency", frequencies, _said("frequency", "Hz")),
            **{
                name: (name, places, _said("position", "m"))
                for name, places in found.coordinates.items()
            },
        },
        {"solver": "condensed", "case": spectrum.case.to_json()},
    )


def plot(
    spectra: Sequence[Spectrum],
    path: Path | str | None,
    *,
    ax: Axes | None = None,
    size: tuple[float, float] | None = None,
) -> Figure:
    """Draw spectra; see ``Spectrum.plot``."""
    from fem_island.plots import given_look, picture_file
    from fem_island.plots.spectra import Curve, draw_nyquist, draw_spectra

    path = picture_file.prepared(path)
    given_look.check_look(ax=ax, size=size)
    curves = [Curve("", spectrum.frequencies, spectrum.impedance) for spectrum in spectra]
    if ax is None:
        figure = draw_spectra(curves, size=size)
    else:
        draw_nyquist(ax, curves)
        figure = ax.figure.figure
    picture_file.save(figure, path)
    return figure


def plot_in_time(found: SpectraInTime, path: Path | str | None) -> Figure:
    """Draw spectra of a run; see ``SpectraInTime.plot``."""
    from fem_island.plots import axis_units, picture_file
    from fem_island.plots.spectra import Curve, Series, draw_in_time

    path = picture_file.prepared(path)
    run = found.run
    unit, name = axis_units.time_unit(float(run.times[-1]))
    curves = [
        Curve(
            f"{(spectrum.time or 0.0) / unit:.4g} {name}", spectrum.frequencies, spectrum.impedance
        )
        for spectrum in found.spectra
    ]
    figure = draw_in_time(
        curves, Series(found.times, found.total_resistance), Series(run.times, run.voltage)
    )
    picture_file.save(figure, path)
    return figure


def write_in_time(found: SpectraInTime, folder: Path, name: str) -> list[Path]:
    """Write ``NAME.impedance.json``, and where there are spectra ``.csv``, ``.nc`` and ``.png``.

    Raises:
        OutputError: A file cannot be written.
    """
    make_folder(folder)
    numbers = folder / f"{name}.impedance.json"
    record = {
        "result": found.record(name),
        "case": found.case.model_dump(mode="json"),
        "versions": versions(),
    }
    write_json(record, numbers)
    if not found.spectra:
        return [numbers]
    picture, table, data = (folder / f"{name}.impedance.{kind}" for kind in ("png", "csv", "nc"))
    _write_table(found.spectra, table)
    write_dataset(found.dataset(), data)
    plot_in_time(found, picture)
    return [numbers, table, data, picture]


def write(spectra: Sequence[Spectrum], folder: Path, name: str) -> list[Path]:
    """Write ``NAME.impedance.csv``, ``.json`` and ``.png``.

    The table is one that ``fem-island circuit`` reads; several spectra follow one another in it,
    each with its time.

    Raises:
        OutputError: A file cannot be written.
    """
    picture, table, numbers = (
        folder / f"{name}.impedance.{kind}" for kind in ("png", "csv", "json")
    )
    make_folder(folder)
    _write_table(spectra, table)
    record = {
        "spectra": [spectrum.record(name) for spectrum in spectra],
        "case": spectra[0].case.model_dump(mode="json"),
        "versions": versions(),
    }
    write_json(record, numbers)
    plot(spectra, picture)
    return [numbers, table, picture]


def _write_table(spectra: Sequence[Spectrum], table: Path) -> None:
    with replacing(table) as unfinished:
        unfinished.write_text("\n".join(_lines(spectra)) + "\n", encoding="utf-8")


def _lines(spectra: Sequence[Spectrum]) -> list[str]:
    timed = any(spectrum.time is not None for spectrum in spectra)
    header = "frequency [Hz],impedance_real [ohm cm^2],impedance_imaginary [ohm cm^2]"
    lines = ["time [s]," + header if timed else header]
    for spectrum in spectra:
        before = f"{spectrum.time!r}," if timed else ""
        for frequency, z in zip(spectrum.frequencies, spectrum.impedance, strict=True):
            parts = (frequency, _TO_OHM_CM2 * z.real, _TO_OHM_CM2 * z.imag)
            lines.append(before + ",".join(f"{part:.12g}" for part in parts))
    return lines


def _said(name: str, unit: str) -> dict[str, str]:
    return {"long_name": name, "units": unit}


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _one(times: list[float], values: list[float]) -> Array:
    """Values along time, or the only one without that dimension."""
    return np.array(values if times else values[0])
