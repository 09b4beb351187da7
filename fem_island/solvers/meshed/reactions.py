"""The reaction laws of a bottom as terms of a finite-element form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import ufl
from dolfinx import fem

from fem_island.case import kinetics
from fem_island.case.kinetics import Kinetics
from fem_island.solvers.meshed.meshing import Domain
from fem_island.surface.bottom import Tag
from fem_island.surface.kinetics import Reaction, ReactionLaw, ReleaseOnly


def _exponential_difference(first: Any, second: Any) -> Any:
    """exp(first) - exp(second) as in ``kinetics``, for UFL expressions."""
    half = (first - second) / 2
    close = 2 * ufl.exp((first + second) / 2) * ufl.sinh(half)
    return ufl.conditional(ufl.lt(abs(half), 0.5), close, ufl.exp(first) - ufl.exp(second))


kinetics.exponential.register(ufl.core.expr.Expr, ufl.exp)
kinetics.exponential_difference.register(ufl.core.expr.Expr, _exponential_difference)
kinetics.positive_part.register(
    ufl.core.expr.Expr, lambda argument: ufl.conditional(ufl.gt(argument, 0.0), argument, 0.0)
)
kinetics.where_positive.register(
    ufl.core.expr.Expr, lambda argument, value: ufl.conditional(ufl.gt(argument, 0.0), value, 0.0)
)


@dataclass(frozen=True)
class PlacedReactions:
    """The reactions of a bottom as terms of a form.

    Attributes:
        laws: Tag and law of every term, with coefficients that are functions on the mesh. A law of
            one island has i0 of 0 on the islands of another law, but is kept off what does not
            react as lithium does: there the potential has no bounds, and even a law with i0 of 0
            would overflow.
        uniform_overpotential: eta0 as a function on the mesh [V].
    """

    laws: tuple[tuple[Tag, ReactionLaw], ...]
    uniform_overpotential: fem.Function[np.float64]


def place_reactions(domain: Domain, temperature: fem.Constant[np.float64]) -> PlacedReactions:
    """Put the laws of the bottom on the mesh.

    Parameters are constant per cell: a cell has at most one side on the bottom, so one form serves
    any number of islands, and is compiled once.
    """
    space = fem.functionspace(domain.mesh, ("DG", 0))
    groups: dict[tuple[Tag, str], ReactionLaw] = {}
    for stretch in domain.bottom:
        if stretch.law is not None:
            groups.setdefault((stretch.tag, _kind(stretch.law)), stretch.law)
    laws = []
    cells = domain.bottom_cells()
    for (tag, _), first in sorted(groups.items(), key=lambda group: group[0]):
        numbers = {name: value for name, value in _law(first) if isinstance(value, float)}
        fields = {name: fem.Function(space) for name in numbers}
        for stretch, along in zip(domain.bottom, cells, strict=True):
            if stretch.tag is not tag or stretch.law is None:
                continue
            alike = _kind(stretch.law) == _kind(first)
            parameters = dict(_law(stretch.law)) if alike else {**numbers, _RATE: 0.0}
            for name, field in fields.items():
                field.x.array[along] = parameters[name]
        laws.append((tag, _with_parameters(first, fields, temperature)))
    return PlacedReactions(tuple(laws), fem.Function(space))


_RATE = "exchange_current_density"


def _kind(law: ReactionLaw) -> str:
    """Laws of one kind differ in their parameters only, so they can share a term."""
    released = "release of " if isinstance(law, ReleaseOnly) else ""
    return released + type(_law(law)).__qualname__


def _law(reaction: ReactionLaw) -> Kinetics:
    if isinstance(reaction, ReleaseOnly):
        return _law(reaction.law)
    if not isinstance(reaction, Reaction):
        raise TypeError(f"{reaction} is no law at a temperature")
    return reaction.law


def _with_parameters(
    reaction: ReactionLaw, parameters: dict[str, Any], temperature: fem.Constant[np.float64]
) -> ReactionLaw:
    if isinstance(reaction, ReleaseOnly):
        return ReleaseOnly(_with_parameters(reaction.law, parameters, temperature))
    return Reaction(_law(reaction).model_copy(update=parameters), temperature)
