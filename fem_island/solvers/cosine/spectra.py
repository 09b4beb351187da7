"""Spectra of contact maps: operating point and response on smaller and smaller pixels.

Edges of the image's pixels are cut into 1, 2, 4, ... parts. With the responses Z of two sizes of
pixels, whose difference is d, and what the smaller ones leave out, l, as it is estimated
(``MapSmallSignal.left_out``), what is reported is

    Z + a d

with the one number a for all frequencies that makes a d most like l, so that it is a response as
well. The estimate of the error is by how much a d and l still differ, by a share of l, and by how
much d differs from what it should be by what both sizes leave out: where the operating point itself
moves with the pixels, as that of galvanic couples does, l says nothing of it. Where the law of a
film has a kink, what is on which side of it is left out besides (``kinks``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import ConvergenceError
from fem_island.machine.arrays import Array
from fem_island.machine.memory import available_memory
from fem_island.solvers.cosine.kinks import left_out_at_kinks
from fem_island.solvers.cosine.level import Level, solve_level
from fem_island.solvers.cosine.reduced import MapReduced, reduced
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

LARGEST = 2**19
"""Pixels of the finest size: a spectrum on them takes ten seconds."""

_BYTES_PER_PIXEL = 600
"""Of the memory that a response takes, measured."""

_LARGEST_SHARE = 1.5
"""Largest a: it is 1 where errors halve with the pixels, as for primary distributions."""

_OF_DIFFERENCE, _OF_LEFT_OUT = 1.0, 0.2
"""Estimate per difference of d from what is left out, and per what is left out."""

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
        share: a.
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
        left_out: What pixels leave out of it.
        at_kinks: What they leave out at kinks of laws, at most.
    """

    level: Level
    response: Modelled
    checked: ComplexArray
    left_out: ComplexArray
    at_kinks: Array

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
        147.0
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
            sizes.append(_size(case, level, whole, fewer, places))
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
        slope = slopes.get(kind, np.zeros(len(pixels)))
        # A film at rest without a double layer carries nothing at any frequency.
        carries = admittance.admittance(slope, np.ones(1)) != 0
        if carries.any():
            parts.append(Alternating(pixels[carries], admittance, slope[carries]))
    return MapSmallSignal(
        problem.grid, tuple(parts), case.conductivity, case.cell.electrolyte.permittivity
    )


def _size(
    case: Case,
    level: Level,
    whole: MapSmallSignal,
    fewer: MapSmallSignal | MapReduced,
    places: Array,
) -> _Size:
    """A response, looked at at some angular frequencies and at none."""
    direct = np.zeros(1)
    checked = np.append(fewer.impedance(places), whole.impedance(direct))
    left_out, at_kinks = [], []
    admittances = contact_admittances(case, level.state.contact)
    for at, densities in ((places, fewer.densities(places)), (direct, whole.densities(direct))):
        left_out.append(whole.left_out(at, densities))
        at_kinks.append(left_out_at_kinks(level, whole, admittances, at, densities))
    return _Size(level, fewer, checked, np.concatenate(left_out), np.concatenate(at_kinks))


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
    step, before, after = (
        values[conducts] / whole[conducts]
        for values in (fine.checked - coarse.checked, coarse.left_out, fine.left_out)
    )
    total = np.vdot(step, step).real
    share = np.vdot(step, after).real / total if total > 0 else 0.0
    share = float(np.clip(share, 0.0, _LARGEST_SHARE))
    error = np.abs(share * step - after) + _OF_LEFT_OUT * np.abs(after)
    error += _OF_DIFFERENCE * np.abs(before - after - step)
    error += fine.at_kinks[conducts] / np.abs(whole[conducts])
    largest = float(error.max(initial=0.0)) + _LEAST
    return Extrapolated(coarse.response, fine.response, share), largest
