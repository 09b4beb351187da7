"""What follows the temperature, where the case says how, and what does not."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

import fem_island as fi
from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.file import case_from_table
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.case.origin import origin_of
from fem_island.case.sweep_table import read_axes
from fem_island.errors import InputError
from fem_island.experiments.evaluation.report import show_points
from fem_island.experiments.impedance.report import assumptions as of_spectrum
from fem_island.experiments.point.report import assumptions, remarks
from fem_island.experiments.stripping.report import assumptions as of_run
from fem_island.experiments.sweeps.planning import make_plan
from fem_island.experiments.sweeps.report import description
from fem_island.fitting.uncertainty.onsets import potentials
from fem_island.fitting.uncertainty.report import fixed_at_reference
from fem_island.machine.communicator import OneProcess
from fem_island.materials import library as materials
from fem_island.results.exposed_drive import thresholds
from fem_island.solvers.condensed import CondensedSolver
from fem_island.studies.film_map.answers import answers
from fem_island.studies.film_map.computing import compute
from fem_island.studies.film_onset.report import lines
from fem_island.surface.bottom import Tag, stretches

T = 333.15
FASTER = exp(-30e3 / 8.314462618 * (1 / T - 1 / 298.15))
FILM = Interlayer(
    material="Ag", reaction="reversible", potential_temperature_coefficient="-0.2 mV/K"
)


def warm(**cell: object) -> Case:
    return Case(cell=Cell(**cell), operation=Operation(temperature=T))


def test_nothing_follows_by_default() -> None:
    case = warm(interlayer=Interlayer(material="Ag", reaction="release"))
    assert case.conductivity == 0.18
    assert case.cell.kinetics.exchange_current_density_at(T) == 5.0
    assert {s.equilibrium_potential for s in stretches(case)} == {0.0, 0.05}
    assert case.temperature_independent == ("kappa", "i0", "U of the film")


def test_conductivity() -> None:
    case = warm(electrolyte=Electrolyte(activation_energy="30 kJ/mol"))
    assert case.conductivity == pytest.approx(0.18 * FASTER, rel=1e-12, abs=0)
    assert case.temperature_independent == ("i0",)
    # Of the material the literature gives the activation energy of conductivity times temperature.
    named = Electrolyte(material="Li6PS5Cl", activation_energy="30 kJ/mol")
    found = warm(electrolyte=named).conductivity
    assert found == pytest.approx(0.18 * FASTER * 298.15 / T, rel=1e-12, abs=0)
    assert named.conductivity_at(298.15) == 0.18


@pytest.mark.parametrize("law", ["butler-volmer", "linear", "tafel"])
def test_exchange_current_density_of_all_laws(law: str) -> None:
    plain = Kinetics(law=law, exchange_current_density=5.0 * FASTER)
    activated = Kinetics(law=law, exchange_current_density=5.0, activation_energy="30 kJ/mol")
    for eta in (-0.1, 0.02, 0.1):
        for formula in ("current_density", "slope"):
            found, wanted = (float(getattr(one, formula)(eta, T)) for one in (activated, plain))
            assert found == pytest.approx(wanted, rel=1e-12, abs=0)
    assert activated.current_density(0.1) == Kinetics(law=law).current_density(0.1)


def test_islands_and_film_follow_lithium_and_may_differ() -> None:
    cell = Cell(
        kinetics=Kinetics(activation_energy="30 kJ/mol"),
        islands=[
            Island(center="10 um"),
            Island(center="30 um", kinetics={"activation_energy": "60 kJ/mol"}),
        ],
        interlayer=FILM,
    )
    laws = [cell.island_kinetics(island) for island in cell.islands]
    assert [law.activation_energy for law in laws] == [30e3, 60e3]
    assert FILM.kinetics_beside(cell.kinetics).activation_energy == 30e3


def test_potential_of_the_film() -> None:
    case = warm(interlayer=FILM)
    expected = 0.05 - 0.2e-3 * 35
    (potential,) = {s.equilibrium_potential for s in stretches(case) if s.tag is Tag.FILM}
    assert potential == pytest.approx(expected, abs=1e-15)
    silver = list(materials.films()).index("Ag")
    assert thresholds(case)[silver] == pytest.approx(expected, abs=1e-15)


def test_a_solution_has_all_of_it() -> None:
    """The same as with the numbers that hold at that temperature."""
    followed = warm(
        electrolyte=Electrolyte(conductivity=0.01, activation_energy="30 kJ/mol"),
        kinetics=Kinetics(activation_energy="30 kJ/mol"),
        interlayer=FILM,
    )
    given = warm(
        electrolyte=Electrolyte(conductivity=0.01 * FASTER),
        kinetics=Kinetics(exchange_current_density=5.0 * FASTER),
        interlayer=Interlayer(
            material="Ag", reaction="reversible", equilibrium_potential=0.05 - 0.2e-3 * 35
        ),
    )
    one, other = (CondensedSolver().solve(c, [2.5]).numbers for c in (followed, given))  # type: ignore[arg-type]
    for name in ("overpotential_mean", "potential_top_mean", "constriction_resistance"):
        assert one[name] == pytest.approx(other[name], rel=1e-9, abs=0)
    share = "interlayer_current_fraction"
    assert one[share] == pytest.approx(other[share], rel=1e-9, abs=0)


def test_reports_say_what_does_not_follow() -> None:
    def said(case: Case) -> str:
        return "\n".join(assumptions(case))

    remark = "taken as at 298.15 K: the case does not say how temperature changes them"
    assert f"kappa and i0 are {remark}" in said(warm())
    assert "taken as at" not in said(Case())
    text = said(
        warm(
            electrolyte=Electrolyte(activation_energy="30 kJ/mol"),
            kinetics=Kinetics(activation_energy="30 kJ/mol"),
            interlayer=FILM,
        )
    )
    assert "taken as at" not in text
    assert f"{1.8 * FASTER:.6g} mS/cm" in text
    assert f"butler-volmer kinetics of lithium, i0 = {0.5 * FASTER:.6g} mA/cm^2" in text
    assert "U = 43 mV" in text


def test_reports_of_runs_and_spectra_say_it() -> None:
    hot = warm(kinetics=Kinetics(activation_energy="30 kJ/mol"))
    remark = "kappa is taken as at 298.15 K: the case does not say how temperature changes it"
    for said in (of_run(hot), of_spectrum(hot)):
        assert said.count(remark) == 1
    assert of_run(hot)[0].endswith(f"i0 of lithium {0.5 * FASTER:.6g} mA/cm^2")
    assert not any(
        "taken as at" in line for said in (of_run(Case()), of_spectrum(Case())) for line in said
    )


def test_a_sweep_over_temperature_says_it() -> None:
    axes, _ = read_axes({"operation.temperature": ["25 degC", "60 degC"]})
    lines = description(make_plan({}, axes, zipped=False))
    assert any(line.startswith("kappa and i0 are taken as at 298.15 K") for line in lines)


@pytest.mark.parametrize(
    ("temperature", "said"), [("60 degC", True), ("25 degC", False), (None, False)]
)
def test_a_sweep_at_another_temperature_says_it(temperature: str | None, said: bool) -> None:
    """Also where the temperature is no axis."""
    axes, _ = read_axes({"islands.width": ["5 um", "6 um"]})
    table = {} if temperature is None else {"operation": {"temperature": temperature}}
    lines = description(make_plan(table, axes, zipped=False))
    assert any(line.startswith("kappa and i0 are taken as at 298.15 K") for line in lines) is said


def test_points_and_onsets_over_temperature_say_it(capsys: pytest.CaptureFixture[str]) -> None:
    remark = "kappa and i0 are taken as at 298.15 K"
    for table, said in (({"operation.temperature": [333.15]}, 1), ({"islands.width": [6e-6]}, 0)):
        show_points(fi.evaluate(fi.Cell(), table))
        assert capsys.readouterr().out.count(remark) == said
    found = fi.onset(fi.Cell(), vary="operation.temperature", film="Ag")
    assert sum(line.startswith("kappa, i0 and U of the film are") for line in lines(found)) == 1


def test_uncertain_values_say_it() -> None:
    uncertain = {
        "operation.temperature": {"distribution": "uniform", "low": 298.15, "high": 333.15},
        "electrolyte.activation_energy": {"distribution": "uniform", "low": 0, "high": 30e3},
    }

    def said(films: list[str], **own: object) -> list[str]:
        found = fi.uncertainty(
            fi.Cell(interlayer=own or None),
            uncertain=uncertain,
            films=films,
            count=16,
            sensitivity_count=0,
        )
        return fixed_at_reference(found)

    words = "{} taken as at 298.15 K: the case does not say how temperature changes {}"
    assert said(["Ag", "Au"]) == [words.format("i0 and U of the films are", "them")]
    assert said(["Ag"], material="Ag", potential_temperature_coefficient="0.1 mV/K") == [
        words.format("i0 is", "it")
    ]
    assert said(["Au"], material="Ag") == [
        words.format("i0, U of the film and U of Au are", "them")
    ]


def test_what_an_axis_says_follows() -> None:
    axes, _ = read_axes(
        {
            "operation.temperature": ["25 degC", "60 degC"],
            "kinetics.activation_energy": ["0 kJ/mol", "30 kJ/mol"],
        }
    )
    for zipped in (False, True):
        said = description(make_plan({}, axes, zipped=zipped))
        assert sum(line.startswith("kappa is taken as at 298.15 K") for line in said) == 1


def test_an_electrolyte_by_name() -> None:
    named = case_from_table({"electrolyte": {"material": "Li6PS5Cl"}}).cell.electrolyte
    assert named.conductivity == 0.18
    origin = "of Li6PS5Cl in this package's table of materials"
    assert origin_of(named.conductivity) == origin
    assert f"1.8 mS/cm ({origin})" in assumptions(Case(cell=Cell(electrolyte=named)))[0]
    own = Electrolyte(material="Li6PS5Cl", conductivity="3 mS/cm")
    assert (own.conductivity, origin_of(own.conductivity)) == (0.3, "given")
    with pytest.raises(InputError, match="is not a known electrolyte; known are Li6PS5Cl, Li7"):
        Electrolyte(material="LLZO")


def test_a_film_empties_only_where_its_last_plateau_at_the_temperature_is_below_the_drive() -> None:
    """Bare copper has 174.6 mV; the second plateau of gold is at 160 mV at 25 degC."""
    times = {}
    for coefficient in (0.0, 0.4e-3, 0.5e-3):
        gold = Interlayer(
            material="Au", reaction="release", potential_temperature_coefficient=coefficient
        )
        case = Case(
            cell=Cell(interlayer=gold), operation=Operation(temperature=T, current_density=10.0)
        )
        result = fi.solve(case, solver="condensed").result
        assert result.interlayer is not None
        times[coefficient] = result.interlayer.time_until_empty_mean
        said = " ".join([*assumptions(case), *remarks(case, result)])
        shift = 1e3 * coefficient * 35
        assert f"at {70 + shift:g} mV, 59.09 uAh/cm^2 at {160 + shift:g} mV" in said
        assert (f"its last plateau, at {160 + shift:g} mV" in said) is (coefficient == 0.5e-3)
    assert times[0.5e-3] is None
    assert None not in (times[0.0], times[0.4e-3])


def test_uncertain_films_act_at_their_potential_at_the_temperature() -> None:
    case = warm(interlayer=FILM)
    drawn = {"operation.temperature": np.array([298.15, 308.15])}
    assert potentials(case, None, {}, 2) == pytest.approx([0.043, 0.043])
    assert potentials(case, None, drawn, 2) == pytest.approx([0.05, 0.048])
    given = {"interlayer.equilibrium_potential": np.array([0.06, 0.07])}
    assert potentials(case, "Ag", given, 2) == pytest.approx([0.053, 0.063])
    coefficients = {"interlayer.potential_temperature_coefficient": np.array([0.0, 1e-3])}
    assert potentials(case, None, coefficients, 2) == pytest.approx([0.05, 0.085])


def test_a_film_map_has_the_potential_at_the_temperature() -> None:
    """The closed form of the paper's cell: w = I W / (2 i0 sinh(F U / 2RT)) with U = 43 mV."""
    case = warm(interlayer=FILM.with_(reaction="release"))
    computed = compute(case, ["Ag"], OneProcess(), count=6)
    (silver,) = answers(case, ("Ag",), computed)
    assert silver.potential == pytest.approx(0.043)
    argument = 96485.33212 * 0.043 / (2 * 8.314462618 * T)
    width = 2.5 * 50e-6 / (2 * 5.0 * np.sinh(argument))
    assert silver.onset_width == pytest.approx(width, rel=2e-2)
