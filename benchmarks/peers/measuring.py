"""Time and error of one contender on the map, in a process of its own and on one core."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from peers.problem import Contender, SkippedError

REFERENCE = Path(__file__).parents[1] / "data" / "map_50x50.json"

CONTENDERS = {
    "condensed": ("peers.this_package", "CONDENSED"),
    "newton": ("peers.this_package", "NEWTON"),
    "dolfinx": ("peers.dolfinx_loop", "CONTENDER"),
    "ngsolve": ("peers.ngsolve_peer", "CONTENDER"),
    "scikit-fem": ("peers.scikit_fem_peer", "CONTENDER"),
}
"""Where each contender is."""

PEERS = ("dolfinx", "ngsolve", "scikit-fem")
"""Those that are not this package."""

_OPTIONAL = {"netgen": "ngsolve", "ngsolve": "ngsolve", "skfem": "scikit-fem"}
"""Modules of the dependency group ``benchmark``, and which distribution has them."""


@dataclass(frozen=True)
class Measurement:
    """What one contender did.

    Attributes:
        name: The contender.
        title: Its name in the table.
        settings: What it was tuned to.
        versions: Of the packages that matter.
        unknowns: Median over all geometries.
        points: How many operating points it solved.
        seconds: Wall-clock time [s].
        core_seconds: Processor time of all its threads [s].
        worst_error_mean: Largest error of the mean overpotential over the map [V].
        worst_error_largest: The same of the largest overpotential on the island [V].
    """

    name: str
    title: str
    settings: str
    versions: dict[str, str]
    unknowns: float
    points: int
    seconds: float
    core_seconds: float
    worst_error_mean: float
    worst_error_largest: float

    @property
    def points_per_second(self) -> float:
        """Points per second of one core; what else runs on the machine hardly counts."""
        return self.points / self.core_seconds


def measure(name: str, count: int | None) -> Measurement:
    """Measure a contender. Imports and first compilation do not count, all else does.

    Args:
        name: One of ``CONTENDERS``.
        count: How many of the widths of the map, spread evenly; by default all.

    Raises:
        SkippedError: It is not installed, or not part of this package.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    reference = json.loads(REFERENCE.read_text())
    rows = spread(len(reference["island_width_m"]), count)
    widths = [1e6 * reference["island_width_m"][row] for row in rows]
    currents = reference["current_density_A_m2"]
    contender = _imported(name)
    # First compilation, with geometries that do not come up again.
    contender.solve_map([0.99 * width for width in widths[::7]], currents[::7])
    started, started_on_core = time.perf_counter(), time.process_time()
    found = contender.solve_map(widths, currents)
    core_seconds, seconds = time.process_time() - started_on_core, time.perf_counter() - started
    return Measurement(
        name=name,
        title=contender.title,
        settings=contender.settings,
        versions=versions(contender.packages),
        unknowns=float(statistics.median(found.unknowns)),
        points=len(widths) * len(currents),
        seconds=seconds,
        core_seconds=core_seconds,
        worst_error_mean=_worst(found.mean, reference["overpotential_mean_V"], rows),
        worst_error_largest=_worst(found.largest, reference["overpotential_max_V"], rows),
    )


def spread(total: int, count: int | None) -> list[int]:
    """Indices of so many of all, evenly and with both ends."""
    if count is None or count >= total:
        return list(range(total))
    return [round(k * (total - 1) / max(count - 1, 1)) for k in range(count)]


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of those that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _imported(name: str) -> Contender:
    module, attribute = CONTENDERS[name]
    try:
        contender: Contender = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        package = _OPTIONAL.get((error.name or "").partition(".")[0])
        if package is None:
            raise
        reason = f"{package} is not installed: pip install --group benchmark"
        raise SkippedError(reason) from error
    return contender


def _worst(found: list[list[float]], reference: list[list[float]], rows: list[int]) -> float:
    """The largest difference; infinite if a point is missing."""
    worst = 0.0
    for values, row in zip(found, rows, strict=True):
        for value, exact in zip(values, reference[row], strict=True):
            error = abs(value - exact)
            worst = max(worst, error) if error == error else float("inf")
    return worst
