"""Laws as records: chosen by name, with parameters of their own, from Python and case files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from written_laws import assert_survives_being_written_and_copied

from fem_island.case.cell import Cell
from fem_island.case.file import case_from_table
from fem_island.case.kinetics import ButlerVolmer, IslandKinetics, Kinetics, LinearKinetics, Tafel
from fem_island.case.origin import Sourced, origin_of
from fem_island.errors import InputError


def test_a_name_makes_the_law() -> None:
    assert type(Kinetics()) is ButlerVolmer
    assert type(Kinetics(law="linear")) is LinearKinetics
    assert type(Kinetics(law="tafel", exchange_current_density=3.0)) is Tafel
    assert Kinetics(law="tafel", exchange_current_density=3.0).exchange_current_density == 3.0


def test_a_name_that_there_is_not() -> None:
    for make in (lambda: Kinetics(law="marcus"), lambda: Cell(kinetics={"law": "marcus"})):
        with pytest.raises(InputError, match="law = \"marcus\": is not one of 'butler-volmer', "):
            make()


def test_a_law_needs_a_name_of_its_own() -> None:
    """Else a sweep would take it for the one that it is made from."""
    with pytest.raises(TypeError, match="Nameless needs a name of its own"):
        type("Nameless", (ButlerVolmer,), {})
    assert Kinetics.kinds()["butler-volmer"] is ButlerVolmer


LAWS = [Kinetics(), Tafel(anodic_transfer_coefficient=0.3)]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.law)
def test_a_law_survives_being_written_and_copied(law: Kinetics) -> None:
    assert_survives_being_written_and_copied(law)


def test_islands_change_what_all_laws_have() -> None:
    assert set(IslandKinetics.model_fields) == set(Kinetics.model_fields)


def test_origins() -> None:
    quoted = Sourced(3.0, "impedance of cell 7")
    law = Kinetics(exchange_current_density=quoted)
    assert origin_of(law.exchange_current_density) == "impedance of cell 7"
    assert origin_of(Kinetics(exchange_current_density=5.0).exchange_current_density) == "given"
    assert Kinetics(exchange_current_density=5.0) == Kinetics()
    with pytest.raises(InputError, match="at least"):
        Kinetics(exchange_current_density=Sourced(-1.0, "nowhere"))
    with pytest.raises(InputError, match="not a table"):
        case_from_table({"kinetics": {"exchange_current_density": {"value": 1, "origin": "x"}}})


def test_a_law_that_a_user_has_defined() -> None:
    """In a process of its own, in which that law is known."""
    file = Path(__file__).parents[1] / "own_law.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
