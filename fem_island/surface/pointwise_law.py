"""Reaction laws whose parameters differ from point to point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.surface.bottom import Bottom
from fem_island.surface.kinetics import Reaction, ReactionLaw, ReleaseOnly, Term


@dataclass(frozen=True, eq=False)
class PointwiseLaw:
    """A reaction law of k operating points, which differ in some of its parameters.

    Points are along the first axis of all overpotentials that it is asked for. Two of them are the
    same law only if they are one object.

    Attributes:
        law: What is the same at all points: a reaction, or one that gives lithium only.
        parameters: Name of a parameter of the law -> its values, shape (k,).
        temperature: T [K], shape (k,); None where it is that of the law.

    Example:
        >>> from fem_island.surface.kinetics import LinearKinetics
        >>> slow_and_fast = {"exchange_current_density": np.array([5.0, 50.0])}
        >>> law = PointwiseLaw(Reaction(LinearKinetics()), slow_and_fast)
        >>> law.current_density(np.full((2, 3), 0.001)).round(2)[:, 0].tolist()
        [0.19, 1.95]
    """

    law: ReactionLaw
    parameters: dict[str, Array]
    temperature: Array | None = None
    _shaped: dict[int, ReactionLaw] = field(default_factory=dict, repr=False)

    def current_density(self, overpotential: Term) -> Term:
        """Current density [A/m^2] at overpotentials [V] of shape (k, ...), same shape."""
        return self._along(overpotential).current_density(overpotential)

    def slope(self, overpotential: Term) -> Term:
        """Derivative with respect to the overpotential [S/m^2], shape (k, ...)."""
        return self._along(overpotential).slope(overpotential)

    def taken(self, points: npt.NDArray[np.intp]) -> PointwiseLaw:
        """The law of some of the points."""
        parameters = {name: values[points] for name, values in self.parameters.items()}
        temperature = None if self.temperature is None else self.temperature[points]
        return PointwiseLaw(self.law, parameters, temperature)

    def _along(self, overpotential: Term) -> ReactionLaw:
        """The law with parameters that go along with values of such a shape."""
        axes = max(1, np.ndim(overpotential))
        if axes not in self._shaped:
            self._shaped[axes] = self._with_axes(self.law, axes)
        return self._shaped[axes]

    def _with_axes(self, law: ReactionLaw, axes: int) -> ReactionLaw:
        if isinstance(law, ReleaseOnly):
            return ReleaseOnly(self._with_axes(law.law, axes))
        if not isinstance(law, Reaction):
            raise TypeError(f"{type(law).__name__} has no parameters")
        shape = (-1, *[1] * (axes - 1))
        kinetics = law.law.model_copy(
            update={name: values.reshape(shape) for name, values in self.parameters.items()}
        )
        if self.temperature is None:
            return Reaction(kinetics, law.temperature)
        return Reaction(kinetics, self.temperature.reshape(shape))


def laws_taken(bottom: Bottom, points: npt.NDArray[np.intp]) -> Bottom:
    """A bottom with the laws of some of its points."""
    found: dict[int, PointwiseLaw] = {}
    parts = []
    for stretch in bottom:
        law = stretch.law
        if isinstance(law, PointwiseLaw):
            taken = found.setdefault(id(law), law.taken(points))
            stretch = replace(stretch, law=taken)
        parts.append(stretch)
    return bottom.with_parts(parts) if found else bottom
