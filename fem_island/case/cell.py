"""The cell and how it is run: frozen, validated records, filled with the paper's defaults.

"The paper" is Sandoval et al., "Structural and electrochemical evolution of alloy interfacial
layers in anode-free solid-state batteries", Joule 2023 (Figure 6 and its section on electrochemical
modeling). Fields take SI floats or strings with units and hold SI floats.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from fem_island.case.collector import Collector
from fem_island.case.contact_map import ContactMap, map_faults
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.geometry import NAMING, belongs_elsewhere
from fem_island.case.impedance import Impedance
from fem_island.case.island import Island, as_ring
from fem_island.case.kinetics import Kinetics
from fem_island.case.layer import Layer
from fem_island.case.placement import (
    SNAP,
    in_um,
    interval_faults,
    island_faults,
    ring_faults,
    sliver_faults,
)
from fem_island.case.readers import (
    ByFirst,
    CurrentDensity,
    DecidesGrid,
    Degree,
    Place,
    Temperature,
    Tolerance,
    as_sequence,
)
from fem_island.case.records import Record, refuse
from fem_island.case.series import Series
from fem_island.case.stripping import ProtocolStep, Stripping
from fem_island.case.writing import html_table, told, toml_tables
from fem_island.errors import Fault
from fem_island.machine.paths import from_home
from fem_island.machine.whole_files import replacing
from fem_island.materials.constants import REFERENCE_TEMPERATURE

NOTHING_DIFFERS = "# The paper's cell: nothing differs from the defaults.\n"
_NO_ISLANDS = "must have at least 1 entry; none is for the impedance of a bare [collector]"


def _as_islands(value: object) -> object:
    if isinstance(value, dict | Record):
        raise ValueError("must be a list; in a case file write [[islands]]")
    return value


class Cell(Record):
    """What is there: electrolyte, islands and film.

    Example:
        >>> Cell(islands=[Island(width="20 um")]).islands[0].width
        2e-05
        >>> Cell(islands=["3 um"], interlayer="Ag")
        Cell(islands=[Island('3 um')], interlayer=Interlayer('Ag'))
    """

    electrolyte: Annotated[Electrolyte, ByFirst(Electrolyte.first)] = Electrolyte()
    """The domain and its conductivity."""
    kinetics: Annotated[SerializeAsAny[Kinetics], ByFirst(Kinetics.first)] = Kinetics()
    """Of lithium, for all islands that do not say otherwise, and for the film where it does not."""
    islands: Annotated[
        tuple[Annotated[Island, ByFirst(Island.first)], ...],
        BeforeValidator(_as_islands),
        ByFirst(Island.first, several=True),
        Field(max_length=1000),
    ] = (Island(),)
    """At least one, or none on a collector that is given, for its impedance; they may touch the
    walls and each other, but not overlap."""
    interlayer: Annotated[Interlayer | None, ByFirst(Interlayer.first)] = None
    """The film; by default none: bare copper."""
    collector: Collector | None = None
    """Exposed copper as alternating current sees it; by default it carries none."""
    lithium: Annotated[Layer | None, ByFirst(Layer.first)] = None
    """A layer of lithium instead of islands; the islands are then the places that it covers."""
    series: Series | None = None
    """What makes it a whole cell: pellet, leads and counter electrode."""
    map: ContactMap | None = None
    """An image of what touches the electrolyte, instead of islands; the cell is then a box."""

    @model_validator(mode="after")
    def _map_or_islands(self) -> Self:
        electrolyte = self.electrolyte
        if self.map is None and electrolyte.geometry != "map":
            return self
        if self.map is not None and "geometry" not in electrolyte.model_fields_set:
            electrolyte = electrolyte.model_copy(update={"geometry": "map"})
            object.__setattr__(self, "electrolyte", electrolyte)
        given = "islands" in self.model_fields_set and len(self.islands) > 0
        refuse(
            map_faults(
                self.map,
                electrolyte,
                self.interlayer,
                islands=given,
                layer=self.lithium is not None,
            )
        )
        object.__setattr__(self, "islands", ())
        return self

    @model_validator(mode="after")
    def _layer_or_islands(self) -> Self:
        if self.lithium is None:
            return self
        width = self.electrolyte.width
        if self.electrolyte.geometry != "planar":
            refuse([Fault("lithium", None, "is for planar cells; give [[islands]]")])
        covered = tuple(
            Island(width=right - left, center=0.5 * (left + right))
            for left, right in self.lithium.covered(width)
        )
        if "islands" in self.model_fields_set and self.islands != covered:
            refuse([Fault("islands", None, "are given along with lithium; give one of them")])
        object.__setattr__(self, "islands", covered)
        return self

    @model_validator(mode="after")
    def _islands_of_geometry(self) -> Self:
        geometry = self.electrolyte.geometry
        refuse(
            belongs_elsewhere(
                f"islands.{number}.{key}",
                in_um(getattr(island, key)),
                geometry,
                NAMING[geometry].island_keys,
            )
            for number, island in enumerate(self.islands)
            for key in island.keys_elsewhere(geometry)
        )
        if geometry == "axisymmetric":
            object.__setattr__(self, "islands", tuple(as_ring(each) for each in self.islands))
        return self

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.map is not None:
            refuse(self._pellet_faults())
            return self
        width = self.electrolyte.span
        islands = [self.island_ends(island) for island in self.islands]
        faults = [] if self.islands or self.collector else [Fault("islands", [], _NO_ISLANDS)]
        planar = self.electrolyte.geometry == "planar"
        faults += (island_faults if planar else ring_faults)(width, islands)
        film = self.interlayer
        if film is not None and film.extent is not None:
            faults += interval_faults(width, film.extent, "interlayer.extent")
        if film is not None and film.state_of_charge_profile is not None:
            faults += [
                Fault(
                    f"interlayer.state_of_charge_profile.{number}",
                    in_um(position),
                    f"must lie within the cell (0 to {in_um(width)})",
                )
                for number, position in enumerate(film.charge_positions)
                if position > width * (1 + SNAP)
            ]
        if self.collector is not None and self.collector.gap_extent is not None:
            faults += interval_faults(width, self.collector.gap_extent, "collector.gap_extent")
        faults += self._pellet_faults()
        if not faults:
            places: dict[str, Iterable[float]] = {}
            if film is not None:
                places["interlayer.state_of_charge_profile"] = film.step_changes
                places["interlayer.extent"] = [x for ends in film.extent or () for x in ends]
            if self.collector is not None:
                extent = self.collector.gap_extent or ()
                places["collector.gap_extent"] = [x for ends in extent for x in ends]
            faults = sliver_faults(width, islands, places)
        refuse(faults)
        return self

    def to_toml(self) -> str:
        """A case file with this cell: what differs from the defaults, with units."""
        return Case(cell=self).to_toml()

    def to_json(self) -> str:
        """A case with this cell as JSON; see ``Case.to_json``."""
        return Case(cell=self).to_json()

    @classmethod
    def from_toml(cls, text: str) -> Cell:
        """The cell of a case file's text."""
        return Case.from_toml(text).cell

    @classmethod
    def from_json(cls, text: str) -> Cell:
        """The cell of a case that was written by ``to_json``."""
        return Case.from_json(text).cell

    def _pellet_faults(self) -> list[Fault]:
        pellet = None if self.series is None else self.series.pellet
        height = self.electrolyte.height
        if pellet is None or pellet >= height * (1 - SNAP):
            return []
        allowed = f"must be at least the height of the domain ({in_um(height)})"
        return [Fault("series.pellet", in_um(pellet), allowed)]

    def island_ends(self, island: Island) -> tuple[float, float]:
        """Left and right end of an island [m]: of the half in the cell, if its center is on a wall.

        In an axisymmetric cell they are the radii. An end within rounding of a wall, or of the
        axis, is put there.

        Example:
            >>> island = Island(width="10 um", center="0 um")
            >>> Cell(islands=[island]).island_ends(island)
            (0.0, 5e-06)
        """
        width, half = self.electrolyte.span, island.width / 2
        snap = SNAP * width
        if island.outer_radius is None:
            center = width / 2 if island.center is None else island.center
            left = 0.0 if abs(center) <= snap else center - half
            right = width if abs(center - width) <= snap else center + half
        else:
            left, right = island.inner_radius or 0.0, island.outer_radius
        return (0.0 if abs(left) <= snap else left, width if abs(right - width) <= snap else right)

    def island_kinetics(self, island: Island) -> Kinetics:
        """The kinetics of an island: the cell's, with what the island has different."""
        return self.kinetics.changed(island.kinetics)

    @property
    def laws(self) -> tuple[Kinetics, ...]:
        """The laws of all that reacts, each once."""
        found = [self.island_kinetics(island) for island in self.islands]
        found += [] if self.map is None else [self.kinetics]
        if self.interlayer is not None and self.interlayer.reaction != "none":
            found.append(self.interlayer.kinetics_beside(self.kinetics))
        return tuple(dict.fromkeys(found))


PAPER_CELL = Cell()
"""That of the paper."""


class Operation(Record):
    """How the cell is run."""

    current_density: CurrentDensity = 2.5
    """Current density I [A/m^2] at the top; above 0 strips lithium, below 0 plates it."""
    temperature: Temperature = REFERENCE_TEMPERATURE
    """Temperature T [K]."""


class Accuracy(Record):
    """How good the answer must be."""

    tolerance: Annotated[Tolerance, DecidesGrid()] = 1e-6
    """Wanted error of every reported potential [V]; picks mesh and degree."""
    degree: Annotated[Degree | None, DecidesGrid()] = None
    """Polynomial degree of the potential, 1 to 6; by default it starts at 2 and goes higher only
    where the tolerance is small against the potential drop in the electrolyte."""


class Output(Record):
    """What is reported beside the standard results."""

    probes: Annotated[
        tuple[Place, ...],
        BeforeValidator(as_sequence),
        Field(max_length=100_000),
    ] = ()
    """Points (x, y) [m] at which the potential is reported; (r, z) in an axisymmetric cell, and
    (x, y, z) on a map."""


class Case(Record):
    """One computation: a cell and how it is run, computed and reported."""

    cell: Cell = Cell()
    """What is there."""
    operation: Operation = Operation()
    """How it is run."""
    accuracy: Accuracy = Accuracy()
    """How good the answer must be."""
    output: Output = Output()
    """What is reported beside the standard results."""
    impedance: Impedance | None = None
    """What is asked of a spectrum; by default the paper's frequencies."""
    stripping: Stripping | None = None
    """How it is stripped in time."""
    protocol: Annotated[
        tuple[ProtocolStep, ...], BeforeValidator(as_sequence), Field(max_length=1000)
    ] = ()
    """Steps in time instead of the operation's current."""

    @property
    def conductivity(self) -> float:
        """Kappa of the electrolyte at the temperature of the operation [S/m]."""
        return float(self.cell.electrolyte.conductivity_at(self.operation.temperature))

    @property
    def temperature_independent(self) -> tuple[str, ...]:
        """What is taken as it is at 298.15 K whatever the temperature: letters for reports."""
        cell, film = self.cell, self.cell.interlayer
        found = [] if cell.electrolyte.activation_energy else ["kappa"]
        if not all(law.activation_energy for law in cell.laws):
            found.append("i0")
        if film is not None and not film.potential_temperature_coefficient:
            found.append("U of the film")
        return tuple(found)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        electrolyte = self.cell.electrolyte
        faults = []
        contact = self.cell.map
        ends: tuple[float, ...] = (electrolyte.span, electrolyte.height)
        if contact is not None:
            ends = (contact.width, contact.depth, electrolyte.height)
        size = " x ".join(in_um(end) for end in ends)
        for number, place in enumerate(self.output.probes):
            given = [in_um(each) for each in place]
            shown: str | list[str] = f"({', '.join(given)})"
            if len(place) != len(ends):
                what = "two values" if contact is None else "three values on a contact map"
                example = json.dumps(["5 um", "10 um", "15 um"][: len(ends)])
                shown, fault = given, f"must be a list of {what}, such as {example}"
            elif any(each > end for each, end in zip(place, ends, strict=True)):
                fault = f"is outside the cell ({size})"
            else:
                continue
            faults.append(Fault(f"output.probes.{number}", shown, fault))
        if self.operation.current_density == 0:
            reason = next((law.no_equilibrium for law in self.cell.laws if law.no_equilibrium), "")
            if reason:
                faults.append(Fault("operation.current_density", 0, reason))
        refuse(faults)
        return self

    def with_(self, changes: Mapping[str, object] | None = None, /, **fields: object) -> Self:
        """The case with other values; paths and names are those of a case file.

        Example:
            >>> case = Case().with_({"islands.width": "3 um"}, interlayer="Ag")
            >>> case.cell
            Cell(islands=[Island('3 um')], interlayer=Interlayer('Ag'))
        """
        of_cell = Cell.model_fields
        said = {**(changes or {}), **fields}
        paths = {
            f"cell.{path}" if path.partition(".")[0] in of_cell else path: value
            for path, value in said.items()
        }
        return super().with_(paths)

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return html_table(self, spread="cell")

    def to_toml(self) -> str:
        """A case file that is read as this case: what differs from the defaults, with units.

        Example:
            >>> print(Case(cell=Cell(interlayer="Ag")).to_toml(), end="")
            [interlayer]
            material = "Ag"
        """
        around = (each for each in told(self) if each[0].name != "cell")
        return toml_tables([*told(self.cell), *around])

    def to_json(self) -> str:
        """The whole case as JSON in SI units, defaults among them; numbers keep their origin."""
        return json.dumps(self.tables())

    def tables(self) -> dict[str, Any]:
        """The whole case as the tables of a case file, in SI units; numbers keep their origin."""
        whole = self.model_dump(mode="json")
        table = {**whole.pop("cell"), **whole}
        if self.cell.lithium is not None:
            # What a layer covers follows from it, also when the layer or the width is changed.
            del table["islands"]
        return table

    @classmethod
    def from_toml(cls, text: str) -> Case:
        """Read the text of a case file; see ``read_case`` for a file itself.

        Raises:
            InputError: With every fault found.
        """
        from fem_island.case.file import case_from_text

        return case_from_text(text, is_json=False)

    @classmethod
    def from_json(cls, text: str) -> Case:
        """Read a case that was written by ``to_json``, as it is in the attributes of datasets.

        Raises:
            InputError: With every fault found.

        Example:
            >>> case = Case(cell=Cell(interlayer="Ag"))
            >>> Case.from_json(case.to_json()) == case == Case.from_toml(case.to_toml())
            True
        """
        from fem_island.case.file import case_from_text

        return case_from_text(text, is_json=True)

    def write(self, path: Path | str) -> None:
        """Write a case file: TOML, or JSON where the name ends in .json.

        Raises:
            OutputError: It cannot be written.
        """
        path = from_home(path)
        is_json = path.suffix.lower() == ".json"
        with replacing(path) as unfinished:
            text = self.to_json() if is_json else self.to_toml()
            unfinished.write_text(text or NOTHING_DIFFERS, encoding="utf-8")


def at_current(case: Case, current_density: float) -> Case:
    """The same case at another current [A/m^2]."""
    operation = case.operation.model_copy(update={"current_density": current_density})
    return case.model_copy(update={"operation": operation})
