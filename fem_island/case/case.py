"""A case: a cell, how it is run, and what is computed and reported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from fem_island.case.cell import Cell
from fem_island.case.impedance import Impedance
from fem_island.case.placement import in_um
from fem_island.case.readers import DecidesGrid
from fem_island.case.records import Record, refuse
from fem_island.case.shorter_forms import as_sequence
from fem_island.case.stripping import ProtocolStep, Stripping
from fem_island.case.value_types import CurrentDensity, Degree, Place, Temperature, Tolerance
from fem_island.case.writing import html_table, told, toml_tables
from fem_island.errors import Fault
from fem_island.machine.paths import from_home
from fem_island.machine.whole_files import replacing
from fem_island.materials.constants import REFERENCE_TEMPERATURE

NOTHING_DIFFERS = "# The paper's cell: nothing differs from the defaults.\n"


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
