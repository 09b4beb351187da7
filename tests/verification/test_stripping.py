"""Stripping in time against closed forms, and what must hold whatever the case."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
from random_stripping import random_stripping_case
from rich.console import Console
from stripping_siblings import sibling_case

import fem_island as fi
from fem_island.case.sweep_table import read_axes
from fem_island.experiments.stripping.report import assumptions, remarks, run_report
from fem_island.experiments.stripping.sweeping import StrippingRuns
from fem_island.experiments.sweeps.planning import make_plan
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT

SLAB_TIMES = [2968.779, 3252.459, 4103.499]
"""When metal and both plateaus of a 1 um slab on gold are used up [s]."""

SLAB_DRIVES = [0.012716, 0.082716, 0.172716]


def test_slab_on_gold_has_three_levels_and_jumps_at_exact_times() -> None:
    film = fi.Interlayer(material="Au", reaction="release", capacity=2836.8)
    run = fi.strip(fi.Cell(lithium=fi.Layer(thickness="1 um"), interlayer=film))
    assert np.abs(np.unique(run.drive_mean.round(9)) - SLAB_DRIVES).max() < 1e-6
    times = {event.event: event.time for event in run.events}
    assert times["lithium_gone"] == pytest.approx(SLAB_TIMES[0], abs=1e-3)
    assert times["film_step_1_starts"] == times["lithium_gone"]
    assert times["film_step_1_empty"] == pytest.approx(SLAB_TIMES[1], abs=1e-3)
    assert times["film_step_2_empty"] == pytest.approx(SLAB_TIMES[2], abs=1e-3)
    assert run.end == "all_empty"
    assert run.times[-1] == pytest.approx(SLAB_TIMES[2], abs=1e-3)


def test_the_curve_is_level_until_it_jumps() -> None:
    """Not a ramp over the last step before lithium is gone, which is long where nothing changes."""
    island = fi.Island(width="50 um", thickness="1 um")
    film = fi.interlayer("Ag", reaction="release")
    run = fi.strip(fi.Cell(islands=[island], interlayer=film))
    gone = next(event.time for event in run.events if event.event == "lithium_gone")
    before = run.voltage[run.times < gone]
    np.testing.assert_allclose(before, before[0], rtol=0, atol=1e-9)
    assert 0 < gone - run.times[run.times < gone][-1] < 2e-7 * gone
    np.testing.assert_allclose(run.voltage[run.times >= gone], before[0] + 0.05, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("shape", "of_time", "power", "end"),
    [("parabola", 2 / 3, 1 / 3, 1e-9), ("triangle", 1 / 2, 1 / 2, 1e-7)],
)
def test_kinetic_limit(shape: str, of_time: float, power: float, end: float) -> None:
    width, island, height, thickness = 50e-6, 5e-6, 15e-6, 2e-6
    current, exchange, conductivity, volume = 2.5, 5.0, 100.0, 13e-6
    lasts = of_time * island * thickness * FARADAY_CONSTANT / (current * width * volume)
    times = lasts * np.linspace(0.01, 0.999, 60)
    cell = fi.Cell(
        electrolyte={"conductivity": conductivity},
        islands=[{"width": island, "thickness": thickness, "shape": shape}],
    )
    run = fi.strip(cell, times=list(times))
    voltage = run.voltage[np.searchsorted(run.times, times)]
    left = island * (1 - times / lasts) ** power
    thermal = GAS_CONSTANT * 298.15 / FARADAY_CONSTANT
    exact = 2 * thermal * np.arcsinh(current * width / (2 * exchange * left))
    assert np.abs(voltage - current * height / conductivity - exact).max() < 10e-6
    assert run.times[-1] == pytest.approx(lasts, rel=end)


def test_sharing_at_the_start() -> None:
    film = fi.interlayer("Ag", reaction="release")
    run = fi.strip(fi.Cell(islands=[fi.Island(thickness="2 um")], interlayer=film))
    assert run.overpotential_mean[0] == pytest.approx(56.41253e-3, abs=1e-7)
    assert run.film_share[0] == pytest.approx(0.467183, abs=1e-6)


def test_twice_the_lithium_takes_twice_the_time() -> None:
    def events(factor: float) -> list[float]:
        film = fi.Interlayer(material="Ag", reaction="release", capacity=938.16 * factor)
        island = fi.Island(width="5 um", thickness=2e-6 * factor, shape="parabola")
        run = fi.strip(fi.Cell(islands=[island], interlayer=film))
        return [event.time for event in run.events]

    assert np.array(events(2.0)) == pytest.approx(2 * np.array(events(1.0)), rel=1e-9)


def test_mirror_images_strip_alike() -> None:
    times = list(np.linspace(5.0, 390.0, 20))

    def voltages(center: str) -> fi.StrippingRun:
        island = fi.Island(width="5 um", center=center, thickness="2 um", shape="parabola")
        return fi.strip(fi.Cell(islands=[island]), times=times)

    left, right = voltages("15 um"), voltages("35 um")
    here, there = (run.voltage[np.isin(run.times, times)] for run in (left, right))
    assert len(here) == len(there) == len(times)
    assert np.abs(here - there).max() < 1e-9


def test_cutoff_is_reached_where_the_last_of_a_film_is_rounding() -> None:
    # Some micrometres of gold run out within 1e-13 of the time, and the voltage rises meanwhile.
    run = fi.strip(sibling_case(7), tolerance=1e-4)
    assert run.film_charge[-1] < 1e-15 * run.film_charge[0]
    assert run.end == run.events[-1].event == "cutoff_voltage"
    assert run.voltage[-1] == pytest.approx(0.5, abs=1e-9)
    assert run.voltage[-2] > 0.45


@pytest.mark.parametrize(("cutoff", "end"), [(1.0, "cutoff_voltage"), (1.5, "lithium_gone")])
def test_voltage_rises_until_rounding_is_left(cutoff: float, end: str) -> None:
    # By 2 R T / (3 F) with every tenth of the charge: 1.0 V is reached with 1e-20 of it left.
    island = fi.Island(width="20 um", thickness="2 um", shape="parabola")
    run = fi.strip(fi.Cell(islands=[island]), cutoff_voltage=cutoff, tolerance=1e-3)
    assert run.end == run.events[-1].event == end
    assert run.charge_imbalance < 1e-9
    if end == "cutoff_voltage":
        assert run.voltage[-1] == pytest.approx(cutoff, abs=1e-6)
        assert 0 < run.lithium_charge[-1] < 1e-18 * run.lithium_charge[0]
    else:
        assert run.voltage[-1] > 1.1
        assert run.lithium_charge[-1] == 0


def stepped(cell: fi.Cell, steps: list[dict[str, str]], *, tolerance: str) -> fi.StrippingRun:
    """The run of a cell through the steps of a protocol."""
    return fi.strip(fi.Case(cell=cell, protocol=steps, stripping={"tolerance": tolerance}))


def test_empty_film_beside_an_island_fills_while_lithium_is_plated() -> None:
    film = fi.Interlayer(material="Ag", reaction="reversible", state_of_charge=0.05)
    island = fi.Island(width="20 um", thickness="1 um", shape="parabola")
    steps = [
        {"current_density": "-0.25 mA/cm^2", "duration": "1 h"},
        {"current_density": "0 mA/cm^2", "duration": "10 min"},
        {"current_density": "0.25 mA/cm^2", "cutoff_voltage": "0.5 V"},
    ]
    run = stepped(fi.Cell(islands=[island], interlayer=film), steps, tolerance="1 mV")
    assert run.status == "converged"
    assert run.steps < 250
    assert run.charge_imbalance < 1e-9
    # A galvanic couple: the island strips into the film, whose share is above that of all.
    assert run.voltage[0] == pytest.approx(0.0180, abs=1e-4)
    assert run.film_share[0] > 1
    capacity = sum(step.capacity for step in film.steps)
    plated = int(np.flatnonzero(run.times == 3600.0)[0])
    # Beneath the island the film stays as it was, but where the island's edges were dissolved.
    filled = (50e-6 - 20e-6) * capacity + 20e-6 * 0.05 * capacity
    assert filled < run.film_charge[plated] < 1.05 * filled
    assert run.end == "cutoff_voltage"
    # A film that was nearly empty beneath the island has not run out where its edge recedes.
    times = {event.event: event.time for event in run.events}
    assert times["film_step_1_empty_somewhere"] > times["film_step_1_starts"] > 7800


def test_film_fills_plateau_by_plateau_and_then_lithium_grows_again() -> None:
    film = fi.Interlayer(material="Au", reaction="reversible")
    (upper, lower), current, seconds = film.steps, 2.5, 800.0
    case = fi.Case(
        cell=fi.Cell(lithium=fi.Layer(thickness="0.1 um"), interlayer=film),
        protocol=[
            {"current_density": current, "duration": seconds},
            {"current_density": -current, "duration": 2 * seconds},
        ],
        stripping={"tolerance": "1 mV"},
    )
    run = fi.strip(case)
    assert run.status == "converged"
    lithium = FARADAY_CONSTANT * 0.1e-6 / 13e-6
    taken = current * seconds - lithium - upper.capacity
    assert 0 < taken < lower.capacity
    for full in (taken, taken + upper.capacity):
        assert np.abs(run.times - seconds - full / current).min() < 1e-6
    thermal = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT
    drive = thermal * np.arcsinh(current / (2 * 5.0))
    potentials = np.array([0.0, upper.potential, lower.potential])
    plating = run.drive_mean[run.current_density < 0]
    assert np.unique(plating.round(8)) == pytest.approx(potentials - drive, abs=1e-7)
    assert run.lithium_charge[-1] == pytest.approx((lithium + current * seconds) * 50e-6, rel=1e-9)


def test_half_charged_film_fills_smoothly_where_the_edge_of_an_island_uncovers_it() -> None:
    film = fi.Interlayer(material="Ag", reaction="reversible", state_of_charge=0.5)
    island = fi.Island(width="20 um", thickness="1 um", shape="parabola")
    strip = "0.25 mA/cm^2"
    steps = [
        {"current_density": strip, "duration": "6 min"},
        {"current_density": "0 mA/cm^2", "duration": "10 min"},
        {"current_density": strip, "duration": "20 min"},
    ]
    run = stepped(fi.Cell(islands=[island], interlayer=film), steps, tolerance="100 uV")
    assert run.status == "converged"
    assert run.steps < 200
    assert run.charge_imbalance < 1e-10
    # With steps an eighth as long on a grid twice as fine.
    exact = {"film_step_1_starts": 1118.517, "lithium_gone": 1305.746}
    times = {event.event: event.time for event in run.events}
    for event, time in exact.items():
        assert abs(times[event] - time) < min(run.time_error, 0.02)
    # Cells that fill one after the other, each as a whole, bend the curve up and down.
    second = (run.times > 965) & (run.times < 1110)
    slopes = np.diff(run.voltage[second]) / np.diff(run.times[second])
    assert np.all(np.diff(slopes) > -0.05 * slopes.max())


def test_one_of_two_islands_dies_when_it_should_although_the_voltage_does_not_tell() -> None:
    run = fi.strip(random_stripping_case(93, tolerance=1e-4))
    times = {event.event: event.time for event in run.events}
    exact = 1046.882
    assert abs(times["island_1_gone"] - exact) < 0.04
    assert abs(times["island_1_gone"] - exact) < run.time_error < 0.3


def test_inactive_lithium_stays() -> None:
    def run(inactive: float) -> fi.StrippingRun:
        island = fi.Island(
            width="5 um", thickness="2 um", shape="parabola", inactive_fraction=inactive
        )
        return fi.strip(fi.Cell(islands=[island]))

    assert run(0.25).times[-1] == pytest.approx(0.75 * run(0.0).times[-1], rel=1e-8)


def test_lithium_under_too_high_a_current_loses_contact() -> None:
    island = fi.Island(width="5 um", thickness="2 um", shape="parabola")
    case = fi.Case(
        cell=fi.Cell(islands=[island]), stripping={"critical_current_density": "5 mA/cm^2"}
    )
    run = fi.strip(case)
    times = {event.event: event.time for event in run.events}
    assert run.end == "cutoff_voltage"
    # i = I W / w = 5 mA/cm^2 where half of the width is left: after 7/8 of the charge.
    lost = times["critical_current_density"]
    assert lost == pytest.approx(7 / 8 * 395.837, rel=2e-3)
    assert run.charge_imbalance < 1e-9
    finer = fi.strip(case, tolerance="0.5 uV")
    exact = next(e.time for e in finer.events if e.event == "critical_current_density")
    assert abs(lost - exact) <= run.time_error < 1e-3 * exact
    # Up to there it is as without a critical current density, also between steps.
    (plain,) = (event for event in finer.events if event.event == "critical_current_density")
    without = fi.strip(fi.Cell(islands=[island]), times=[plain.time])
    there = np.searchsorted(without.times, plain.time)
    assert plain.voltage == pytest.approx(without.voltage[there], abs=2e-5)
    said = remarks(run)
    assert said[0].startswith("ended because nothing that is in contact has any charge left")
    assert any(f"passes the critical one at {lost:.6g} s, after 87." in line for line in said)


def test_the_curve_has_both_ends_of_a_jump_where_contact_is_lost() -> None:
    layer = fi.Layer(thickness="0.3 um", variation=0.6)
    case = fi.Case(
        cell=fi.Cell(
            electrolyte={"width": "100 um"},
            lithium=layer,
            interlayer=fi.interlayer("Ag", reaction="release"),
        ),
        operation={"current_density": "0.4 mA/cm^2"},
        stripping={"critical_current_density": "0.9 mA/cm^2", "duration": "500 s"},
    )
    run = fi.strip(case, tolerance="1 mV")
    lost = next(event for event in run.events if event.event == "critical_current_density")
    before, after = np.flatnonzero(run.times == lost.time)[[0, -1]]
    # The local current density is the law's: 0.9 mA/cm^2 at the edge, and then all is silver's.
    drive = 2 * GAS_CONSTANT * 298.15 / FARADAY_CONSTANT * np.arcsinh(9 / 10)
    assert run.local_current_density_max[before] == pytest.approx(9.0, rel=1e-6)
    assert run.voltage[before] == pytest.approx(drive, abs=2e-3)
    assert run.film_share[after] == pytest.approx(1.0)
    assert run.voltage[after] > 0.08
    # Every event is told with its own voltage, though others are at the same time.
    console = Console(width=200, file=StringIO())
    console.print(run_report("case", run))
    shown = [line.split() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    told = {cells[0]: cells[3] for cells in shown if len(cells) > 3}
    assert {cells[0]: cells[4] for cells in shown if len(cells) > 4}[lost.event] == "0.00"
    for event in run.events:
        assert told[event.event] == f"{1e3 * event.voltage:.4f}"
    assert len({event.voltage for event in run.events if event.time == lost.time}) > 1


def test_series_adds_pellet_leads_and_counter_electrode() -> None:
    island = fi.Island(width="20 um", thickness="5 um", shape="parabola")
    series = fi.Series(
        pellet="0.75 mm",
        resistance="0.1 Ohm cm^2",
        counter={"exchange_current_density": "0.5 mA/cm^2"},
    )
    run = fi.strip(fi.Cell(islands=[island], series=series))
    assert run.cell_voltage is not None
    thermal = GAS_CONSTANT * 298.15 / FARADAY_CONSTANT
    ohmic = 2.5 * ((0.75e-3 - 15e-6) / 0.18 + 1e-5)
    added = ohmic + 2 * thermal * np.arcsinh(2.5 / (2 * 5.0))
    assert run.cell_voltage - run.voltage == pytest.approx(added, rel=1e-9)
    assert run.cell_voltage[-1] == pytest.approx(0.5, abs=1e-3)


def test_protocol_plates_rests_and_strips() -> None:
    film = fi.interlayer("Ag", reaction="reversible")
    steps = [
        {"current_density": "-0.25 mA/cm^2", "duration": "10 min"},
        {"current_density": "0 mA/cm^2", "duration": "1 min"},
        {"current_density": "0.25 mA/cm^2", "cutoff_voltage": "0.5 V"},
    ]
    island = fi.Island(width="20 um", thickness="1 um", shape="slab")
    run = stepped(fi.Cell(islands=[island], interlayer=film), steps, tolerance="1 mV")
    assert run.charge_imbalance < 1e-9
    charge = run.lithium_charge + run.film_charge
    plated = charge[np.searchsorted(run.times, 600.0)] - charge[0]
    assert plated == pytest.approx(2.5 * 50e-6 * 600, rel=1e-9)
    assert run.end in ("cutoff_voltage", "all_empty")
    resting = run.current_density == 0
    assert np.abs(run.voltage[resting]).max() < 1e-6


PLATED = fi.Case(
    cell=fi.Cell(islands=[fi.Island(width="20 um", thickness="2 um")]),
    protocol=[
        {"current_density": "1 mA/cm^2", "duration": "1 min"},
        {"current_density": "0 mA/cm^2", "duration": "1 min"},
        {"current_density": "-1 mA/cm^2", "duration": "3 min"},
    ],
    stripping={"cutoff_voltage": "10 mV", "duration": "1 s", "tolerance": "1 mV"},
)
"""20.4 % of the lithium is stripped, then more is plated."""


def test_what_a_report_says_of_a_protocol() -> None:
    assert assumptions(PLATED)[:2] == [
        "a protocol of 3 steps: 1, 0, -1 mA/cm^2 applied; i0 of lithium 0.5 mA/cm^2",
        "stripping.cutoff_voltage and stripping.duration do not count: the steps of the protocol "
        "have their own",
    ]
    said = remarks(fi.strip(PLATED))
    assert [line for line in said if "half of the lithium" in line] == []
    longer = PLATED.with_({"protocol.0.duration": "6 min"})
    (half,) = (line for line in remarks(fi.strip(longer)) if "half of the lithium" in line)
    assert half.endswith("2.522 mA/cm^2 at the start, 2.522 when half of the lithium is gone")
    one = PLATED.with_({"stripping": None, "protocol": PLATED.protocol[:1]})
    assert assumptions(one) == [
        "a protocol of 1 step: 1 mA/cm^2 applied; i0 of lithium 0.5 mA/cm^2"
    ]


def test_what_does_not_go_with_a_protocol() -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.strip(PLATED, current_density="2 mA/cm^2", cutoff_voltage="0.4 V", duration="1 h")
    assert [fault.key for fault in caught.value.faults] == [
        "current_density",
        "cutoff_voltage",
        "duration",
    ]
    axes, _ = read_axes({"operation.current_density": ["1 mA/cm^2", "2 mA/cm^2"]})
    with pytest.raises(fi.InputError, match="changes nothing: the steps of the protocol"):
        make_plan(
            PLATED.tables(),
            axes,
            zipped=False,
            experiment=StrippingRuns(),
            unit_required=False,
        )


@pytest.mark.parametrize(
    ("case", "key"),
    [
        ({}, "islands.0.thickness"),
        (
            {
                "cell": {
                    "islands": [{"thickness": "1 um"}],
                    "interlayer": {"equilibrium_potential": "0.05 V", "reaction": "release"},
                }
            },
            "interlayer.capacity",
        ),
        (
            {
                "cell": {"islands": [{"thickness": "1 um"}]},
                "operation": {"current_density": "-1 mA/cm^2"},
            },
            "stripping.duration",
        ),
    ],
)
def test_what_has_no_answer_is_refused(case: dict[str, object], key: str) -> None:
    with pytest.raises(fi.InputError) as caught:
        fi.strip(fi.Case(**case))
    assert [fault.key for fault in caught.value.faults] == [key]
