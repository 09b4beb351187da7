"""What a march is asked: its phases, and what holds in all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fem_island.experiments.stripping.quasistatic import Balance


@dataclass(frozen=True)
class Phase:
    """A part of a run with one applied current.

    Attributes:
        current_density: I [A/m^2].
        duration: At most so long [s].
        cutoff: Voltage at which it ends [V], or None: above it when stripping, below when plating.
    """

    current_density: float
    duration: float
    cutoff: float | None

    @property
    def direction(self) -> float:
        """1 where the voltage rises to the cut-off, -1 where it falls."""
        return -1.0 if self.current_density < 0 else 1.0


@dataclass(frozen=True)
class Settings:
    """What a march is made with.

    Attributes:
        balance: The bottom against the electrolyte, of an applied current [A/m^2].
        in_series: What is added to the voltage before it is compared with a cut-off [V], of the
            current density.
        critical: Local current density above which metal loses contact [A/m^2], or None.
        nucleation: Overpotential at which bare collector begins to be plated [V], or None.
    """

    balance: Callable[[float], Balance]
    in_series: Callable[[float], float] = lambda _: 0.0
    critical: float | None = None
    nucleation: float | None = None
