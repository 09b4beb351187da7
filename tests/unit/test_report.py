"""What the report says of the model's assumptions, of the regime, and of its own errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from fem_island.case.case import Case, Operation
from fem_island.case.cell import Cell
from fem_island.case.electrolyte import Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.island import Island
from fem_island.case.kinetics import Kinetics
from fem_island.experiments.point.regime import regime
from fem_island.experiments.point.report import assumptions, result_report
from fem_island.experiments.point.solve import solve
from fem_island.results.reading import failed
from fem_island.results.result import ErrorEstimate, IslandResult, Result

IMPLIED = "implied by the overpotentials that Sandoval et al. (2023) quote, not stated there"


def said(cell: Cell, **operation: Any) -> str:
    return "\n".join(assumptions(Case(cell=cell, operation=Operation(**operation))))


def island(center: float, edge: float) -> IslandResult:
    return IslandResult(
        overpotential_mean=center,
        overpotential_center=center,
        overpotential_left=edge,
        overpotential_right=edge,
        current_fraction=None,
    )


def result(*islands: IslandResult, error: ErrorEstimate | None = None, sign: int = 1) -> Result:
    currents = sorted((sign * 24.0, sign * 26.0))
    nothing = failed("", islands=len(islands), solver="newton")
    return replace(
        nothing,
        status="converged",
        overpotential_mean=sign * 0.084,
        overpotential_min=min(sign * 0.083, sign * 0.085),
        overpotential_max=max(sign * 0.083, sign * 0.085),
        local_current_density_mean=sign * 25.0,
        local_current_density_min=currents[0],
        local_current_density_max=currents[1],
        islands=islands,
        potential_top_mean=-0.09,
        charge_imbalance=1e-15,
        error_estimate=error,
        newton_iterations=2,
        degrees_of_freedom=800,
    )


def report(case: Case, result: Result) -> str:
    console = Console(width=100, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(result_report("case", case, result))
    return " ".join(capture.get().split())


# --- Where i0 is from ----------------------------------------------------------------------------


def test_the_default_i0_and_what_hangs_on_it() -> None:
    text = said(Cell())
    assert f"i0 = 0.5 mA/cm^2 ({IMPLIED})" in text
    # 8.314 x 298.15 / (96485 x 5 A/m^2) = 51.4 Ohm cm^2
    assert "R T / (F i0 (aa + ac)) of 51 Ohm cm^2" in text
    assert "near 1 Ohm cm^2 would mean tens of mA/cm^2" in text
    assert "the conclusion hangs on i0" in text


def test_the_resistance_has_temperature_and_transfer_coefficients() -> None:
    kinetics = Kinetics(anodic_transfer_coefficient=1.0, cathodic_transfer_coefficient=1.0)
    # Half of 68.9 Ohm cm^2.
    assert "(aa + ac)) of 34 Ohm cm^2" in said(Cell(kinetics=kinetics), temperature=400.0)


def test_an_i0_that_is_given_is_given_even_if_it_is_the_defaults() -> None:
    text = said(Cell(kinetics=Kinetics(exchange_current_density="0.5 mA/cm^2")))
    assert "i0 = 0.5 mA/cm^2 (given)" in text
    assert IMPLIED not in text
    assert "hangs on i0" not in text


def test_nothing_hangs_on_a_default_that_no_island_has() -> None:
    own = Island(kinetics={"exchange_current_density": "20 mA/cm^2"})
    assert "hangs on i0" not in said(Cell(islands=[own]))
    other = Island(center="10 um", kinetics={"law": "linear"})
    assert "hangs on i0" in said(Cell(islands=[own, other]))


# --- The film ------------------------------------------------------------------------------------


def test_film_from_the_table_of_materials() -> None:
    text = said(Cell(interlayer=Interlayer(material="Ag", reaction="reversible")))
    origin = "of Ag in this package's table of materials"
    assert f"film: Ag, gives and takes lithium; U = 50 mV ({origin})" in text
    assert "the film's i0 = 0.5 mA/cm^2 (assumed: that of lithium in this case)" in text
    assert "covers" not in text


def test_film_follows_the_lithium_of_the_case() -> None:
    film = Interlayer(material="Ag", reaction="release")
    lithium = Kinetics(exchange_current_density="25 mA/cm^2")
    text = said(Cell(kinetics=lithium, interlayer=film))
    assert "the film's i0 = 25 mA/cm^2 (assumed: that of lithium in this case)" in text


def test_film_with_numbers_of_its_own() -> None:
    film = Interlayer(
        material="Ag",
        reaction="release",
        equilibrium_potential="40 mV",
        exchange_current_density="0.5 mA/cm^2",
        extent=[("30 um", "50 um"), ("0 um", "10 um")],
    )
    text = said(Cell(interlayer=film))
    assert "film: Ag, gives lithium but takes none; U = 40 mV (given)" in text
    assert "the film's i0 = 0.5 mA/cm^2 (given)" in text
    assert "the film covers 0 to 10 um, 30 to 50 um, where no island is" in text


def test_film_without_reaction_has_no_i0() -> None:
    text = said(Cell(interlayer=Interlayer(material="Au")))
    assert "passive" in text
    assert "the film's i0" not in text


def test_film_over_all_of_the_bottom_in_parts() -> None:
    film = Interlayer(material="Au", extent=[("0 um", "20 um"), ("20 um", "50 um")])
    assert "covers" not in said(Cell(interlayer=film))


def test_film_in_many_parts() -> None:
    film = Interlayer(material="Au", extent=[(x * 1e-6, (x + 1) * 1e-6) for x in range(0, 18, 2)])
    assert "0 to 1 um, 2 to 3 um, 4 to 5 um, ... (9 intervals)" in said(Cell(interlayer=film))


# --- The regime ----------------------------------------------------------------------------------


def test_regime_has_the_i0_of_the_island_of_the_largest_spread() -> None:
    fast = Island(center="40 um", kinetics={"exchange_current_density": "50 mA/cm^2"})
    case = Case(cell=Cell(islands=[Island(center="10 um"), fast]))
    line = regime(case, result(island(0.084, 0.0841), island(0.002, 0.0025)))
    # 0.18 x 0.0256926 / (500 x 50e-6), and (sinh(0.0025 f / 2) - sinh(0.001 f)) / sinh(0.001 f)
    assert "(F i0 W) = 0.185 with the i0 of island 1; " in line
    assert "varies by 25 % along island 1, the drive by 82.1 mV" in line
    line = regime(case, result(island(0.084, 0.09), island(0.002, 0.002)))
    assert "(F i0 W) = 18.5 with the i0 of island 0; " in line
    assert "along island 0, the drive by 88 mV" in line


def test_regime_names_no_island_where_there_is_one_i0() -> None:
    line = regime(Case(), result(island(0.084, 0.0841)))
    assert line.startswith("regime: kinetic: ")
    assert line.endswith(
        "(F i0 W) = 18.5; the local current varies by 0.21 % along the island, "
        "the drive by 0.1 mV along the bottom)"
    )
    two = Case(cell=Cell(islands=[Island(center="10 um"), Island(center="40 um")]))
    line = regime(two, result(island(0.08, 0.08), island(0.08, 0.09)))
    assert "with the i0" not in line
    assert "along island 1, the drive by 10 mV" in line


def test_a_cell_with_much_of_its_drive_in_the_electrolyte_is_not_kinetic() -> None:
    """A 5 um island in 1 mm: 189.6 mV on it, 238.4 mV beside it, nearly even currents on it."""
    cell = Cell(electrolyte=Electrolyte(width="1 mm"))
    solution = solve(cell, current_density="0.1 mA/cm^2", solver="condensed")
    line = regime(solution.case, solution.result)
    assert line.startswith("regime: mixed: ")
    assert "varies by 2.4 % along the island, the drive by 49.2 mV along the bottom" in line


def test_a_large_spread_is_a_factor() -> None:
    # sinh(0.22 f / 2) / sinh(0.08 f / 2) - 1, f = 38.92 / V
    line = regime(Case(), result(island(0.08, 0.22)))
    assert line.startswith("regime: ohmic: ")
    assert "varies by a factor of 15" in line
    assert "%" not in line


def test_regime_at_rest() -> None:
    case = Case(operation=Operation(current_density=0))
    line = regime(case, result(island(0.0, 0.0)))
    assert line == "regime: no applied current (Wagner number kappa R T / (F i0 W) = 18.5)"
    # Rounding is no variation.
    assert regime(case, result(island(1e-19, -3e-19))) == line


# --- The errors ----------------------------------------------------------------------------------


def estimate(current: float) -> ErrorEstimate:
    return ErrorEstimate(
        overpotential_mean=2e-7, overpotential_max=3e-7, local_current_density_max=current
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_errors_say_of_which_number_they_are(sign: int) -> None:
    case = Case(operation=Operation(current_density=sign * 2.5))
    values = result(island(sign * 0.084, sign * 0.085), error=estimate(2e-3), sign=sign)
    text = report(case, values)
    assert " 0.0003 (mean and max) local current density" in text
    low, high = sorted((sign * 2.4, sign * 2.6))
    assert f"[mA/cm^2] {sign * 2.5:g} {low:g} {high:g} 0.0002 (of max) " in text
    assert "known only to" not in text


def test_a_current_that_is_not_well_known() -> None:
    text = report(Case(), result(island(0.084, 0.085), error=estimate(0.13)))
    assert "0.01 (of max)" in text
    # 0.13 of 26 A/m^2
    assert "the largest local current density is known only to 0.5 %" in text


def test_no_remark_without_an_estimate() -> None:
    text = report(Case(), result(island(0.084, 0.085)))
    assert "known only to" not in text
    assert "(of max)" not in text
