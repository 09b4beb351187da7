"""Spectra of contact maps: operating point and response on smaller and smaller pixels.

Edges of the image's pixels are cut into 1, 2, 4, ... parts. With the responses Z of two sizes of
pixels, whose difference is d, and the ratio q of such differences, what is reported is

    Z + (q / (1 - q)) d

with one q for all frequencies, so that it is a response as well. With three sizes q is what their
differences say, taken over all frequencies; it still grows while edges are resolved, from 1/4 up to
1/2 where kinetics are fast. The error is estimated by how much the third size has changed what is
reported, and by what the last step would be with another q: as far as q has changed with the latest
size, or may change where it is known once. With two sizes q is one in between, and the estimate is
the whole of the step.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.machine.memory import available_memory
from fem_island.solvers.cosine.level import Level, solve_level
from fem_island.solvers.cosine.reduced import reduced
from fem_island.solvers.cosine.small_signal import Alternating, MapSmallSignal
from fem_island.solvers.response import (
    LocalCurrent,
    Modelled,
    Response,
    SolvedSpectrum,
    checked_places,
    frequency_range,
)
from fem_island.surface.admittance import ComplexArray
from fem_island.surface.alternating import contact_admittances
from fem_island.surface.contact import FILM, LITHIUM, Contact
from fem_island.surface.series import in_series

logger = logging.getLogger(__name__)

LARGEST = 2**20
"""Pixels of the finest size: a spectrum on them takes tens of seconds."""

LARGEST_AT_ALL = 2**22
"""The same for images that have more of their own, each of whose pixels is cut once."""

_BYTES_PER_PIXEL = 600
"""Of the memory that a response takes, measured."""

_RATIO = 0.35
_SLOWEST, _FASTEST = 0.6, 0.2
"""Ratio q where two sizes are all there is, and its bounds where three are."""

_OF_MOVED = 1.5
"""Estimate per change of what is reported."""

_UNSURE, _LEAST_UNSURE, _OF_CHANGE = 0.12, 0.02, 1.5
"""How far q may be off: where it is known once, in any case, and per its latest change."""

_CHECKED = 9
"""Frequencies at which sizes are compared; errors change slowly between them."""

_SPANNED = 1e-2
"""Share of the tolerance that a response in fewer unknowns may add."""

_LEAST = 1e-8
"""Smallest estimate, relative: that of the solutions."""

_DISCRETE = 1e-10
"""Error of the equations of the operating point [V]."""


@dataclass(frozen=True)
class Extrapolated:
    """What responses on two sizes of pixels converge to.

    Attributes:
        coarse: On the larger pixels.
        fine: On the smaller ones.
        share: q / (1 - q).
    """

    coarse: Modelled
    fine: Modelled
    share: float

    @property
    def conductivity(self) -> float:
        """Kappa of the electrolyte [S/m]."""
        return self.fine.conductivity

    def bulk(self, angular_frequency: Array) -> ComplexArray:
        """Sigma of the electrolyte [S/m], shape (f,)."""
        return self.fine.bulk(angular_frequency)

    def impedance(self, angular_frequency: Array) -> ComplexArray:
        """Z [Ohm m^2] at angular frequencies [rad/s], shape (f,)."""
        before, after = (part.impedance(angular_frequency) for part in (self.coarse, self.fine))
        return np.asarray(after + self.share * (after - before))

    def impedance_and_slope(self, angular_frequency: Array) -> tuple[ComplexArray, ComplexArray]:
        """Z and dZ / d ln omega [Ohm m^2] at angular frequencies above 0."""
        before = self.coarse.impedance_and_slope(angular_frequency)
        after = self.fine.impedance_and_slope(angular_frequency)
        value, slope = (
            fine + self.share * (fine - coarse) for coarse, fine in zip(before, after, strict=True)
        )
        return value, slope

    def local_current(self, angular_frequency: Array) -> LocalCurrent:
        """Where the current flows: on the smaller pixels."""
        return self.fine.local_current(angular_frequency)


@dataclass(frozen=True)
class _Size:
    """A response on one size of pixels.

    Attributes:
        level: The operating point.
        response: The response in few unknowns.
        checked: Z at some frequencies, and last at none [Ohm m^2].
    """

    level: Level
    response: Modelled
    checked: ComplexArray

    @property
    def voltage(self) -> float:
        """-<phi>_top of the operating point [V]."""
        return -float(self.level.columns.numbers["potential_top_mean"][0])


class MapImpedanceSolver:
    """Solves spectra of contact maps.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> from fem_island.case.contact_map import ContactMap
        >>> image = ContactMap(image=[[1, 0], [0, 0]], pixel="10 um")
        >>> cell = Cell(map=image, kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}})
        >>> solver = MapImpedanceSolver(largest=2**12)
        >>> solved = solver.solve(Case(cell=cell), np.array([1e6, 1.0]), tolerance=1e-4)
        >>> round(solved.resistance_dc * 1e4, 1)  # Ohm cm^2
        103.2
    """

    def __init__(self, *, largest: int = LARGEST) -> None:
        """Say how far pixels may be refined.

        Args:
            largest: Pixels of the finest size.
        """
        self._largest = largest

    def solve(self, case: Case, frequencies: Array, *, tolerance: float) -> SolvedSpectrum:
        """The spectrum of a case at its current.

        Args:
            case: What to compute.
            frequencies: At which [Hz], shape (f,).
            tolerance: Wanted error, relative. Where the smallest pixels do not reach it, the
                estimate of the result says so.

        Raises:
            ConvergenceError: There is no operating point at this current.
        """
        contact = Contact.of(case)
        series = in_series(case)
        places = 2 * np.pi * checked_places(frequencies, _CHECKED)
        ends = [2 * np.pi * end for end in frequency_range(frequencies)]
        sizes: list[_Size] = []
        found: tuple[Extrapolated, float] | None = None
        refinement = 1
        while found is None or found[1] > tolerance:
            pixels = contact.image.classes.size * refinement**2
            if len(sizes) >= 2 and not self._is_small(pixels):
                break
            coarser = sizes[-1].level if sizes else None
            level = solve_level(case, contact, refinement, tolerance=_DISCRETE, coarser=coarser)
            whole = _small_signal(case, level)
            fewer = reduced(whole, *ends, tolerance=_SPANNED * tolerance)
            at = np.append(fewer.impedance(places), whole.impedance(np.zeros(1)))
            sizes.append(_Size(level, fewer, at))
            if len(sizes) >= 2:
                added = series.impedance(places, fewer.bulk(places))
                found = _extrapolated(sizes, added)
                logger.info(
                    "spectrum on %d x %d pixels at %.1e of %.1e wanted",
                    *reversed(level.state.shape),
                    *(found[1], tolerance),
                )
            refinement *= 2
        if found is None:
            raise ConvergenceError("no size of pixels was tried")
        extrapolated, error = found
        response = Response(extrapolated, series)
        values, slopes = response.impedance_and_slope(frequencies)
        before, after = (size.voltage for size in sizes[-2:])
        return SolvedSpectrum(
            response,
            frequencies,
            values,
            slopes,
            response.resistance_dc(),
            error,
            after + extrapolated.share * (after - before),
        )

    def _is_small(self, pixels: int) -> bool:
        fits = pixels * _BYTES_PER_PIXEL <= available_memory()
        return pixels <= self._largest and fits


def _small_signal(case: Case, level: Level) -> MapSmallSignal:
    """The response about an operating point, on its pixels."""
    contact, problem = level.state.contact, level.problem
    slopes = {}
    for (part, own), kind in zip(problem.slices(), (LITHIUM, FILM), strict=False):
        slopes[kind] = part.law.slope(level.solution.overpotential[own])
    parts = []
    for kind, admittance in contact_admittances(case, contact).items():
        pixels = contact.pixels(kind, level.refinement)
        if len(pixels):
            slope = slopes.get(kind, np.zeros(len(pixels)))
            parts.append(Alternating(pixels, admittance, slope))
    return MapSmallSignal(
        problem.grid, tuple(parts), case.conductivity, case.cell.electrolyte.permittivity
    )


def _extrapolated(sizes: Sequence[_Size], added: ComplexArray) -> tuple[Extrapolated, float]:
    """What the last sizes converge to, and the estimate of its largest relative error.

    Args:
        sizes: Two or more.
        added: What is in series, at the frequencies at which they are compared [Ohm m^2].
    """
    coarse, fine = sizes[-2:]
    whole = fine.checked.copy()
    whole[:-1] += added
    conducts = np.isfinite(whole)
    # Relative to Z, so that all frequencies count alike.
    values = [(size.checked / whole)[conducts] for size in sizes]
    steps = [after - before for before, after in pairwise(values)]
    ratio = _RATIO
    error = np.abs(steps[-1])
    if len(steps) > 1:
        ratios = [_ratio(before, after) for before, after in pairwise(steps[-3:])]
        ratio, unsure = ratios[-1], _UNSURE
        if len(ratios) > 1:
            unsure = min(unsure, _LEAST_UNSURE + _OF_CHANGE * abs(ratio - ratios[-2]))
        moved = np.abs(steps[-1] - ratio * steps[-2]) / (1 - ratio)
        error = _OF_MOVED * moved + unsure / (1 - ratio) ** 2 * np.abs(steps[-1])
    largest = float(error.max(initial=0.0)) + _LEAST
    return Extrapolated(coarse.response, fine.response, ratio / (1 - ratio)), largest


def _ratio(before: ComplexArray, after: ComplexArray) -> float:
    """The ratio of two steps, over all frequencies."""
    total = np.vdot(before, before).real
    found = np.vdot(before, after).real / total if total > 0 else _RATIO
    return float(np.clip(found, _FASTEST, _SLOWEST))
