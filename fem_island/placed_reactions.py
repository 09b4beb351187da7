"""The reaction laws of a bottom as terms of a finite-element form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import ufl
from dolfinx import fem

from fem_island import kinetics
from fem_island.kinetics import ChargeTransfer, ReactionLaw, ReleaseOnly, Tafel
from fem_island.meshing import Domain


def _exponential_difference(first: Any, second: Any) -> Any:
    """exp(first) - exp(second) as in ``kinetics``, for UFL expressions."""
    half = (first - second) / 2
    close = 2 * ufl.exp((first + second) / 2) * ufl.sinh(half)
    return ufl.conditional(ufl.lt(abs(half), 0.5), close, ufl.exp(first) - ufl.exp(second))


kinetics.exponential.register(ufl.core.expr.Expr, ufl.exp)
kinetics.exponential_difference.register(ufl.core.expr.Expr, _exponential_difference)
kinetics.where_positive.register(
    ufl.core.expr.Expr, lambda argument, value: ufl.conditional(ufl.gt(argument, 0.0), value, 0.0)
)


@dataclass(frozen=True)
class PlacedReactions:
    """The reactions of a bottom as terms of a form.

    Attributes:
        laws: One per kind of law, with coefficients that are functions on the mesh; a coefficient
            i0 of 0 takes a law away where it does not belong.
        tags: Where they react. A passive film is not among them: its potential has no bounds, so
            that even a law with i0 of 0 would overflow there.
        uniform_overpotential: eta0 as a function on the mesh [V].
    """

    laws: tuple[ReactionLaw, ...]
    tags: tuple[int, ...]
    uniform_overpotential: fem.Function[np.float64]


def place_reactions(domain: Domain, temperature: fem.Constant[np.float64]) -> PlacedReactions:
    """Put the laws of the bottom on the mesh.

    Parameters are constant per cell: a cell has at most one side on the bottom, so one form serves
    any number of islands, and is compiled once.
    """
    space = fem.functionspace(domain.mesh, ("DG", 0))
    groups: dict[object, ReactionLaw] = {}
    for stretch in domain.bottom:
        if stretch.law is not None:
            groups.setdefault(_kind(stretch.law), stretch.law)
    coefficients = ("anodic_transfer_coefficient", "cathodic_transfer_coefficient")
    laws = []
    cells = domain.bottom_cells()
    for kind in sorted(groups, key=str):
        fields = {name: fem.Function(space) for name in ("exchange_current_density", *coefficients)}
        for stretch, along in zip(domain.bottom, cells, strict=True):
            for name, field in fields.items():
                if stretch.law is not None and _kind(stretch.law) == kind:
                    field.x.array[along] = getattr(_parameters(stretch.law), name)
                elif name in coefficients:
                    field.x.array[along] = 0.5
        laws.append(_with_parameters(groups[kind], {**fields, "temperature": temperature}))
    tags = sorted({int(stretch.tag) for stretch in domain.bottom if stretch.law is not None})
    return PlacedReactions(tuple(laws), tuple(tags), fem.Function(space))


def _kind(law: ReactionLaw) -> str:
    """Laws of one kind differ in their coefficients only, so they can share a term."""
    if isinstance(law, ReleaseOnly):
        return f"release of {_kind(law.law)}"
    if isinstance(law, Tafel):
        return f"{law.branch} {law.name}"
    return cast(ChargeTransfer, law).name


def _parameters(law: ReactionLaw) -> ChargeTransfer:
    return _parameters(law.law) if isinstance(law, ReleaseOnly) else cast(ChargeTransfer, law)


def _with_parameters(law: ReactionLaw, parameters: dict[str, object]) -> ReactionLaw:
    if isinstance(law, ReleaseOnly):
        return ReleaseOnly(_with_parameters(law.law, parameters))
    return replace(cast(ChargeTransfer, law), **parameters)
