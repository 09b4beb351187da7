"""Fits recover what synthetic data were made with, and say so where data do not tell.

Data are made by the boundary-integral references of ``data/``, or by the package with noise. The
degenerate problems are those of a 5 um island in a cell of 50 um, i0 = 0.5 mA/cm^2, currents 0.1,
0.25, 0.5, 1 and 2 mA/cm^2, errors of 1 mV.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import impedance_cases
import numpy as np
import pytest
import reference_cases
import stripping_cases

import fem_island as fi
from fem_island.case.case import at_current
from fem_island.errors import ConvergenceError
from fem_island.fitting.report import lines
from fem_island.machine.arrays import Array
from fem_island.surface.series import in_series_voltage

I0, WIDTH, KAPPA = "kinetics.exchange_current_density", "islands.width", "electrolyte.conductivity"
CURRENTS = np.array([1.0, 2.5, 5.0, 10.0, 20.0])
BASE = [case for case in reference_cases.CASES if case["id"].startswith("base")]
ONE_ISLAND = [
    case
    for case in reference_cases.CASES
    if len(case["inputs"]["regions"]) == 1 and case["id"] != "fast_i5000_w20"
]


def cell(*, width: float = 50e-6, height: float = 15e-6, i0: float = 5.0) -> fi.Cell:
    return fi.Cell(
        electrolyte={"width": width, "height": height},
        islands=[{"width": 0.1 * width}],
        kinetics={"exchange_current_density": i0},
    )


def measured(of: fi.Cell, seen: str, *, seed: int, error: float = 1e-3) -> dict[str, Any]:
    """Points of a cell with noise."""
    maps = fi.sweep(of, current_density=CURRENTS)
    values = maps.overpotential_mean if seen == "overpotential" else -maps.potential_top_mean
    noise: Array = np.random.default_rng(seed).normal(0, error, len(CURRENTS))
    table = {"current_density": CURRENTS, seen: values.to_numpy() + noise}
    return {"table": table, "error": f"{error!r} V"}


def test_references_of_one_cell_give_kinetics_and_conductivity() -> None:
    """Islands of 1 to 50 um at 0.25 to 20 mA/cm^2, each row a width of its own."""
    table = {
        "current_density": [case["inputs"]["I"] for case in BASE],
        "islands.width": [
            region["b"] - region["a"] for case in BASE for region in case["inputs"]["regions"]
        ],
        "voltage": [-case["outputs"]["phi_top_mean"] for case in BASE],
    }
    away = fi.Cell(kinetics={"exchange_current_density": 20.0}, electrolyte={"conductivity": 0.5})
    found = fi.fit(away, parameters=[I0, KAPPA], data=[{"table": table, "error": "1 uV"}])
    assert found.identified
    i0, kappa = (parameter.value for parameter in found.parameters)
    assert i0 == pytest.approx(5.0, rel=1e-5)
    assert kappa == pytest.approx(0.18, rel=1e-5)
    assert found.root_mean_square < 0.2


@pytest.mark.parametrize("case", ONE_ISLAND, ids=[case["id"] for case in ONE_ISLAND])
def test_a_reference_gives_its_exchange_current_density(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    (region,) = inputs["regions"]
    start = fi.Case(
        cell={
            "electrolyte": {
                "width": inputs["W"],
                "height": inputs["H"],
                "conductivity": inputs["kappa"],
            },
            "kinetics": {
                "exchange_current_density": 3 * region["i0"],
                "anodic_transfer_coefficient": region["alpha_a"],
                "cathodic_transfer_coefficient": region["alpha_c"],
            },
            "islands": [
                {"width": region["b"] - region["a"], "center": (region["a"] + region["b"]) / 2}
            ],
        },
        operation={"temperature": inputs["T"]},
    )
    table = {
        "current_density": [inputs["I"]],
        "overpotential": [case["outputs"]["li"]["eta_mean"]],
    }
    found = fi.fit(start, parameters=[I0], data=[{"table": table, "error": "1 uV"}])
    (parameter,) = found.parameters
    assert parameter.value == pytest.approx(region["i0"], rel=1e-4)
    assert parameter.interval_95 is not None
    low, high = parameter.interval_95
    assert low < region["i0"] < high


def test_overpotentials_alone_give_i0_times_coverage() -> None:
    of = cell()
    found = fi.fit(of, parameters=[I0, WIDTH], data=[measured(of, "overpotential", seed=1)])
    assert found.singular_values[0] == pytest.approx(151, abs=1)
    assert found.singular_values[1] < 0.1
    for parameter in found.parameters:
        assert parameter.value is None
        assert parameter.interval_68 is None
        assert parameter.interval_95 is None
    (unseen,) = found.unidentified
    assert unseen.weights[I0] == pytest.approx(-unseen.weights[WIDTH], rel=1e-3)
    (known,) = found.combinations
    assert known.words == f"{I0} * {WIDTH}"
    assert known.value == pytest.approx(5.0 * 5e-6, rel=4 * known.deviation)
    assert known.deviation == pytest.approx(math.sqrt(2) / 151, rel=0.05)


def test_the_voltage_of_a_thick_cell_gives_both() -> None:
    of = cell(width=1e-3, height=0.75e-3)
    found = fi.fit(of, parameters=[I0, WIDTH], data=[measured(of, "voltage", seed=2)])
    assert found.identified
    for parameter, truth, deviation in zip(
        found.parameters, (5.0, 1e-4), (0.053, 0.040), strict=True
    ):
        assert parameter.interval_68 is not None
        assert parameter.interval_95 is not None
        low, high = np.log(parameter.interval_68)
        assert 0.5 * (high - low) == pytest.approx(deviation, rel=0.15)
        assert parameter.interval_95[0] < truth < parameter.interval_95[1]
        assert not parameter.ended_by


def test_fast_kinetics_hide_in_a_thick_cell() -> None:
    of = cell(width=1e-3, height=0.75e-3, i0=320.0)
    found = fi.fit(
        of,
        parameters={I0: {"bounds": ["3 mA/cm^2", "300 mA/cm^2"]}, WIDTH: {}},
        data=[measured(of, "voltage", seed=3)],
    )
    kinetics = found.parameters[0]
    assert kinetics.value is None
    assert kinetics.interval_68 is None
    assert kinetics.interval_95 is None
    assert not found.identified


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """20 of the repetitions of ``benchmarks/fit_coverage.py``, with one parameter."""
    of = cell()
    truth = fi.sweep(of, current_density=CURRENTS).overpotential_mean.to_numpy()
    held, offsets = np.zeros(2), []
    for seed in range(20):
        noise: Array = np.random.default_rng([3, seed]).normal(0, 1e-3, len(CURRENTS))
        table = {"current_density": CURRENTS, "overpotential": truth + noise}
        data = {"table": table, "error": "1 mV"}
        (found,) = fi.fit(of, parameters={I0: {"start": 7.0}}, data=[data]).parameters
        assert found.value is not None
        ends = (found.interval_68, found.interval_95)
        held += [low < 5.0 < high for low, high in (pair or (0, 0) for pair in ends)]
        low, high = found.interval_68 or (0, 0)
        offsets.append(np.log(found.value / 5.0) / (0.5 * np.log(high / low)))
    assert 9 <= held[0] <= 18
    assert held[1] >= 17
    assert 0.7 < np.std(offsets) < 1.4


def test_errors_that_are_not_given_are_estimated() -> None:
    of = cell()
    data = measured(of, "overpotential", seed=4)
    del data["error"]
    found = fi.fit(of, parameters=[I0], data=[data])
    (parameter,) = found.parameters
    assert parameter.interval_95 is not None
    assert parameter.interval_95[0] < 5.0 < parameter.interval_95[1]
    assert found.root_mean_square == pytest.approx(1e-3, rel=0.7)
    assert "no errors were given" in found.remarks[-1]
    (misfit,) = (line for line in lines(found) if line.startswith("misfit"))
    assert misfit == f"misfit: root mean square {1e3 * found.root_mean_square:.3g} mV"
    (drawn,) = found.curves()  # residuals over the errors that were estimated
    assert np.sum(drawn.residuals**2) == pytest.approx(len(CURRENTS) - 1)


def test_a_design_is_at_the_best_fit_whether_errors_are_given_or_not() -> None:
    of = cell()
    data = measured(of, "overpotential", seed=4)
    far = cell(i0=20.0)
    given = fi.design(far, parameters=[I0], data=[data]).now
    del data["error"]
    estimated = fi.design(far, parameters=[I0], data=[data]).now
    (fitted,) = fi.fit(far, parameters=[I0], data=[data], intervals="none").directions
    assert estimated.singular_values == pytest.approx([fitted.singular_value], rel=1e-3)
    assert estimated.deviations[I0] == pytest.approx(given.deviations[I0], rel=0.7)


def test_a_measurement_without_a_solution_is_named_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def solve(*_: object, **__: object) -> None:
        raise ConvergenceError("no solution")

    monkeypatch.setattr("fem_island.solvers.choice.ImpedanceSolver.solve", solve)
    steps: list[str] = []
    found = fi.design(cell(), parameters=[I0], tell=steps.append)
    assert [step[:7] for step in steps] == [f"{n} of 6:" for n in range(1, 7)]
    spectra = [each for each in found.candidates if "spectrum" in each.words]
    assert len(spectra) == 2
    assert all(not each.tells and "no solution" in each.reason for each in spectra)


def test_a_misfit_of_spectra_is_a_share_and_an_error_may_be_a_number() -> None:
    of = fi.Cell(kinetics={"double_layer": {"capacitance": "1 uF/cm^2"}})
    frequencies = np.geomspace(1.0, 1.01, 8)
    truth = fi.impedance(of, current_density=0.0, frequencies=frequencies.tolist()).impedance
    seen = truth * np.tile([0.98, 1.02], 4)
    table = {
        "frequency": frequencies,
        "impedance_real": seen.real,
        "impedance_imaginary": seen.imag,
    }
    data = {"kind": "impedance", "table": table, "changes": ["operation.current_density=0 mA/cm^2"]}
    found = fi.fit(of, parameters=[I0], data=[data])
    # 2 % of the impedance, of two parts of which one is nearly all of it; the fit is not the mean
    assert "misfit: root mean square 1.42 % of the impedance" in lines(found)
    assert fi.fit(of, parameters=[I0], data=[{**data, "error": 0.02}]).root_mean_square == (
        pytest.approx(found.root_mean_square / 0.02, rel=1e-3)
    )


def test_errors_that_are_too_small_are_remarked() -> None:
    of = cell()
    data = measured(of, "overpotential", seed=5) | {"error": "0.01 mV"}
    found = fi.fit(of, parameters=[I0], data=[data])
    assert any("as large as the errors allow" in remark for remark in found.remarks)


def reference_curve(name: str) -> dict[str, Any]:
    points = stripping_cases.CASES[name]["points"]
    table = {key: [point[key] for point in points] for key in ("time", "voltage")}
    return {"kind": "stripping", "table": table, "error": "0.1 mV"}


@pytest.mark.parametrize(("i0", "thickness"), [(12.0, 3e-6), (4.0, 1.9e-6)])
def test_a_reference_curve_is_fitted_from_any_start(i0: float, thickness: float) -> None:
    """The last point is half a percent before the end, where 1 uV is 3e-7 of the thickness."""
    name = "paper_w5_bare"
    found = fi.fit(
        stripping_cases.case_of(name),
        parameters={I0: {"start": i0}, "islands.thickness": {"start": thickness}},
        data=[reference_curve(name)],
        intervals="none",
    )
    assert [one.best for one in found.parameters] == pytest.approx([5.0, 2e-6], rel=2e-6)
    assert np.abs(found.residuals).max() * 1e-4 < 1e-6


def test_a_reference_curve_gives_kinetics_and_thickness() -> None:
    name = "paper_w5_bare"
    found = fi.fit(
        stripping_cases.case_of(name),
        parameters={I0: {"start": 8.0}, "islands.thickness": {"start": 2.2e-6}},
        data=[reference_curve(name)],
    )
    kinetics, thickness = found.parameters
    assert kinetics.value == pytest.approx(5.0, rel=1e-4)
    assert thickness.value == pytest.approx(2e-6, rel=1e-5)
    assert kinetics.interval_95 is not None
    assert kinetics.interval_95[0] < 5.0 < kinetics.interval_95[1]
    assert found.record("")["data"][0]["derivatives"] == "differences"


@pytest.mark.parametrize("name", ["z01_paper_cell_w5_rest", "z02_paper_cell_w5_biased"])
def test_a_reference_spectrum_gives_kinetics_and_double_layer(name: str, tmp_path: Path) -> None:
    (case,) = (one for one in impedance_cases.CASES if one["id"] == name)
    file = tmp_path / "case.toml"
    file.write_text(impedance_cases.case_file(case))
    frequencies, impedance = impedance_cases.reference(case)
    table = {
        "frequency": frequencies,
        "impedance_real": impedance.real,
        "impedance_imaginary": impedance.imag,
    }
    found = fi.fit(
        fi.read_case(file),
        parameters={
            "islands.kinetics.exchange_current_density": {"start": 20.0},
            "collector.double_layer.capacitance": {"start": 0.3},
        },
        data=[{"kind": "impedance", "table": table, "error": "0.1 %"}],
    )
    kinetics, layer = found.parameters
    assert kinetics.value == pytest.approx(5.0, rel=1e-6)
    assert layer.value == pytest.approx(0.1, rel=1e-6)


def test_a_key_without_effect_takes_nothing_from_the_interval_of_another() -> None:
    """Where an island lies does not matter to its overpotential, as long as it lies inside."""
    of = fi.Cell(islands=[{"width": "5 um", "center": "20 um"}])
    (alone,) = fi.fit(of, parameters=[I0], data=[measured(of, "overpotential", seed=3)]).parameters
    both = fi.fit(
        of, parameters=[I0, "islands.center"], data=[measured(of, "overpotential", seed=3)]
    )
    found, center = both.parameters
    assert alone.interval_95 is not None
    assert found.interval_95 == pytest.approx(alone.interval_95, rel=2e-3)
    assert center.value is None


@pytest.mark.parametrize("start", ["10 um", "20 um", "40 um"])
def test_a_mirrored_island_fits_as_well_wherever_the_search_starts(start: str) -> None:
    of = fi.Cell(
        electrolyte={"conductivity": "0.05 mS/cm"}, islands=[{"width": "10 um", "center": "33 um"}]
    )
    found = fi.fit(
        of,
        parameters={"islands.center": {"start": start, "bounds": ["6 um", "44 um"]}},
        data=[measured(of, "voltage", seed=1)],
    )
    (center,) = found.parameters
    assert center.value is None
    assert center.interval_95 is None
    assert center.reason == "the data fit as well at another value"


def test_all_of_a_linear_box_is_searched() -> None:
    """The mirror image is at thirteen times the start, on the other side of the cell."""
    of = fi.Cell(islands=[{"width": "5 um", "center": "12 um"}])
    found = fi.fit(
        of,
        parameters={"islands.center": {"start": "3 um", "bounds": ["2.6 um", "47 um"]}},
        data=[measured(of, "voltage", seed=1, error=1e-4)],
    )
    (center,) = found.parameters
    assert center.reason == "the data fit as well at another value"


def test_a_linear_parameter_is_found_far_from_its_start() -> None:
    """Not at a bound that nobody gave, with a false interval of what is fitted beside it."""
    series = {"pellet": "0.75 mm", "counter": {"exchange_current_density": "5 mA/cm^2"}}
    of = fi.Cell(series={**series, "resistance": "5 ohm cm^2"})
    in_series = [in_series_voltage(at_current(fi.Case(cell=of), i)) for i in CURRENTS.tolist()]
    voltage = in_series - fi.sweep(of, current_density=CURRENTS).potential_top_mean.to_numpy()
    found = fi.fit(
        of,
        parameters={"series.resistance": {"start": "0.1 ohm cm^2"}, I0: {}},
        data=[{"table": {"current_density": CURRENTS, "cell_voltage": voltage}, "error": "1 mV"}],
    )
    resistance, i0 = found.parameters
    assert resistance.value == pytest.approx(5e-4, rel=1e-4)
    assert i0.value == pytest.approx(5.0, rel=1e-4)


def test_what_ends_near_nothing_keeps_its_scale_where_another_is_started_again() -> None:
    """The activation energy is nearly nothing when the resistance has come from far."""
    series = {"pellet": "0.75 mm", "resistance": "100 ohm cm^2"}
    of = fi.Cell(islands=["20 um"], series=series)
    temperatures, currents = np.repeat([280.0, 298.15, 320.0], 5), np.tile(CURRENTS, 3)
    columns = {"operation.temperature": temperatures, "operation.current_density": currents}
    in_series = [in_series_voltage(at_current(fi.Case(cell=of), i)) for i in currents.tolist()]
    voltage = in_series - fi.evaluate(of, columns)["potential_top_mean"]
    voltage = voltage + 3e-4 * np.random.default_rng(3).standard_normal(len(voltage))
    energy = "kinetics.activation_energy"
    found = fi.fit(
        of.with_({"series.resistance": "1 ohm cm^2", energy: "20 kJ/mol"}),
        parameters=["series.resistance", energy],
        data=[{"table": {**columns, "cell_voltage": voltage}, "error": "0.3 mV"}],
    )
    resistance, activation = found.parameters
    assert resistance.value == pytest.approx(1e-2, rel=1e-2)
    assert activation.limits_95[1] is not None
    assert 0.0 < activation.limits_95[1] < 1e3


def test_bounds_follow_what_other_parameters_leave_room_for() -> None:
    """Beside its first center the island has room for 18 um only, in its place for 36 um."""
    electrolyte = {"conductivity": "0.5 mS/cm"}
    of = fi.Cell(electrolyte=electrolyte, islands=[{"width": "30 um", "center": "18 um"}])
    away = fi.Cell(electrolyte=electrolyte, islands=[{"width": "5 um", "center": "9 um"}])
    found = fi.fit(
        away,
        parameters={WIDTH: {}, "islands.center": {"bounds": ["5 um", "25 um"]}},
        data=[measured(of, "voltage", seed=1, error=1e-6)],
        intervals="none",
    )
    width, center = found.parameters
    assert width.best == pytest.approx(30e-6, rel=0.01)
    assert center.best == pytest.approx(18e-6, rel=0.01)


def test_a_start_of_nothing_says_no_scale() -> None:
    said = r"series\.resistance.*starts at 0, .* give bounds, or another start"
    with pytest.raises(fi.InputError, match=said):
        fi.fit(
            fi.Cell(series={"pellet": "0.75 mm", "resistance": "0 ohm cm^2"}),
            parameters=["series.resistance"],
            data=[{"table": {"current_density": [1.0, 2.0], "cell_voltage": [0.1, 0.2]}}],
        )


def test_a_best_fit_at_a_bound_is_said() -> None:
    """Bounds that do not hold the truth make the others wrong, which nothing else tells."""
    of = cell()
    data = measured(of, "overpotential", seed=1)
    del data["error"]
    found = fi.fit(
        of,
        parameters={
            I0: {"bounds": ["0.8 mA/cm^2", "8 mA/cm^2"]},
            "kinetics.anodic_transfer_coefficient": {},
        },
        data=[data],
    )
    kinetics, alpha = found.parameters
    assert kinetics.value is None
    assert alpha.interval_95 is not None
    assert alpha.interval_95[1] < 0.5
    assert found.remarks[0] == (
        f"{I0}: the best fit is at or near its lower bound, 0.8 mA/cm^2; what is said of the "
        "others holds within its bounds alone"
    )


def test_an_end_counts_only_where_the_data_fit_badly_at_any_height() -> None:
    """The resistance of an electrolyte is the same at two heights, of which one may be too small.

    Nearly all of a voltage's error of 1 mV is of I (H + c) / kappa: at 1 mm it is as at 15 um with
    a conductivity 25 times as large.
    """
    heights = ["2 um", "1 mm"]
    found = fi.fit(
        cell(),
        parameters={KAPPA: {}, "electrolyte.height": {"bounds": heights}},
        data=[measured(cell(), "voltage", seed=1)],
    )
    kappa, height = found.parameters
    assert height.value is None
    low, high = kappa.limits_95
    assert low is not None
    assert high is not None
    assert low == pytest.approx(0.14, rel=0.15)
    assert 4 < high < 12
    assert kappa.ended_by == ("electrolyte.height",)
    said = f"{KAPPA}: what is said of it ends where electrolyte.height is at a bound"
    assert said in found.remarks


def test_noise_of_an_impedance_does_not_pull_it_down() -> None:
    """Values once a fifth above and once below, at nearly the same frequency."""
    of = fi.Cell(kinetics={"double_layer": {"capacitance": "1 uF/cm^2"}})
    frequencies = np.geomspace(1.0, 1.01, 8)
    truth = fi.impedance(of, current_density=0.0, frequencies=frequencies.tolist()).impedance
    seen = truth * np.tile([0.8, 1.2], 4)
    table = {
        "frequency": frequencies,
        "impedance_real": seen.real,
        "impedance_imaginary": seen.imag,
    }
    (found,) = fi.fit(
        of,
        parameters=[I0],
        data=[
            {
                "kind": "impedance",
                "table": table,
                "error": "20 %",
                "changes": ["operation.current_density=0 mA/cm^2"],
            }
        ],
    ).parameters
    # Errors as a share of what was seen would give 8 % less impedance, and more i0.
    assert found.value == pytest.approx(5.0, rel=3e-3)


def test_a_spectrum_tells_what_points_do_not(tmp_path: Path) -> None:
    """Overpotentials give i0 times coverage, a spectrum its double layers and so the coverage."""
    of = fi.Cell(
        kinetics={"double_layer": {"capacitance": "10 uF/cm^2"}},
        collector={"double_layer": {"capacitance": "1 uF/cm^2"}},
    )
    spectrum = fi.impedance(
        of, current_density=0.0, frequencies=[1e4, 1e3, 300.0, 100.0, 30.0, 1.0]
    )
    file = tmp_path / "spectrum.csv"
    rows = zip(spectrum.frequencies, 1e4 * spectrum.impedance, strict=True)
    lines = [f"{f!r},{z.real!r},{z.imag!r}" for f, z in rows]
    header = "frequency [Hz],impedance_real [ohm cm^2],impedance_imaginary [ohm cm^2]"
    file.write_text("\n".join([header, *lines]).replace("np.float64(", "").replace(")", ""))
    found = fi.fit(
        of,
        parameters=[I0, WIDTH],
        data=[
            measured(of, "overpotential", seed=1),
            {
                "kind": "impedance",
                "file": str(file),
                "error": "1 %",
                "changes": ["operation.current_density=0 mA/cm^2"],
            },
        ],
    )
    assert found.identified
    for parameter, truth in zip(found.parameters, (5.0, 5e-6), strict=True):
        assert parameter.interval_95 is not None
        assert parameter.interval_95[0] < truth < parameter.interval_95[1]
        assert parameter.interval_95[1] < 1.2 * parameter.interval_95[0]


def test_minos_finds_the_same_ends() -> None:
    pytest.importorskip("iminuit", reason="the extra fit is not installed")
    of = cell(width=1e-3, height=0.75e-3)
    data = [measured(of, "voltage", seed=2)]
    first, second = (
        fi.fit(of, parameters=[I0, WIDTH], data=data, intervals=intervals)
        for intervals in ("profile", "minos")
    )
    for one, other in zip(first.parameters, second.parameters, strict=True):
        assert one.interval_95 == pytest.approx(other.interval_95, rel=5e-3)


def test_record_dataset_and_files(tmp_path: Path) -> None:
    of = cell()
    found = fi.fit(of, parameters=[I0], data=[measured(of, "overpotential", seed=6)])
    record = found.record("case.toml")
    (parameter,) = record["parameters"]
    assert {"key", "value", "interval_68", "interval_95"} <= set(parameter)
    assert record["singular_values"] == pytest.approx([107], abs=1)
    assert record["unidentified"] == []
    data = found.dataset()
    np.testing.assert_allclose(data.measured + data.residual * 1e-3, data.fitted, atol=1e-12)
    for file in found.write(tmp_path / "out"):
        assert file.stat().st_size > 100
