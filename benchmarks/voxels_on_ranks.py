"""Voxels on two cores: threads of NumPy and SciPy against ranks of PETSc.

    python benchmarks/voxels_on_ranks.py [--side 200] [--pores 0.2]            threads
    mpirun -n 2 python benchmarks/voxels_on_ranks.py [--side 200] --ranks      ranks

One step of linear equations of the same cube with random pores, to 1e-6 of its energy: the finite
volumes with lithium on a tenth of the bottom. Threads are those of the package. Ranks have a matrix
of PETSc, its conjugate gradients, and the same fast Poisson solver as a shell, in slabs that ranks
share. Printed are iterations, processor time of the slowest rank (or of the work that threads
cannot share and the slowest of them), and the memory of all. Set OMP_NUM_THREADS to the number of
threads, and to 1 with ranks.
"""

from __future__ import annotations

import argparse
import resource
import threading
import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import scipy
from scipy import sparse

import fem_island as fi
from contact_maps import blobs
from fem_island.machine.threads import Threads, allowed_threads
from fem_island.solvers.voxels.voxel_box import VoxelBox
from fem_island.solvers.voxels.voxel_gradients import VoxelTangent
from fem_island.surface.contact import Contact
from voxels import porous

PIXEL = 0.5e-6
WEIGHT = 200.0  # of lithium at 0.5 mA/cm^2 [S/m^2]
REDUCTION = 1e-6


def problem(side: int, pores: float) -> tuple[VoxelBox, np.ndarray]:
    """The voxels, and numbers of the pixels that react."""
    conductivity = 0.1 * porous(side, pores, 0.0).astype(np.float64)
    parts, _ = scipy.ndimage.label(conductivity > 0)
    conductivity[parts != np.bincount(parts[parts > 0]).argmax()] = 0.0
    lithium = Contact.of(fi.Case(cell=fi.Cell(map=blobs(side)))).image.classes == 1
    return VoxelBox(conductivity, PIXEL, side * PIXEL), np.flatnonzero(
        lithium & (conductivity[0] > 0)
    )


class TimedThreads(Threads):
    """Threads that count their processor time."""

    def __init__(self, count: int) -> None:
        """Start at nothing."""
        super().__init__(count)
        self.spent: dict[int, float] = defaultdict(float)

    def share(self, length: int, work: Callable[[int, int], None]) -> None:
        """Share work, and look at the clock of who does it."""

        def timed(first: int, last: int) -> None:
            start = time.thread_time()
            work(first, last)
            self.spent[threading.get_ident()] += time.thread_time() - start

        super().share(length, timed)


def by_threads(side: int, pores: float) -> None:
    """Print what threads take."""
    box, pixels = problem(side, pores)
    threads = TimedThreads(allowed_threads())
    start = time.thread_time()
    tangent = VoxelTangent(box, threads)
    right = np.zeros(box.conductivity.shape)
    top = box.conductivity[-1] > 0
    right[-1][top] = -1 / top.mean()
    weight = np.full(len(pixels), WEIGHT)
    first = tangent.preconditioned(right, pixels, weight)
    _, count = tangent.solve(right, pixels, weight, first=first, reduction=REDUCTION)
    own = threads.spent.pop(threading.get_ident(), 0.0)
    alone = time.thread_time() - start - own
    report(
        f"{threads.count} threads",
        side,
        count,
        alone + own + max(threads.spent.values(), default=0.0),
    )


def by_ranks(side: int, pores: float) -> None:
    """Print what ranks of PETSc take."""
    from fem_island.machine.launcher import load_mpi

    load_mpi()
    from mpi4py import MPI

    from petsc4py import PETSc

    from fem_island.solvers.meshed.boxes.slabs import Slabs

    comm = MPI.COMM_WORLD
    box, pixels = problem(side, pores)
    comm.barrier()
    start = time.process_time()
    first, last = side * comm.rank // comm.size, side * (comm.rank + 1) // comm.size
    order = np.arange(side**3).reshape(side, side, side)  # [row, layer, column]: slabs of rows
    k = box.conductivity.transpose(1, 0, 2)
    rows, columns, values = [], [], []
    diagonal = np.zeros(k.shape)
    lithium = np.zeros((side, side))
    lithium.ravel()[pixels] = WEIGHT
    diagonal[:, 0] += lithium
    for axis, factor in ((0, box.flatness), (1, 1 / box.thickness), (2, box.flatness)):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        here, there = k[tuple(low)], k[tuple(high)]
        flow = factor * 2 * here * there / np.where(here + there > 0, here + there, 1.0)
        diagonal[tuple(low)] += flow
        diagonal[tuple(high)] += flow
        for one, other in ((low, high), (high, low)):
            numbers = order[tuple(one)]
            mine = (flow > 0) & (numbers >= first * side**2) & (numbers < last * side**2)
            rows.append(numbers[mine].astype(np.int32))
            columns.append(order[tuple(other)][mine].astype(np.int32))
            values.append(-flow[mine])
    own = slice(first * side**2, last * side**2)
    rows.append(order.ravel()[own].astype(np.int32))
    columns.append(order.ravel()[own].astype(np.int32))
    values.append(diagonal.ravel()[own])
    local = sparse.coo_array(
        (np.concatenate(values), (np.concatenate(rows) - own.start, np.concatenate(columns))),
        shape=((last - first) * side**2, side**3),
    ).tocsr()
    del rows, columns, values, diagonal, flow
    matrix = PETSc.Mat().createAIJ(
        size=((local.shape[0], side**3), (local.shape[0], side**3)),
        csr=(local.indptr.astype(np.int32), local.indices.astype(np.int32), local.data),
        comm=comm,  # type: ignore[arg-type]
    )
    del local
    y, z, x = np.unravel_index(order.ravel()[own], order.shape)
    slabs = Slabs((side, side, side), np.stack([z, y, x], axis=1), comm)
    modes = 2 - 2 * np.cos(np.pi * np.arange(side) / side)
    plane = modes[:, None] + modes[slabs.columns]
    sideways = box.flatness * box.conductivity.mean(axis=(1, 2))
    up = np.array([box.up(layer).mean() for layer in range(side - 1)])
    inverse = np.empty((side, *plane.shape), dtype=np.float32)
    below = np.zeros_like(plane)
    for layer in range(side - 1, -1, -1):
        added = up[layer] * below / (below + up[layer]) if layer + 1 < side else 0.0
        below = sideways[layer] * plane + added
        pivot = below + (up[layer - 1] if layer else lithium.mean())
        inverse[layer] = 1 / pivot
    up = up.astype(np.float32)

    class Shell:
        def apply(self, _: PETSc.PC, right: PETSc.Vec, found: PETSc.Vec) -> None:
            values = slabs.rows_of(np.asarray(right.array_r, dtype=float))
            values = slabs.to_columns(scipy.fft.dct(values, axis=2, norm="ortho"))
            values = scipy.fft.dct(values, axis=1, norm="ortho", overwrite_x=True)
            for layer in range(side - 2, -1, -1):
                values[layer] += up[layer] * inverse[layer + 1] * values[layer + 1]
            values[0] *= inverse[0]
            for layer in range(1, side):
                values[layer] += up[layer - 1] * values[layer - 1]
                values[layer] *= inverse[layer]
            values = scipy.fft.idct(values, axis=1, norm="ortho", overwrite_x=True)
            values = slabs.to_rows(values)
            values = scipy.fft.idct(values, axis=2, norm="ortho", overwrite_x=True)
            slabs.write(values, np.asarray(found.array))

    solver = PETSc.KSP().create(comm)  # type: ignore[arg-type]
    solver.setOperators(matrix)
    solver.setType("cg")
    solver.setNormType(PETSc.KSP.NormType.NATURAL)  # type: ignore[arg-type]
    solver.setTolerances(rtol=REDUCTION, atol=0.0, max_it=500)
    solver.getPC().setType("python")
    solver.getPC().setPythonContext(Shell())
    found, right = matrix.createVecRight(), matrix.createVecLeft()
    top = k[:, -1] > 0
    right.array[:] = 0.0
    entering = right.array.reshape(last - first, side, side)
    entering[:, -1][top[first:last]] = -1 / top.mean()
    before = time.process_time()
    solver.solve(right, found)
    alone = comm.allreduce(time.process_time() - before, MPI.MAX)
    spent = comm.allreduce(time.process_time() - start, MPI.MAX)
    memory = comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
    if comm.rank == 0:
        who = f"{comm.size} ranks ({alone:.2f} s to solve)"
        report(who, side, solver.getIterationNumber(), spent, memory)


def report(who: str, side: int, count: int, spent: float, memory: float | None = None) -> None:
    """Print a line."""
    if memory is None:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{who}, {side}^3 voxels: {count} iterations, {spent:.2f} s, {memory:.2f} GB", flush=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=200)
    parser.add_argument("--pores", type=float, default=0.2)
    parser.add_argument("--ranks", action="store_true")
    asked = parser.parse_args()
    (by_ranks if asked.ranks else by_threads)(asked.side, asked.pores)


if __name__ == "__main__":
    main()
