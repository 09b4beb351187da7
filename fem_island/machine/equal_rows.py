"""Rows of arrays that are equal, found without a sort of whole rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def equal_rows(rows: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """A number for every row: equal for equal rows, from 0 on in the order of the rows.

    Args:
        rows: Numbers without NaN, shape (n, k).

    Returns:
        Shape (n,).

    Example:
        >>> equal_rows(np.array([[0.5, 2.0], [0.5, 1.0], [0.5, 2.0]])).tolist()
        [1, 0, 1]
    """
    if len(rows) < 2:
        return np.zeros(len(rows), dtype=np.intp)
    # Most often equal ones follow one another.
    starts = np.append(True, (rows[1:] != rows[:-1]).any(axis=1))
    return np.asarray(_numbered(rows[starts])[np.cumsum(starts) - 1])


def _numbered(rows: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    found = np.zeros(len(rows), dtype=np.intp)
    for column in rows.T:
        # Most often a column is the same everywhere.
        if len(column) and (column != column[0]).any():
            _, number = np.unique(column, return_inverse=True)
            _, found = np.unique(found * (number.max() + 1) + number, return_inverse=True)
    return found
