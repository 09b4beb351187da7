"""The thin film on the current collector: what it is made of, how it reacts, how full it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StrictStr, model_validator

from fem_island.case.double_layer import ArealCapacitance, DoubleLayer
from fem_island.case.kinetic_changes import Changes
from fem_island.case.kinetics import IslandKinetics, Kinetics, Term
from fem_island.case.metal import MOST_PLATEAUS, Metal, read_metal
from fem_island.case.readers import FileName, NameReader
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import as_pair, as_sequence
from fem_island.case.value_types import (
    ArealCapacity,
    EquilibriumPotential,
    ExchangeCurrentDensity,
    Length,
    Pair,
    Position,
    PotentialCoefficient,
    Share,
    TransferCoefficient,
)
from fem_island.errors import Fault
from fem_island.materials import library as materials
from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.materials.plateaus import Step, film_steps, own_steps, step_at, step_changes

FilmReaction = Literal["none", "release", "reversible"]

_MOST_PLACES = 1000


class Interlayer(Record):
    """The thin film on the current collector, beside the islands."""

    first = "material"

    if TYPE_CHECKING:

        def __init__(self, material: Any = ..., **fields: Any) -> None:
            """All fields by name; the first one may do without it."""

    material: Annotated[StrictStr, NameReader("film material", materials.films)] | None = None
    """Symbol of the metal; by default none, with an equilibrium potential of its own."""
    metal: Annotated[Metal | None, BeforeValidator(read_metal), FileName()] = None
    """A metal of one's own instead of one that is known; or the name of a file like this package's
    materials.toml and of a metal in it, "films.toml:Bi"."""
    reaction: FilmReaction = "none"
    """"none": passive, its onset is judged from the potential, as in the paper. "release": gives
    lithium but takes none. "reversible": plain Butler-Volmer."""
    equilibrium_potential: EquilibriumPotential | None = None
    """Equilibrium potential U [V against lithium], one for all of its lithium; by default that of
    the material's plateau on which the film is at its state of charge."""
    plateaus: (
        Annotated[
            tuple[
                Annotated[tuple[EquilibriumPotential, ArealCapacity], BeforeValidator(as_pair)], ...
            ],
            BeforeValidator(as_sequence),
            Field(min_length=1, max_length=MOST_PLATEAUS),
        ]
        | None
    ) = None
    """Plateaus of a film of one's own, from the full film to the empty one: pairs of a potential [V
    against lithium], which rises, and the lithium that is given up on it [C/m^2]; by default those
    of the material."""
    potential_temperature_coefficient: PotentialCoefficient = 0.0
    """Change of all its potentials with temperature [V/K], from 298.15 K on; by default none."""
    exchange_current_density: ExchangeCurrentDensity | None = None
    """Exchange current density i0 [A/m^2]; by default that of lithium in this case, which is an
    assumption."""
    anodic_transfer_coefficient: TransferCoefficient | None = None
    """Anodic transfer coefficient aa; by default that of lithium in this case."""
    cathodic_transfer_coefficient: TransferCoefficient | None = None
    """Cathodic transfer coefficient ac; by default that of lithium in this case."""
    kinetics: Changes | None = None
    """The same as a table, which may also name another law; by default the film has Butler-Volmer
    kinetics. From Python also a whole law."""
    thickness: Length = 100e-9
    """Of the metal as deposited [m]; 100 nm in the paper. With the material it says how much
    lithium the film holds."""
    capacity: ArealCapacity | None = None
    """Lithium that the full film holds [C/m^2], whatever its thickness; by default that of the
    material at the thickness."""
    state_of_charge: Share = 1.0
    """Share of that lithium which is left, 0 to 1; where there is none nothing reacts."""
    state_of_charge_profile: (
        Annotated[
            tuple[Annotated[tuple[Position, Share], BeforeValidator(as_pair)], ...],
            BeforeValidator(as_sequence),
            Field(min_length=1, max_length=_MOST_PLACES),
        ]
        | None
    ) = None
    """The same along x: pairs of a position [m] and a share, linear in between and constant beyond
    the ends; by default ``state_of_charge`` everywhere."""
    extent: (
        Annotated[tuple[Pair, ...], BeforeValidator(as_sequence), Field(min_length=1)] | None
    ) = None
    """Intervals of the bottom that it covers [m]; by default all of it. Islands lie on top of it:
    where one is, the film is not in contact with the electrolyte."""
    double_layer: DoubleLayer | None = None
    """Of the film's surface; by default none."""
    chemical_capacitance: ArealCapacitance | None = None
    """Lithium that the film takes up per potential, dq/dU [F/m^2]; by default it is on a plateau,
    where that has no limit."""

    @model_validator(mode="after")
    def _has_potential(self) -> Self:
        if self.metal is not None and self.material is not None:
            reason = "is given along with material; give one of them"
            refuse([Fault("metal", self.metal.name, reason)])
        if self.plateaus is not None:
            reason = "is given along with plateaus; give one of them"
            given = {
                "equilibrium_potential": self.equilibrium_potential,
                "capacity": self.capacity,
                "metal": None if self.metal is None else self.metal.name,
            }
            refuse(Fault(k, value, reason) for k, value in given.items() if value is not None)
            potentials = [potential for potential, _ in self.plateaus]
            if any(after <= before for before, after in pairwise(potentials)):
                reason = "must have rising potentials: the full film gives lithium at the lowest"
                refuse([Fault("plateaus", None, reason)])
        elif all(each is None for each in (self.material, self.metal, self.equilibrium_potential)):
            missing = "is missing; give it, or a material to take it from"
            refuse([Fault("equilibrium_potential", None, missing)])
        return self

    @model_validator(mode="after")
    def _kinetics_once(self) -> Self:
        if self.kinetics is not None:
            reason = "is given along with kinetics; give one of them"
            given = dict(self._own_kinetics).items()
            refuse(Fault(key, value, reason) for key, value in given if value is not None)
        return self

    @model_validator(mode="after")
    def _consistent_charge(self) -> Self:
        faults = []
        profile = self.state_of_charge_profile
        if profile is not None:
            if self.state_of_charge != 1.0:
                reason = "is given along with state_of_charge_profile; give one of them"
                faults.append(Fault("state_of_charge", self.state_of_charge, reason))
            positions = [position for position, _ in profile]
            if any(right <= left for left, right in pairwise(positions)):
                reason = "must have its positions from left to right, each once"
                faults.append(Fault("state_of_charge_profile", None, reason))
        if self.reaction == "reversible" and min(self.charge_shares) == 0:
            key = "state_of_charge" if profile is None else "state_of_charge_profile"
            reason = 'must be above 0 with reaction "reversible", which has no limit of lithium'
            faults.append(Fault(key, 0.0, reason))
        refuse(faults)
        return self

    @property
    def _own_kinetics(self) -> IslandKinetics:
        """What the film's own keys say of its kinetics."""
        return IslandKinetics(
            exchange_current_density=self.exchange_current_density,
            anodic_transfer_coefficient=self.anodic_transfer_coefficient,
            cathodic_transfer_coefficient=self.cathodic_transfer_coefficient,
        )

    def kinetics_beside(self, lithium: Kinetics) -> Kinetics:
        """The film's kinetics: what it does not say is as with lithium, but for the law.

        Args:
            lithium: The kinetics of lithium in the same cell.
        """
        follows = lithium.changed(IslandKinetics(law="butler-volmer"))
        return follows.changed(self.kinetics or self._own_kinetics)

    @property
    def charge_positions(self) -> tuple[float, ...]:
        """Where the state of charge is known [m]; it is linear in between."""
        return tuple(position for position, _ in self.state_of_charge_profile or ((0.0, 0.0),))

    @property
    def charge_shares(self) -> tuple[float, ...]:
        """State of charge at ``charge_positions``."""
        if self.state_of_charge_profile is None:
            return (self.state_of_charge,)
        return tuple(share for _, share in self.state_of_charge_profile)

    @property
    def step_changes(self) -> tuple[float, ...]:
        """Where it passes from one plateau to another [m], if that matters: where it reacts."""
        if self.reaction == "none":
            return ()
        return tuple(step_changes(self.steps, self.charge_positions, self.charge_shares))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The plateaus on which a full film gives up its lithium, in that order."""
        if self.plateaus is not None:
            return own_steps(self.plateaus)
        return film_steps(
            self.material if self.metal is None else self.metal.material,
            thickness=self.thickness,
            capacity=self.capacity,
            equilibrium_potential=self.equilibrium_potential,
        )

    @property
    def name(self) -> str:
        """What reports call it: its material or metal, or just a film."""
        own = None if self.metal is None else self.metal.name
        return self.material or own or "film"

    def steps_at(self, temperature: float) -> tuple[Step, ...]:
        """The plateaus of ``steps`` with their potentials at a temperature.

        Args:
            temperature: T [K].

        Example:
            >>> gold = Interlayer(material="Au", potential_temperature_coefficient="1 mV/K")
            >>> [round(step.potential, 3) for step in gold.steps_at(308.15)]
            [0.08, 0.17]
        """
        shift = self._potential_shift(temperature)
        return tuple(replace(step, potential=step.potential + shift) for step in self.steps)

    def potential_at(self, temperature: Term) -> Term:
        """``potential`` at a temperature [V].

        Arrays of a copy that is not validated go along.

        Args:
            temperature: T [K].
        """
        return self.potential + self._potential_shift(temperature)

    def _potential_shift(self, temperature: Term) -> Term:
        """How far all its potentials are above those at 298.15 K [V]."""
        return self.potential_temperature_coefficient * (temperature - REFERENCE_TEMPERATURE)

    @property
    def potential(self) -> float:
        """The lowest drive [V] at which any of the film gives lithium at 298.15 K.

        It is U where the film is fullest.
        """
        steps = self.steps
        step = step_at(steps, max(self.charge_shares))
        return (steps[-1] if step is None else step).potential


def interlayer(
    material: str | None = None,
    *,
    metal: Metal | Mapping[str, object] | str | None = None,
    reaction: FilmReaction = "none",
    equilibrium_potential: float | str | None = None,
    plateaus: Sequence[tuple[float | str, float | str]] | None = None,
    potential_temperature_coefficient: float | str = 0.0,
    exchange_current_density: float | str | None = None,
    anodic_transfer_coefficient: float | None = None,
    cathodic_transfer_coefficient: float | None = None,
    kinetics: IslandKinetics | Kinetics | Mapping[str, object] | None = None,
    thickness: float | str = 100e-9,
    capacity: float | str | None = None,
    state_of_charge: float = 1.0,
    state_of_charge_profile: Sequence[tuple[float | str, float]] | None = None,
    extent: Sequence[tuple[float | str, float | str]] | None = None,
    double_layer: DoubleLayer | Mapping[str, object] | None = None,
    chemical_capacitance: float | str | None = None,
) -> Interlayer:
    """A film of a material from the table of materials: ``Interlayer`` with its material first.

    Args:
        material: Symbol, for example "Ag".
        metal: A metal of one's own instead, or "films.toml:Bi", one of a file of materials.
        reaction: "none", "release" or "reversible".
        equilibrium_potential: U [V], instead of that of the material.
        plateaus: Pairs of U [V] and capacity [C/m^2], instead of those of the material.
        potential_temperature_coefficient: Of all its potentials [V/K].
        exchange_current_density: i0 [A/m^2]; None assumes that of lithium in the cell.
        anodic_transfer_coefficient: aa; None is that of lithium.
        cathodic_transfer_coefficient: ac; None is that of lithium.
        kinetics: These three as a table, or a whole law.
        thickness: Of the metal as deposited [m].
        capacity: Lithium that the full film holds [C/m^2], instead of that of the material.
        state_of_charge: Share of that which is left.
        state_of_charge_profile: The same along x: pairs of a position [m] and a share.
        extent: Intervals of the bottom that it covers [m]; None is all of it.
        double_layer: Of its surface.
        chemical_capacitance: dq/dU [F/m^2]; None is a plateau.

    Raises:
        InputError: The material is not known, or a value is not allowed.

    Example:
        >>> interlayer("Au", thickness="50 nm").potential
        0.07
    """
    given = {name: value for name, value in locals().items() if value is not None}
    return Interlayer(**given)
