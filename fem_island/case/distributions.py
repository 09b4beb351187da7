"""Kinds of distributions: by what they are given, in words, and as SciPy has them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from fem_island.errors import Fault, InputError
from fem_island.quantities import Dimension

DISTRIBUTIONS = {
    "normal": (("low", "high"), ("mean", "deviation")),
    "lognormal": (("low", "high"),),
    "uniform": (("low", "high"),),
    "triangular": (("low", "mode", "high"),),
}
"""Kinds, and by what they may be given. Low and high of the first two are the central 95 %; of the
others, the ends."""

_HALF = 1.959963984540054
"""Half of the central 95 % of a normal distribution, over its standard deviation."""


def check(place: str, kind: str, numbers: Mapping[str, float]) -> None:
    """Refuse numbers that describe no distribution.

    Args:
        place: Key of the distribution.
        kind: Of ``DISTRIBUTIONS``.
        numbers: By name [SI].

    Raises:
        InputError: They do not.
    """
    values = [numbers[name] for name in ("low", "mode", "high") if name in numbers]
    rising = all(a <= b for a, b in pairwise(values))
    if values and not (rising and values[0] < values[-1]):
        raise InputError([Fault(place, None, "must have low below high, and a mode between")])
    if kind == "lognormal" and not numbers["low"] > 0:
        raise InputError([Fault(f"{place}.low", None, "of a lognormal must be above 0")])
    if "deviation" in numbers and not numbers["deviation"] > 0:
        raise InputError([Fault(f"{place}.deviation", None, "must be above 0")])


def distribution_of(kind: str, numbers: Mapping[str, float]) -> Any:
    """The frozen distribution of SciPy.

    Args:
        kind: Of ``DISTRIBUTIONS``.
        numbers: By name [SI].
    """
    from scipy import stats

    low, high = numbers.get("low", 0.0), numbers.get("high", 1.0)
    match kind:
        case "normal" if "mean" in numbers:
            return stats.norm(numbers["mean"], numbers["deviation"])
        case "normal":
            return stats.norm(0.5 * (low + high), (high - low) / (2 * _HALF))
        case "lognormal":
            return stats.lognorm(np.log(high / low) / (2 * _HALF), scale=np.sqrt(low * high))
        case "uniform":
            return stats.uniform(low, high - low)
        case _:
            return stats.triang((numbers["mode"] - low) / (high - low), low, high - low)


def words_of(kind: str, given: Mapping[str, object], dimension: Dimension) -> str:
    """A distribution for people.

    Args:
        kind: Of ``DISTRIBUTIONS``.
        given: Values by name, as they were given; plain numbers are SI.
        dimension: What they are.

    Example:
        >>> from fem_island.quantities import POTENTIAL
        >>> words_of("normal", {"low": "40 mV", "high": 0.06}, POTENTIAL)
        'normal, 95 % from 40 mV to 0.06 V'
    """
    shown = {
        name: value if isinstance(value, str) else f"{value} {dimension.unit}".rstrip()
        for name, value in given.items()
    }
    if "mean" in shown:
        return f"{kind}, mean {shown['mean']}, standard deviation {shown['deviation']}"
    central = "95 % " if kind in ("normal", "lognormal") else ""
    mode = f", mode {shown['mode']}" if "mode" in shown else ""
    return f"{kind}, {central}from {shown['low']} to {shown['high']}{mode}"
