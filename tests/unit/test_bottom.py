"""What lies where on the bottom, and the state that it would be in without ohmic resistance."""

from __future__ import annotations

from itertools import pairwise
from math import asinh, atanh, cosh, expm1, log, sinh, sqrt
from typing import Any

import numpy as np
import pytest

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import ButlerVolmer, Kinetics, LinearKinetics, Tafel
from fem_island.errors import ConvergenceError, InputError
from fem_island.surface.bottom import Bottom, Tag, stretches
from fem_island.surface.kinetics import Reaction, ReleaseOnly
from fem_island.surface.uniform_state import UniformState, uniform_state

FARADAY, GAS = 96485.33212, 8.314462618
WIDTH = 50e-6


def case_of(
    *,
    islands: list[tuple[float, float]] | None = None,
    extent: list[tuple[float, float]] | None = None,
    film: dict[str, Any] | None = None,
    kinetics: dict[str, Any] | None = None,
    current_density: float = 2.5,
    temperature: float = 298.15,
) -> Case:
    """A case; islands are center and width, all lengths in um."""
    if extent is not None:
        film = {
            "material": "Ag",
            **(film or {}),
            "extent": [(a * 1e-6, b * 1e-6) for a, b in extent],
        }
    placed = [Island(center=c * 1e-6, width=w * 1e-6) for c, w in islands or [(25, 5)]]
    return Case(
        cell=Cell(
            kinetics=Kinetics(**(kinetics or {})),
            islands=placed,
            interlayer=None if film is None else Interlayer(**film),
        ),
        operation=Operation(current_density=current_density, temperature=temperature),
    )


def shape(case: Case) -> list[tuple[str, float, float]]:
    """Tag, start and end [um] of every stretch, after a look at what holds for any bottom."""
    bottom = stretches(case)
    width = case.cell.electrolyte.width
    assert bottom[0].start == 0.0
    assert bottom[-1].end == width
    for left, right in pairwise(bottom):
        assert left.end == pytest.approx(right.start, abs=1e-9 * width)
    assert sum(stretch.length for stretch in bottom) == pytest.approx(width, rel=1e-12, abs=0)
    assert all(stretch.length > 0.9e-8 * width for stretch in bottom)
    found = []
    for stretch in bottom:
        name = stretch.tag.name if stretch.island is None else f"ISLAND {stretch.island}"
        found.append((name, round(stretch.start * 1e6, 6), round(stretch.end * 1e6, 6)))
    return found


@pytest.mark.parametrize(
    ("islands", "expected"),
    [
        pytest.param(
            [(25, 5)],
            [("EXPOSED", 0, 22.5), ("ISLAND 0", 22.5, 27.5), ("EXPOSED", 27.5, 50)],
            id="one",
        ),
        pytest.param([(25, 50)], [("ISLAND 0", 0, 50)], id="all of it"),
        pytest.param(
            [(47.5, 5), (2.5, 5), (20, 10)],
            [
                ("ISLAND 1", 0, 5),
                ("EXPOSED", 5, 15),
                ("ISLAND 2", 15, 25),
                ("EXPOSED", 25, 45),
                ("ISLAND 0", 45, 50),
            ],
            id="at both walls, in any order",
        ),
        pytest.param(
            [(10.3, 0.6), (10.9, 0.6), (11.5, 0.6)],
            [
                ("EXPOSED", 0, 10),
                ("ISLAND 0", 10, 10.6),
                ("ISLAND 1", 10.6, 11.2),
                ("ISLAND 2", 11.2, 11.8),
                ("EXPOSED", 11.8, 50),
            ],
            id="touching",
        ),
        pytest.param(
            [(0.501, 1), (1.502, 1)],
            [
                ("EXPOSED", 0, 0.001),
                ("ISLAND 0", 0.001, 1.001),
                ("EXPOSED", 1.001, 1.002),
                ("ISLAND 1", 1.002, 2.002),
                ("EXPOSED", 2.002, 50),
            ],
            id="gaps of 1 nm",
        ),
        # 0.1 + 0.2: ends that are on the wall but for rounding are put there.
        pytest.param(
            [(0.15, 0.3), (49.85, 0.3)],
            [("ISLAND 0", 0, 0.3), ("EXPOSED", 0.3, 49.7), ("ISLAND 1", 49.7, 50)],
            id="rounding at the walls",
        ),
    ],
)
def test_islands(
    islands: list[tuple[float, float]], expected: list[tuple[str, float, float]]
) -> None:
    assert shape(case_of(islands=islands)) == expected


@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        pytest.param(
            [(0, 10), (40, 50)],
            [
                ("FILM", 0, 10),
                ("EXPOSED", 10, 22.5),
                "island",
                ("EXPOSED", 27.5, 40),
                ("FILM", 40, 50),
            ],
            id="beside the island",
        ),
        pytest.param(
            [(20, 30)],
            [
                ("EXPOSED", 0, 20),
                ("FILM", 20, 22.5),
                "island",
                ("FILM", 27.5, 30),
                ("EXPOSED", 30, 50),
            ],
            id="under the island and on both sides",
        ),
        pytest.param(
            [(5, 25)],
            [("EXPOSED", 0, 5), ("FILM", 5, 22.5), "island", ("EXPOSED", 27.5, 50)],
            id="clipped by the island",
        ),
        pytest.param(
            [(23, 27)],
            [("EXPOSED", 0, 22.5), "island", ("EXPOSED", 27.5, 50)],
            id="hidden by the island",
        ),
        pytest.param(
            [(0, 22.5)],
            [("FILM", 0, 22.5), "island", ("EXPOSED", 27.5, 50)],
            id="up to the island",
        ),
        pytest.param(
            [(27.5, 50), (0, 22.5)],
            [("FILM", 0, 22.5), "island", ("FILM", 27.5, 50)],
            id="all of it, in any order",
        ),
        # 0.2 nm of film beside the island, 0.2 nm bare at the wall.
        pytest.param(
            [(22, 22.5), (27.4, 27.5002), (30, 49.9998)],
            [
                ("EXPOSED", 0, 22),
                ("FILM", 22, 22.5),
                "island",
                ("FILM", 27.5, 27.5002),
                ("EXPOSED", 27.5002, 30),
                ("FILM", 30, 49.9998),
                ("EXPOSED", 49.9998, 50),
            ],
            id="slivers",
        ),
    ],
)
def test_film_extent(
    extent: list[tuple[float, float]], expected: list[tuple[str, float, float] | str]
) -> None:
    whole = [("ISLAND 0", 22.5, 27.5) if entry == "island" else entry for entry in expected]
    assert shape(case_of(extent=extent)) == whole


def test_film_between_many_islands() -> None:
    case = case_of(islands=[(2.5, 5), (20, 10), (30, 10), (45, 2)], extent=[(3, 16), (34, 50)])
    assert shape(case) == [
        ("ISLAND 0", 0, 5),
        ("FILM", 5, 15),
        ("ISLAND 1", 15, 25),
        ("ISLAND 2", 25, 35),
        ("FILM", 35, 44),
        ("ISLAND 3", 44, 46),
        ("FILM", 46, 50),
    ]


def test_a_film_without_extent_covers_all_that_is_free() -> None:
    case = case_of(film={"material": "Au"})
    assert [name for name, _, _ in shape(case)] == ["FILM", "ISLAND 0", "FILM"]


def test_intervals_of_the_film_that_touch_leave_nothing_bare() -> None:
    case = case_of(extent=[(0, 10), (10, 22.5)])
    covered = [s for s in stretches(case) if s.tag is Tag.FILM]
    assert sum(s.length for s in covered) == pytest.approx(22.5e-6, rel=1e-12, abs=0)


def test_laws_of_islands_and_film() -> None:
    case = Case(
        cell=Cell(
            kinetics=Kinetics(exchange_current_density=3.0, cathodic_transfer_coefficient=0.7),
            islands=[
                Island(center="10 um"),
                Island(center="30 um", kinetics={"exchange_current_density": "1 mA/cm^2"}),
                Island(center="40 um", kinetics={"law": "linear"}),
            ],
            interlayer=Interlayer(
                material="Au",
                reaction="reversible",
                exchange_current_density=9.0,
                anodic_transfer_coefficient=0.2,
                cathodic_transfer_coefficient=0.8,
            ),
        ),
        operation=Operation(temperature=350.0),
    )
    common = {"cathodic_transfer_coefficient": 0.7}
    film = ButlerVolmer(
        exchange_current_density=9.0,
        anodic_transfer_coefficient=0.2,
        cathodic_transfer_coefficient=0.8,
    )
    laws = {s.island: s.law for s in stretches(case)}
    assert laws == {
        0: Reaction(ButlerVolmer(exchange_current_density=3.0, **common), 350.0),
        1: Reaction(ButlerVolmer(exchange_current_density=10.0, **common), 350.0),
        2: Reaction(LinearKinetics(exchange_current_density=3.0, **common), 350.0),
        None: Reaction(film, 350.0),
    }
    potentials = {s.tag: s.equilibrium_potential for s in stretches(case)}
    assert potentials == {Tag.ISLAND: 0.0, Tag.FILM: 0.07}


@pytest.mark.parametrize(
    ("reaction", "law"),
    [("none", type(None)), ("reversible", Reaction), ("release", ReleaseOnly)],
)
def test_reaction_of_the_film(reaction: str, law: type) -> None:
    (film, *_) = stretches(case_of(film={"material": "Ag", "reaction": reaction}))
    assert type(film.law) is law
    assert film.equilibrium_potential == 0.05


@pytest.mark.parametrize(("current_density", "sign"), [(2.5, 1), (-2.5, -1)])
def test_branch_of_tafel_kinetics(current_density: float, sign: int) -> None:
    case = case_of(kinetics={"law": "tafel"}, current_density=current_density)
    (law,) = [s.law for s in stretches(case) if s.tag is Tag.ISLAND]
    assert isinstance(law, Reaction)
    assert isinstance(law.law, Tafel)
    assert np.sign(law.current_density(0.0)) == sign


# --- The uniform state -------------------------------------------------------------------------


def state_of(case: Case) -> tuple[UniformState, Bottom]:
    bottom = stretches(case)
    state = uniform_state(bottom, case.operation.current_density)
    for stretch, overpotential in zip(bottom, state.overpotentials, strict=True):
        expected = state.drive - stretch.equilibrium_potential
        assert overpotential == pytest.approx(expected, abs=1e-15)
    return state, bottom


def thermal(temperature: float = 298.15) -> float:
    return GAS * temperature / FARADAY


@pytest.mark.parametrize("current_density", [1e-12, 1e-3, 2.5, -2.5, 1e4, -1e9])
@pytest.mark.parametrize("width", [0.01, 5.0, 20.0, 50.0])
def test_one_island_closed_form(current_density: float, width: float) -> None:
    state, _ = state_of(case_of(islands=[(25, width)], current_density=current_density))
    expected = 2 * thermal() * asinh(current_density * 50 / (2 * 5.0 * width))
    # The length of an island of 10 nm is known to 1e-12, from the rounding of its ends.
    assert state.drive == pytest.approx(expected, rel=1e-12, abs=0)


def test_the_two_points_of_the_paper() -> None:
    """Without ohmic resistance, 15 nV from what the whole problem gives."""
    for width, expected in ((20, 30.3246e-3), (5, 84.6432e-3)):
        state, _ = state_of(case_of(islands=[(25, width)]))
        assert state.drive == pytest.approx(expected, abs=7e-8)


def test_no_current_no_drive() -> None:
    state, _ = state_of(case_of(current_density=0.0))
    assert state.drive == 0.0
    assert set(state.overpotentials) == {0.0}


@pytest.mark.parametrize("current_density", [2.5, -2.5, 1e6])
def test_other_laws_closed_form(current_density: float) -> None:
    local = current_density * 50 / 5
    coefficients = {"anodic_transfer_coefficient": 0.3, "cathodic_transfer_coefficient": 0.6}
    linear, _ = state_of(
        case_of(
            kinetics={"law": "linear", **coefficients},
            current_density=current_density / 1e3,
            temperature=350.0,
        )
    )
    expected = local / 1e3 * thermal(350.0) / (5.0 * 0.9)
    assert linear.drive == pytest.approx(expected, rel=1e-13, abs=0)
    tafel, _ = state_of(
        case_of(
            kinetics={"law": "tafel", **coefficients},
            current_density=current_density,
            temperature=350.0,
        )
    )
    size = thermal(350.0) * log(abs(local) / 5.0)
    expected = size / 0.3 if current_density > 0 else -size / 0.6
    assert tafel.drive == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize("current_density", [1e-6, 2.5, -2.5, 1e5, -1e5])
def test_asymmetric_coefficients_carry_the_current(current_density: float) -> None:
    coefficients = {"anodic_transfer_coefficient": 0.2, "cathodic_transfer_coefficient": 0.7}
    state, _ = state_of(case_of(kinetics=coefficients, current_density=current_density))
    x = state.drive / thermal()
    local = 5.0 * (expm1(0.2 * x) - expm1(-0.7 * x))
    assert local == pytest.approx(current_density * 10, rel=1e-12, abs=0)


def shared_drive(current_density: float, film_i0: float, potential: float) -> float:
    """5 um of lithium and 45 um of film, both symmetric: a sum of two shifted sinh is a sinh."""
    lithium, film = 2 * 5.0 * 5.0, 2 * 45.0 * film_i0
    shift = potential / (2 * thermal())
    even, odd = lithium + film * cosh(shift), film * sinh(shift)
    amplitude = sqrt(even**2 - odd**2)
    return 2 * thermal() * (asinh(current_density * 50.0 / amplitude) + atanh(odd / even))


@pytest.mark.parametrize("current_density", [2.5, -2.5, 40.0, 0.0])
@pytest.mark.parametrize("film_i0", [5.0, 1e-3, 300.0])
@pytest.mark.parametrize("potential", [0.05, 0.16, -0.02])
def test_a_reversible_film_shares_the_current(
    current_density: float, film_i0: float, potential: float
) -> None:
    state, bottom = state_of(
        case_of(
            film={
                "reaction": "reversible",
                "equilibrium_potential": potential,
                "exchange_current_density": film_i0,
            },
            current_density=current_density,
        )
    )
    expected = shared_drive(current_density, film_i0, potential)
    assert state.drive == pytest.approx(expected, rel=1e-10, abs=1e-15)
    assert [s.tag for s in bottom] == [Tag.FILM, Tag.ISLAND, Tag.FILM]


@pytest.mark.parametrize(
    ("potential", "overpotential", "share"), [(0.05, 56.61e-3, 0.465), (0.07, 73.12e-3, 0.218)]
)
def test_shares_without_ohmic_drop(potential: float, overpotential: float, share: float) -> None:
    film = {"reaction": "reversible", "equilibrium_potential": potential}
    state, _ = state_of(case_of(film=film))
    assert state.drive == pytest.approx(overpotential, abs=5e-6)
    carried = 0.9 * 2 * 5.0 * sinh((state.drive - potential) / (2 * thermal())) / 2.5
    assert carried == pytest.approx(share, abs=5e-4)


def test_a_film_that_only_releases() -> None:
    release = {"material": "Ag", "reaction": "release"}
    # 20 um: 30 mV are below its 50 mV, so lithium carries everything.
    below, bottom = state_of(case_of(islands=[(25, 20)], film=release))
    assert below.drive == pytest.approx(
        2 * thermal() * asinh(2.5 * 50 / (2 * 5.0 * 20)), rel=1e-13, abs=0
    )
    film, overpotential = bottom[0], below.overpotentials[0]
    assert overpotential < 0
    assert film.law is not None
    assert float(film.law.current_density(overpotential)) == 0.0
    # 5 um: 85 mV would be above, so it shares the current as a reversible film does.
    above, _ = state_of(case_of(film=release))
    assert above.drive == pytest.approx(shared_drive(2.5, 5.0, 0.05), rel=1e-12, abs=0)
    # Plating: it takes nothing, whereas a reversible one would take nearly all.
    plating, _ = state_of(case_of(film=release, current_density=-2.5))
    assert plating.drive == pytest.approx(-2 * thermal() * asinh(2.5), rel=1e-13, abs=0)


def test_a_passive_film_changes_nothing() -> None:
    bare, _ = state_of(case_of())
    passive, _ = state_of(case_of(film={"material": "Ag"}))
    assert passive.drive == bare.drive


@pytest.mark.parametrize("offset", [1e-10, -1e-10, 1e-13])
def test_a_fast_film_next_to_its_equilibrium_keeps_its_digits(offset: float) -> None:
    """The film's overpotential is 1e-10 V beside a U of 0.05 V, and right to many digits."""
    film_i0 = 1e12
    lithium = 5.0 * 2 * 5.0 * sinh(0.05 / (2 * thermal()))  # at drive = U, in A/m per um
    film = 45.0 * film_i0 / thermal() * offset
    current_density = (lithium + film) / 50.0
    film_data = {
        "reaction": "reversible",
        "equilibrium_potential": 0.05,
        "exchange_current_density": film_i0,
    }
    state, bottom = state_of(case_of(film=film_data, current_density=current_density))
    (overpotential,) = {
        eta for s, eta in zip(bottom, state.overpotentials, strict=True) if s.tag is Tag.FILM
    }
    # Lithium at U + offset instead of U: below 1e-9 of the film's current.
    assert overpotential == pytest.approx(offset, rel=1e-7, abs=0)


def test_many_islands_with_kinetics_of_their_own() -> None:
    case = Case(
        cell=Cell(
            electrolyte=Electrolyte(width="100 um"),
            islands=[
                Island(width="3 um", center="10 um"),
                Island(width="8 um", center="60 um", kinetics={"exchange_current_density": 20.0}),
            ],
        ),
        operation=Operation(current_density=-7.0),
    )
    state, _ = state_of(case)
    expected = -2 * thermal() * asinh(7.0 * 100 / (2 * (5.0 * 3 + 20.0 * 8)))
    assert state.drive == pytest.approx(expected, rel=1e-13, abs=0)


def test_a_current_beyond_1000_v_is_refused() -> None:
    kinetics = {"law": "linear", "exchange_current_density": 1e-12}
    bottom = stretches(case_of(kinetics=kinetics))
    with pytest.raises(ConvergenceError, match="no potential within 1000 V"):
        uniform_state(bottom, 2.5)


def test_what_does_not_fit_never_gets_here() -> None:
    with pytest.raises(InputError, match="overlaps island 0"):
        case_of(islands=[(25, 5), (26, 5)])
