"""Pixels that react, and their overpotentials after a step of Newton's method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fem_island.machine.arrays import Array
from fem_island.solvers.cosine.pixels import PixelGrid
from fem_island.solvers.cosine.step_length import SOFT
from fem_island.surface.contact import FILM, LITHIUM, Contact
from fem_island.surface.kinetics import ReactionLaw, ReleaseOnly


@dataclass(frozen=True)
class Part:
    """Pixels that react alike.

    Attributes:
        pixels: Their numbers, row by row, shape (n,).
        law: The reaction.
        equilibrium_potential: U [V].
    """

    pixels: npt.NDArray[np.intp]
    law: ReactionLaw
    equilibrium_potential: float


def parts_of(contact: Contact, refinement: int) -> tuple[Part, ...]:
    """Lithium, and the film where there is one, on pixels of a part of the image's size.

    Args:
        contact: What reacts where.
        refinement: Parts of an edge of the image's pixels.
    """
    lithium = Part(contact.pixels(LITHIUM, refinement), contact.lithium, 0.0)
    if contact.film is None:
        return (lithium,)
    return lithium, Part(contact.pixels(FILM, refinement), contact.film, contact.film_potential)


@dataclass(frozen=True)
class Problem:
    """What is solved.

    Attributes:
        grid: The electrolyte over the pixels.
        parts: What reacts; at least one.
        conductivity: kappa [S/m].
        current_density: I [A/m^2].
    """

    grid: PixelGrid
    parts: Sequence[Part]
    conductivity: float
    current_density: float

    def slices(self) -> Iterator[tuple[Part, slice]]:
        """Every part, and where its pixels are among all that react."""
        start = 0
        for part in self.parts:
            yield part, slice(start, start + len(part.pixels))
            start += len(part.pixels)

    def joined(self, values: Sequence[Array | float]) -> Array:
        """Values of every part, one after the other."""
        pairs = zip(self.parts, values, strict=True)
        return np.concatenate([np.broadcast_to(v, part.pixels.shape) for part, v in pairs])

    @cached_property
    def equilibrium_potentials(self) -> Array:
        """U of all reacting pixels [V]."""
        return self.joined([part.equilibrium_potential for part in self.parts])

    def reactions(self, overpotential: Array) -> tuple[Array, Array]:
        """Current densities [A/m^2] and their slopes [S/m^2] of all reacting pixels.

        Args:
            overpotential: Of them [V].
        """
        density, slope = np.empty_like(overpotential), np.empty_like(overpotential)
        for part, own in self.slices():
            density[own] = part.law.current_density(overpotential[own])
            slope[own] = part.law.slope(overpotential[own])
        return density, slope


def moved_overpotentials(
    problem: Problem,
    overpotential: Array,
    density: Array,
    slope: Array,
    change_of_density: Array,
    changed: Array,
    least: float,
) -> Array:
    """The overpotentials after a step of Newton's method [V].

    Args:
        problem: What is solved.
        overpotential: Before the step [V], shape (n,).
        density: Before the step [A/m^2].
        slope: Before the step [S/m^2]; 0 where a pixel takes no part.
        change_of_density: y [A/m^2].
        changed: Overpotentials after the step, as it predicts them [V]; they are written over.
        least: Ohmic resistance of a pixel for itself [Ohm m^2].
    """
    result = changed
    for part, own in problem.slices():
        before, current, steep = overpotential[own], density[own], slope[own]
        takes_part = steep > 0
        change = change_of_density[own]
        wanted = current + change
        one_way = isinstance(part.law, ReleaseOnly)
        at_rest = float(np.asarray(part.law.slope(1e-9 if one_way else 0.0)))
        scale = SOFT * at_rest
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            # Where kinetics are fast, only the current tells what the overpotential is.
            linear = np.where(takes_part, before + change / steep, changed[own])
            rise = np.arcsinh(wanted / scale) - np.arcsinh(current / scale)
            damped = before + rise * np.hypot(current, scale) / steep
            damped = np.where(takes_part & np.isfinite(damped), damped, linear)
            off = np.abs(part.law.current_density(linear) - wanted)
            nearer = np.abs(part.law.current_density(damped) - wanted) < off
            moved = np.where(nearer | ~np.isfinite(off), damped, linear)
            if one_way:
                let_through = linear / (least + 1 / at_rest)
                enters = np.minimum(linear, SOFT * np.arcsinh(let_through / scale))
                moved = np.where(~takes_part & (linear > 0), enters, moved)
        result[own] = moved
    return result
