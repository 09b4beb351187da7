"""Selecting, putting and joining the results of many operating points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from fem_island.quantities import LENGTH
from fem_island.results.columns import Columns, layout
from fem_island.results.declared import declared, reported
from fem_island.results.variables import Layout

LAYOUT = layout(islands=2, probes=1)


def numbered(count: int, reasons: dict[int, str], first: float = 0.0) -> Columns:
    columns = Columns.missing(count, LAYOUT)
    columns.numbers["overpotential_mean"] = first + np.arange(count)
    return Columns(columns.numbers, reasons)


def means(columns: Columns) -> list[float]:
    found: list[float] = columns.numbers["overpotential_mean"].tolist()
    return found


def test_points_are_failed_until_they_have_results() -> None:
    columns = Columns.missing(3, LAYOUT)
    assert len(columns) == 3
    assert columns.failed.tolist() == [True, True, True]
    assert np.isnan(columns.numbers["islands_overpotential_left"]).all()
    assert columns.numbers["islands_overpotential_left"].shape == (3, 2)
    assert (columns.numbers["delithiates"] == -1).all()
    columns.numbers["status"][1] = 0
    assert columns.failed.tolist() == [True, False, True]


@pytest.mark.parametrize("points", [[1, 3], [3, 1], [0, 1, 2, 3], [2, 0, 3, 1]])
def test_points_are_taken_in_the_order_asked_for(points: list[int]) -> None:
    whole = numbered(4, {1: "one", 2: "two"})
    part = whole.taken(np.array(points))
    assert means(part) == points
    said = {1: "one", 2: "two"}
    assert part.reasons == {n: said[point] for n, point in enumerate(points) if point in said}
    part.numbers["overpotential_mean"] = 7.0
    assert means(whole) == [0, 1, 2, 3]


@pytest.mark.parametrize("points", [[1, 3], [3, 1], [2, 0, 3, 1]])
def test_points_are_put_where_they_belong(points: list[int]) -> None:
    whole = numbered(4, {0: "old", 1: "old"})
    whole.put(np.array(points), numbered(len(points), {0: "new"}, first=10.0))
    wanted = [0.0, 1.0, 2.0, 3.0]
    for number, point in enumerate(points):
        wanted[point] = 10.0 + number
    assert means(whole) == wanted
    kept = {point: "old" for point in (0, 1) if point not in points}
    assert whole.reasons == {**kept, points[0]: "new"}


def test_parts_are_joined_one_after_the_other() -> None:
    joined = Columns.joined([numbered(2, {1: "one"}), numbered(3, {0: "two"}, first=5.0)])
    assert means(joined) == [0, 1, 5, 6, 7]
    assert joined.reasons == {1: "one", 2: "two"}


def test_labels() -> None:
    columns = numbered(6, {4: "no solution"})
    data = columns.labelled(("width", "current"), (2, 3))
    dimensions, values, about = data["overpotential_mean"]
    assert dimensions == ("width", "current")
    assert values.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert about == {"long_name": "overpotential, mean over all islands", "units": "V"}
    assert data["islands_overpotential_mean"][0] == ("width", "current", "island")
    assert data["probes_potential"][1].shape == (2, 3, 1)
    assert data["reason"][1].tolist() == [["", "", ""], ["", "no solution", ""]]
    none = Columns.missing(6, layout(islands=1, probes=0)).labelled(("point",), (6,))
    assert "probes_potential" not in none


@declared
class Curve:
    """A curve of any length, and how many it is one of."""

    height: npt.NDArray[np.float64] = reported("height", LENGTH, along="step")
    count: int = reported("how many", dtype="i4")
    status: int = reported("status", dtype="i1", missing=2)


OPEN = Layout(Curve, {"step": 0}, open="step")


def curves(*heights: list[float]) -> Columns:
    found = Columns.missing(len(heights), OPEN.opened_to(max(map(len, heights))))
    for row, values in zip(found.numbers, heights, strict=True):
        row["height"][: len(values)] = values
        row["count"], row["status"] = len(values), 0
    return found


def test_curves_of_unequal_length_are_joined_and_padded_with_what_is_missing() -> None:
    whole = Columns.joined([curves([1.0]), curves([2.0, 3.0, 4.0], [5.0]), curves([6.0, 7.0])])
    assert whole.numbers["height"].shape == (4, 3)
    nothing = np.nan
    wanted = [[1, nothing, nothing], [2, 3, 4], [5, nothing, nothing], [6, 7, nothing]]
    assert np.array_equal(whole.numbers["height"], np.array(wanted), equal_nan=True)
    assert whole.numbers["count"].tolist() == [1, 3, 1, 2]
    assert OPEN.opened_for(whole.numbers.dtype).lengths == {"step": 3}


def test_a_layout_without_an_open_dimension_stays_as_it_is() -> None:
    assert LAYOUT.opened_to(7) is LAYOUT
    assert LAYOUT.opened_for(LAYOUT.dtype) is LAYOUT
    assert LAYOUT.open_length == 0
    alone = numbered(2, {})
    assert alone.widened(LAYOUT.dtype) is alone
