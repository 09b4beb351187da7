"""Whether a spectrum can be that of a linear, causal cell at rest: the linear Kramers-Kronig test.

A chain of resistors beside capacitors, whose times are given and evenly spaced in their logarithm,
obeys the Kramers-Kronig relations whatever its resistances are (Boukamp, J. Electrochem. Soc. 142,
1885, 1995). Fitted to a spectrum,

    Z = R0 + sum_k R_k / (1 + j omega tau_k) + j omega L + 1 / (j omega C) ,

which is linear in all unknowns, what is left over is what breaks them: drift, nonlinearity, noise.
There are six times a decade, which follow any spectrum of diffusion and constant phase elements to
1e-3, and at most half as many as frequencies, so that noise of single points is not followed.

What it cannot see: anything below or above the measured frequencies; an error that is itself such a
spectrum, as of a wrong area, a series resistance, or a drift that is slow against every point. A
spectrum that passes can be wrong, and one with few points a decade passes easily.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fem_island.machine.arrays import Array
from fem_island.surface.admittance import ComplexArray

_PER_DECADE = 6
"""Elements, as far as there are values to fit them to."""

_FEWEST = 1
_SUSPECT = 0.01
"""Residual relative to |Z| from which on a point is suspect."""


@dataclass(frozen=True)
class KramersKronig:
    """The outcome of the test.

    Attributes:
        elements: Resistors beside capacitors that were used.
        residuals: (fit - Z) / abs(Z) at every frequency, shape (f,).
        misfit: Root mean square of their magnitudes.
        suspect: Frequencies at which one part of the residual is above 1 % and three times what is
            usual in this spectrum [Hz].
    """

    elements: int
    residuals: ComplexArray
    misfit: float
    suspect: tuple[float, ...]

    @property
    def line(self) -> str:
        """The outcome on one line, with what it cannot see."""
        said = f"Kramers-Kronig: {100 * self.misfit:.2g} % of |Z| with {self.elements} elements"
        if self.suspect:
            low, high = min(self.suspect), max(self.suspect)
            said += f"; {len(self.suspect)} suspect points from {low:.3g} to {high:.3g} Hz"
        return f"{said} (blind to a wrong area, and to all that is outside of the frequencies)"


def kramers_kronig(frequencies: Array, impedance: ComplexArray) -> KramersKronig:
    """Test a spectrum.

    Args:
        frequencies: [Hz], shape (f,), at least 4.
        impedance: Z [Ohm m^2], shape (f,).

    Example:
        >>> f = np.geomspace(1e5, 1.0, 51)
        >>> z = 1 + 2 / (1 + 1j * f / 300)
        >>> kramers_kronig(f, z).misfit < 1e-3
        True
    """
    omega, size = 2 * np.pi * frequencies, np.abs(impedance)
    decades = float(np.log10(frequencies.max() / frequencies.min()))
    elements = max(_FEWEST, min(round(_PER_DECADE * decades), (len(omega) - 3) // 2))
    columns = _columns(omega, elements) / size[:, None]
    stacked = np.concatenate([columns.real, columns.imag])
    wanted = impedance / size
    found = np.linalg.lstsq(stacked, np.concatenate([wanted.real, wanted.imag]))[0]
    residuals = columns @ found - wanted
    parts = np.maximum(np.abs(residuals.real), np.abs(residuals.imag))
    usual = max(_SUSPECT, 3 * float(np.median(parts)))
    return KramersKronig(
        elements,
        np.asarray(residuals),
        float(np.sqrt(np.mean(np.abs(residuals) ** 2))),
        tuple(frequencies[parts > usual].tolist()),
    )


def _columns(omega: Array, elements: int) -> ComplexArray:
    """What every unknown adds: R0, the chain, L, 1/C; scaled so that all are of order one."""
    times = np.geomspace(1 / omega.max(), 1 / omega.min(), elements)
    chain = 1 / (1 + 1j * omega[:, None] * times)
    outer = np.stack([np.ones_like(omega), 1j * omega / omega.max(), omega.min() / (1j * omega)], 1)
    return np.concatenate([outer[:, :1], chain, outer[:, 1:]], axis=1)
