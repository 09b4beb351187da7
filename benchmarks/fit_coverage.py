"""How often the intervals of fits hold the truth: noisy data made by the package itself.

    python benchmarks/fit_coverage.py FILE.jsonl [--problem NAME] [--count N]

Every repetition is drawn from its number: measured values are those of the truth with normal noise
of the errors that the fit is told, or not told, and the search starts away from the truth. So what
is examined are the search and the intervals, not the model. Results are appended to FILE, a line
each; what is there already is not computed again.

Tables say how often intervals of 68 and 95 % hold the truth, how often there was no value, and the
standard deviation of the fitted values over the mean half width of the 68 % intervals: 1 where
intervals are as wide as the values scatter.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

import fem_island as fi
from fem_island.machine.arrays import Array

I0, WIDTH = "kinetics.exchange_current_density", "islands.width"
ALPHA, THICKNESS = "kinetics.anodic_transfer_coefficient", "islands.thickness"
LAYER = "kinetics.double_layer.capacitance"
CURRENTS = np.array([1.0, 2.5, 5.0, 10.0, 20.0])
FREQUENCIES = np.geomspace(1e5, 1.0, 16)
ERROR, SHARE = 1e-3, 0.01


@dataclass(frozen=True)
class Fitted:
    """A problem of which many repetitions are fitted.

    Attributes:
        words: What it is.
        cell: The truth.
        truth: Values of what is fitted, by path [SI].
        data: Makes the data of a repetition from its random numbers.
    """

    words: str
    cell: fi.Cell | fi.Case
    truth: dict[str, float]
    data: Callable[[np.random.Generator], list[dict[str, Any]]]


def cell_of(width: float, height: float, **more: Any) -> fi.Cell:
    """A cell with an island on a tenth of its width."""
    return fi.Cell(
        electrolyte={"width": width, "height": height}, islands=[{"width": 0.1 * width}], **more
    )


THIN = cell_of(50e-6, 15e-6)
THICK = cell_of(1e-3, 0.75e-3)
LAYERED = cell_of(
    50e-6,
    15e-6,
    kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}},
    collector={"double_layer": {"capacitance": "1 uF/cm^2"}},
)
RUN = fi.Case(
    cell=fi.Cell(islands=[{"width": "20 um", "thickness": "2 um", "shape": "parabola"}]),
    stripping={"tolerance": "0.1 mV"},
)


@cache
def points(cell: fi.Cell, seen: str, currents: tuple[float, ...]) -> Array:
    """Potentials of a cell [V]."""
    name = {"overpotential": "overpotential_mean", "voltage": "potential_top_mean"}[seen]
    solve = fi.function(cell, inputs=["current_density"], output=name)
    return np.abs(solve(np.array(currents)[:, None]))


def noisy_points(
    cell: fi.Cell,
    seen: str,
    draw: np.random.Generator,
    *,
    currents: Array = CURRENTS,
    told: bool = True,
) -> dict[str, Any]:
    """Measured points."""
    values = points(cell, seen, tuple(currents.tolist()))
    noise = draw.normal(0.0, ERROR, len(values))
    found: dict[str, Any] = {"table": {"current_density": currents, seen: values + noise}}
    return found | ({"error": f"{ERROR!r} V"} if told else {})


@cache
def spectrum(cell: fi.Cell) -> Any:
    """Impedance of a cell at rest [Ohm m^2]."""
    return fi.impedance(cell, current_density=0.0, frequencies=FREQUENCIES.tolist()).impedance


def noisy_spectrum(cell: fi.Cell, draw: np.random.Generator) -> dict[str, Any]:
    """A measured spectrum, with errors of real and imaginary part as a share of the size."""
    values = spectrum(cell)
    noise = draw.normal(size=len(values)) + 1j * draw.normal(size=len(values))
    values = values + SHARE * np.abs(values) * noise
    table = {
        "frequency": FREQUENCIES,
        "impedance_real": values.real,
        "impedance_imaginary": values.imag,
    }
    return {
        "kind": "impedance",
        "table": table,
        "error": f"{SHARE!r}",
        "changes": ["operation.current_density=0 mA/cm^2"],
    }


@cache
def curve() -> tuple[Array, Array]:
    """Times [s] and voltages [V] of the stripping run."""
    whole = fi.strip(RUN)
    times = np.linspace(0.02, 0.98, 20) * float(whole.times[-1])
    run = fi.strip(fi.Case(cell=RUN.cell, stripping={"tolerance": 1e-5, "times": times.tolist()}))
    return times, np.interp(times, run.times, run.voltage)


def noisy_curve(draw: np.random.Generator) -> dict[str, Any]:
    """A measured stripping curve."""
    times, values = curve()
    table = {"time": times, "voltage": values + draw.normal(0.0, ERROR, len(values))}
    return {"kind": "stripping", "table": table, "error": f"{ERROR!r} V"}


MANY = np.geomspace(0.5, 50.0, 12)
PROBLEMS = {
    "thick": Fitted(
        "i0 and coverage from 5 voltages of a thick cell",
        THICK,
        {I0: 5.0, WIDTH: 1e-4},
        lambda draw: [noisy_points(THICK, "voltage", draw)],
    ),
    "alpha": Fitted(
        "i0 and transfer coefficient from 5 overpotentials",
        THIN,
        {I0: 5.0, ALPHA: 0.5},
        lambda draw: [noisy_points(THIN, "overpotential", draw)],
    ),
    "unknown errors": Fitted(
        "the same from 12, errors not given",
        THIN,
        {I0: 5.0, ALPHA: 0.5},
        lambda draw: [noisy_points(THIN, "overpotential", draw, currents=MANY, told=False)],
    ),
    "spectrum": Fitted(
        "i0 and double layer from a spectrum",
        LAYERED,
        {I0: 5.0, LAYER: 0.1},
        lambda draw: [noisy_spectrum(LAYERED, draw)],
    ),
    "together": Fitted(
        "i0 and coverage from overpotentials and a spectrum",
        LAYERED,
        {I0: 5.0, WIDTH: 5e-6},
        lambda draw: [noisy_points(LAYERED, "overpotential", draw), noisy_spectrum(LAYERED, draw)],
    ),
    "curve": Fitted(
        "i0 and thickness from a stripping curve",
        RUN,
        {I0: 5.0, THICKNESS: 2e-6},
        lambda draw: [noisy_curve(draw)],
    ),
}


def repetition(name: str, number: int) -> dict[str, Any]:
    """The fit of one repetition."""
    problem = PROBLEMS[name]
    draw = np.random.default_rng([7, list(PROBLEMS).index(name), number])
    away = {
        path: value * float(np.exp(draw.uniform(-0.3, 0.3)))
        for path, value in problem.truth.items()
    }
    data = problem.data(draw)
    start = time.process_time()
    found = fi.fit(
        problem.cell,
        parameters={path: {"start": value} for path, value in away.items()},
        data=data,
    )
    return {
        "problem": name,
        "number": number,
        "parameters": [parameter.record() for parameter in found.parameters],
        "chi_squared": found.misfit,
        "cases": found.cases,
        "seconds": time.process_time() - start,
    }


def main() -> None:
    """Compute what is missing, and print the tables."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--problem", choices=list(PROBLEMS), action="append")
    parser.add_argument("--count", type=int, default=200)
    asked = parser.parse_args()
    names = asked.problem or list(PROBLEMS)
    asked.file.touch()
    lines = [json.loads(line) for line in asked.file.read_text("utf-8").splitlines()]
    known = {(line["problem"], line["number"]) for line in lines}
    missing = [
        (name, number)
        for number in range(asked.count)
        for name in names
        if (name, number) not in known
    ]
    with asked.file.open("a", encoding="utf-8") as file:
        for name, number in track(missing, console=Console(stderr=True)):
            lines.append(repetition(name, number))
            file.write(json.dumps(lines[-1]) + "\n")
            file.flush()
    for name in names:
        show(name, [line for line in lines if line["problem"] == name])


def show(name: str, lines: list[dict[str, Any]]) -> None:
    """Print the table of a problem."""
    problem = PROBLEMS[name]
    seconds = np.mean([line["seconds"] for line in lines])
    table = Table(
        "", "68 %", "95 %", "no value", "scatter / width",
        title=f"{problem.words}: {len(lines)} repetitions, {seconds:.1f} s of processor time a fit",
    )  # fmt: skip
    for place, (path, truth) in enumerate(problem.truth.items()):
        fits = [line["parameters"][place] for line in lines]
        valued = [fit for fit in fits if fit["value"] is not None]
        shares = [held(fits, f"interval_{share}", truth) for share in (68, 95)]
        widths = [0.5 * np.log(fit["interval_68"][1] / fit["interval_68"][0]) for fit in valued]
        scatter = np.std([np.log(fit["value"] / truth) for fit in valued])
        table.add_row(
            path, *shares, str(len(fits) - len(valued)), f"{scatter / np.mean(widths):.2f}"
        )
    Console(width=120).print(table)


def held(fits: list[dict[str, Any]], name: str, truth: float) -> str:
    """How often an interval holds the truth, of those that there are."""
    ends = [fit[name] for fit in fits if fit[name] is not None]
    count = sum(low <= truth <= high for low, high in ends)
    return f"{100 * count / len(ends):.1f} ({count} of {len(ends)})" if ends else "none"


if __name__ == "__main__":
    main()
