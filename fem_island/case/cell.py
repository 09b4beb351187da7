"""The cell: frozen, validated records, filled with the paper's defaults.

"The paper" is Sandoval et al., "Structural and electrochemical evolution of alloy interfacial
layers in anode-free solid-state batteries", Joule 2023 (Figure 6 and its section on electrochemical
modeling). Fields take SI floats or strings with units and hold SI floats.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from fem_island.case.collector import Collector
from fem_island.case.contact_map import ContactMap
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.geometry import NAMING, belongs_elsewhere
from fem_island.case.island import Island, as_ring, island_between
from fem_island.case.kinetics import Kinetics
from fem_island.case.layer import Layer
from fem_island.case.map_faults import map_faults
from fem_island.case.placement import (
    SNAP,
    in_um,
    interval_faults,
    island_faults,
    ring_faults,
    sliver_faults,
)
from fem_island.case.records import Record, refuse
from fem_island.case.series import Series
from fem_island.case.shorter_forms import ByFirst
from fem_island.case.writing import told, toml_tables
from fem_island.errors import Fault

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
                self.collector,
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
        covered = tuple(
            island_between(start, end, self.electrolyte.geometry)
            for start, end in self.lithium.covered(self.electrolyte)
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
        return toml_tables(told(self))

    def to_json(self) -> str:
        """A case with this cell as JSON; see ``Case.to_json``."""
        from fem_island.case.case import Case

        return Case(cell=self).to_json()

    @classmethod
    def from_toml(cls, text: str) -> Cell:
        """The cell of a case file's text."""
        from fem_island.case.file import case_from_text

        return case_from_text(text, is_json=False).cell

    @classmethod
    def from_json(cls, text: str) -> Cell:
        """The cell of a case that was written by ``to_json``."""
        from fem_island.case.file import case_from_text

        return case_from_text(text, is_json=True).cell

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
