"""The bottom operator of long grids: strips side by side, coupled at the cuts between them.

A grid with n reacting nodes costs n^3 where it is condensed as a whole. Cut into strips that share
the lines in y, each is condensed alone (``strip``), and what they have in common are the unknowns of
their cuts, psi_0 and all rails u_j of the ladder that ``height`` describes. Only neighbours know one
another, so that these are eliminated from left to right (``chain``): the same discrete equations,
solved exactly, with work and memory in proportion to the number of strips. Equal strips are
condensed once.

With z the unknowns of all cuts, T the sum of the strips' matrices, l that of their loads, equation
(1) of ``electrolyte`` is

    kappa (T_rr psi_r + T_rz z) + I l_r = b(psi_r) ,   kappa (T_zr psi_r + T_zz z) + I l_z = 0 ,

so that S = T_rr - T_rz inv(T_zz) T_zr and W q = l_r - T_rz inv(T_zz) l_z. Nodes at a cut may react.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.condensed import strip as strips_alone
from fem_island.solvers.condensed.chain import Chain, Factor, Matrix
from fem_island.solvers.condensed.grid import Axis
from fem_island.solvers.condensed.height import Height, height_of
from fem_island.solvers.condensed.strip import Strip
from fem_island.solvers.electrolyte import ElementMass
from fem_island.surface.bottom import Stretch

Numbers = npt.NDArray[np.intp]

_NODES_PER_RAIL = 1.6
"""Fewest nodes along the bottom of a strip, per line in y."""

_SAME = 1e-11
"""Differences of element lengths, as a share of the largest, that are rounding."""


@dataclass(frozen=True)
class _Placed:
    """A strip in its place.

    Attributes:
        strip: The strip, which several places may share.
        first_node: Number of its first node along the whole bottom.
        first_reacting: Number of its first reacting unknown between the cuts.
        cuts: Numbers of the cuts at its ends: none, one or two.
        places: Where in the strip's unknowns those are that react, from left to right; they
            include reacting cuts.
        first_place: Number of the first of them.
    """

    strip: Strip
    first_node: int
    first_reacting: int
    cuts: tuple[int, ...]
    places: Numbers
    first_place: int

    @property
    def inside(self) -> slice:
        """Numbers of its reacting unknowns between the cuts."""
        return slice(self.first_reacting, self.first_reacting + self.strip.inner)


@dataclass(frozen=True)
class StripOperator:
    """S and q of a grid of strips, never formed.

    Attributes:
        top_share: q [1], shape (n,).
        width: W [m].
    """

    top_share: Array
    width: float
    _strips: tuple[_Placed, ...]
    _at_cuts: Numbers
    _rails: int
    _held: Chain

    @property
    def size(self) -> int:
        """Number of reacting unknowns n."""
        return len(self.top_share)

    @property
    def numbers(self) -> int:
        """How many numbers the factorised tangent of one operating point keeps."""
        chain = 2 * len(self._at_cuts) * (self._rails + 1) ** 2
        return chain + sum(
            placed.strip.inner * len(placed.strip.stiffness) for placed in self._strips
        )

    def traction(self, potential: Array, current_densities: Array, conductivity: float) -> Array:
        """See ``BottomOperator.traction``."""
        from_top = self.width * current_densities[:, None] * self.top_share
        return conductivity * self.apply(potential) + from_top

    def apply(self, potential: Matrix) -> Matrix:
        """S psi_r of k potentials, shape (k, n)."""
        return _applied(self, potential, self.cuts_of(potential, None))

    def cuts_of(self, potential: Matrix, load: Array | None) -> Matrix:
        """The unknowns of the cuts that belong to potentials.

        Args:
            potential: psi_r [V], shape (k, n).
            load: I / kappa [V/m], shape (k,), or None for no current.

        Returns:
            psi_0 and u_j [V], shape (cuts, 1 + j, k).
        """
        known = np.zeros((len(self._at_cuts), self._rails + 1, len(potential)), potential.dtype)
        reacts = self._at_cuts >= 0
        known[reacts, 0] = potential.T[self._at_cuts[reacts]]
        right = np.zeros_like(known)
        for placed in self._strips:
            _, current = _local(placed, potential, known, self._rails + 1)
            if load is not None:
                current[placed.strip.inner :] += np.outer(placed.strip.load[placed.strip.inner :], load)
            _spread(placed, -current[placed.strip.inner :], right)
        right[reacts, 0] = 0.0
        return known + self._held.solve(right) if len(known) else known

    def tangent(self, conductivity: float | complex, mass: ElementMass) -> StripTangent:
        """Kappa S + int law' v v ds, factorised; see ``BottomOperator.tangent``."""
        return StripTangent(self, conductivity, mass)


def _spread(placed: _Placed, values: Matrix, cuts: Matrix) -> None:
    """Add values at the ends of a strip to those of the cuts."""
    size = cuts.shape[1]
    for place, cut in enumerate(placed.cuts):
        cuts[cut] += values[place * size : (place + 1) * size]


def _local(placed: _Placed, potential: Matrix, cuts: Matrix, size: int) -> tuple[Matrix, Matrix]:
    """Unknowns of a strip, and the strip's matrix times these; shapes (unknowns, k)."""
    del size
    parts = [potential.T[placed.inside], *(cuts[cut] for cut in placed.cuts)]
    unknowns = np.concatenate(parts)
    return unknowns, placed.strip.stiffness @ unknowns


def _applied(operator: StripOperator, potential: Matrix, cuts: Matrix) -> Matrix:
    result = np.zeros_like(potential)
    for placed in operator._strips:
        _, current = _local(placed, potential, cuts, operator._rails + 1)
        inner, size = placed.strip.inner, operator._rails + 1
        result[:, placed.inside] = current[:inner].T
        for place, cut in enumerate(placed.cuts):
            node = operator._at_cuts[cut]
            if node >= 0:
                result[:, node] += current[inner + place * size]
    return result


class StripTangent:
    """Factorised tangents of k operating points."""

    def __init__(
        self, operator: StripOperator, conductivity: float | complex, mass: ElementMass
    ) -> None:
        """Factorise; a point whose matrix is not positive definite has NaN for a solution."""
        self._operator = operator
        self._points = [_Point.of(operator, conductivity, mass, point) for point in range(len(mass))]

    def solve(self, right: Matrix) -> Matrix:
        """Solutions for right sides, each of shape (k, n)."""
        result = np.full(right.shape, np.nan, dtype=right.dtype)
        for point, one in enumerate(self._points):
            if one is not None:
                result[point] = one.solve(self._operator, right[point])
        return result


@dataclass(frozen=True)
class _Point:
    """The factorised tangent of one operating point."""

    inner: list[tuple[Factor | None, Matrix]]
    chain: Chain | None

    @classmethod
    def of(
        cls,
        operator: StripOperator,
        conductivity: float | complex,
        mass: ElementMass,
        point: int,
    ) -> _Point | None:
        """Factorise the strips, then the cuts; None if something is not positive definite."""
        size, count = operator._rails + 1, len(operator._at_cuts)
        kind = np.result_type(type(conductivity), mass.blocks)
        diagonal = np.zeros((count, size, size), kind)
        beside = np.zeros((max(count - 1, 0), size, size), kind)
        inner: list[tuple[Factor | None, Matrix]] = []
        try:
            for placed in operator._strips:
                strip = placed.strip
                matrix = conductivity * strip.stiffness
                mass.add_part(matrix, point, first=placed.first_place, places=placed.places)
                n = strip.inner
                factor = Factor(matrix[:n, :n]) if n else None
                across = matrix[:n, n:]
                solved = factor.solve(across) if factor else across
                left = matrix[n:, n:] - across.T @ solved
                inner.append((factor, solved))
                for place, cut in enumerate(placed.cuts):
                    own = slice(place * size, (place + 1) * size)
                    diagonal[cut] += left[own, own]
                if len(placed.cuts) == 2:
                    beside[placed.cuts[0]] += left[:size, size:]
            return cls(inner, Chain(diagonal, beside) if count else None)
        except np.linalg.LinAlgError:
            return None

    def solve(self, operator: StripOperator, right: Matrix) -> Matrix:
        """The solution for one right side, shape (n,)."""
        size = operator._rails + 1
        cuts = np.zeros((len(operator._at_cuts), size, 1), right.dtype)
        reacts = operator._at_cuts >= 0
        cuts[reacts, 0, 0] = right[operator._at_cuts[reacts]]
        for placed, (_, solved) in zip(operator._strips, self.inner, strict=True):
            _spread(placed, -(solved.T @ right[placed.inside])[:, None], cuts)
        if self.chain is not None:
            cuts = self.chain.solve(cuts)
        result = np.empty_like(right, dtype=cuts.dtype)
        for placed, (factor, solved) in zip(operator._strips, self.inner, strict=True):
            if factor is not None:
                ends = np.concatenate([np.zeros(0), *(cuts[cut, :, 0] for cut in placed.cuts)])
                result[placed.inside] = factor.solve(right[placed.inside]) - solved @ ends
        result[operator._at_cuts[reacts]] = cuts[reacts, 0, 0]
        return result


@dataclass(frozen=True)
class StripElectrolyte:
    """A grid of strips.

    Attributes:
        operator: S and q.
        reacting: Numbers of the reacting nodes of the bottom, ascending, shape (n,).
        x: Lines along the bottom.
        y: Lines along the height.
    """

    operator: StripOperator
    reacting: Numbers
    x: Axis
    y: Axis
    _height: Height
    _weights: Array

    def bottom(self) -> StripBottom:
        """Recovery of the field on all nodes of the bottom."""
        return StripBottom(self)

    def top_mean(self) -> StripTop:
        """Recovery of the mean at the top."""
        return StripTop(self)

    def at(self, points: Array) -> StripPoints:
        """Recovery of the field at points (x, y) [m], shape (m, 2)."""
        return StripPoints(self, points)

    def on_grid(self, potential: Array, ohmic: float) -> Array:
        """The field of one operating point on all nodes of the grid; see ``separable``."""
        load = np.array([ohmic])
        cuts = self.operator.cuts_of(potential[None], load)
        along = self.on_bottom(potential[None], load, cuts)[0]
        field = np.empty((self.y.size, self.x.size))
        for placed in self.operator._strips:
            nodes = slice(placed.first_node, placed.first_node + placed.strip.axis.size)
            field[:, nodes] = self._on_strip(placed, along[nodes], cuts[:, :, 0])
        return field - ohmic * self.y.nodes[:, None]

    def on_bottom(self, potential: Array, load: Array, cuts: Array) -> Array:
        """psi_0 at all nodes of the bottom [V], shape (k, nodes); arguments as of ``cuts_of``."""
        result = np.empty((len(potential), self.x.size))
        result[:, self.reacting] = potential
        for placed in self.operator._strips:
            strip = placed.strip
            unknowns = np.concatenate(
                [potential.T[placed.inside], *(cuts[cut] for cut in placed.cuts)]
            )
            passive = strip.response @ unknowns + np.outer(strip.load_response, load)
            result[:, placed.first_node + strip.passive] = passive.T
            for node, cut in zip(strip.cuts, placed.cuts, strict=True):
                result[:, placed.first_node + node] = cuts[cut, 0]
        return result

    def _on_strip(self, placed: _Placed, along: Array, cuts: Array) -> Array:
        """Psi + (I / kappa) y at the nodes of a strip, shape (y, x)."""
        at_cuts = np.array([cuts[cut, 1:] for cut in placed.cuts]).reshape(-1, self._height.count)
        rails = placed.strip.rails(along, at_cuts)
        return np.concatenate([along[None], self._height.column(along, rails)])


@dataclass(frozen=True)
class StripBottom:
    """The field on all nodes of the bottom."""

    electrolyte: StripElectrolyte

    def field(self, potential: Array, current_densities: Array, conductivity: float) -> Array:
        """See ``Recovery.field``."""
        load = current_densities / conductivity
        cuts = self.electrolyte.operator.cuts_of(potential, load)
        return self.electrolyte.on_bottom(potential, load, cuts)


@dataclass(frozen=True)
class StripTop:
    """The mean at the top: that at the bottom less the drop of a uniform current."""

    electrolyte: StripElectrolyte

    def field(self, potential: Array, current_densities: Array, conductivity: float) -> Array:
        """See ``Recovery.field``."""
        electrolyte = self.electrolyte
        along = electrolyte.bottom().field(potential, current_densities, conductivity)
        mean = along @ electrolyte._weights / electrolyte.operator.width
        drop = electrolyte.y.breaks[-1] * current_densities / conductivity
        return np.asarray((mean - drop)[:, None])


@dataclass(frozen=True)
class StripPoints:
    """The field at points (x, y) [m], shape (m, 2)."""

    electrolyte: StripElectrolyte
    points: Array

    def field(self, potential: Array, current_densities: Array, conductivity: float) -> Array:
        """See ``Recovery.field``."""
        electrolyte, points = self.electrolyte, self.points
        result = np.empty((len(potential), len(points)))
        if not len(points):
            return result
        load = current_densities / conductivity
        cuts = electrolyte.operator.cuts_of(potential, load)
        along = electrolyte.on_bottom(potential, load, cuts)
        heights = electrolyte.y.basis_at(points[:, 1])
        starts = [
            electrolyte.x.nodes[placed.first_node] for placed in electrolyte.operator._strips[1:]
        ]
        owners = np.searchsorted(np.array(starts), points[:, 0])
        for owner in np.unique(owners).tolist():
            placed = electrolyte.operator._strips[owner]
            axis, chosen = placed.strip.axis, np.flatnonzero(owners == owner)
            nodes = slice(placed.first_node, placed.first_node + axis.size)
            start = electrolyte.x.nodes[placed.first_node]
            across = axis.basis_at(points[chosen, 0] - start)
            for point in range(len(potential)):
                values = electrolyte._on_strip(placed, along[point, nodes], cuts[:, :, point])
                result[point, chosen] = np.einsum("my,yx,mx->m", heights[chosen], values, across)
        return result - np.outer(load, points[:, 1])


def cut_lines(x: Axis, bottom: Sequence[Stretch], *, rails: int) -> Numbers:
    """Where to cut a grid: in the middle of stretches, far from what changes at their ends.

    Args:
        x: Lines along the bottom.
        bottom: Its stretches.
        rails: Number of lines in y. Strips of about as many nodes cost least.

    Returns:
        Numbers of lines in x, ascending.
    """
    middles = np.array([(stretch.start + stretch.end) / 2 for stretch in bottom[1:-1]])
    nearest = np.searchsorted(0.5 * (x.breaks[1:] + x.breaks[:-1]), middles)
    chosen, last = [], 0
    fewest = _NODES_PER_RAIL * rails / x.degree
    for line in nearest.tolist():
        if line - last >= fewest and len(x.lengths) - line >= fewest / 2:
            chosen.append(line)
            last = line
    return np.array(chosen, dtype=np.intp)


def condense(
    x: Axis, y: Axis, reacting: npt.NDArray[np.bool_], cuts: Numbers
) -> StripElectrolyte:
    """Condense a grid strip by strip.

    Args:
        x: Lines along the bottom.
        y: Lines along the height.
        reacting: For every node of the bottom whether it is part of a reacting element.
        cuts: Numbers of the lines in x, ascending, at which it is cut; neither end is among them.
    """
    height = height_of(y)
    numbers = np.cumsum(reacting) - 1
    at_cuts = x.degree * cuts
    known: dict[tuple[object, ...], Strip] = {}
    placed: list[_Placed] = []
    edges = [0, *cuts.tolist(), len(x.lengths)]
    size = height.count + 1
    for number, (first, last) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        nodes = slice(first * x.degree, last * x.degree + 1)
        axis = Axis(x.breaks[first : last + 1] - x.breaks[first], x.degree)
        cut = (number > 0, number < len(cuts))
        ends = [x.lengths[line - 1 : line + 1] for line in (first, last)]
        sizes = tuple(
            float(np.sqrt(beside.prod())) if is_cut else None
            for beside, is_cut in zip(ends, cut, strict=True)
        )
        scale = _SAME * axis.lengths.max()
        key = (
            np.rint(axis.lengths / scale).tobytes(),
            tuple(size and round(size / scale) for size in sizes),
            reacting[nodes].tobytes(),
        )
        strip = known.get(key)
        if strip is None:
            strip = known[key] = strips_alone.condense(
                axis, height, reacting[nodes], cut_sizes=sizes
            )
        own = tuple(c for c, is_cut in ((number - 1, cut[0]), (number, cut[1])) if is_cut)
        places = np.arange(strip.inner)
        inside = nodes.start + (strip.reacting[0] if strip.inner else 0)
        first_reacting = int(numbers[inside]) if strip.inner else 0
        first_place = first_reacting
        if cut[0] and reacting[nodes.start]:
            places = np.append(strip.inner, places)
            first_place = int(numbers[nodes.start])
        if cut[1] and reacting[nodes.stop - 1]:
            places = np.append(places, strip.inner + (size if cut[0] else 0))
            if len(places) == 1:
                first_place = int(numbers[nodes.stop - 1])
        placed.append(_Placed(strip, nodes.start, first_reacting, own, places, first_place))
    return _joined(x, y, height, reacting, at_cuts, tuple(placed))


def _joined(
    x: Axis,
    y: Axis,
    height: Height,
    reacting: npt.NDArray[np.bool_],
    at_cuts: Numbers,
    placed: tuple[_Placed, ...],
) -> StripElectrolyte:
    size = height.count + 1
    diagonal = np.zeros((len(at_cuts), size, size))
    beside = np.zeros((max(len(at_cuts) - 1, 0), size, size))
    load = np.zeros((len(at_cuts), size, 1))
    for one in placed:
        n = one.strip.inner
        for place, cut in enumerate(one.cuts):
            own = slice(n + place * size, n + (place + 1) * size)
            diagonal[cut] += one.strip.stiffness[own, own]
            load[cut, :, 0] += one.strip.load[own]
        if len(one.cuts) == 2:
            beside[one.cuts[0]] += one.strip.stiffness[n : n + size, n + size :]
    held = np.flatnonzero(reacting[at_cuts])
    diagonal[held, 0, :] = diagonal[held, :, 0] = 0.0
    diagonal[held, 0, 0] = 1.0
    beside[held[held < len(beside)], 0, :] = 0.0
    beside[held[held > 0] - 1, :, 0] = 0.0
    free = load.copy()
    free[held, 0] = 0.0
    chain = Chain(diagonal, beside)
    numbers = np.where(reacting[at_cuts], np.cumsum(reacting)[at_cuts] - 1, -1)
    width = float(x.breaks[-1] - x.breaks[0])
    operator = StripOperator(np.zeros(int(reacting.sum())), width, placed, numbers, height.count, chain)
    share = np.zeros((1, operator.size))
    if len(at_cuts):
        share = _applied(operator, share, -chain.solve(free))
    for one in placed:
        share[:, one.inside] += one.strip.load[: one.strip.inner]
    reacts = numbers >= 0
    share[0, numbers[reacts]] += load[reacts, 0, 0]
    operator = StripOperator(share[0] / width, width, placed, numbers, height.count, chain)
    return StripElectrolyte(
        operator=operator,
        reacting=np.flatnonzero(reacting),
        x=x,
        y=y,
        _height=height,
        _weights=strips_alone.weights_of(x),
    )

