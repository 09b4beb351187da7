"""Spectra at times of a stripping run, against the run itself and against spectra of cells."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import fem_island as fi
from fem_island.case.case import at_current
from fem_island.experiments.stripping.bottom_at import bottom_at
from fem_island.experiments.stripping.instant import Instant
from fem_island.experiments.stripping.run import strip_case
from fem_island.solvers.condensed.spectra import ImpedanceSolver
from fem_island.surface.alternating import with_admittances
from fem_island.surface.bottom import Bottom, Tag

LAYER = {"double_layer": {"capacitance": "10 uF/cm^2"}}
AG = fi.Interlayer(material="Ag", reaction="release", thickness="20 nm")


def case_of(film: fi.Interlayer | None = AG, **changes: object) -> fi.Case:
    island = fi.Island(width="20 um", thickness="1 um", shape="parabola")
    parts: dict[str, object] = {"islands": [island], "kinetics": LAYER, "collector": LAYER}
    cell = fi.Cell(interlayer=film, **parts | changes)
    return fi.Case(cell=cell, stripping=fi.Stripping(tolerance="50 uV"))


def bottoms_of(case: fi.Case, times: list[float]) -> dict[float, tuple[Bottom, Instant]]:
    found: dict[float, tuple[Bottom, Instant]] = {}

    def look(instant: Instant, gone: float) -> None:
        if instant.time in times:
            found[instant.time] = bottom_at(case, instant), instant

    stopped = {"times": times, "duration": max(times)}
    stripping = fi.Stripping(**dict(case.stripping or {}) | stopped)
    strip_case(fi.Case(**dict(case) | {"stripping": stripping}), progress=look)
    return found


def test_the_operating_point_of_a_spectrum_is_the_instant_of_the_run() -> None:
    # Island alone, island and film, film alone on its first plateau.
    found = fi.impedance_in_time(case_of(), times=[0.0, 300.0, 780.0, 840.0])
    assert found.status == "converged"
    assert found.times.tolist() == [0.0, 300.0, 780.0, 840.0]
    for spectrum in found.spectra:
        (there,) = np.flatnonzero(found.run.times == spectrum.time)[:1]
        assert spectrum.voltage == pytest.approx(found.run.voltage[there], abs=1e-6)
    # The film takes over, and what is left of the island matters less.
    resistance = 1e4 * found.total_resistance
    assert resistance[1] > 1.1 * resistance[0]
    assert resistance[2] < 0.5 * resistance[1]


def test_the_limit_at_no_frequency_is_the_derivative_of_the_voltage_of_what_is_left() -> None:
    case = case_of()
    time = 780.0
    bottom, instant = bottoms_of(case, [time])[time]
    solver, current = ImpedanceSolver(), instant.current_density
    found, *sides = (
        solver.solve(
            at_current(case, each),
            np.array([1.0]),
            tolerance=1e-6,
            bottom=with_admittances(case, bottom),
        )
        for each in (current, 1.001 * current, 0.999 * current)
    )
    slope = (sides[0].voltage - sides[1].voltage) / (0.002 * current)
    assert found.resistance_dc == pytest.approx(slope, rel=1e-6)


def test_a_slab_has_the_spectrum_of_its_cell_until_it_is_gone() -> None:
    slab = fi.Island(width="20 um", thickness="1 um")
    case = case_of(None, islands=[slab])
    short = fi.Stripping(duration="1 s")
    case = fi.Case(cell=case.cell, stripping=short)
    found = fi.impedance_in_time(case, times=[0.0])
    alone = fi.impedance(case)
    assert np.abs(found.spectra[0].impedance / alone.impedance - 1).max() < 1e-9
    resting = fi.impedance_in_time(case, times=[0.0], current_density=0.0)
    assert resting.spectra[0].resistance_dc == pytest.approx(
        fi.impedance(case, current_density=0.0).resistance_dc, rel=1e-9
    )


def test_widths_and_stores_are_those_of_the_run() -> None:
    case = case_of()
    found = bottoms_of(case, [300.0, 780.0, 840.0])
    for bottom, instant in found.values():
        assert bottom[0].start == 0.0
        assert bottom[-1].end == 50e-6
        for one, other in pairwise(bottom):
            assert one.end == other.start
        metal = sum(part.length for part in bottom if part.tag is Tag.ISLAND)
        assert metal == pytest.approx(instant.metal_size, abs=1e-5 * 50e-6)
        film = sum(part.length for part in bottom if part.tag is Tag.FILM and part.law)
        standing = 2 * (instant.grid.weights * instant.state.standing[1:]).sum()
        assert film == pytest.approx(standing, abs=1e-5 * 50e-6)


def test_a_layer_that_breaks_up_leaves_several_stretches_of_metal() -> None:
    layer = fi.Layer(thickness="0.4 um", variation=0.5, period="25 um")
    cell = fi.Cell(lithium=layer, kinetics=LAYER, collector=LAYER)
    case = fi.Case(cell=cell, stripping=fi.Stripping(tolerance="100 uV"))
    bottom, instant = bottoms_of(case, [800.0])[800.0]
    assert [part.tag for part in bottom].count(Tag.ISLAND) >= 2
    metal = sum(part.length for part in bottom if part.tag is Tag.ISLAND)
    assert metal == pytest.approx(instant.metal_size, abs=1e-4 * 50e-6)


def test_a_protocol_has_spectra_at_rest_and_before_the_current_steps() -> None:
    slab = fi.Island(width="50 um", thickness="1 um")
    cell = fi.Cell(islands=[slab], kinetics=LAYER)
    steps = [
        fi.ProtocolStep(current_density="1 mA/cm^2", duration="60 s"),
        fi.ProtocolStep(current_density=0.0, duration="60 s"),
        fi.ProtocolStep(current_density="-2 mA/cm^2", duration="60 s"),
    ]
    case = fi.Case(cell=cell, protocol=steps)
    found = fi.impedance_in_time(case, times=[60.0, 90.0, 150.0, 300.0])
    currents = [spectrum.case.operation.current_density for spectrum in found.spectra]
    assert currents == [10.0, 0.0, -20.0]
    assert found.missing == ((300.0, "the run ends before, at 180 s"),)
    assert found.status == "failed"
    for spectrum, current in zip(found.spectra, currents, strict=True):
        alone = fi.impedance(cell, current_density=current)
        assert spectrum.resistance_dc == pytest.approx(alone.resistance_dc, rel=1e-9)
    data = found.dataset()
    assert data.impedance_real.dims == ("time", "frequency")
    assert data.time.values.tolist() == [60.0, 90.0, 150.0]
