"""Values at the nodes of a box, shared by ranks in slabs of rows, and then in slabs of columns.

A transform along x needs whole rows, one along y whole columns. Every rank has some rows of all
layers for the first, and some columns of all layers for the second; between them all ranks send
each other the blocks that both have in common.
"""

from __future__ import annotations

from collections.abc import Sequence

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array

Single = npt.NDArray[np.float32]


class Slabs:
    """Who has which nodes.

    Attributes:
        shape: Nodes along z, y and x.
        columns: Those of this rank.
    """

    def __init__(
        self, shape: tuple[int, int, int], places: npt.NDArray[np.intp], comm: MPI.Comm
    ) -> None:
        """Tell every rank which nodes it will get. Collective.

        Args:
            shape: Nodes along z, y and x.
            places: Those of the unknowns that this rank owns, shape (n, 3).
            comm: Who shares them.
        """
        self.shape, self._comm = shape, comm
        layers, rows, columns = shape
        self._row_starts = _starts(rows, comm.size)
        self._column_starts = _starts(columns, comm.size)
        self._rows, self.columns = (
            slice(*starts[comm.rank : comm.rank + 2])
            for starts in (self._row_starts, self._column_starts)
        )
        owner = np.searchsorted(self._row_starts, places[:, 1], side="right") - 1
        self._order = np.argsort(owner, kind="stable")
        self._sent = np.bincount(owner, minlength=comm.size)
        self._received = np.empty_like(self._sent)
        comm.Alltoall(self._sent, self._received)
        first, last = self._rows.start, self._rows.stop
        self._slab = layers, last - first, columns
        numbers = np.ravel_multi_index(tuple(places[self._order].T), shape)
        found = np.empty(int(self._received.sum()), dtype=numbers.dtype)
        comm.Alltoallv([numbers, self._sent], [found, self._received])
        z, y, x = np.unravel_index(found, shape)
        self._places = np.ravel_multi_index((z, y - first, x), self._slab)

    def rows_of(self, values: Array) -> Single:
        """The rows of this rank, of values at the unknowns. Collective; shape (z, y, x)."""
        sent = values[self._order].astype(np.float32)
        received = np.empty(len(self._places), dtype=np.float32)
        self._comm.Alltoallv([sent, self._sent], [received, self._received])
        found = np.empty(self._slab, dtype=np.float32)
        found.ravel()[self._places] = received
        return found

    def write(self, rows: Single, values: Array) -> None:
        """Set values at the unknowns to those of rows. Collective."""
        sent = rows.ravel()[self._places]
        received = np.empty(len(self._order), dtype=np.float32)
        self._comm.Alltoallv([sent, self._received], [received, self._sent])
        values[self._order] = received

    def to_columns(self, rows: Single) -> Single:
        """The columns of this rank, of what every rank has as rows. Collective."""
        return self._turned(rows, 2, self._column_starts, 1, self._row_starts)

    def to_rows(self, columns: Single) -> Single:
        """The way back. Collective."""
        return self._turned(columns, 1, self._row_starts, 2, self._column_starts)

    def _turned(
        self,
        values: Single,
        cut: int,
        cuts: npt.NDArray[np.intp],
        joined: int,
        joints: npt.NDArray[np.intp],
    ) -> Single:
        """Values cut along one axis, and joined along another."""
        if self._comm.size == 1:
            return values
        parts = np.split(values, cuts[1:-1], axis=cut)
        sent = np.concatenate([part.ravel() for part in parts])
        shape = list(values.shape)
        shape[cut] = int(np.diff(cuts)[self._comm.rank])
        others = shape[0] * shape[cut]
        received = np.empty(others * int(joints[-1]), dtype=np.float32)
        lengths = np.diff(joints)
        self._comm.Alltoallv(
            [sent, [part.size for part in parts]], [received, (others * lengths).tolist()]
        )
        blocks = np.split(received, others * joints[1:-1])
        return np.concatenate(
            [
                block.reshape(_with(shape, joined, int(length)))
                for block, length in zip(blocks, lengths, strict=True)
            ],
            axis=joined,
        )


def _with(shape: Sequence[int], axis: int, length: int) -> tuple[int, ...]:
    return *shape[:axis], length, *shape[axis + 1 :]


def _starts(count: int, ranks: int) -> npt.NDArray[np.intp]:
    """Where the share of every rank begins, and last the end, shape (ranks + 1,)."""
    return np.asarray(np.arange(ranks + 1) * count // ranks, dtype=np.intp)
