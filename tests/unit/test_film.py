"""The film as input: what is refused, its potential, and the bottom that follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.film import Interlayer, interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import ButlerVolmer, Kinetics, LinearKinetics
from fem_island.errors import InputError
from fem_island.surface.bottom import Bottom, Tag, stretches
from fem_island.surface.kinetics import Reaction, ReleaseOnly

GOLD = 96485.33212 * 3 * 19300 * 100e-9 / 0.19696657
"""Charge of 100 nm of gold as Li3Au [C/m^2]."""

ISLAND = ("ISLAND", 22.5, 27.5, 0.0, True)


def refusal(**film: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        Interlayer(**film)
    return [(fault.key, fault.message) for fault in caught.value.faults]


def bottom(**film: Any) -> Bottom:
    return stretches(Case(cell=Cell(interlayer=Interlayer(**film))))


def shape(**film: Any) -> list[tuple[str, float, float, float, bool]]:
    """Tag, start and end [um], U, and whether something reacts, of every stretch."""
    return [
        (
            stretch.tag.name,
            round(stretch.start * 1e6, 6),
            round(stretch.end * 1e6, 6),
            stretch.equilibrium_potential,
            stretch.law is not None,
        )
        for stretch in bottom(**film)
    ]


# --- What is refused -----------------------------------------------------------------------------


def test_state_of_charge_and_profile() -> None:
    profile = [("0 um", 1.0), ("50 um", 0.5)]
    ((key, message),) = refusal(material="Ag", state_of_charge=0.5, state_of_charge_profile=profile)
    assert key == "state_of_charge"
    assert message == "is given along with state_of_charge_profile; give one of them"


@pytest.mark.parametrize("places", [(10, 5), (5, 5), (0, 10, 10, 20), (0, 20, 10)])
def test_positions_of_a_profile_ascend(places: tuple[float, ...]) -> None:
    profile = [(1e-6 * x, 0.5) for x in places]
    ((key, message),) = refusal(material="Ag", state_of_charge_profile=profile)
    assert key == "state_of_charge_profile"
    assert message == "must have its positions from left to right, each once"


@pytest.mark.parametrize(
    ("share", "message"), [(1.01, "must be at most 1"), (-0.01, "must be at least 0")]
)
def test_shares_are_from_0_to_1(share: float, message: str) -> None:
    assert refusal(material="Ag", state_of_charge=share) == [("state_of_charge", message)]
    profile = [(0.0, 0.5), (10e-6, share)]
    found = refusal(material="Ag", state_of_charge_profile=profile)
    assert found == [("state_of_charge_profile.1.1", message)]


@pytest.mark.parametrize(
    ("film", "key"),
    [
        ({"state_of_charge": 0.0}, "state_of_charge"),
        ({"state_of_charge_profile": [(0.0, 0.5), (1e-5, 0.0)]}, "state_of_charge_profile"),
    ],
    ids=["one", "profile"],
)
def test_a_reversible_film_is_nowhere_empty(film: dict[str, Any], key: str) -> None:
    ((found, message),) = refusal(material="Ag", reaction="reversible", **film)
    assert found == key
    assert message == 'must be above 0 with reaction "reversible", which has no limit of lithium'
    for reaction in ("none", "release"):
        assert min(Interlayer(material="Ag", reaction=reaction, **film).charge_shares) == 0.0
    almost = Interlayer(material="Ag", reaction="reversible", state_of_charge=1e-9)
    assert almost.charge_shares == (1e-9,)


def test_all_faults_of_a_profile_at_once() -> None:
    found = refusal(
        material="Ag",
        reaction="reversible",
        state_of_charge=0.3,
        state_of_charge_profile=[(2e-6, 0.0), (1e-6, 0.5)],
    )
    assert [key for key, _ in found] == [
        "state_of_charge",
        "state_of_charge_profile",
        "state_of_charge_profile",
    ]


@pytest.mark.parametrize(
    ("profile", "key"),
    [
        ([], "state_of_charge_profile"),
        ([(0.0, 0.5, 0.5)], "state_of_charge_profile.0"),
        ([("5 V", 0.5)], "state_of_charge_profile.0.0"),
        ([(-1e-6, 0.5)], "state_of_charge_profile.0.0"),
    ],
)
def test_what_is_no_profile(profile: list[Any], key: str) -> None:
    assert [found for found, _ in refusal(material="Ag", state_of_charge_profile=profile)] == [key]


def test_an_unknown_material() -> None:
    ((key, message),) = refusal(material="Pb")
    assert key == "material"
    assert message.startswith("is not a known film material; known are Ag, Au, ")


def test_a_film_without_material_needs_a_potential() -> None:
    ((key, message),) = refusal(reaction="release")
    assert key == "equilibrium_potential"
    assert message == "is missing; give it, or a material to take it from"


@pytest.mark.parametrize("capacity", ["0 mAh/cm^2", "-1 C/m^2", "1 A/m^2"])
def test_what_is_no_capacity(capacity: str) -> None:
    assert [key for key, _ in refusal(material="Ag", capacity=capacity)] == ["capacity"]


# --- Its potential -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state_of_charge", "potential"),
    [(1.0, 0.07), (0.76, 0.07), (0.75, 0.16), (0.1, 0.16), (0.0, 0.16)],
)
def test_potential_of_gold(state_of_charge: float, potential: float) -> None:
    film = Interlayer(material="Au", reaction="release", state_of_charge=state_of_charge)
    assert film.potential == potential


def test_potential_of_a_profile_is_where_the_film_is_fullest() -> None:
    def potential(*shares: float) -> float:
        profile = [(1e-6 * x, share) for x, share in enumerate(shares)]
        return Interlayer(material="Au", state_of_charge_profile=profile).potential

    assert potential(0.1, 0.9, 0.3) == 0.07
    assert potential(0.1, 0.7, 0.3) == 0.16


def test_a_given_potential_holds_at_any_state_of_charge() -> None:
    for share in (1.0, 0.3, 0.0):
        film = Interlayer(material="Au", equilibrium_potential="40 mV", state_of_charge=share)
        assert film.potential == pytest.approx(0.04, rel=1e-12, abs=0)


def test_capacity_with_its_unit() -> None:
    film = Interlayer(material="Au", capacity="100 uAh/cm^2")
    first, second = film.steps
    assert first.capacity == pytest.approx(0.25 * 3600.0, rel=1e-12, abs=0)
    assert second.capacity == pytest.approx(0.75 * 3600.0, rel=1e-12, abs=0)


def test_the_short_form() -> None:
    film = interlayer("Au", reaction="release")
    assert film == Interlayer(material="Au", reaction="release")
    assert interlayer("Au", exchange_current_density="1 mA/cm^2").exchange_current_density == 10.0


# --- Its kinetics --------------------------------------------------------------------------------


def test_what_a_film_does_not_say_is_as_with_lithium() -> None:
    lithium = Kinetics(
        law="tafel",
        exchange_current_density=250.0,
        anodic_transfer_coefficient=0.3,
        cathodic_transfer_coefficient=0.6,
    )
    own = {"exchange_current_density": 250.0, "anodic_transfer_coefficient": 0.3}
    film = Interlayer(material="Ag", reaction="release")
    assert film.kinetics_beside(lithium) == ButlerVolmer(**own, cathodic_transfer_coefficient=0.6)
    film = Interlayer(material="Ag", cathodic_transfer_coefficient=0.7)
    assert film.kinetics_beside(lithium) == ButlerVolmer(**own, cathodic_transfer_coefficient=0.7)
    film = Interlayer(material="Ag", kinetics={"law": "linear", "exchange_current_density": 9.0})
    assert film.kinetics_beside(lithium) == LinearKinetics(
        exchange_current_density=9.0,
        anodic_transfer_coefficient=0.3,
        cathodic_transfer_coefficient=0.6,
    )
    whole = LinearKinetics(exchange_current_density=1.0)
    assert Interlayer(material="Ag", kinetics=whole).kinetics_beside(lithium) == whole


def test_the_lithium_that_a_film_follows_is_that_of_the_cell() -> None:
    """Not that of an island with kinetics of its own."""
    cell = Cell(
        kinetics=Kinetics(exchange_current_density=7.0),
        islands=[Island(kinetics={"exchange_current_density": 90.0})],
        interlayer=Interlayer(material="Ag", reaction="reversible"),
    )
    (film, *_) = stretches(Case(cell=cell))
    assert film.law == Reaction(ButlerVolmer(exchange_current_density=7.0))


def test_kinetics_of_a_film_are_given_once() -> None:
    found = refusal(material="Ag", exchange_current_density=1.0, kinetics={"law": "linear"})
    assert found == [("exchange_current_density", "is given along with kinetics; give one of them")]


# --- The bottom ----------------------------------------------------------------------------------


def test_a_profile_cuts_the_film_where_its_potential_steps() -> None:
    # 1 at 0 um and 0 at 40 um: 0.75 at 10 um; then empty.
    profile = [("0 um", 1.0), ("40 um", 0.0)]
    found = bottom(material="Au", reaction="release", state_of_charge_profile=profile)
    assert [
        (s.tag.name, round(s.start * 1e6, 6), round(s.end * 1e6, 6), s.equilibrium_potential)
        for s in found
    ] == [
        ("FILM", 0.0, 10.0, 0.07),
        ("FILM", 10.0, 22.5, 0.16),
        ("ISLAND", 22.5, 27.5, 0.0),
        ("FILM", 27.5, 40.0, 0.16),
        ("FILM", 40.0, 50.0, 0.16),
    ]
    assert [type(s.law) for s in found if s.tag is Tag.FILM] == [
        ReleaseOnly,
        ReleaseOnly,
        ReleaseOnly,
        type(None),
    ]
    charges = [s.charge for s in found if s.tag is Tag.FILM]
    assert [c.next_step for c in charges if c is not None] == pytest.approx(
        [0.75 * GOLD, 0.0, 0.0, 0.0], rel=1e-12, abs=0
    )
    left, right = charges[0], charges[-1]
    assert left is not None
    assert right is not None
    # A trapezium from 1 to 3/4, and nothing.
    assert left.total(0.0, 10e-6) == pytest.approx(0.875 * GOLD * 10e-6, rel=1e-12, abs=0)
    assert right.total(40e-6, 50e-6) == 0.0


def test_a_change_under_an_island_cuts_nothing() -> None:
    profile = [("0 um", 1.0), ("50 um", 0.5)]  # 0.75 at 25 um
    assert shape(material="Au", reaction="release", state_of_charge_profile=profile) == [
        ("FILM", 0.0, 22.5, 0.07, True),
        ISLAND,
        ("FILM", 27.5, 50.0, 0.16, True),
    ]


def test_a_profile_on_one_plateau_cuts_nothing() -> None:
    profile = [("0 um", 1.0), ("10 um", 0.76), ("50 um", 0.9)]
    assert shape(material="Au", reaction="release", state_of_charge_profile=profile) == [
        ("FILM", 0.0, 22.5, 0.07, True),
        ISLAND,
        ("FILM", 27.5, 50.0, 0.07, True),
    ]


def test_an_empty_film_does_not_react() -> None:
    assert shape(material="Au", reaction="release", state_of_charge=0.0) == [
        ("FILM", 0.0, 22.5, 0.16, False),
        ISLAND,
        ("FILM", 27.5, 50.0, 0.16, False),
    ]


def test_extent_and_profile() -> None:
    # The change at 40 um is on bare copper, of which one stretch is left; that at 10 um is not.
    found = shape(
        material="Au",
        reaction="release",
        state_of_charge_profile=[("0 um", 1.0), ("40 um", 0.0)],
        extent=[("5 um", "15 um"), ("45 um", "50 um")],
    )
    assert found == [
        ("EXPOSED", 0.0, 5.0, 0.0, False),
        ("FILM", 5.0, 10.0, 0.07, True),
        ("FILM", 10.0, 15.0, 0.16, True),
        ("EXPOSED", 15.0, 22.5, 0.0, False),
        ISLAND,
        ("EXPOSED", 27.5, 45.0, 0.0, False),
        ("FILM", 45.0, 50.0, 0.16, False),
    ]


def test_a_passive_film_is_not_cut() -> None:
    profile = [("0 um", 1.0), ("40 um", 0.0)]
    found = bottom(material="Au", state_of_charge_profile=profile)
    assert [s.tag for s in found] == [Tag.FILM, Tag.ISLAND, Tag.FILM]
    for stretch in (found[0], found[2]):
        assert (stretch.law, stretch.charge) == (None, None)
        assert stretch.equilibrium_potential == 0.07


def test_a_change_beside_an_edge_is_kept() -> None:
    edge = 22.5e-6 - 0.2e-9
    profile = [(0.0, 1.0), (edge - 1e-6, 1.0), (edge, 0.75), (30e-6, 0.75)]
    assert shape(material="Au", reaction="release", state_of_charge_profile=profile) == [
        ("FILM", 0.0, 22.4998, 0.07, True),
        ("FILM", 22.4998, 22.5, 0.16, True),
        ISLAND,
        ("FILM", 27.5, 50.0, 0.16, True),
    ]


@pytest.mark.parametrize(
    ("film", "key"),
    [
        ({"extent": [(0.0, 22.5e-6 - 2e-13)]}, "extent"),
        ({"extent": [(0.0, 10e-6), (10e-6 + 2e-13, 20e-6)]}, "extent"),
        (
            {
                "state_of_charge_profile": [
                    (0.0, 1.0),
                    (21.5e-6 - 2e-13, 1.0),
                    (22.5e-6 - 2e-13, 0.75),
                ]
            },
            "state_of_charge_profile",
        ),
    ],
    ids=["beside the island", "a gap", "a plateau"],
)
def test_slivers_that_no_grid_resolves_are_refused(film: dict[str, Any], key: str) -> None:
    """2e-13 m is 4e-9 of the cell; within 1e-9 ends are the same place."""
    with pytest.raises(InputError) as caught:
        bottom(material="Au", reaction="release", **film)
    (fault,) = caught.value.faults
    assert fault.key == f"interlayer.{key}"
    assert "leaves a sliver of 2e-07 um at " in fault.message
    assert fault.message.endswith("; at least 5e-07 um (1e-8 of the cell's width), or none")


def test_ends_within_rounding_are_the_same_place() -> None:
    found = shape(material="Ag", reaction="release", extent=[(0.0, 22.5e-6 - 2e-14)])
    assert found == [("FILM", 0.0, 22.5, 0.05, True), ISLAND, ("EXPOSED", 27.5, 50.0, 0.0, False)]
