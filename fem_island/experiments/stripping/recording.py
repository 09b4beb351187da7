"""What a march has found becomes a stripping run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fem_island.case.case import Case
from fem_island.experiments.stripping.bottom_grid import BottomGrid
from fem_island.experiments.stripping.case_stores import in_series, settings
from fem_island.experiments.stripping.cells import Cells
from fem_island.experiments.stripping.instant import Instant, Seen
from fem_island.experiments.stripping.march import March
from fem_island.experiments.stripping.record import BottomHistory, Event, StrippingRun
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT


def record_of[Run: StrippingRun](
    case: Case,
    instants: Sequence[Seen],
    march: March,
    bottom: Any,
    *,
    kind: type[Run],
) -> Run:
    """What a march has found, as data.

    Args:
        case: What was computed.
        instants: In order of time.
        march: How it went.
        bottom: What lay and reacted where.
        kind: Of run that this is of.
    """
    grid = march.grid
    times = np.array([instant.time for instant in instants])
    currents = np.array([instant.current_density for instant in instants])
    voltage = np.array([instant.voltage for instant in instants])
    added = in_series(case)
    capacity = _passed(times, currents)
    film = np.array([instant.film_share for instant in instants])
    if case.cell.interlayer is None:
        film = np.full_like(film, np.nan)
    whole = max(grid.copies * march.first_charge, 1e-300)
    charge = np.array([each.metal_charge + each.film_charge + each.lost for each in instants])
    electrolyte = case.cell.electrolyte
    extent = grid.copies * grid.width
    imbalance = (charge - charge[0] + extent * capacity) / max(whole, extent * abs(capacity).max())
    covered = np.array([instant.metal_size for instant in instants])
    planar = electrolyte.geometry == "planar"
    return kind(
        case=case,
        times=times,
        current_density=currents,
        voltage=voltage,
        cell_voltage=None
        if case.cell.series is None
        else voltage + np.array([added(current) for current in currents]),
        drive_mean=np.array([instant.drive_mean for instant in instants]),
        capacity=capacity,
        lithium_width=covered if planar else None,
        lithium_area=None if planar else covered,
        lithium_charge=np.array([instant.metal_charge for instant in instants]),
        film_charge=np.array([instant.film_charge for instant in instants]),
        film_share=film,
        overpotential_mean=np.array([instant.overpotential_mean for instant in instants]),
        local_current_density_max=np.array(
            [instant.local_current_density_max for instant in instants]
        ),
        events=tuple(
            Event(each.event, each.instant.time, each.instant.voltage)
            for each in march.happenings.listed
        ),
        end=march.end,
        bottom=bottom,
        charge_imbalance=float(np.abs(imbalance).max()),
        voltage_error=float("nan"),
        time_error=float("nan"),
        status="converged",
        reason="",
        degrees_of_freedom=grid.size,
        steps=len(march.ends),
        newton_iterations=march.iterations,
    )


def _passed(times: Array, currents: Array) -> Array:
    """Integral of the current over time [C/m^2]; where it steps, a time is there twice."""
    return np.concatenate([[0.0], np.cumsum(np.diff(times) * currents[1:])])


@dataclass
class LineKeeper:
    """Keeps what lies and reacts where along a line, at every instant of a march."""

    _contents: list[Array] = field(default_factory=list)
    _film_charges: list[Array] = field(default_factory=list)
    _densities: list[Array] = field(default_factory=list)
    _drives: list[Array] = field(default_factory=list)

    def look(self, instant: Instant) -> None:
        """Keep an instant."""
        self._contents.append(instant.state.metal.content)
        self._film_charges.append(instant.state.film_charge.sum(axis=0))
        self._densities.append(instant.densities.sum(axis=0))
        self._drives.append(instant.cell_drives)

    def history(self, case: Case, grid: Cells) -> BottomHistory:
        """All that was kept, of the whole cell.

        Args:
            case: What was computed.
            grid: The cells of the march.
        """
        if not isinstance(grid, BottomGrid):
            raise TypeError("the march is not one along a line")
        per_metre = FARADAY_CONSTANT / settings(case).lithium_molar_volume

        def whole(rows: list[Array]) -> Array:
            values = np.array(rows)
            return np.concatenate([values, values[:, ::-1]], axis=1) if grid.mirrored else values

        edges = grid.edges
        if grid.mirrored:
            edges = np.concatenate([edges, case.cell.electrolyte.span - edges[::-1, ::-1]])
        return BottomHistory(
            edges=edges,
            thickness=whole(self._contents) / per_metre,
            film_charge=whole(self._film_charges),
            current_density=whole(self._densities),
            drive=whole(self._drives),
        )
