"""``fem-island circuit``."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from fem_island.cli.process import DONE, faults_of_outputs, from_first_rank, refuse, tell
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.experiments.impedance.circuit import CircuitFit
    from fem_island.experiments.impedance.kramers_kronig import KramersKronig
    from fem_island.experiments.impedance.measured.record import MeasuredSpectrum


def circuit(
    data: Annotated[list[Path], Parameter(name="DATA")],
    /,
    *,
    area: str | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Fit R1 + (R2 // CPE) + W to measured spectra, with intervals and misfit.

    Every spectrum of a file is also tested for the Kramers-Kronig relations.

    Args:
        data: Files: CSV with units in the header, BioLogic .mpt or .mpr, Gamry .DTA, ZView .z.
        area: Area of the cell, such as "0.785 cm^2".
        json: Print one JSON object per spectrum and line, in SI units.
        out: Folder for a picture of data and fits (PNG) per file.
    """
    data, out = [from_home(file) for file in data], None if out is None else from_home(out)
    return from_first_rank(lambda: _run(data, area, json=json, out=out))


def _run(paths: list[Path], area: str | None, *, json: bool, out: Path | None) -> int:
    from fem_island.errors import Fault, InputError

    if area is None:
        reason = 'is missing; give the area of the cell, such as "0.785 cm^2"'
        return refuse([Fault("--area", None, reason)])
    from fem_island.experiments.impedance.measured.reading import read_area, read_spectra

    spectra: list[tuple[Path, list[MeasuredSpectrum]]] = []
    faults: list[Fault] = []
    try:
        read_area(area)
    except InputError as error:
        return refuse([Fault("--area", fault.value, fault.message) for fault in error.faults])
    for path in paths:
        try:
            spectra.append((path, read_spectra(path, area=area)))
        except InputError as error:
            faults.extend(error.faults)
    if out is not None and not faults:
        faults += faults_of_outputs(out, paths)
    if faults:
        return refuse(faults)
    for path, found in spectra:
        _show(path, found, json=json, out=out)
    return DONE


def _show(path: Path, spectra: list[MeasuredSpectrum], *, json: bool, out: Path | None) -> None:
    from fem_island.experiments.impedance.circuit_fit import fit_circuit
    from fem_island.experiments.impedance.kramers_kronig import kramers_kronig

    fits = [
        (
            spectrum,
            fit_circuit(spectrum.frequencies, spectrum.impedance),
            kramers_kronig(spectrum.frequencies, spectrum.impedance),
        )
        for spectrum in spectra
    ]
    if launched_rank() in (None, 0):
        if json:
            for spectrum, fit, test in fits:
                tell(json_format.dumps(_record(path, spectrum, fit, test), allow_nan=False))
        else:
            from fem_island.experiments.impedance.report import show_fits

            shown = [(spectrum.name, fit, test.line) for spectrum, fit, test in fits]
            show_fits(str(path), shown)
        if out is not None:
            picture = out / f"{path.stem}.circuit.png"
            _draw(picture, [(spectrum, fit) for spectrum, fit, _ in fits])
            if not json:
                tell(f"written: {picture}")


def _record(
    path: Path, spectrum: MeasuredSpectrum, fit: CircuitFit, test: KramersKronig
) -> dict[str, object]:
    from fem_island.machine.json_values import plain

    record: dict[str, object] = {
        "data": str(path),
        "spectrum": spectrum.name,
        "points": len(spectrum.frequencies),
        **plain(fit.record()),
        "kramers_kronig": {
            "misfit": test.misfit,
            "elements": test.elements,
            "suspect_frequencies": list(test.suspect),
        },
    }
    return record


def _draw(picture: Path, fits: list[tuple[MeasuredSpectrum, CircuitFit]]) -> None:
    from fem_island.plots import picture_file
    from fem_island.plots.spectra import Curve, draw_spectra

    curves = []
    for spectrum, fit in fits:
        f = spectrum.frequencies
        curves.append(Curve(spectrum.name, f, spectrum.impedance, measured=True))
        curves.append(Curve("", f, fit.impedance(f)))
    picture_file.save(draw_spectra(curves), picture)
