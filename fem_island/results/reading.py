"""One operating point of ``Columns`` as a ``Result``."""

from __future__ import annotations

from fem_island.case.case import Case
from fem_island.materials import library as materials
from fem_island.results.columns import Columns, layout
from fem_island.results.result import Result
from fem_island.results.variables import read


def result_at(columns: Columns, number: int, *, case: Case, solver: str) -> Result:
    """The result of one operating point.

    Args:
        columns: Results of several.
        number: Which of them.
        case: What was computed; its probes say where they are.
        solver: Which one made it.
    """
    row = columns.numbers[number]
    probes = zip(case.output.probes, row["probes_potential"].tolist(), strict=True)
    record: type[Result] = columns.record
    others = {
        "reason": columns.reasons.get(number, ""),
        "solver": solver,
        "probes": tuple((*place, potential) for place, potential in probes),
    }
    return read(record, row, labels={"material": list(materials.films())}, others=others)


def failed(reason: str, *, islands: int, solver: str) -> Result:
    """The result of a computation that ended without a solution: NaN, which JSON shows as null."""
    (row,) = layout(islands=islands, probes=0).missing
    return read(Result, row, others={"reason": reason, "solver": solver, "probes": ()})
