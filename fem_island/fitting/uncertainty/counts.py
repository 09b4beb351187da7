"""How many samples may be drawn."""

from __future__ import annotations

from collections.abc import Iterator

from fem_island.errors import Fault

_FEWEST, _MOST = 16, 1 << 20
"""Samples of the values themselves."""


def faults_of_counts(count: tuple[str, int], sensitivity_count: tuple[str, int]) -> Iterator[Fault]:
    """What is wrong with numbers of samples.

    Args:
        count: How messages call that of the values, and the number.
        sensitivity_count: The same of each set of Sobol indices, which may be 0: no indices.
    """
    for (key, number), least in ((count, _FEWEST), (sensitivity_count, 0)):
        if not least <= number <= _MOST:
            yield Fault(key, number, f"must be from {least} to {_MOST}")
