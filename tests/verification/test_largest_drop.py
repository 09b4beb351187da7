"""What potential differences along the bottom certainly stay below."""

import numpy as np

import fem_island as fi
from fem_island.solvers.condensed import CondensedSolver
from fem_island.solvers.scales import largest_drop
from fem_island.surface.points import OperatingPoints


def random_cell(random: np.random.Generator) -> fi.Cell:
    """One to three islands anywhere in a cell of any shape, with slow or fast kinetics."""
    width = 10 ** random.uniform(-5, -3)
    count = int(random.integers(1, 4))
    ends = np.sort(random.uniform(0.0, width, 2 * count)).reshape(-1, 2)
    islands = [
        fi.Island(width=max(right - left, 1e-3 * width), center=(left + right) / 2)
        for left, right in ends + 2e-3 * width * np.arange(count)[:, None]
    ]
    shape = fi.Electrolyte(
        width=1.01 * width,
        height=width * 10 ** random.uniform(-2, 1),
        conductivity=10 ** random.uniform(-3, 0),
    )
    kinetics = fi.ButlerVolmer(exchange_current_density=10 ** random.uniform(-3, 4))
    return fi.Cell(electrolyte=shape, islands=islands, kinetics=kinetics)


def test_no_difference_from_the_uniform_state_is_larger() -> None:
    """And none of the largest is far smaller: a bound of half the size would fail."""
    random = np.random.default_rng(8)
    shares: list[float] = []
    while len(shares) < 60:
        try:
            case = fi.Case(cell=random_cell(random))
        except ValueError:  # islands that overlap or leave the cell
            continue
        currents = 10 ** random.uniform(-2, 2, 2)
        points = OperatingPoints.of(case, currents)
        numbers = CondensedSolver().solve(case, currents).numbers
        beside = numbers["exposed_drive_max"] - points.uniform.drive
        along = numbers["exposed_drive_max"] - numbers["overpotential_min"]
        shares += (np.maximum(beside, along) / largest_drop(points)).tolist()
    assert 0.5 < max(shares) <= 1.0
