"""What holds for a law that a user has defined; run by ``test_laws.py`` in a process of its own.

A law that is defined is known by its name in all of a process, which other tests do not expect.
"""

from __future__ import annotations

from typing import Literal

import pytest
from written_laws import assert_survives_being_written_and_copied

from fem_island.case.axes import numeric_keys
from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.file import case_from_table
from fem_island.case.island import Island
from fem_island.case.kinetics import (
    ButlerVolmer,
    IslandKinetics,
    Kinetics,
    LinearKinetics,
    Tafel,
    Term,
)
from fem_island.case.value_types import CurrentDensity
from fem_island.errors import InputError


class ShiftedKinetics(Kinetics):
    """Linear kinetics and a current that always flows: a law that only this test has."""

    law: Literal["shifted"] = "shifted"
    leak: CurrentDensity = 1.0
    """Current density that always flows [A/m^2]."""

    has_equilibrium = False
    remark = "shifted kinetics is an example"

    def current_density(self, overpotential: Term, temperature: Term = 298.15) -> Term:
        """Current density [A/m^2]."""
        return self.leak + self.slope(overpotential, temperature) * overpotential

    def slope(self, overpotential: Term, temperature: Term = 298.15) -> Term:
        """Derivative of the current density [S/m^2]."""
        return LinearKinetics.slope(self, overpotential, temperature)  # type: ignore[arg-type]


class ButlerVolmerWithLeak(ButlerVolmer):
    """Made from a law of the package."""

    law: Literal["leaking"] = "leaking"  # type: ignore[assignment]
    own_leak: CurrentDensity = 1.0
    """Current density that always flows [A/m^2]."""


class LimitedKinetics(ButlerVolmer):
    """With parameters that say no more of themselves than that they are numbers."""

    law: Literal["limited"] = "limited"  # type: ignore[assignment]
    limit: float = 40.0
    terms: int = 3


def test_parameters_may_be_plain_numbers() -> None:
    law = LimitedKinetics(limit=30.5)
    assert repr(law) == "LimitedKinetics(limit=30.5)"
    case = Case(cell=Cell(kinetics=law))
    assert Case.from_toml(case.to_toml()) == Case.from_json(case.to_json()) == case
    assert {"kinetics.limit", "kinetics.terms"} <= set(numeric_keys())
    table = {"kinetics": {"law": "limited", "limit": 7.5, "terms": 2}}
    assert case_from_table(table).cell.kinetics == LimitedKinetics(limit=7.5, terms=2)


def test_a_law_has_no_parameters_of_those_that_are_made_from_it() -> None:
    law = ButlerVolmer(exchange_current_density="0.3 mA/cm^2")
    assert repr(law) == "ButlerVolmer(exchange_current_density='0.3 mA/cm^2')"
    case = Case(cell=Cell(kinetics=law))
    assert Case.from_toml(case.to_toml()) == Case.from_json(case.to_json()) == case
    assert "own_leak" not in case._repr_html_()
    assert repr(ButlerVolmerWithLeak(own_leak=2.0)) == (
        "ButlerVolmerWithLeak(own_leak='0.2 mA/cm^2')"
    )


def test_a_name_makes_the_law() -> None:
    assert Kinetics(**{"law": "shifted", "leak": "0.2 mA/cm^2"}) == ShiftedKinetics(leak=2.0)


def test_a_table_has_the_parameters_of_its_law() -> None:
    case = case_from_table({"kinetics": {"law": "shifted", "leak": "0.3 mA/cm^2"}})
    assert case.cell.kinetics == ShiftedKinetics(leak=3.0)
    with pytest.raises(InputError) as caught:
        case_from_table({"kinetics": {"law": "linear", "leak": "0.3 mA/cm^2"}})
    assert [fault.key for fault in caught.value.faults] == ["kinetics.leak"]
    with pytest.raises(InputError) as caught:
        case_from_table({"kinetics": {"law": "shifted", "leak": "0.3 V"}})
    assert [fault.key for fault in caught.value.faults] == ["kinetics.leak"]
    assert "kinetics.leak" in numeric_keys()


LAWS = [Kinetics(), ShiftedKinetics(leak=4.0)]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.law)
def test_a_law_survives_being_written_and_copied(law: Kinetics) -> None:
    assert_survives_being_written_and_copied(law)


def test_what_an_island_changes() -> None:
    cell = Cell(kinetics=ShiftedKinetics(leak=4.0, exchange_current_density=2.0))
    kept = cell.kinetics.changed(IslandKinetics(anodic_transfer_coefficient=0.3))
    assert kept == ShiftedKinetics(
        leak=4.0, exchange_current_density=2.0, anodic_transfer_coefficient=0.3
    )
    other = cell.kinetics.changed(IslandKinetics(law="tafel"))
    assert other == Tafel(exchange_current_density=2.0)
    assert cell.kinetics.changed(LinearKinetics()) == LinearKinetics()
    assert cell.kinetics.changed(None) is cell.kinetics


def test_a_law_without_equilibrium_needs_a_current() -> None:
    with pytest.raises(InputError, match="Shifted kinetics has no equilibrium; give a current"):
        Case(
            cell=Cell(islands=[Island(kinetics=ShiftedKinetics())]),
            operation=Operation(current_density=0.0),
        )
