"""What contact maps on hexahedra cost: one grid after the other, on one or several ranks.

    python benchmarks/boxes.py [--degree 1] [--side 64] [PARTS ...]
    mpirun -n 2 python benchmarks/boxes.py ...

Random blobs at the paper's kinetics. Printed for every grid: unknowns, steps of Newton's method, of
conjugate gradients in each, the largest processor time of a rank and time by the clock without the
first compilation, and memory of all ranks. Set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import resource
import time

from fem_island.machine.launcher import load_mpi

load_mpi()

from mpi4py import MPI  # noqa: E402

import fem_island as fi  # noqa: E402
import fem_island.solvers.meshed  # noqa: E402
from contact_maps import blobs  # noqa: E402
from fem_island.solvers.meshed.boxes.box_grid import BoxGrid  # noqa: E402
from fem_island.solvers.meshed.boxes.box_level import solve_box  # noqa: E402
from fem_island.surface.contact import Contact  # noqa: E402


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", type=int, default=[1, 2, 4], metavar="PARTS")
    parser.add_argument("--degree", type=int, default=1)
    parser.add_argument("--side", type=int, default=64)
    asked = parser.parse_args()
    comm = MPI.COMM_WORLD
    case = fi.Case(cell=fi.Cell(map=blobs(asked.side)))
    contact = Contact.of(case)

    def solved(side: int, parts: int) -> tuple[BoxGrid, float]:
        grid = BoxGrid.over(
            (side, side),
            pixel=contact.image.pixel,
            height=case.cell.electrolyte.height,
            parts=parts,
            degree=asked.degree,
        )
        level = solve_box(case, contact, grid, comm=comm)
        return grid, level.iterations / int(level.columns.numbers["newton_iterations"][0])

    # Compiles the form.
    solved(asked.side, 1)
    for parts in asked.parts:
        comm.barrier()
        started, clock = time.process_time(), time.perf_counter()
        grid, each = solved(asked.side, parts)
        spent = comm.allreduce(time.process_time() - started, MPI.MAX)
        clock = time.perf_counter() - clock
        memory = comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
        if comm.rank == 0:
            print(
                f"{comm.size} ranks, degree {asked.degree}, {grid.unknowns} unknowns: {each:.1f} "
                f"iterations a step, {spent:.2f} s of processor time, {clock:.2f} s, "
                f"{memory:.2f} GB",
                flush=True,
            )


if __name__ == "__main__":
    main()
