"""Stacks of grids: what is condensed together is what each grid gives alone."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import fem_island as fi
from fem_island.machine.arrays import Array
from fem_island.solvers.condensed import grid, separable, stacks
from fem_island.solvers.condensed.grid import GridLine
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import stretches

TWO = [{"width": "5 um", "center": "10 um"}, {"width": "7 um", "center": "30 um"}]
CYLINDER = {"geometry": "axisymmetric", "radius": "25 um"}
CELLS = {
    "one island": fi.Cell(),
    "film beside it": fi.Cell(interlayer=fi.interlayer("Ag", reaction="release")),
    "two islands": fi.Cell(islands=TWO),
    "two islands that touch": fi.Cell(
        islands=[{"width": "5 um", "center": "10 um"}, {"width": "5 um", "center": "15 um"}]
    ),
    "island at the wall": fi.Cell(islands=[{"width": "10 um", "center": "0 um"}]),
    "disc": fi.Cell(electrolyte=CYLINDER, islands=[{"outer_radius": "5 um"}]),
    "film around a disc": fi.Cell(
        electrolyte=CYLINDER,
        islands=[{"outer_radius": "5 um"}],
        interlayer=fi.interlayer("Ag", reaction="release"),
    ),
    "disc and rings": fi.Cell(
        electrolyte=CYLINDER,
        islands=[
            {"outer_radius": "2 um"},
            {"inner_radius": "5 um", "outer_radius": "9 um"},
            {"inner_radius": "20 um", "outer_radius": "25 um"},
        ],
    ),
    "ring": fi.Cell(
        electrolyte=CYLINDER, islands=[{"inner_radius": "10 um", "outer_radius": "12 um"}]
    ),
}
HEIGHT = 15e-6


def stretched(x: GridLine, cuts: npt.NDArray[np.intp], factors: Array) -> GridLine:
    """The lines of one grid of a stack."""
    ends = [0, *cuts.tolist(), len(x.lengths)]
    lengths = x.lengths.copy()
    for number, factor in enumerate(factors.tolist()):
        lengths[ends[number] : ends[number + 1]] *= factor
    return GridLine(np.concatenate([[0.0], np.cumsum(lengths)]), x.degree, x.measure)


@pytest.mark.parametrize("each", [1, 5], ids=["few points of a grid", "many"])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(
    ("edge_size", "growth", "degree", "digits"),
    [(1e-6, 2.0, 4, 1e-10), (2e-8, 1.2, 6, 1e-9), (1e-9, 1.0, 5, 1e-8)],
)
def test_a_stack_is_what_each_of_its_grids_is_alone(
    name: str, edge_size: float, growth: float, degree: int, digits: float, each: int
) -> None:
    part = grid.part_solved(stretches(fi.Case(cell=CELLS[name])))
    digits *= 1.0 if part.measure.is_uniform else 2.0
    grading = Grading(edge_size, growth, 10e-6)
    x = grid.graded_bottom(part, height=HEIGHT, degree=degree, grading=grading)
    y = grid.graded_height(HEIGHT, degree=degree, grading=grading)
    cuts = np.searchsorted(x.ends.mean(axis=1), [stretch.end for stretch in part[:-1]])
    reacts = [stretch.law is not None for stretch in part]
    random = np.random.default_rng(3)
    factors = random.uniform(0.4, 1.0, (3, len(part)))[[0, 1, 1, 2]]
    raising = np.array([1.0, 0.7, 0.7, 0.5])
    stack = stacks.condense(
        x, y, cuts, reacts, np.repeat(factors, each, axis=0), np.repeat(raising, each)
    ).taken(np.arange(0, 4 * each, each))
    reacting = np.zeros(x.size, dtype=bool)
    reacting[stack.reacting] = True
    currents = np.array([1.0, -2.0, 3.0, 0.5])
    phases = random.uniform(0.0, 6.0, (4, 1))
    potential = np.sin(phases + 3e5 * x.nodes[stack.reacting])
    field = stack.bottom().field(potential, currents, np.full(4, 0.2))
    top = stack.top_mean().field(potential, currents, np.full(4, 0.2))
    flowing = stack.operator.traction(potential, currents, np.full(4, 0.2))
    for number, factor in enumerate(factors):
        high = GridLine(raising[number] * y.breaks, y.degree)
        alone = separable.condense(stretched(x, cuts, factor), high, reacting)
        row = slice(number, number + 1)
        known = potential[row], currents[row], 0.2
        for found, wanted in (
            (flowing, alone.operator.traction(*known)),
            (field, alone.bottom().field(*known)),
            (top, alone.top_mean().field(*known)),
        ):
            assert abs(found[row] - wanted).max() <= digits * abs(wanted).max()


def test_some_points_of_a_stack_are_those_of_the_whole() -> None:
    part = grid.part_solved(stretches(fi.Case()))
    grading = Grading(1e-6, 2.0, 10e-6)
    x = grid.graded_bottom(part, height=HEIGHT, degree=3, grading=grading)
    y = grid.graded_height(HEIGHT, degree=3, grading=grading)
    cuts = np.searchsorted(x.ends.mean(axis=1), [part[0].end])
    factors = np.array([[1.0, 0.5], [0.7, 0.9], [1.0, 0.5]])
    stack = stacks.condense(x, y, cuts, [False, True], factors, np.ones(3))
    assert len(stack.operator.stiffness) == 2
    chosen = np.array([2])
    potential, current = np.ones((1, stack.operator.size)), np.array([1.0])
    whole = stack.operator.traction(np.repeat(potential, 3, axis=0), np.ones(3), 0.2)
    part_of_it = stack.taken(chosen).operator.traction(potential, current, 0.2)
    assert part_of_it[0].tolist() == whole[2].tolist()


@pytest.mark.parametrize("reaction", ["none", "release", "reversible"])
def test_discs_in_a_stack_are_those_that_are_solved_alone(reaction: Any) -> None:
    film = fi.interlayer("Ag", reaction=reaction)
    cylinder = {**CYLINDER, "conductivity": "0.3 mS/cm"}
    radii, currents = [2e-6, 5e-6, 12e-6], [0.5, 5.0, 20.0]
    cell = fi.Cell(electrolyte=cylinder, islands=[{"outer_radius": "5 um"}], interlayer=film)
    maps = fi.sweep(cell, axes={"islands.outer_radius": radii}, current_density=currents)
    assert (maps.status == 0).all()
    assert 0 < float(maps.delithiates.mean()) < 1
    for radius in radii:
        alone = fi.sweep(
            fi.Cell(electrolyte=cylinder, islands=[{"outer_radius": radius}], interlayer=film),
            current_density=currents,
        )
        stacked = maps.sel(island_outer_radius=radius)
        assert (stacked.delithiates == alone.delithiates).all()
        for name in ("overpotential_mean", "overpotential_max", "exposed_drive_max"):
            estimates = stacked[f"error_estimate_{name}"] + alone[f"error_estimate_{name}"]
            assert (abs(stacked[name] - alone[name]) <= estimates).all()
        shares = stacked.islands_current_fraction - alone.islands_current_fraction
        assert float(abs(shares).max()) < 2e-6
