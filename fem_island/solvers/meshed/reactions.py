"""The reaction laws of a bottom as terms of a finite-element form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from mpi4py import MPI  # noqa: F401  (brings the MPI library that DOLFINx needs)

import numpy as np
import ufl
from dolfinx import fem

from fem_island.solvers.meshed.meshing import Domain
from fem_island.surface import kinetics
from fem_island.surface.bottom import Tag
from fem_island.surface.kinetics import ChargeTransfer, ReactionLaw, ReleaseOnly, Tafel


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
    coefficients = ("anodic_transfer_coefficient", "cathodic_transfer_coefficient")
    laws = []
    cells = domain.bottom_cells()
    for tag, kind in sorted(groups):
        fields = {name: fem.Function(space) for name in ("exchange_current_density", *coefficients)}
        for stretch, along in zip(domain.bottom, cells, strict=True):
            if stretch.tag is not tag or stretch.law is None:
                continue
            parameters = _parameters(stretch.law)
            for name, field in fields.items():
                if _kind(stretch.law) == kind:
                    field.x.array[along] = getattr(parameters, name)
                elif name in coefficients:
                    field.x.array[along] = 0.5
        law = _with_parameters(groups[tag, kind], {**fields, "temperature": temperature})
        laws.append((tag, law))
    return PlacedReactions(tuple(laws), fem.Function(space))


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
