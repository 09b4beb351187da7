"""A march of a map through all phases of a case."""

from __future__ import annotations

from dataclasses import dataclass

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.experiments.stripping.case_stores import in_series, phases, settings
from fem_island.experiments.stripping.instant import Seen
from fem_island.experiments.stripping.kept_solutions import KeptSolutions
from fem_island.experiments.stripping.map_history import Keeper, MapHistory
from fem_island.experiments.stripping.march import March
from fem_island.experiments.stripping.marching import Marched, Progress
from fem_island.experiments.stripping.pacing import Pace
from fem_island.experiments.stripping.phase import Settings
from fem_island.experiments.stripping.pixels import PixelBalance
from fem_island.experiments.stripping.thickness import MapStores
from fem_island.machine.arrays import Array
from fem_island.materials.constants import FARADAY_CONSTANT


@dataclass(frozen=True, kw_only=True)
class MarchedMap(Marched[Seen]):
    """What a march of a map has found: the numbers of all instants, and some pictures.

    Attributes:
        history: What lay and reacted where at some of the times.
    """

    history: MapHistory


def march_map(
    case: Case,
    stores: MapStores,
    pace: Pace,
    times: Array,
    progress: Progress | None = None,
    *,
    kept: KeptSolutions | None = None,
) -> MarchedMap:
    """March through all phases of a case.

    Args:
        case: The case.
        stores: What lies on its pixels.
        pace: What decides how long the steps are.
        times: Instants that are wanted besides the ends of steps [s], ascending.
        progress: Called with every instant.
        kept: What the run has solved before.

    Raises:
        ConvergenceError: Nothing carries the current even at the start, or no drive was found that
            does.
    """
    kept = KeptSolutions() if kept is None else kept
    cells = stores.cells(case.cell.electrolyte.height)
    state = stores.state(cells)
    said = settings(case)
    made = Settings(
        balance=lambda current: kept.around(PixelBalance.of(cells, case.conductivity, current)),
        in_series=in_series(case),
        critical=said.critical_current_density,
        nucleation=said.nucleation_overpotential,
    )
    march = March(cells, made, pace, state, stores.fronts(state, cells), {})
    keeper = Keeper(cells, FARADAY_CONSTANT / said.lithium_molar_volume)
    whole = max(march.first_charge, 1e-300)
    seen: list[Seen] = []
    try:
        for phase in phases(case):
            for instant in march.run(phase, times):
                gone = 1 - march.charge / whole
                keeper.look(instant, gone)
                seen.append(Seen.of(instant))
                if progress is not None:
                    progress(instant, gone)
            if march.end not in ("duration", "cutoff_voltage"):
                break
    except ConvergenceError as error:
        if not seen:
            raise
        return MarchedMap(seen, march, str(error), history=keeper.history())
    if not seen:
        raise ConvergenceError("nothing carries the applied current, even at the start")
    return MarchedMap(seen, march, history=keeper.history())
