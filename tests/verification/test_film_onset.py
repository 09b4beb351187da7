"""Where a film starts to act: it does nothing on one side of it, and something on the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fem_island as fi
from fem_island.solvers.names import SolverName
from fem_island.studies.onset import closed_form_width

SOLVERS: tuple[SolverName, SolverName] = ("condensed", "newton")
GOLD = fi.Cell(
    electrolyte=fi.Electrolyte(width="80 um", conductivity="0.05 mS/cm"),
    islands=[fi.Island("6 um", center="20 um"), fi.Island("9 um", center="55 um")],
    interlayer=fi.interlayer(
        "Au",
        extent=[("0 um", "10 um"), ("65 um", "75 um")],
        state_of_charge_profile=[("0 um", 0.2), ("68 um", 0.2), ("72 um", 0.9)],
        potential_temperature_coefficient="0.1 mV/K",
    ),
)


def share(case: fi.Case, path: str, value: float) -> float:
    """What a film that releases carries at a value of a key."""
    releasing = case.with_({path: value, "interlayer.reaction": "release"})
    interlayer = fi.solve(releasing, tolerance="1 nV", solver=SOLVERS[0]).result.interlayer
    assert interlayer is not None
    return float(interlayer.current_fraction or 0.0)


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        (fi.Cell(), {"vary": "islands.width", "film": "Ag"}),
        (fi.Cell(), {"vary": "operation.current_density", "film": "Au"}),
        (fi.Cell(), {"vary": "exchange_current_density", "film": "Cd"}),
        (fi.Cell(), {"vary": "electrolyte.width", "film": "Au"}),
        (
            fi.Cell(interlayer="Ag"),
            {"vary": "interlayer.equilibrium_potential", "between": ("10 mV", "0.2 V")},
        ),
        (GOLD, {"vary": "operation.current_density", "between": ("0.01 mA/cm^2", "9 mA/cm^2")}),
        (
            fi.Cell(
                islands=["8 um"],
                interlayer=fi.interlayer("Au", potential_temperature_coefficient="-0.1 mV/K"),
            ),
            {"vary": "operation.temperature", "between": ("0 degC", "90 degC")},
        ),
        (GOLD, {"vary": "islands.0.width"}),
    ],
    ids=lambda value: value["vary"] if isinstance(value, dict) else "",
)
def test_on_one_side_the_film_gives_nothing(cell: fi.Cell, options: dict[str, Any]) -> None:
    case = fi.Case(cell=cell, operation={"current_density": "0.3 mA/cm^2"})
    found = fi.onset(case, **options)
    assert found.value is not None
    assert found.error is not None
    assert 0 < found.error < 1e-4 * found.value
    beside = {
        "below": (found.value - 2 * found.error, found.value + 2 * found.error),
        "above": (found.value + 2 * found.error, found.value - 2 * found.error),
    }
    acting, quiet = beside[found.acts]
    assert share(found.case, found.vary, acting) > 0
    assert share(found.case, found.vary, quiet) == 0


def test_the_papers_condition_without_any_ohmic_drop() -> None:
    case = fi.Case(cell=fi.Cell(electrolyte={"conductivity": "1e6 S/m"}))
    for film, potential in (("Ag", 0.05), ("Au", 0.07)):
        found = fi.onset(case, vary="island_width", film=film)
        width = closed_form_width(case, potential)
        assert found.by_mean is not None
        assert found.by_mean.value == pytest.approx(width, rel=1e-8)
        assert found.value == pytest.approx(width, rel=1e-6)
    # 1 mV more of U, by the closed form.
    step = closed_form_width(case, 0.0701) - closed_form_width(case, 0.0699)
    assert found.crossing is not None
    assert found.crossing.per_volt == pytest.approx(step / 2e-4, rel=1e-3)


def test_with_both_solvers() -> None:
    condensed, newton = (
        fi.onset(fi.Cell(), vary="islands.width", film="Ag", solver=solver) for solver in SOLVERS
    )
    assert condensed.value is not None
    assert newton.value is not None
    assert newton.error is not None
    assert abs(newton.value - condensed.value) < newton.error + (condensed.error or 0.0)


@pytest.mark.parametrize("vary", ["operation.current_density", "kinetics.exchange_current_density"])
def test_a_strip_as_a_contact_map(vary: str) -> None:
    """Both ways to describe one cell; every place of the map is sure to its own estimate."""
    image = np.zeros((2, 8))
    image[:, :2] = 1
    drawn = fi.Cell(map=fi.ContactMap(image=image, pixel="6.25 um"))
    flat = fi.Cell(islands=[fi.Island(width="12.5 um", center="6.25 um")])
    found, expected = (fi.onset(cell, vary=vary, film="Ag") for cell in (drawn, flat))
    assert (found.status, found.acts) == ("converged", expected.acts)
    assert found.value is not None
    assert found.error is not None
    assert expected.value is not None
    assert abs(found.value - expected.value) < found.error < 2e-2 * found.value
    assert found.by_mean is not None
    assert expected.by_mean is not None
    off = abs(found.by_mean.value - expected.by_mean.value)
    assert off < found.by_mean.error < 1e-5 * found.by_mean.value


def test_a_film_on_some_pixels_acts_where_they_are() -> None:
    """Beside lithium sooner than far from it."""
    near, far = np.zeros((2, 1, 12))
    near[:, :2] = far[:, :2] = 1
    near[:, 2:4] = far[:, 10:] = 2
    values = [
        fi.onset(
            fi.Case(
                cell=fi.Cell(
                    electrolyte={"geometry": "map", "height": "5 um", "conductivity": "0.1 mS/cm"},
                    map=fi.ContactMap(image=image, pixel="5 um", film=2),
                ),
                accuracy={"tolerance": "0.2 mV"},
            ),
            vary="operation.current_density",
            film="Ag",
        ).value
        for image in (near, far)
    ]
    assert values[0] is not None
    assert values[1] is not None
    # What drives the film falls with the potential, which is highest near lithium.
    assert values[0] > 1.05 * values[1]


def test_where_there_is_none() -> None:
    plating = fi.Case(operation={"current_density": "-0.5 mA/cm^2"})
    assert fi.onset(plating, vary="current_density", film="Ag").acts == "nowhere"
    everywhere = fi.onset(fi.Cell(), vary="islands.width", film="Mg")
    assert (everywhere.acts, everywhere.value, everywhere.error) == ("everywhere", None, None)
    record = everywhere.record("paper")
    assert (record["value"], record["acts"]) == (None, "everywhere")
    assert fi.Case.from_toml(everywhere.case.to_toml()) == everywhere.case


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vary": "islands.width"}, 'film: is missing; name one, such as "Ag"'),
        ({"vary": "islands.width", "film": "none"}, 'film = "none": is no film; name one'),
        ({"vary": "islands.width", "film": "Pb"}, 'films = "Pb": is not one of none, '),
        (
            {"vary": "islands.widht", "film": "Ag"},
            'vary = "islands.widht": is not a numeric key; known are ',
        ),
        (
            {"vary": "islands.center", "film": "Ag"},
            "between: is missing; the case has no value of islands.center to search around",
        ),
        (
            {"vary": "islands.width", "film": "Ag", "between": ("1 um", "5 V")},
            'between = ["1 um", "5 V"]: has the unit "V", which is not that of a length',
        ),
        (
            {"vary": "islands.width", "film": "Ag", "between": ("60 um", "90 um")},
            "cell.islands.0.width = ",
        ),
        (
            {"vary": "accuracy.degree", "film": "Ag", "between": (1, 3)},
            'vary = "accuracy.degree": is a whole number',
        ),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.onset(fi.Cell(), **options)
    assert str(caught.value).startswith(message)
