"""What a sweep of spectra keeps of each, declared."""

from __future__ import annotations

from fem_island.machine.arrays import Array
from fem_island.quantities import (
    AREA_RESISTANCE,
    AREAL_CAPACITANCE,
    FREQUENCY,
    POTENTIAL,
    PURE_NUMBER,
    WARBURG_COEFFICIENT,
)
from fem_island.results.declared import declared, described, reported
from fem_island.results.result import FAILED, REASON, STATUSES, Status

_APEX, _BOUND = "apex", "bound"


@declared
class KeptApexes:
    """Apexes of a spectrum, from high to low frequency."""

    frequency: Array = reported("frequency of the apex", FREQUENCY, along=_APEX)
    impedance_real: Array = reported("real part of Z at the apex", AREA_RESISTANCE, along=_APEX)
    impedance_imaginary: Array = reported(
        "imaginary part of Z at the apex", AREA_RESISTANCE, along=_APEX
    )


@declared
class KeptCircuit:
    """R1 + (R2 // CPE) + W fitted to a spectrum, with central 95 % intervals."""

    series_resistance: float = reported("R1 of the fitted circuit", AREA_RESISTANCE)
    arc_resistance: float = reported("R2 of the fitted circuit", AREA_RESISTANCE)
    arc_capacitance: float = reported(
        "Q of the fitted circuit", AREAL_CAPACITANCE, note="The value at 1 rad/s."
    )
    arc_exponent: float = reported("n of the fitted circuit")
    warburg_coefficient: float = reported("sigma_W of the fitted circuit", WARBURG_COEFFICIENT)
    misfit: float = reported("misfit of the fitted circuit, relative to |Z|")
    series_resistance_interval: Array = reported(
        "95 % interval of R1", AREA_RESISTANCE, along=_BOUND
    )
    arc_resistance_interval: Array = reported("95 % interval of R2", AREA_RESISTANCE, along=_BOUND)
    arc_capacitance_interval: Array = reported(
        "95 % interval of Q", AREAL_CAPACITANCE, along=_BOUND
    )
    arc_exponent_interval: Array = reported("95 % interval of n", PURE_NUMBER, along=_BOUND)
    warburg_coefficient_interval: Array = reported(
        "95 % interval of sigma_W", WARBURG_COEFFICIENT, along=_BOUND
    )


@declared
class SpectrumErrors:
    """Estimated errors of a spectrum."""

    impedance: float = reported("largest estimated relative error of Z")


@declared
class KeptSpectrum:
    """What a sweep keeps of a spectrum."""

    status: Status = reported(
        "status of the computation",
        dtype="i1",
        flags=dict(enumerate(STATUSES)),
        missing=FAILED,
    )
    reason: str = described(REASON, default="")
    voltage: float = reported("voltage of the operating point against lithium", POTENTIAL)
    impedance_real: Array = reported("real part of Z", AREA_RESISTANCE, along="frequency")
    impedance_imaginary: Array = reported("imaginary part of Z", AREA_RESISTANCE, along="frequency")
    resistance_dc: float | None = reported(
        "limit of Z at no frequency", AREA_RESISTANCE, note="NaN where no direct current passes."
    )
    total_resistance: float = reported("width of the spectrum without its tail", AREA_RESISTANCE)
    left_resistance: float = reported("its end at high frequency", AREA_RESISTANCE)
    right_resistance: float = reported(
        "its end at low frequency, without the tail", AREA_RESISTANCE
    )
    apex: KeptApexes = described("local maxima of -Im Z from 2 Hz to 2 MHz")
    circuit: KeptCircuit | None = described(
        "fitted circuit", note="NaN where there are too few frequencies."
    )
    error_estimate: SpectrumErrors = described("estimated errors")
