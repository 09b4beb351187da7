"""Symmetric matrices of blocks of which only neighbours know one another: one after another.

With the blocks D_c on the diagonal and E_c between c and its neighbour on the right,

    D_c x_c + E_(c-1)^T x_(c-1) + E_c x_(c+1) = b_c ,

elimination from left to right leaves D'_c = D_c - E_(c-1)^T inv(D'_(c-1)) E_(c-1) and is exact; the
work grows with the number of blocks. Positive definite matrices need no pivots between blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

Matrix = npt.NDArray[Any]
"""Of real or of complex numbers, as the conductivity is."""


class Factor:
    """A factorised symmetric matrix: by Cholesky if it is real, else, not being Hermitian, by LU.

    Raises:
        numpy.linalg.LinAlgError: It is not positive definite, or singular.
    """

    def __init__(self, matrix: Matrix) -> None:
        """Factorise a matrix of shape (n, n), n > 0."""
        self._pivots: npt.NDArray[np.int32] | None = None
        if np.iscomplexobj(matrix):
            self._factor, self._pivots, failed = lapack.zgetrf(matrix)
        else:
            self._factor, failed = lapack.dpotrf(matrix, lower=1, clean=0)
        if failed:
            raise np.linalg.LinAlgError("a block is not positive definite")

    def solve(self, right: Matrix) -> Matrix:
        """The solution for one or several right sides, shape (n,) or (n, m)."""
        if not right.size:
            return right
        if self._pivots is None:
            return np.asarray(lapack.dpotrs(self._factor, right, lower=1)[0])
        return np.asarray(lapack.zgetrs(self._factor, self._pivots, right)[0])


class Chain:
    """A factorised chain of blocks.

    Raises:
        numpy.linalg.LinAlgError: It is not positive definite, or singular.
    """

    def __init__(self, diagonal: Matrix, beside: Matrix) -> None:
        """Eliminate from left to right.

        Args:
            diagonal: D_c, shape (blocks, n, n).
            beside: E_c, shape (blocks - 1, n, n).
        """
        self._factors: list[Factor] = []
        self._solved = np.empty_like(beside)
        for number, block in enumerate(diagonal):
            left = block
            if number:
                left = block - beside[number - 1].T @ self._solved[number - 1]
            self._factors.append(Factor(left))
            if number < len(beside):
                self._solved[number] = self._factors[-1].solve(beside[number])

    def solve(self, right: Matrix) -> Matrix:
        """The solution for right sides of shape (blocks, n, m)."""
        result = right.astype(np.result_type(right, self._solved))
        for number in range(1, len(result)):
            result[number] -= self._solved[number - 1].T @ result[number - 1]
        for number in reversed(range(len(result))):
            result[number] = self._factors[number].solve(result[number])
            if number + 1 < len(result):
                result[number] -= self._solved[number] @ result[number + 1]
        return result
