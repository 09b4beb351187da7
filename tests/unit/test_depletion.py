"""A step of places that run down their ladders, against the same done point by point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from fem_island.surface.behind_edge import Varying, left_behind
from fem_island.surface.charge_state import State
from fem_island.surface.depletion import Depletion
from fem_island.surface.kinetics import ButlerVolmer, Reaction, ReactionLaw, ReleaseOnly
from fem_island.surface.ladder import Ladder, Rung
from fem_island.surface.levels import filled, filled_linear, mid_linear, mid_of
from fem_island.surface.uncovering import lag_of

LITHIUM = Reaction(ButlerVolmer(exchange_current_density=5.0))
FILM = ReleaseOnly(LITHIUM)
POTENTIALS, CAPACITIES = (0.07, 0.16), (700.0, 2100.0)
POINTS = (np.arange(20_000) + 0.5) / 20_000 - 0.5

Array = npt.NDArray[np.float64]


def ladder(cells: int) -> Ladder:
    everywhere = np.arange(cells)
    film = [
        Rung(((FILM, everywhere),), potential, np.full(cells, capacity), takes=False)
        for potential, capacity in zip(POTENTIALS, CAPACITIES, strict=True)
    ]
    return Ladder((Rung(((LITHIUM, everywhere),), 0.0, np.ones(cells), takes=True), *film))


def state(mid: Array, tilt: Array, bend: Array) -> State:
    cells = len(mid)
    return State(
        ladder=ladder(cells),
        time=0.0,
        mid=mid,
        tilt=tilt,
        bend=bend,
        taken=np.zeros((2, cells)),
        film_tilt=np.zeros((2, cells)),
        room_tilt=np.zeros((2, cells)),
        buried=np.zeros((2, cells)),
        ready=np.zeros(cells, dtype=bool),
        lost=np.zeros(cells),
    )


def run_down(levels: Array, drive: float, seconds: float) -> tuple[Array, Array]:
    """What points of one rung after another give in a time; the first level is the metal's."""
    left = np.full(levels.shape[1], seconds)
    after = levels.copy()
    laws: list[tuple[ReactionLaw, float]] = [(LITHIUM, 0.0)]
    laws += [(FILM, potential) for potential in POTENTIALS]
    for number, (law, potential) in enumerate(laws):
        density = float(law.current_density(np.array([drive - potential]))[0])
        there = after[number] > 0
        given = np.where(there, np.minimum(after[number], density * left), 0.0)
        after[number] -= given
        empty = after[number] <= 0
        left = np.where(there, np.where(empty, left - given / max(density, 1e-300), 0.0), left)
    return after, levels - after


def marched(now: State, drive: float, seconds: float, count: int) -> State:
    """The state after steps at one drive, each of which must release what its places lose."""
    cells = now.taken.shape[1]
    for _ in range(count):
        step = Depletion(now, seconds)
        run = step.run(np.full(cells, drive))
        before = now.charge
        now = step.after(run, np.zeros(cells))
        assert before - now.charge == pytest.approx(run.total, rel=1e-11, abs=1e-9)
    return now


def test_one_step_of_a_front_cell_is_that_of_its_points() -> None:
    mid, tilt = np.array([300.0]), np.array([-1200.0])
    start = state(mid, tilt, np.zeros(1))
    metal = np.maximum(mid + tilt * POINTS, 0.0)
    levels = np.stack([metal, *(np.full_like(metal, q) for q in CAPACITIES)])
    # What is not covered at first has no film to give beside the front in this test.
    start = replace(start, taken=np.zeros((2, 1)))
    drive, seconds = 0.1, 3.0
    run = Depletion(start, seconds).run(np.array([drive]))
    _, given = run_down(levels, drive, seconds)
    assert run.released[:, 0] == pytest.approx(given.mean(axis=1), rel=2e-4, abs=1e-9)


@pytest.mark.parametrize("drive", [0.03, 0.08, 0.12, 0.2])
def test_many_steps_follow_the_points(drive: float) -> None:
    """Metal recedes over the cell, and the film follows: within the cell's width squared."""
    cells = 64
    edges = np.linspace(0.0, 1.0, cells + 1)
    middles, width = 0.5 * (edges[1:] + edges[:-1]), 1 / cells
    now = state(2000.0 * (1 - middles), np.full(cells, -2000.0 * width), np.zeros(cells))
    density = float(LITHIUM.current_density(drive))
    seconds = 900.0 / density / 60
    now = marched(now, drive, seconds, 60)
    places = (np.arange(40_000) + 0.5) / 40_000
    levels = np.stack([2000.0 * (1 - places), *(np.full_like(places, q) for q in CAPACITIES)])
    after, _ = run_down(levels, drive, 60 * seconds)
    assert now.metal.content.mean() == pytest.approx(after[0].mean(), rel=1e-10)
    film = now.film_charge.mean(axis=1)
    assert film == pytest.approx(after[1:].mean(axis=1), rel=1e-4, abs=0.02)


@pytest.mark.parametrize("left", [(0.4, 1.0), (0.0, 0.3)])
def test_a_film_that_was_not_full_is_so_beneath_the_metal(left: tuple[float, float]) -> None:
    """What an edge uncovers holds what the film held there, not what its capacity says."""
    cells, drive = 64, 0.2
    edges = np.linspace(0.0, 1.0, cells + 1)
    middles, width = 0.5 * (edges[1:] + edges[:-1]), 1 / cells
    now = state(2000.0 * (1 - middles), np.full(cells, -2000.0 * width), np.zeros(cells))
    taken = np.array([np.full(cells, (1 - s) * q) for s, q in zip(left, CAPACITIES, strict=True)])
    now = replace(now, taken=taken, buried=taken)
    seconds = 900.0 / float(LITHIUM.current_density(drive)) / 60
    now = marched(now, drive, seconds, 60)
    places = (np.arange(40_000) + 0.5) / 40_000
    film = [np.full_like(places, s * q) for s, q in zip(left, CAPACITIES, strict=True)]
    after, _ = run_down(np.stack([2000.0 * (1 - places), *film]), drive, 60 * seconds)
    assert now.film_charge.mean(axis=1) == pytest.approx(after[1:].mean(axis=1), rel=1e-4, abs=0.02)
    # Where metal is left the film beneath has neither run out nor been counted as if it had.
    edge = np.flatnonzero((now.metal.share > 0) & (now.metal.share < 1))
    if left[0] > 0:
        assert now.bare[1][edge] == pytest.approx(0.0, abs=0.5)


def test_a_film_that_an_edge_uncovers_takes_up_lithium_as_its_points_do() -> None:
    """In steps far longer than the film needs to fill: no cell fills as a whole."""
    cells, drive, share = 16, 0.03, 0.5
    middles, width = (np.arange(cells) + 0.5) / cells, 1 / cells
    now = state(2000.0 * (1 - middles), np.full(cells, -2000.0 * width), np.zeros(cells))
    rungs = [
        replace(rung, laws=((LITHIUM, np.arange(cells)),), takes=True, capacity=rung.capacity / 10)
        for rung in now.ladder.film
    ]
    taken = np.array([share * rung.capacity for rung in rungs])
    now = replace(now, ladder=Ladder((now.ladder.rungs[0], *rungs)), taken=taken, buried=taken)
    speed = float(LITHIUM.current_density(drive))
    # The edge recedes over 7.5 cells in 12 steps; what is uncovered fills within a third of one.
    seconds = 7.5 / 16 * 2000.0 / speed / 12
    now = marched(now, drive, seconds, 12)
    places = (np.arange(40_000) + 0.5) / 40_000
    left = np.maximum(12 * seconds - 2000.0 * (1 - places) / speed, 0.0)
    missing = []
    for potential, capacity in zip(POTENTIALS[::-1], CAPACITIES[::-1], strict=True):
        rate = -float(LITHIUM.current_density(drive - potential))
        room = share * capacity / 10
        missing.append(np.maximum(room - rate * left, 0.0))
        left = np.maximum(left - room / rate, 0.0)
    exact = np.array(missing[::-1]).reshape(2, cells, -1).mean(axis=2)
    assert now.taken == pytest.approx(exact, abs=0.02 * taken.max())
    assert now.taken.mean(axis=1) == pytest.approx(exact.mean(axis=1), rel=2e-3)
    # What is left, seen from the other side, is nowhere above full.
    assert np.all(np.abs(now.film_tilt) <= np.array([rung.capacity for rung in rungs]))
    assert np.any(np.abs(now.room_tilt[1]) > rungs[1].capacity)


def test_what_is_left_behind_an_edge_and_its_slope() -> None:
    random = np.random.default_rng(7)
    size = 200
    before, beneath, part = random.uniform(0.1, 1, (3, size))
    slopes = random.normal(0, 1, (3, size))
    sunk = random.uniform(0, 2, size)
    last = np.minimum(sunk, 1) * random.uniform(0, 1, size) * (random.random(size) < 0.5)

    def at(shift: float) -> Varying:
        values = [
            Varying(v + shift * d, d) for v, d in zip((part, sunk, last), slopes, strict=True)
        ]
        return left_behind(before, beneath, *values)

    # Of points: those that had the most at first, and those that were uncovered since.
    shares = (np.arange(2000) + 0.5)[:, None] / 2000
    old = np.maximum(beneath * (shares - sunk), 0.0).mean(axis=0) * 2 * before / beneath
    new = np.maximum(1 - last - shares * (sunk - last), 0.0).mean(axis=0) * beneath * part
    assert at(0.0).value == pytest.approx(old + new, abs=1e-5)
    rise = (at(1e-7).value - at(-1e-7).value) / 2e-7
    assert at(0.0).slope == pytest.approx(rise, rel=1e-5, abs=1e-5)


def test_film_uncovered_in_a_step_has_given_what_a_drive_that_rises_makes_it_give() -> None:
    """A step at the drive of its middle leaves a wave in the film; with the lag it does not."""
    cells, rise = 64, 5e-3
    middles, width = (np.arange(cells) + 0.5) / cells, 1 / cells
    start = state(2000.0 * (1 - middles), np.full(cells, -2000.0 * width), np.zeros(cells))
    seconds, parts = 900.0 / float(LITHIUM.current_density(0.1)), 200

    def stepped(parts: int, *, lags: bool) -> Array:
        now, length = start, seconds / parts
        for part in range(parts):
            drive = 0.1 + rise * ((part + 0.5) / parts - 0.5)
            at, change = np.full(cells, drive), np.full(cells, rise / parts)
            rates = now.ladder.rates(at - 0.5 * change)
            lag = lag_of(now, length, rates, change) if lags else None
            step = Depletion(now, length, lag)
            now = step.after(step.run(at), np.zeros(cells))
        return np.asarray(now.taken[0])

    exact = stepped(parts, lags=False)
    assert exact.max() > 150
    wave, left = (np.abs(stepped(1, lags=lags) - exact).max() for lags in (False, True))
    assert wave > 1.5
    assert left < 0.1 * wave


def test_release_rises_with_the_drive_and_the_slope_is_its_derivative() -> None:
    random = np.random.default_rng(3)
    cells = 400
    now = state(
        random.uniform(-500, 3000, cells),
        random.uniform(-3000, 3000, cells),
        random.uniform(-500, 500, cells),
    )
    taken = np.stack([random.uniform(0, q, cells) for q in CAPACITIES])
    taken *= now.bare[0]
    taken[1] *= 0.1
    now = replace(now, taken=taken)
    step = Depletion(now, 20.0)
    drives = np.linspace(0.0, 0.3, 60)
    total = np.array([step.run(np.full(cells, drive)).total for drive in drives])
    assert (np.diff(total, axis=0) >= -1e-9).mean() > 0.999
    smooth = 0.0
    for drive in (0.05, 0.09, 0.13):
        at = np.full(cells, drive)
        step_size = 1e-7
        change = step.run(at + step_size).total - step.run(at - step_size).total
        error = np.abs(change / (2 * step_size) - step.run(at).slope)
        smooth = max(smooth, float(np.median(error / (1 + np.abs(change / step_size)))))
    assert smooth < 1e-5


def test_level_functions_are_integrated_exactly() -> None:
    random = np.random.default_rng(1)
    mid, tilt, bend = random.normal(0, 1, (3, 500))
    content, share, opening = filled(mid, tilt, bend)
    values = mid[:, None] + tilt[:, None] * POINTS + bend[:, None] * (POINTS**2 - 1 / 12)
    assert content == pytest.approx(np.maximum(values, 0).mean(axis=1), abs=1e-6)
    assert share == pytest.approx((values > 0).mean(axis=1), abs=1e-3)
    moved = filled(mid + 1e-6, tilt, bend).share - filled(mid - 1e-6, tilt, bend).share
    assert np.median(np.abs(moved / 2e-6 - opening)) < 1e-6


def test_levels_are_found_from_their_content() -> None:
    random = np.random.default_rng(2)
    mid, tilt = random.normal(0, 1, (2, 300))
    content, share, _ = filled_linear(mid, tilt)
    there = share > 1e-3
    assert mid_linear(content, tilt)[there] == pytest.approx(mid[there], abs=1e-9)
    bend = random.normal(0, 0.3, 300)
    content, share, _ = filled(mid, tilt, bend)
    there = share > 0.05
    found = mid_of(content[there], tilt[there], bend[there], mid[there] + 0.01)
    assert found == pytest.approx(mid[there], abs=1e-8)


@pytest.mark.parametrize("drive", [0.09, 0.12, 0.2])
@pytest.mark.parametrize("after", [0.6, 1.05, 1.3, 3.0])
def test_a_place_that_is_uncovered_within_a_step_is_that_of_its_points(
    drive: float, after: float
) -> None:
    """The side that is uncovered last has given for the rest of the step only."""
    start = state(np.array([300.0]), np.array([-600.0]), np.zeros(1))
    metal = 300.0 - 600.0 * POINTS
    levels = np.stack([metal, *(np.full_like(metal, q) for q in CAPACITIES)])
    seconds = after * 600.0 / float(LITHIUM.current_density(drive))
    step = Depletion(start, seconds)
    run = step.run(np.array([drive]))
    _, given = run_down(levels, drive, seconds)
    assert run.released[:, 0] == pytest.approx(given.mean(axis=1), rel=2e-4, abs=1e-6)
    # At the end it lies so that a second step is exact as well.
    now = step.after(run, np.zeros(1))
    again = Depletion(now, seconds).run(np.array([drive]))
    _, twice = run_down(levels, drive, 2 * seconds)
    both = run.released[:, 0] + again.released[:, 0]
    assert both == pytest.approx(twice.mean(axis=1), rel=2e-3, abs=1e-6)
    slightly = step.run(np.array([drive + 1e-7]))
    rise = (slightly.total - run.total) / 1e-7
    assert run.slope == pytest.approx(rise, rel=1e-3, abs=1e-3 * run.total[0])
