"""Cases drawn over far more than anyone will use, to see that all of them are solved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics


def random_cases(count: int, seed: int) -> Iterator[Case]:
    """Draw cases of any coverage.

    i0 is 1e-4 to 1e5 A/m^2, |I| 1e-3 to 1e4 A/m^2 and kappa 1e-3 to 1e2 S/m.
    """
    draw = np.random.default_rng(seed)

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(draw.uniform(np.log(low), np.log(high))))

    def transfer_coefficient() -> float:
        return float(draw.uniform(0.1, 0.9))

    for _ in range(count):
        width = 50e-6
        island_width = width * float(draw.choice([log_uniform(0.01, 1.0), draw.uniform(0.01, 1.0)]))
        center = float(draw.uniform(island_width / 2, width - island_width / 2))
        if draw.random() < 0.3 or min(center, width - center) - island_width / 2 < 1e-3 * width:
            center = width / 2 if draw.random() < 0.5 else island_width / 2
        interlayer = None
        if draw.random() < 0.5:
            interlayer = Interlayer(
                reaction=str(draw.choice(["none", "reversible", "release"])),
                equilibrium_potential=float(draw.uniform(0.0, 0.6)),
                exchange_current_density=log_uniform(1e-4, 1e5),
                anodic_transfer_coefficient=transfer_coefficient(),
                cathodic_transfer_coefficient=transfer_coefficient(),
            )
        yield Case(
            cell=Cell(
                electrolyte=Electrolyte(
                    width=width,
                    height=float(draw.choice([15e-6, 5e-6, 100e-6])),
                    conductivity=log_uniform(1e-3, 1e2),
                ),
                kinetics=Kinetics(
                    exchange_current_density=log_uniform(1e-4, 1e5),
                    anodic_transfer_coefficient=transfer_coefficient(),
                    cathodic_transfer_coefficient=transfer_coefficient(),
                ),
                islands=[Island(width=island_width, center=center)],
                interlayer=interlayer,
            ),
            operation=Operation(
                current_density=float(draw.choice([-1, 1])) * log_uniform(1e-3, 1e4),
                temperature=float(draw.uniform(250.0, 400.0)),
            ),
        )
