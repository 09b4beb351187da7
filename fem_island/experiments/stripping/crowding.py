"""When the current on the lithium gets above a critical one, and how much lithium goes while it is.

What is critical is a property of the electrolyte: above it voids are left, or contact is lost. A
run with ``critical_current_density`` lets it happen; this looks at what a run without it asks of
the electrolyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fem_island.experiments.stripping.record import StrippingRun

MULTIPLES = (2.0, 5.0, 10.0, 20.0)
"""Of the applied current density: what is looked at where nothing else is said."""


@dataclass(frozen=True)
class Crowding:
    """What happens above one local current density.

    Attributes:
        current_density: Local current density on the lithium [A/m^2].
        time: When the largest one is first above it [s]; None where it never is.
        seconds: How long it is above in all [s].
        lithium_share: Share of the lithium at the start that goes meanwhile.
    """

    current_density: float
    time: float | None
    seconds: float
    lithium_share: float


def crowding(run: StrippingRun, current_density: float) -> Crowding:
    """What of a run happens above a local current density.

    The largest local current density is taken as linear between the times of the run.

    Args:
        run: A stripping run.
        current_density: [A/m^2].

    Example:
        >>> import fem_island as fi
        >>> island = fi.Island(width="5 um", thickness="2 um", shape="parabola")
        >>> run = fi.strip(fi.Cell(islands=[island]), tolerance="1 mV")
        >>> above = crowding(run, 50.0)
        >>> round(above.time), round(above.lithium_share, 2)
        (345, 0.13)
    """
    above = run.local_current_density_max - current_density
    charge = run.lithium_charge
    first: float | None = None
    seconds = gone = 0.0
    for number in range(len(run.times) - 1):
        one, other = float(above[number]), float(above[number + 1])
        if not np.isfinite(one) or (one <= 0 and not other > 0):
            continue
        start, length = float(run.times[number]), float(run.times[number + 1] - run.times[number])
        low, high = 0.0, 1.0
        if one <= 0:
            low = -one / (other - one)
        elif other <= 0:
            high = one / (one - other)
        if first is None:
            first = start + low * length
        seconds += (high - low) * length
        gone += (high - low) * float(charge[number] - charge[number + 1])
    share = gone / float(charge[0]) if charge[0] > 0 else 0.0
    return Crowding(current_density, first, seconds, max(share, 0.0))


def crowdings(run: StrippingRun) -> tuple[Crowding, ...]:
    """What happens above several multiples of the largest applied current density."""
    applied = float(run.current_density.max())
    if applied <= 0 or not np.isfinite(run.local_current_density_max).any():
        return ()
    return tuple(crowding(run, multiple * applied) for multiple in MULTIPLES)
