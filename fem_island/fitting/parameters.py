"""A fitted key with what the data tell of it, and combinations of keys that are known instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fem_island.fitting.profiles import Ends
from fem_island.fitting.scaling import Coordinate


@dataclass(frozen=True)
class FittedParameter:
    """A fitted key.

    Attributes:
        path: The key's path in a case file.
        value: Best value [SI], or None where the data do not tell it.
        best: The value of the best fit [SI], which means nothing by itself where ``value`` is None.
        interval_68: Central 68 % interval [SI], or None where it has no two ends.
        interval_95: Central 95 % interval.
        limits_95: The same, each end by itself; None where there is none.
        reason: Why there is no value; empty otherwise.
        ended_by: Paths of others that are at a bound at an end of the 95 % interval: without their
            bounds it might be wider.
    """

    path: str
    value: float | None
    best: float
    interval_68: tuple[float, float] | None
    interval_95: tuple[float, float] | None
    limits_95: tuple[float | None, float | None]
    reason: str
    ended_by: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """As a table for JSON."""
        return {
            "key": self.path,
            "value": self.value,
            "interval_68": self.interval_68,
            "interval_95": self.interval_95,
            "limits_95": self.limits_95,
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class Combination:
    """A product of powers, or a sum, of parameters that is known where they are not.

    Attributes:
        words: As people write it.
        value: Of the best fit, in SI units; of a sum, of logarithms and shares.
        deviation: Standard deviation, as a share where it is a product.
        product: Whether it is a product of powers.
        shown: The value with its unit for people.
    """

    words: str
    value: float
    deviation: float
    product: bool
    shown: str

    def record(self) -> dict[str, Any]:
        """As a table for JSON."""
        return {
            "combination": self.words,
            "value": self.value,
            "deviation": self.deviation,
            "product": self.product,
        }


def fitted_parameter(
    each: Coordinate,
    u: float,
    ends: Ends,
    others: Sequence[float],
    coordinates: Sequence[Coordinate],
) -> FittedParameter:
    """A parameter from where the profile ends.

    Args:
        each: The coordinate.
        u: Of the best fit.
        ends: Distances of the ends of the intervals from there.
        others: u of other minima that fit as well.
        coordinates: Of all parameters.
    """

    def values(pair: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
        low, high = (None if end is None else each.value(u + end) for end in pair)
        return low, high

    def closed(pair: tuple[float | None, float | None]) -> tuple[float, float] | None:
        low, high = values(pair)
        return None if low is None or high is None else (low, high)

    limits = values(ends.interval_95)
    narrow, wide = closed(ends.interval_68), closed(ends.interval_95)
    reason = ""
    if narrow is None or wide is None:
        # What may be anything with a probability of 5 % is not known, however good the fit.
        reason, narrow = _open_reason(limits, ends), None
    elif any(not wide[0] <= each.value(other) <= wide[1] for other in others):
        reason, narrow, wide = "the data fit as well at another value", None, None
    best = each.value(u)
    ended_by = tuple(coordinates[number].path for number in sorted(ends.at_bounds))
    return FittedParameter(
        each.path, None if reason else best, best, narrow, wide, limits, reason, ended_by
    )


def _open_reason(limits: tuple[float | None, float | None], ends: Ends) -> str:
    low, high = limits
    if low is None and high is None:
        return "the data do not tell it"
    return (
        "the data only tell a lower limit" if high is None else "the data only tell an upper limit"
    )
