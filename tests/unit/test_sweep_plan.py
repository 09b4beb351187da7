"""The points of a sweep: which, in what order, and which are impossible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fem_island.case.origin import origin_of
from fem_island.case.paper import IMPLIED
from fem_island.case.sweep_table import read_axes
from fem_island.errors import InputError
from fem_island.experiments.stripping.case_stores import phases
from fem_island.experiments.sweeps.experiments import experiment_named
from fem_island.experiments.sweeps.plan import Plan, digest
from fem_island.experiments.sweeps.planning import make_plan

CURRENTS = ["3 A/m^2", "1 A/m^2", "2 A/m^2", "5 A/m^2", "4 A/m^2"]


class InPairs:
    def pieces(self, count: int, *, islands: int) -> list[slice]:
        return [slice(start, min(start + 2, count)) for start in range(0, count, 2)]


def plan_of(sweep: dict[str, Any], table: dict[str, Any] | None = None) -> Plan:
    axes, zipped = read_axes(sweep)
    return make_plan(table or {}, axes, zipped=zipped)


def faults_of(sweep: dict[str, Any], table: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        plan_of(sweep, table)
    return [str(fault) for fault in caught.value.faults]


def test_a_grid_has_all_combinations_the_last_axis_fastest() -> None:
    plan = plan_of({"islands.width": ["1 um", "2 um"], "operation.current_density": CURRENTS})
    assert plan.shape == (2, 5)
    assert plan.dimensions == ("island_width", "current_density")
    assert len(plan) == 10
    case = plan.case_at(7)
    assert case.cell.islands[0].width == 2e-6
    assert case.operation.current_density == 2.0
    assert plan.shown(7) == "islands.width = 2 um, operation.current_density = 0.2 mA/cm^2"


def test_paired_axes_run_together() -> None:
    plan = plan_of(
        {
            "zip": True,
            "islands.width": ["1 um", "2 um", "1 um"],
            "operation.temperature": ["300 K", "310 K", "320 K"],
        }
    )
    assert plan.shape == (3,)
    assert plan.dimensions == ("point",)
    assert [plan.case_at(n).cell.islands[0].width for n in range(3)] == [1e-6, 2e-6, 1e-6]
    assert [plan.case_at(n).operation.temperature for n in range(3)] == [300.0, 310.0, 320.0]
    assert plan.geometries == 2


def test_what_is_not_varied_stays_and_what_is_varied_replaces() -> None:
    plan = plan_of(
        {"islands.1.kinetics.exchange_current_density": ["1 A/m^2", "2 A/m^2"]},
        {
            "islands": [{"center": "10 um"}, {"center": "30 um"}],
            "interlayer": {"material": "Ag"},
            "electrolyte": {"conductivity": "0.5 mS/cm"},
        },
    )
    case = plan.case_at(1)
    assert case.cell.islands[0].kinetics is None
    assert case.cell.islands[1].kinetics is not None
    assert case.cell.islands[1].kinetics.exchange_current_density == 2.0
    assert case.cell.electrolyte.conductivity == 0.05
    assert case.cell.interlayer is not None
    # What the file does not give stays not given, which reports say.
    assert origin_of(case.cell.kinetics.exchange_current_density) == IMPLIED


def test_pieces_follow_currents_upwards_inside_one_series() -> None:
    plan = plan_of(
        {
            "operation.current_density": CURRENTS,
            "operation.temperature": ["300 K", "310 K"],
            "islands.width": ["1 um", "2 um"],
        }
    )
    pieces = plan.pieces(InPairs())
    assert len(pieces) == 2 * 2 * 3
    assert sorted(pieces.order.tolist()) == list(range(20))
    assert pieces.groups.tolist() == [0] * 6 + [1] * 6
    for number in range(len(pieces)):
        points = pieces.points(number)
        cases = [plan.case_at(int(point)) for point in points]
        currents = [case.operation.current_density for case in cases]
        assert currents == sorted(currents)
        assert currents == plan.current_densities(points).tolist()
        assert len({(c.operation.temperature, c.cell.islands[0].width) for c in cases}) == 1
    firsts = [len(pieces.points(n)) for n in range(3)]
    assert firsts == [2, 2, 1]


def test_only_geometry_makes_groups() -> None:
    plan = plan_of(
        {
            "interlayer.equilibrium_potential": ["0.05 V", "0.07 V"],
            "kinetics.exchange_current_density": ["1 A/m^2", "2 A/m^2"],
            "electrolyte.conductivity": ["1 S/m", "2 S/m"],
        }
    )
    assert plan.geometries == 1
    assert len(plan.pieces(InPairs())) == 8
    for path in ("islands.center", "electrolyte.height", "electrolyte.width"):
        assert plan_of({path: ["20 um", "25 um"]}).geometries == 2
    assert plan_of({"accuracy.tolerance": ["1 mV", "1 uV"]}).geometries == 2


def test_impossible_corners_are_said_with_their_place_and_number() -> None:
    corner, count = faults_of(
        {
            "islands.width": {"from": "10 um", "to": "60 um", "count": 6},
            "operation.current_density": CURRENTS,
        }
    )
    assert corner.startswith('islands.0.width = "60 um": is wider than the cell (50 um) (at ')
    assert "islands.width = 60 um" in corner
    assert count == "sweep: 5 of its 30 points are impossible"


def test_an_impossible_first_point_hides_no_other() -> None:
    faults = faults_of(
        {"islands.width": ["60 um", "5 um", "70 um"], "electrolyte.height": ["15 um", "1 m"]}
    )
    assert len(faults) == 3
    assert any(
        fault.startswith('islands.0.width = "60 um": is wider than the cell (50 um) (at ')
        for fault in faults
    )
    assert any('electrolyte.height = "1e+06 um"' in fault for fault in faults)
    assert faults[-1] == "sweep: 5 of its 6 points are impossible"


def test_no_current_in_tafel_kinetics_is_impossible() -> None:
    table = {"kinetics": {"law": "tafel"}}
    fault, count = faults_of(
        {
            "operation.current_density": ["1 A/m^2", "0 A/m^2"],
            "operation.temperature": ["300 K", "310 K"],
        },
        table,
    )
    assert "Tafel kinetics has no equilibrium" in fault
    assert "2 of its 4 points" in count


def test_the_value_that_a_sweep_replaces_does_not_count() -> None:
    table = {"islands": [{"center": "2 um", "width": "5 um"}]}
    plan = plan_of({"islands.width": ["1 um", "3 um"]}, table)
    assert len(plan) == 2


def test_faults_of_the_case_itself_are_said_once() -> None:
    (fault,) = faults_of(
        {"islands.width": ["1 um", "2 um"]}, {"operation": {"temprature": "300 K"}}
    )
    assert fault.startswith('operation.temprature = "300 K": is not a known key here')


def test_an_entry_that_is_not_there() -> None:
    (fault,) = faults_of({"islands.3.width": ["1 um"]})
    assert fault == 'sweep."islands.3.width": no entry 3: there is 1 entry, counted from 0'


def test_the_fingerprint_changes_with_what_is_computed() -> None:
    sweep = {"islands.width": ["1 um", "2 um"]}
    one = digest(plan_of(sweep).record())
    assert digest(plan_of(sweep, {"electrolyte": {"width": "50 um"}}).record()) == one
    assert digest(plan_of(sweep, {"electrolyte": {"width": "51 um"}}).record()) != one
    assert digest(plan_of({"islands.width": ["2 um", "1 um"]}).record()) != one
    assert digest(plan_of({"zip": True, **sweep}).record()) != one


def test_a_million_points_are_planned_in_arrays() -> None:
    plan = plan_of(
        {
            "islands.width": {"from": "1 um", "to": "50 um", "count": 100},
            "operation.current_density": {"from": "1 A/m^2", "to": "9 A/m^2", "count": 10_000},
        }
    )
    pieces = plan.pieces(InPairs())
    assert len(pieces) == 500_000
    assert np.array_equal(np.bincount(pieces.groups), np.full(100, 5_000))


def test_what_is_repeated_decides_what_is_possible() -> None:
    axes, _ = read_axes({"operation.current_density": ["-1 A/m^2", "1 A/m^2", "2 A/m^2"]})
    table: dict[str, Any] = {"islands": [{"width": "5 um", "thickness": "2 um"}]}
    assert len(make_plan(table, axes, zipped=False)) == 3
    with pytest.raises(InputError) as caught:
        make_plan(table, axes, zipped=False, experiment=experiment_named("strip"))
    (line,) = (str(fault) for fault in caught.value.faults)
    assert line == (
        "stripping.duration: is missing; plating does not end by itself "
        "(at operation.current_density = -0.1 mA/cm^2)"
    )
    table |= {"stripping": {"duration": "1 h"}}
    plan = make_plan(table, axes, zipped=False, experiment=experiment_named("strip"))
    assert [phases(plan.case_at(point))[0].cutoff for point in range(3)] == [None, 0.5, 0.5]
    one = digest(plan.record())
    assert one != digest(make_plan(table, axes, zipped=False).record())


def test_what_a_layer_covers_follows_the_width_that_is_varied() -> None:
    layer = {"thickness": "2 um", "variation": 1.5, "period": "100 um"}
    axes, _ = read_axes({"electrolyte.width": ["100 um", "200 um"]})
    plan = make_plan({"lithium": layer}, axes, zipped=False, experiment=experiment_named("strip"))
    assert [len(plan.case_at(point).cell.islands) for point in range(2)] == [1, 3]
    with pytest.raises(InputError, match="islands: are not as many at all points of the sweep"):
        make_plan({"lithium": layer}, axes, zipped=False)
