"""Reaction laws: local current density against local overpotential at a lithium or film surface.

Positive current density is anodic: lithium leaves the metal, current enters the electrolyte.

Letters used in the formulas:

    i     current density [A/m^2]                i0      exchange current density [A/m^2]
    eta   overpotential [V]                      aa, ac  anodic, cathodic transfer coefficient
    f     F / (R T) [1/V]                        T       temperature [K]

A law is a record of its parameters, whose values are those of a case file, with the formula and its
derivative. Overpotential and temperature may be floats or NumPy arrays, and so may the parameters
of a copy that is not validated (``model_copy``), for many places or points at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import PrivateAttr

from fem_island.case.double_layer import DoubleLayer, WarburgCoefficient
from fem_island.case.paper import PAPER_EXCHANGE_CURRENT_DENSITY
from fem_island.case.readers import ChoiceReader
from fem_island.case.records import Record
from fem_island.case.tagged import Tagged
from fem_island.case.value_types import (
    ActivationEnergy,
    ExchangeCurrentDensity,
    TransferCoefficient,
)
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT, REFERENCE_TEMPERATURE

Term = Any
"""A float or a NumPy array."""


def exponential_difference(first: Term, second: Term) -> Term:
    """exp(first) - exp(second) of opposite arguments, with all digits also close to zero."""
    # The terms of the difference have one sign then, so that nothing cancels.
    return np.expm1(first) - np.expm1(second)


def positive_part(argument: Term) -> Term:
    """The larger of the argument and 0."""
    return np.maximum(argument, 0.0)


def where_positive(argument: Term, value: Term) -> Term:
    """``value`` where ``argument`` is above zero, else 0."""
    return np.where(argument > 0, value, 0.0)


class Kinetics(Tagged, Record):
    """Charge transfer between lithium and electrolyte.

    This is what all reaction laws have in common. ``Kinetics(law="tafel")`` makes the record of
    that law, and without a law that of Butler-Volmer. A law of one's own is a subclass of this or
    of another law, with a name, its parameters and the two formulas.

    Example:
        >>> Kinetics(law="linear", exchange_current_density="1 mA/cm^2").exchange_current_density
        10.0
        >>> type(Kinetics()).__name__
        'ButlerVolmer'
    """

    tag = "law"
    first = "law"

    if TYPE_CHECKING:

        def __init__(self, law: Any = ..., **fields: Any) -> None:
            """All fields by name; the first one may do without it."""

    law: str = ""
    """The law."""
    exchange_current_density: ExchangeCurrentDensity = PAPER_EXCHANGE_CURRENT_DENSITY
    """Exchange current density i0 [A/m^2]; the default is what the paper's results imply."""
    anodic_transfer_coefficient: TransferCoefficient = 0.5
    """Anodic transfer coefficient aa; 0.5 in the paper."""
    cathodic_transfer_coefficient: TransferCoefficient = 0.5
    """Cathodic transfer coefficient ac; 0.5 in the paper."""
    activation_energy: ActivationEnergy = 0.0
    """Activation energy of i0 [J/mol], which is that of 298.15 K; by default it is the same at all
    temperatures."""
    warburg_coefficient: WarburgCoefficient = 0.0
    """Warburg coefficient sigma_W [Ohm m^2 s^-0.5] of diffusion behind the charge transfer; matters
    for impedance alone, as does the double layer."""
    double_layer: DoubleLayer | None = None
    """Beside the charge transfer; by default none."""

    has_equilibrium: ClassVar[bool] = True
    """Whether there is a state without current."""
    remark: ClassVar[str] = ""
    """What a report must say of results with this law."""

    def current_density(
        self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE
    ) -> Term:
        """Current density [A/m^2] at an overpotential [V] and a temperature [K], same shape.

        It must rise with the overpotential, or there is more than one solution to find.
        """
        raise NotImplementedError

    def slope(self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE) -> Term:
        """Derivative of the current density with respect to the overpotential [S/m^2]."""
        raise NotImplementedError

    def for_current(self, current_density: float) -> Kinetics:
        """The law that holds at an applied current: another one where it depends on its sign.

        Args:
            current_density: I [A/m^2].
        """
        return self

    def exchange_current_density_at(self, temperature: Term) -> Term:
        """I0 at a temperature [K]: i0 exp[-E/R (1/T - 1/T0)]; T0 = 298.15 K."""
        if np.ndim(self.activation_energy) == 0 and self.activation_energy == 0:
            return self.exchange_current_density
        return self.exchange_current_density * arrhenius(self.activation_energy, temperature)

    @property
    def no_equilibrium(self) -> str:
        """Why such a law needs a current; empty where there is a state without one."""
        if self.has_equilibrium:
            return ""
        name = self.law.capitalize()
        return f"{name} kinetics has no equilibrium; give a current other than 0"

    def changed(self, changes: IslandKinetics | Kinetics | None) -> Kinetics:
        """The law with what is different somewhere; a whole law replaces it."""
        if changes is None:
            return self
        if isinstance(changes, Kinetics):
            return changes
        law = type(self) if changes.law is None else Kinetics.kinds()[changes.law]
        shared = {k: v for k, v in dict(self).items() if k in law.model_fields and k != self.tag}
        own = {k: v for k, v in dict(changes).items() if v is not None and k != self.tag}
        return law(**shared | own)


def arrhenius(activation_energy: Term, temperature: Term) -> Term:
    """How much faster something is than at 298.15 K: exp[-E/R (1/T - 1/T0)].

    Args:
        activation_energy: E [J/mol].
        temperature: T [K].

    Example:
        >>> round(float(arrhenius(30e3, 308.15)), 3)
        1.481
    """
    inverse = 1 / temperature - 1 / REFERENCE_TEMPERATURE
    return np.exp(-activation_energy / GAS_CONSTANT * inverse)


def _scaled(overpotential: Term, temperature: Term) -> Term:
    """F eta / (R T)."""
    return FARADAY_CONSTANT / (GAS_CONSTANT * temperature) * overpotential


class ButlerVolmer(Kinetics):
    """i = i0 [exp(aa f eta) - exp(-ac f eta)].

    Example:
        >>> round(float(ButlerVolmer().current_density(0.0846435)), 3)
        25.0
    """

    law: Literal["butler-volmer"] = "butler-volmer"

    def current_density(
        self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE
    ) -> Term:
        """Current density [A/m^2]."""
        anodic, cathodic = self._exponents(overpotential, temperature)
        i0 = self.exchange_current_density_at(temperature)
        return i0 * exponential_difference(anodic, cathodic)

    def slope(self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE) -> Term:
        """Derivative of the current density [S/m^2]."""
        anodic, cathodic = self._exponents(overpotential, temperature)
        weighted = self.anodic_transfer_coefficient * np.exp(anodic)
        weighted = weighted + self.cathodic_transfer_coefficient * np.exp(cathodic)
        return self.exchange_current_density_at(temperature) * _scaled(1.0, temperature) * weighted

    def _exponents(self, overpotential: Term, temperature: Term) -> tuple[Term, Term]:
        scaled = _scaled(overpotential, temperature)
        return (
            self.anodic_transfer_coefficient * scaled,
            -self.cathodic_transfer_coefficient * scaled,
        )


class LinearKinetics(Kinetics):
    """i = i0 (aa + ac) f eta: Butler-Volmer at overpotentials far below R T / F.

    Example:
        >>> round(LinearKinetics().current_density(0.001), 4)
        0.1946
    """

    law: Literal["linear"] = "linear"

    def current_density(
        self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE
    ) -> Term:
        """Current density [A/m^2]."""
        return self.slope(overpotential, temperature) * overpotential

    def slope(self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE) -> Term:
        """Derivative of the current density [S/m^2]."""
        total = self.anodic_transfer_coefficient + self.cathodic_transfer_coefficient
        return self.exchange_current_density_at(temperature) * total * _scaled(1.0, temperature)


class Tafel(Kinetics):
    """One branch of Butler-Volmer: i0 exp(aa f eta) stripping, -i0 exp(-ac f eta) plating.

    Valid far from equilibrium (|i| well above i0). It has no equilibrium: the current of the anodic
    branch is positive at any overpotential, so it can only strip, and the cathodic one only plate.

    Example:
        >>> law = Tafel().for_current(2.5)
        >>> round(float(law.current_density(0.0827)), 2)
        25.0
    """

    law: Literal["tafel"] = "tafel"

    has_equilibrium = False
    remark = "Tafel kinetics holds only where the local current is well above i0"
    _plates: bool = PrivateAttr(default=False)

    def for_current(self, current_density: float) -> Kinetics:
        """The branch that strips, or the one that plates."""
        branch = self.model_copy()
        branch._plates = not current_density > 0
        return branch

    def current_density(
        self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE
    ) -> Term:
        """Current density [A/m^2]."""
        exponent = self._coefficient * _scaled(overpotential, temperature)
        sign = -1 if self._plates else 1
        return sign * self.exchange_current_density_at(temperature) * np.exp(exponent)

    def slope(self, overpotential: Term, temperature: Term = REFERENCE_TEMPERATURE) -> Term:
        """Derivative of the current density [S/m^2]."""
        per_volt = self._coefficient * _scaled(1.0, temperature)
        return per_volt * self.current_density(overpotential, temperature)

    @property
    def _coefficient(self) -> Term:
        if self._plates:
            return -self.cathodic_transfer_coefficient
        return self.anodic_transfer_coefficient


class IslandKinetics(Record):
    """What one island has different from the cell's kinetics."""

    law: Annotated[str, ChoiceReader(lambda: Kinetics.kinds())] | None = None
    """The law; by default that of the cell, and so with the others."""
    exchange_current_density: ExchangeCurrentDensity | None = None
    """Exchange current density i0 [A/m^2]."""
    anodic_transfer_coefficient: TransferCoefficient | None = None
    """Anodic transfer coefficient aa."""
    cathodic_transfer_coefficient: TransferCoefficient | None = None
    """Cathodic transfer coefficient ac."""
    activation_energy: ActivationEnergy | None = None
    """Activation energy of i0 [J/mol]."""
    warburg_coefficient: WarburgCoefficient | None = None
    """Warburg coefficient sigma_W [Ohm m^2 s^-0.5]."""
    double_layer: DoubleLayer | None = None
    """Beside the charge transfer."""
