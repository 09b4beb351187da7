"""Electrolytes of voxels against exact answers, cosines, and finite elements."""

from __future__ import annotations

from typing import Any, Literal

from mpi4py import MPI

import map_cases
import numpy as np
import numpy.typing as npt
import pytest
import ufl
from dolfinx import fem
from dolfinx.mesh import CellType, create_box
from scipy.sparse.linalg import spsolve

import fem_island as fi
from fem_island.results.columns import Columns
from fem_island.solvers.cosine.level import solve_level
from fem_island.solvers.cosine.solver import CosineSolver
from fem_island.solvers.voxels.connected import Connected
from fem_island.solvers.voxels.voxel_level import VoxelLevel, solve_voxels
from fem_island.solvers.voxels.voxel_solver import VoxelSolver
from fem_island.surface.contact import Contact

Voxels = npt.NDArray[np.float64]


def under(case: fi.Case, voxels: Voxels) -> fi.Case:
    """A case of a map with voxels [S/m] in the place of its electrolyte."""
    electrolyte = fi.Electrolyte(
        geometry="map",
        height=case.cell.electrolyte.height,
        conductivity_image=voxels,
    )
    return case.with_(cell=case.cell.with_(electrolyte=electrolyte))


def random_cell(seed: int, shape: tuple[int, int, int]) -> fi.Case:
    """Blobs of lithium of any kinetics, in plating or stripping, some of them with a film."""
    generator = np.random.default_rng(seed)
    image = map_cases.blobs(shape[1:], 0.3, 1.0, generator)
    film = REACTIONS[generator.integers(3)]
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(geometry="map", height="12 um"),
        kinetics={"exchange_current_density": float(10 ** generator.uniform(-1, 3))},
        interlayer=None if film == "none" else fi.interlayer("Ag", reaction=film),
        map=fi.ContactMap(image=image, pixel="2 um"),
    )
    current = float(generator.choice([-1, 1]) * 10 ** generator.uniform(-0.5, 1.3))
    return fi.Case(cell=cell, operation={"current_density": current}, accuracy={"tolerance": 1e-4})


def solved(case: fi.Case) -> Columns:
    return VoxelSolver().solve(case, np.array([case.operation.current_density]))


REACTIONS: tuple[Literal["none", "reversible", "release"], ...] = ("none", "reversible", "release")

NAMES = (
    "potential_top_mean",
    "overpotential_mean",
    "overpotential_max",
    "overpotential_min",
    "exposed_drive_max",
    "constriction_resistance",
    "interlayer_current_fraction",
)


@pytest.mark.parametrize("name", ["m03_square_island", "m08_blobs12_film_reversible"])
@pytest.mark.parametrize("layers", [3, 11])
def test_one_conductivity_is_the_cell_of_cosines(name: str, layers: int) -> None:
    """Voxel by voxel the same equations, whatever the number of layers."""
    case = map_cases.reference_case(name, tolerance=1e-6)
    contact = Contact.of(case)
    voxels = np.full((layers, *contact.image.shape), case.conductivity)
    each = under(case, voxels)
    ours = solve_voxels(each, Connected.of(each), tolerance=1e-11).columns.numbers
    theirs = solve_level(case, contact, 1, tolerance=1e-11, coarser=None).columns.numbers
    for key in NAMES:
        assert ours[key][0] == pytest.approx(theirs[key][0], rel=1e-9, abs=1e-10, nan_ok=True), key
    reported = solved(each).numbers
    known = CosineSolver().solve(
        case.with_(accuracy={"tolerance": 1e-9}), np.array([case.operation.current_density])
    )
    assert reported["status"][0] == 0
    for key in NAMES[:2]:
        error = abs(float(reported[key][0] - known.numbers[key][0]))
        assert error < float(reported[f"error_estimate_{key}"][0]) < 1e-6


def test_layers_have_their_exact_resistance() -> None:
    layers = np.exp(np.random.default_rng(0).normal(-2, 2, 9))
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(
            geometry="map",
            height="20 um",
            conductivity_image=10 * layers[:, None, None] * np.ones((9, 3, 4)),
            conductivity_unit="mS/cm",
        ),
        map=fi.ContactMap(image=np.ones((3, 4)), pixel="2 um"),
    )
    case = fi.Case(cell=cell, operation={"current_density": 2.5})
    result = fi.solve(case).result
    resistance = np.sum(20e-6 / 9 / layers)
    assert case.conductivity == pytest.approx(20e-6 / resistance, rel=1e-14)
    overpotential = 2 * 8.31446261815324 * 298.15 / 96485.33212 * np.arcsinh(2.5 / (2 * 5.0))
    assert result.overpotential_mean == pytest.approx(overpotential, abs=1e-12)
    ohmic = -result.potential_top_mean - result.overpotential_mean
    assert ohmic / 2.5 / resistance == pytest.approx(1, abs=1e-8)
    assert result.constriction_resistance == pytest.approx(0, abs=1e-8 * resistance)
    assert result.status == "converged"


def test_a_wall_makes_two_cells() -> None:
    """A crack from top to bottom: each half is the uniform cell, at the current that enters it.

    But for the correction close to contacts, which dies out within pixels and does not know of it.
    """
    image = np.zeros((6, 11))
    image[1:3, 1:4] = image[3:5, 7:10] = 1
    voxels = np.full((5, 6, 11), 0.1)
    voxels[:, :, 5] = 0.0
    base = fi.Cell(
        electrolyte=fi.Electrolyte(geometry="map", height="10 um"),
        map=fi.ContactMap(image=image, pixel="3 um"),
    )
    case = under(fi.Case(cell=base, operation={"current_density": 2.0}), voxels)
    level = solve_voxels(case, Connected.of(case), tolerance=1e-11)
    density = level.state.density_map()
    assert (density[:, 5] == 0).all()
    for half in (slice(0, 5), slice(6, 11)):
        own = fi.Cell(
            electrolyte=fi.Electrolyte(geometry="map", height="10 um", conductivity="1 mS/cm"),
            map=fi.ContactMap(image=image[:, half], pixel="3 um"),
        )
        alone = fi.Case(cell=own, operation={"current_density": 2.0 * 11 / 10})
        known = solve_level(alone, Contact.of(alone), 1, tolerance=1e-11, coarser=None)
        assert density[:, half] == pytest.approx(known.state.density_map(), rel=2e-5)
        top = float(known.columns.numbers["potential_top_mean"][0])
        assert level.field.values[-1][:, half].mean() == pytest.approx(top, abs=1e-6)


def finite_elements(case: fi.Case, voxels: Voxels, parts: int) -> tuple[float, float]:
    """Potential at the top and mean overpotential for linear kinetics, by elements of degree 2."""
    image = case.cell.map
    assert image is not None
    layers, rows, columns = voxels.shape
    x, y, z = 1e6 * image.width, 1e6 * image.depth, 1e6 * case.cell.electrolyte.height
    counts = [columns * parts, rows * parts, layers * parts]
    mesh = create_box(MPI.COMM_SELF, [[0.0, 0.0, 0.0], [x, y, z]], counts, CellType.hexahedron)
    space, constants = (fem.functionspace(mesh, pair) for pair in (("P", 2), ("DP", 0)))
    conductivity, lithium = fem.Function(constants), fem.Function(constants)
    middles = constants.tabulate_dof_coordinates()
    numbers = (middles / [x, y, z] * voxels.shape[::-1]).astype(int)
    # What does not conduct is not there; its equations must have a solution all the same.
    conductivity.x.array[:] = np.maximum(voxels[tuple(numbers.T[::-1])], 1e-9)
    lithium.x.array[:] = image.classes[numbers[:, 1], numbers[:, 0]] == 1
    trial, test, place = (
        ufl.TrialFunction(space),
        ufl.TestFunction(space),
        ufl.SpatialCoordinate(mesh),
    )
    bottom = ufl.conditional(ufl.lt(place[2], 1e-9), 1.0, 0.0)
    top = ufl.conditional(ufl.gt(place[2], z - 1e-9), 1.0, 0.0)
    slope = float(np.asarray(case.cell.kinetics.slope(0.0))) * 1e-6
    current = case.operation.current_density * 1e-6
    enters = ufl.conditional(ufl.gt(conductivity, 1e-6), 1.0, 0.0)
    share = fem.assemble_scalar(fem.form(enters * top * ufl.ds)) / (x * y)
    form = conductivity * ufl.inner(ufl.grad(trial), ufl.grad(test)) * ufl.dx
    form += slope * lithium * trial * test * bottom * ufl.ds
    matrix = fem.assemble_matrix(fem.form(form)).to_scipy()
    load = fem.assemble_vector(fem.form(-current / share * enters * test * top * ufl.ds)).array
    potential = fem.Function(space)
    potential.x.array[:] = spsolve(matrix.tocsc(), load)
    means = []
    for value, weight in ((potential, enters * top), (-potential, lithium * bottom)):
        total = fem.assemble_scalar(fem.form(value * weight * ufl.ds))
        means.append(float(np.real(total / fem.assemble_scalar(fem.form(weight * ufl.ds)))))
    return means[0], means[1]


def test_grains_and_pores_against_finite_elements() -> None:
    generator = np.random.default_rng(3)
    image = np.zeros((4, 5))
    image[1:3, 1:3] = image[3, 4] = 1
    voxels = np.exp(generator.normal(-2, 1, (4, 4, 5)))
    voxels[2, 1, 1:3] = voxels[1:3, 3, 3] = 0.0
    cell = fi.Cell(
        electrolyte=fi.Electrolyte(geometry="map", height="8 um"),
        kinetics=fi.LinearKinetics(exchange_current_density="5 mA/cm^2"),
        map=fi.ContactMap(image=image, pixel="2.5 um"),
    )
    base = fi.Case(cell=cell, operation={"current_density": 4.0}, accuracy={"tolerance": "0.1 mV"})
    case = under(base, voxels)
    found = solved(case)
    assert found.numbers["status"][0] == 0
    coarse, fine = (np.array(finite_elements(case, voxels, parts)) for parts in (1, 2))
    known = fine + (fine - coarse) / 2
    for key, value, sure in zip(NAMES, known, np.abs(fine - coarse), strict=False):
        error = abs(float(found.numbers[key][0]) - value)
        assert error < float(found.numbers[f"error_estimate_{key}"][0]) + 0.5 * sure, key
        assert error < 1e-4


@pytest.mark.parametrize("seed", range(6))
def test_estimates_of_porous_cells(seed: int) -> None:
    """Random pores, grains and cracks: estimates cover the difference from far smaller voxels."""
    shape = (6, 8, 9)
    generator = np.random.default_rng(100 + seed)
    voxels = np.where(generator.random(shape) < 0.2, 0.0, 0.18)
    if seed % 2:
        voxels *= np.exp(generator.normal(0, 1, shape))
    case = under(random_cell(seed, shape), voxels)
    connected = Connected.of(case)
    levels: list[VoxelLevel] = []
    for _ in range(4):
        coarser = levels[-1] if levels else None
        levels.append(solve_voxels(case, connected, tolerance=1e-10, coarser=coarser))
    found = VoxelSolver(most_memory=1e6).solve(case, np.array([case.operation.current_density]))
    assert not found.failed[0]
    fine, finest = (level.columns.numbers for level in levels[-2:])
    for key in (*NAMES[:2], "interlayer_current_fraction"):
        limit = finest[key][0] + 0.7 * (finest[key][0] - fine[key][0])
        error = abs(float(found.numbers[key][0] - limit))
        sure = float(found.numbers[f"error_estimate_{key}"][0])
        assert np.isnan(error) or error <= sure + 1e-9, key


def test_the_estimate_from_a_part() -> None:
    """Where halves of voxels do not fit, a sixteenth of the area tells how far the whole is off."""
    generator = np.random.default_rng(7)
    voxels = np.where(generator.random((8, 24, 24)) < 0.2, 0.0, 0.18)
    case = under(random_cell(2, voxels.shape), voxels)
    current = np.array([case.operation.current_density])
    alone = VoxelSolver(most_memory=1e5).solve(case, current).numbers
    known = VoxelSolver(most_memory=3e7).solve(case.with_(accuracy={"tolerance": 1e-9}), current)
    for key in NAMES[:2]:
        error = abs(float(alone[key][0] - known.numbers[key][0]))
        unsure = float(known.numbers[f"error_estimate_{key}"][0])
        assert error < float(alone[f"error_estimate_{key}"][0]) + unsure
        assert float(alone[f"error_estimate_{key}"][0]) < 30 * (error + unsure) + 1e-5


def test_what_is_cut_off_carries_nothing() -> None:
    """Lithium below a pore, a grain that floats, and a column that does not reach the top."""
    image = np.zeros((4, 4))
    image[0, 0] = image[0, 3] = image[3, 0] = image[2, 2] = 1
    voxels = np.ones((5, 4, 4))
    voxels[0, 0, 0] = 0.0
    voxels[1, 3, 0] = voxels[0, 2, 0] = voxels[0, 3, 1] = 0.0
    voxels[2:4, 1:3, 1:3] = 0.0
    base = fi.Case(
        cell=fi.Cell(
            electrolyte=fi.Electrolyte(geometry="map", height="5 um"),
            map=fi.ContactMap(image=image, pixel="1 um"),
        ),
        output={"probes": [["0.5 um", "0.5 um", "0.2 um"], ["3.5 um", "3.5 um", "4.5 um"]]},
    )
    solution: Any = fi.solve(under(base, voxels), tolerance="0.1 mV")
    result = solution.result
    density = solution.current_density_map()
    assert density[0, 0] == density[3, 0] == 0
    assert density.mean() == pytest.approx(2.5, rel=1e-9)
    shares = [island.current_fraction for island in result.islands]
    assert sum(shares) == pytest.approx(1, abs=1e-9)
    assert sorted(shares)[:2] == [0, 0]
    assert [np.isnan(island.overpotential_mean) for island in result.islands] == [
        share == 0 for share in shares
    ]
    assert result.coverage == 4 / 16
    assert np.isfinite(result.probes[1][3])
    assert np.isnan(solution.potential([(1.5e-6, 1.5e-6, 3e-6)])[0])
    assert np.isfinite(result.exposed_drive_max)


def test_what_leaves_no_way_is_refused() -> None:
    voxels = np.ones((4, 3, 3))
    voxels[0, :, 0] = 0.0
    image = np.zeros((3, 3))
    image[:, 0] = 1
    base = fi.Case(cell=fi.Cell(map=fi.ContactMap(image=image, pixel="5 um")))
    with pytest.raises(fi.InputError, match="leaves no way from the top to lithium"):
        fi.solve(under(base, voxels))
    for compute in (fi.strip, fi.impedance, lambda each: fi.solve(each, solver="newton")):
        with pytest.raises(fi.InputError):
            compute(under(base, np.ones((4, 3, 3))))


def test_threads_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, whatever each of them does."""
    generator = np.random.default_rng(8)
    voxels = np.where(generator.random((64, 65, 66)) < 0.2, 0.0, 0.18)
    image = (generator.random((65, 66)) < 0.1).astype(np.uint8)
    case = under(fi.Case(cell=fi.Cell(map=fi.ContactMap(image=image, pixel="1 um"))), voxels)
    found = []
    for count in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", count)
        found.append(solve_voxels(case, Connected.of(case), tolerance=1e-6).field.values)
    np.testing.assert_array_equal(found[0], found[1])
