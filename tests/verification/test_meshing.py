"""The geometry: one script, the same in plain Gmsh and through the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

import fem_island as fi
from fem_island.solvers.meshed.meshing import MICROMETRE, Domain, mesh_cell, script_of
from fem_island.solvers.meshed.traces import bottom_side
from fem_island.solvers.resolution import Grading
from fem_island.surface.bottom import Tag, stretches

GRADING = Grading(edge_size=2e-9, growth=0.4, max_size=10e-6)
CELL = fi.Cell(
    islands=[
        fi.Island(width="3 um", center="1.5 um"),
        fi.Island(width="10 um", center="20 um"),
        fi.Island(width="2 um", center="26 um"),
    ],
    interlayer=fi.Interlayer(material="Ag", extent=[("10 um", "30 um"), ("44 um", "50 um")]),
)


def meshed(cell: fi.Cell, grading: Grading = GRADING) -> Domain:
    return mesh_cell(
        stretches(fi.Case(cell=cell)), height=15e-6, grading=grading, comm=MPI.COMM_SELF
    )


def length_of(domain: Domain, tag: Tag) -> float:
    one = fem.Constant(domain.mesh, 1.0)
    measure = ufl.Measure("ds", domain=domain.mesh, subdomain_data=domain.facet_tags)
    return MICROMETRE * float(np.real(fem.assemble_scalar(fem.form(one * measure(int(tag))))))


def test_tagged_lengths_are_those_of_the_cell() -> None:
    domain = meshed(CELL)
    assert length_of(domain, Tag.ISLAND) == pytest.approx(15e-6, rel=1e-12, abs=0)
    # Film under the islands is not in contact: 10-15, 27-30 and 44-50 um are left of it.
    assert length_of(domain, Tag.FILM) == pytest.approx(14e-6, rel=1e-12, abs=0)
    assert length_of(domain, Tag.EXPOSED) == pytest.approx(21e-6, rel=1e-12, abs=0)
    assert length_of(domain, Tag.TOP) == pytest.approx(50e-6, rel=1e-12, abs=0)
    assert length_of(domain, Tag.SIDES) == pytest.approx(30e-6, rel=1e-12, abs=0)


def test_elements_are_small_at_every_change_and_grow_away_from_it() -> None:
    domain = meshed(CELL)
    edges = mesh.exterior_facet_indices(domain.mesh.topology)
    sizes = MICROMETRE * domain.mesh.h(1, edges)
    middles = MICROMETRE * mesh.compute_midpoints(domain.mesh, 1, edges)
    on_bottom = middles[:, 1] < 1e-12
    for change in (stretch.end for stretch in domain.bottom[:-1]):
        distance = np.abs(middles[:, 0] - change)
        nearest = on_bottom & (distance < 5e-9)
        assert nearest.sum() >= 2
        assert sizes[nearest].max() < 2.5 * GRADING.edge_size
    nearest_change = np.min(
        [np.abs(middles[:, 0] - stretch.end) for stretch in domain.bottom[:-1]], axis=0
    )
    allowed = 1.5 * (GRADING.edge_size + GRADING.growth * nearest_change)
    assert np.all(sizes[on_bottom] < allowed[on_bottom])


def test_every_facet_of_the_bottom_lies_on_one_stretch() -> None:
    domain = meshed(CELL)
    ends = bottom_side(fem.functionspace(domain.mesh, ("Lagrange", 2)), domain).ends
    assert len(ends) == len(domain.bottom_facets())
    np.testing.assert_allclose(ends[1:, 0], ends[:-1, 1], rtol=0, atol=1e-18)
    middles = ends.mean(axis=1)
    slack = 1e-6 * GRADING.edge_size
    for stretch in domain.bottom:
        inside = ends[(middles > stretch.start) & (middles < stretch.end)]
        assert len(inside) > 4
        assert inside[0, 0] == pytest.approx(stretch.start, abs=slack)
        assert inside[-1, 1] == pytest.approx(stretch.end, abs=slack)


def test_the_mesh_is_the_same_every_time() -> None:
    first, second = meshed(CELL).mesh, meshed(CELL).mesh
    np.testing.assert_array_equal(first.geometry.x, second.geometry.x)


def test_the_script_runs_in_plain_gmsh_with_its_defaults(tmp_path: Path) -> None:
    gmsh = Path(sys.executable).parent / "gmsh"
    out = tmp_path / "cell.msh"
    command = [sys.executable, str(gmsh), "-2", str(script_of("planar")), "-o", str(out)]
    run = subprocess.run(
        [*command, "-setnumber", "island_width", "5"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0
    assert "Error" not in run.stdout + run.stderr
    assert "Warning" not in run.stdout + run.stderr
    text = out.read_text()
    for group in ('1 1 "island"', '1 3 "exposed"', '1 4 "top"', '1 5 "sides"'):
        assert group in text
    assert '2 10 "electrolyte"' in text


@pytest.mark.parametrize(("width", "groups"), [("50", 4), ("60", 0)])
def test_the_script_alone_knows_full_and_impossible_islands(
    width: str, groups: int, tmp_path: Path
) -> None:
    gmsh = Path(sys.executable).parent / "gmsh"
    out = tmp_path / "cell.msh"
    command = [sys.executable, str(gmsh), "-2", str(script_of("planar")), "-o", str(out)]
    run = subprocess.run(
        [*command, "-setnumber", "island_width", width], capture_output=True, text=True, check=False
    )
    if groups:
        assert f"$PhysicalNames\n{groups}\n" in out.read_text()
    else:
        assert "outside the cell (0 to 50 um)" in run.stdout + run.stderr
