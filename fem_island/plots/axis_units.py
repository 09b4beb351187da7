"""Units in which the lengths and times of an axis are numbers that can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class LengthUnit:
    """A unit for an axis.

    Attributes:
        name: Its symbol.
        metres: One of it [m].
    """

    name: str
    metres: float


def in_print(unit: str) -> str:
    """A unit as matplotlib sets it.

    Example:
        >>> in_print("uAh/cm^2"), in_print("ohm*cm^2")
        ('µAh/cm$^{2}$', 'Ω cm$^{2}$')
    """
    text = re.sub(r"\bu(?=[A-Z]|m\b)", "µ", unit)
    text = text.replace("ohm", "Ω").replace("*", " ")
    return re.sub(r"\^(-?[\d.]+)", r"$^{\1}$", text)


def length_unit(length: float) -> LengthUnit:
    """The unit in which a length [m] is a number that can be read.

    Example:
        >>> length_unit(100e-9).name, length_unit(50e-6).name, length_unit(0.02).name
        ('nm', 'µm', 'mm')
    """
    if length < 0.5e-6:
        return LengthUnit("nm", 1e-9)
    return LengthUnit("mm", 1e-3) if length > 5e-3 else LengthUnit("µm", 1e-6)


def time_unit(longest: float) -> tuple[float, str]:
    """Seconds of a unit in which times up to one [s] can be read, and its name.

    Example:
        >>> time_unit(14400.0), time_unit(30.0)
        ((3600.0, 'h'), (1.0, 's'))
    """
    if longest > 7200:
        return 3600.0, "h"
    return (60.0, "min") if longest > 600 else (1.0, "s")
