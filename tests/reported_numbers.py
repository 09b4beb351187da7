"""What a result holds, by its declaration."""

from __future__ import annotations

from fem_island.quantities import POTENTIAL
from fem_island.results.result import Result
from fem_island.results.variables import numbers_of, variables


def potentials(result: Result) -> list[float]:
    """All potentials and overpotentials [V], without their estimates."""
    wanted = {v.name for v in variables(Result) if v.quantity is POTENTIAL and not v.error_of}
    found: list[float] = []
    for name, value in numbers_of(result):
        if name in wanted and value is not None:
            # Probes are (x, y, phi).
            found += [probe[-1] for probe in value] if isinstance(value, tuple) else [value]
    return found
