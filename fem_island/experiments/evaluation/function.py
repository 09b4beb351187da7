"""A cell as a function of numbers, as SciPy, SALib or emcee call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fem_island.case.axes import Axis, number_at
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.point_column import header_of, to_si_column, within
from fem_island.errors import Fault, InputError
from fem_island.experiments.evaluation.evaluating import plan_points, run
from fem_island.experiments.evaluation.output import Output, output_of
from fem_island.machine.arrays import Array
from fem_island.machine.communicator import OneProcess
from fem_island.results.columns import layout_of


@dataclass(frozen=True)
class Input:
    """An argument of a function.

    Attributes:
        name: As it was given.
        path: Of the key.
        unit: Of the numbers; empty where they are in SI units.
    """

    name: str
    path: str
    unit: str

    @classmethod
    def of(cls, name: str) -> Input:
        """Read ``KEY`` or ``KEY [UNIT]``.

        Raises:
            InputError: There is no such key or unit.
        """
        path, unit = header_of(name)
        found = cls(name, path, unit)
        found.axis(np.zeros(0))
        return found

    def axis(self, numbers: Array) -> Axis:
        """Values of the key, from numbers in the unit of the argument."""
        key, reader = number_at(self.path)
        return Axis(self.path, key, reader, to_si_column(numbers, self.path, self.unit, reader))


@dataclass(frozen=True)
class PointFunction:
    """A cell as a function of some of its numbers.

    Called with numbers of shape (d,) or (..., d), one for each input, it gives the output of shape
    () or (...); of several outputs shape (m,) or (..., m). Where a point is impossible or cannot be
    solved, that is NaN.

    Attributes:
        case: What is the same at all points.
        inputs: The arguments.
        outputs: What comes out.
        single: Whether there is one output, without an axis of its own.
    """

    case: Case
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    single: bool

    def __call__(self, points: npt.ArrayLike) -> Array:
        """The outputs at points."""
        numbers, shape = self._rows(points)
        values = np.full((len(numbers), len(self.outputs)), np.nan)
        chosen = self._allowed(numbers)
        if len(chosen):
            values[chosen] = self.of_axes(self.axes(numbers[chosen]))
        return self._shaped(values, shape)

    def of_columns(self, points: npt.ArrayLike) -> Array:
        """The same for numbers of shape (d, n), as ``scipy.stats.sobol_indices`` gives them.

        Returns:
            Shape (n,), or (m, n) of several outputs.
        """
        return np.asarray(self(np.asarray(points, dtype=np.float64).T).T)

    def gradient(self, points: npt.ArrayLike) -> Array:
        """Derivatives of the outputs with respect to the inputs.

        They are those of the discrete equations, from the matrix of Newton's method: see
        ``solvers.condensed.derivatives``.

        Args:
            points: Numbers of shape (d,) or (..., d).

        Returns:
            Shape (d,) or (..., d), or with an axis of the m outputs before the last one; each in
            the unit of the output over that of the input. NaN where there is no solution.
        """
        return self.value_and_gradient(points)[1]

    def value_and_gradient(self, points: npt.ArrayLike) -> tuple[Array, Array]:
        """Outputs at points, and their derivatives; see ``gradient``."""
        values, slopes, _ = self.with_gradient(points)
        return values, slopes

    def with_gradient(
        self, points: npt.ArrayLike, by: Sequence[str] | None = None
    ) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
        """The same by p of the inputs, and where derivatives are those of the discrete equations.

        Elsewhere (contact maps, lithium as a profile, islands as wide as the cell, a step
        from what is impossible) they are differences of solutions, NaN where there is none.

        Args:
            points: Numbers of shape (d,) or (..., d).
            by: Paths of the inputs; None for all.

        Returns:
            Outputs, derivatives with p in place of d, and an array of shape () or (...).
        """
        from fem_island.experiments.evaluation.gradients import values_and_gradients

        paths = [one.path for one in self.inputs]
        chosen = np.array([paths.index(path) for path in (paths if by is None else by)])
        numbers, shape = self._rows(points)
        values = np.full((len(numbers), len(self.outputs)), np.nan)
        slopes = np.full((len(numbers), len(self.outputs), len(chosen)), np.nan)
        exact = np.zeros(len(numbers), dtype=bool)
        rows = self._allowed(numbers)
        if len(rows):
            found = values_and_gradients(self, numbers[rows], chosen)
            values[rows], slopes[rows], exact[rows] = found
        kept = slopes[:, 0] if self.single else slopes
        return (
            self._shaped(values, shape),
            kept.reshape(*shape, *kept.shape[1:]),
            exact.reshape(shape),
        )

    def axes(self, numbers: Array) -> tuple[Axis, ...]:
        """The values of the keys, from numbers of shape (n, d)."""
        return tuple(one.axis(column) for one, column in zip(self.inputs, numbers.T, strict=True))

    def _allowed(self, numbers: Array) -> npt.NDArray[np.intp]:
        """Rows of numbers that the keys take, whatever they are beside one another."""
        allowed = np.isfinite(numbers).all(axis=1)
        for axis in self.axes(numbers):
            allowed &= within(axis.reader, axis.values)
        return np.flatnonzero(allowed)

    def of_axes(self, axes: tuple[Axis, ...]) -> Array:
        """The outputs from values of the keys, NaN where they are impossible; shape (n, m)."""
        count = len(axes[0].values)
        try:
            plan = plan_points(self.case, axes)
        except InputError:
            if count == 1:
                return np.full((1, len(self.outputs)), np.nan)
            halves = np.array_split(np.arange(count), 2)
            return np.concatenate(
                [self.of_axes(tuple(axis.taken(half) for axis in axes)) for half in halves]
            )
        found = run(
            plan, solver="condensed", out=None, restart=False, comm=OneProcess(), quiet=True
        )
        return np.stack([output.of(found.columns) for output in self.outputs], axis=1)

    def _rows(self, points: npt.ArrayLike) -> tuple[Array, tuple[int, ...]]:
        numbers = np.asarray(points, dtype=np.float64)
        count = len(self.inputs)
        if numbers.ndim == 0 and count == 1:
            numbers = numbers[None]
        if numbers.ndim == 0 or numbers.shape[-1] != count:
            said = f"the last axis must have {count} numbers: {', '.join(self._names)}"
            raise InputError([Fault("points", str(numbers.shape), said)])
        return numbers.reshape(-1, count), numbers.shape[:-1]

    def _shaped(self, values: Array, shape: tuple[int, ...]) -> Array:
        return values.reshape(shape if self.single else (*shape, len(self.outputs)))

    @property
    def _names(self) -> list[str]:
        return [one.name for one in self.inputs]


def function(
    cell: Cell | Case | Path | str, *, inputs: Sequence[str], output: str | Sequence[str]
) -> PointFunction:
    """A cell as a function of some of its numbers.

    Args:
        cell: The cell, a whole case, or the name of a case file, with what is the same at all
            points.
        inputs: Paths of numeric keys of a case file, or their short names in ``sweep``. Numbers are
            in SI units, or in the unit that stands behind a name in brackets.
        output: A reported number by its path in ``--json``, such as "overpotential_mean",
            "islands.0.current_fraction" or "interlayer.current_fraction", also with a unit; or
            several of them.

    Raises:
        InputError: There is no such key, number or unit.

    Example:
        >>> loss = function(Cell(), inputs=["islands.width [um]"], output="overpotential_mean [mV]")
        >>> loss([[5.0], [20.0]]).round(1).tolist()
        [84.6, 30.3]
    """
    case = as_case(cell)
    if isinstance(inputs, str):
        raise InputError([Fault("inputs", inputs, "must be a list of keys")])
    arguments = tuple(Input.of(name) for name in inputs)
    paths = [one.path for one in arguments]
    twice = [path for path in dict.fromkeys(paths) if paths.count(path) > 1]
    if twice:
        raise InputError([Fault("inputs", twice[0], "is there more than once")])
    if not arguments:
        raise InputError([Fault("inputs", None, "names no key")])
    single = isinstance(output, str)
    names = (output,) if isinstance(output, str) else tuple(output)
    outputs = tuple(output_of(name, layout_of(case)) for name in names)
    return PointFunction(case, arguments, outputs, single)
