"""Uncertain values: known Sobol indices, maps that agree with solutions, closed forms in limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import fem_island as fi
from fem_island.case.uncertain import read_uncertainty
from fem_island.errors import ComputationError, InputError
from fem_island.fitting.uncertainty.onsets import onset_widths, potentials
from fem_island.fitting.uncertainty.sampling import samples
from fem_island.fitting.uncertainty.sensitivity import sensitivities
from fem_island.machine.arrays import Array

I0 = "kinetics.exchange_current_density"
PAPER = {
    I0: {"distribution": "lognormal", "low": "0.1 mA/cm^2", "high": "100 mA/cm^2"},
    "interlayer.equilibrium_potential": {
        "distribution": "normal",
        "mean": "50 mV",
        "deviation": "5 mV",
    },
    "electrolyte.conductivity": {
        "distribution": "normal",
        "mean": "1.8 mS/cm",
        "deviation": "0.18 mS/cm",
    },
    "kinetics.anodic_transfer_coefficient": {"distribution": "uniform", "low": 0.3, "high": 0.7},
    "kinetics.cathodic_transfer_coefficient": {
        "complement_of": "kinetics.anodic_transfer_coefficient"
    },
}
SILVER = fi.Case(cell={"interlayer": {"material": "Ag"}})


def test_indices_of_the_onset_size_of_silver() -> None:
    """Known from another program, with 768 samples: 1.00, 0.016, 0.005, 0.000 (+- 0.17)."""
    uncertain = read_uncertainty(PAPER)

    def size(table) -> Array:  # type: ignore[no-untyped-def]
        reached = potentials(SILVER, None, table, len(table[I0]))
        found = onset_widths(SILVER, table, reached, judged="overpotential_mean")
        assert np.nanmax(found.left) < 1e-5
        return np.log(found.values)

    found = {each.path.rpartition(".")[2]: each for each in sensitivities(uncertain, size, 128)}
    known = {
        "exchange_current_density": 1.0,
        "anodic_transfer_coefficient": 0.016,
        "equilibrium_potential": 0.005,
        "conductivity": 0.0,
    }
    for name, index in known.items():
        low, high = found[name].total_interval
        assert low - 1e-3 <= index <= high + 1e-3, name
    assert found["exchange_current_density"].total == pytest.approx(1.0, abs=0.1)
    assert found["anodic_transfer_coefficient"].total == pytest.approx(0.016, abs=0.005)
    assert found["equilibrium_potential"].total == pytest.approx(0.005, abs=0.003)
    assert found["conductivity"].total < 1e-6


def test_a_key_alone_causes_all_of_the_variance() -> None:
    uncertain = read_uncertainty({I0: PAPER[I0]})
    for size, share in ((lambda table: np.log(table[I0]), 1.0), (lambda table: 0 * table[I0], 0.0)):
        (found,) = sensitivities(uncertain, size, 8)
        assert (found.path, found.first, found.total) == (I0, share, share)
        assert found.first_interval == found.total_interval == (share, share)
    with pytest.raises(ComputationError, match="8 of 8 samples have no solution"):
        sensitivities(uncertain, lambda table: np.nan * table[I0], 8)


def test_onset_sizes_are_those_of_solutions() -> None:
    """Also where the electrolyte matters: 0.005 mS/cm."""
    case = SILVER.model_copy(
        update={"cell": fi.Cell(interlayer=fi.interlayer("Ag"), electrolyte={"conductivity": 5e-4})}
    )
    uncertain = read_uncertainty({I0: PAPER[I0]})
    table = samples(uncertain, 16)
    found = onset_widths(case, table, np.full(16, 0.05), judged="exposed_drive_max")
    inside = np.flatnonzero(found.solved)
    assert len(inside) > 8
    solve = fi.function(case, inputs=["islands.width", I0], output="exposed_drive_max")
    points = np.stack([found.values, table[I0]], axis=1)[inside]
    np.testing.assert_allclose(solve(points), 0.05, atol=2e-5)
    assert np.nanmax(np.abs(found.values / found.closed_form - 1)) > 0.2


def test_a_map_of_probabilities_counts_samples() -> None:
    """At a place of the map: the share of samples whose own solution reaches the potential."""
    uncertain = read_uncertainty(PAPER)
    widths, currents = np.array([5e-6, 20e-6]), np.array([1.0, 2.5, 10.0])
    data = fi.probability_map(
        SILVER, uncertain, island_widths=widths, current_densities=currents, count=64
    )
    assert data.attrs["failed_samples"] == 0
    table = samples(uncertain, 64)
    inputs = [path for path in table if not path.startswith("interlayer.")]
    columns = [table[path] for path in inputs]
    solve = fi.function(
        fi.Cell(), inputs=[*inputs, "islands.width", "current_density"], output="exposed_drive_max"
    )
    for width, current in ((5e-6, 2.5), (20e-6, 10.0)):
        places = np.stack([*columns, np.full(64, width), np.full(64, current)], axis=1)
        drives = solve(places)
        share = np.mean(drives >= table["interlayer.equilibrium_potential"])
        found = data.probability.sel(island_width=width, current_density=current).item()
        assert found == pytest.approx(share, abs=1e-12)
        assert 0.05 < found < 0.95


def test_quantiles_follow_the_distribution() -> None:
    """The mean overpotential is known in closed form where the electrolyte does not matter."""
    run = fi.uncertainty(
        SILVER,
        uncertain=read_uncertainty({I0: PAPER[I0]}),
        outputs=["overpotential_mean"],
        count=256,
        sensitivity_count=0,
    )
    median = 2 * 0.0256926 * np.arcsinh(25.0 / (2 * np.sqrt(1.0 * 1000.0)))
    assert run.spreads[0].quantiles["0.5"] == pytest.approx(median, rel=0.01)
    limit = 25.0 / (2 * np.sinh(0.05 / (2 * 0.0256926)))  # i0 below which silver acts
    sigma = np.log(1000.0) / (2 * stats.norm.ppf(0.975))
    wanted = stats.norm.cdf(np.log(limit / np.sqrt(1000.0)) / sigma)
    assert run.films[0].probability == pytest.approx(wanted, abs=0.02)
    record = run.record("case")
    assert record["failed_samples"] == 0
    assert set(record["films"]["Ag"]) >= {"probability", "onset_width", "judged_by"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"distribution": "gamma", "low": "1 um", "high": "2 um"}, "must be one of normal"),
        ({"distribution": "normal", "low": "1 um"}, "needs low and high or mean and deviation"),
        ({"distribution": "uniform", "low": "2 um", "high": "1 um"}, "low below high"),
        ({"distribution": "uniform", "low": "1 mV", "high": "2 um"}, "not that of a length"),
        ({"distribution": "uniform", "low": 1e-6, "high": "2 um"}, "has no unit"),
        ({"distribution": "normal", "mean": "1 um", "deviation": "1 um"}, "does not take"),
        ({"distribution": "normal", "mean": "1 um", "deviation": "0 um"}, "must be above 0"),
        ({"complement_of": "islands.width"}, "is for pure numbers"),
        ({"low": "1 um"}, "must be one of"),
        (5, "must be a table"),
    ],
)
def test_bad_distributions(entry: object, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_uncertainty({"islands.width": entry})
    (line,) = str(refusal.value).splitlines()
    assert said in line
    assert line.startswith('uncertain."islands.width"')


@pytest.mark.parametrize(
    ("given", "quantiles"),
    [
        ({"distribution": "normal", "low": 1.0, "high": 3.0}, (1.0, 2.0, 3.0)),
        ({"distribution": "lognormal", "low": 1.0, "high": 9.0}, (1.0, 3.0, 9.0)),
    ],
)
def test_low_and_high_are_the_central_95_percent(
    given: dict[str, object], quantiles: tuple[float, ...]
) -> None:
    (key,) = read_uncertainty({I0: given}, unit_required=False).keys
    np.testing.assert_allclose(key.quantile(np.array([0.025, 0.5, 0.975])), quantiles, rtol=1e-12)


@pytest.mark.parametrize(
    ("path", "given", "words", "quantiles"),
    [
        (
            "operation.temperature",
            {"distribution": "normal", "mean": "25 degC", "deviation": "5 K"},
            "normal, mean 25 degC, standard deviation 5 K",
            (298.15 - 9.79982, 298.15, 298.15 + 9.79982),
        ),
        (
            "electrolyte.conductivity",
            {"distribution": "triangular", "low": "1 mS/cm", "mode": "1 mS/cm", "high": "2 mS/cm"},
            "triangular, from 1 mS/cm to 2 mS/cm, mode 1 mS/cm",
            tuple(0.1 * (2 - (1 - p) ** 0.5) for p in (0.025, 0.5, 0.975)),
        ),
        (I0, PAPER[I0], "lognormal, 95 % from 0.1 mA/cm^2 to 100 mA/cm^2", (1, 1000**0.5, 1e3)),
    ],
)
def test_what_is_said_of_a_distribution_is_what_it_is(
    path: str, given: dict[str, object], words: str, quantiles: tuple[float, ...]
) -> None:
    (key,) = read_uncertainty({path: given}).keys
    assert key.words == words
    np.testing.assert_allclose(key.quantile(np.array([0.025, 0.5, 0.975])), quantiles, rtol=1e-6)


def test_a_deviation_of_temperatures_is_a_difference() -> None:
    given = {"distribution": "normal", "mean": "25 degC", "deviation": "5 degC"}
    with pytest.raises(InputError, match='give it in K, such as "5 K"'):
        read_uncertainty({"operation.temperature": given})


def test_onsets_over_many_sizes_are_those_of_solutions() -> None:
    """Taken from sizes around them, then solved; where the electrolyte matters: 0.05 mS/cm."""
    cell = fi.Cell(interlayer=fi.interlayer("Ag"), electrolyte={"conductivity": 0.005})
    uncertain = read_uncertainty(
        {
            I0: PAPER[I0],
            "electrolyte.height": {"distribution": "uniform", "low": 1e-5, "high": 2e-5},
        },
        unit_required=False,
    )
    widths, currents = np.linspace(2e-6, 48e-6, 12), np.geomspace(0.5, 50.0, 7)
    data = fi.probability_map(
        fi.Case(cell=cell),
        uncertain,
        island_widths=widths[::-1],
        current_densities=currents,
        count=16,
    )
    assert data.attrs["failed_samples"] == 0
    table = samples(uncertain, 16)
    inputs = [*table, "islands.width", "current_density"]
    solve = fi.function(
        cell.model_copy(update={"interlayer": None}), inputs=inputs, output="exposed_drive_max"
    )
    for place in (1, 6):
        onsets = data.onset_current_density.to_numpy()[place]
        columns = [*table.values(), np.full(16, widths[::-1][place]), onsets]
        np.testing.assert_allclose(solve(np.stack(columns, axis=1)), 0.05, atol=6e-6)
    closed = 2 * table[I0] * np.sinh(0.05 / (2 * 0.025692579)) * widths[0] / 50e-6
    assert (np.abs(np.log(data.onset_current_density[-1] / closed)) > 0.3).sum() > 3


def test_errors_of_a_map_are_those_of_sampling_and_of_solutions() -> None:
    data = fi.probability_map(
        SILVER,
        read_uncertainty(PAPER),
        island_widths=np.array([5e-6, 45e-6]),
        current_densities=np.array([1e-4, 2.5, 1e4]),
        count=64,
    )
    none, some, all_of = data.sel(island_width=5e-6).transpose().current_density.to_numpy()
    at = data.sel(island_width=5e-6)
    assert at.probability.sel(current_density=none) == 0.0
    assert at.probability.sel(current_density=all_of) == 1.0
    # Nobody knows for sure from 64 samples: 3.84 / (64 + 3.84).
    assert at.interval_95_high.sel(current_density=none) == pytest.approx(0.05662, abs=1e-5)
    assert at.interval_95_low.sel(current_density=all_of) == pytest.approx(1 - 0.05662, abs=1e-5)
    share = float(at.probability.sel(current_density=some))
    error = float(at.standard_error.sel(current_density=some))
    assert error == pytest.approx(np.sqrt(share * (1 - share) / 64), rel=1e-12)
    assert (data.error_estimate <= 1 / 64).all()


def test_a_map_of_one_key_is_its_distribution_with_an_error() -> None:
    """Onsets where the electrolyte does not matter are I W / w = 2 i0 sinh(F U / 2RT)."""
    widths, currents = np.array([5e-6, 20e-6]), np.geomspace(0.2, 20.0, 9)
    cell = fi.Cell(interlayer=fi.interlayer("Ag"), electrolyte={"conductivity": 180.0})
    found = fi.probability_map(
        fi.Case(cell=cell),
        read_uncertainty({I0: PAPER[I0]}),
        island_widths=widths,
        current_densities=currents,
    )
    assert "standard_error" not in found
    limit = currents * 50e-6 / widths[:, None] / (2 * np.sinh(0.05 / (2 * 0.025692579)))
    sigma = np.log(1000.0) / (2 * stats.norm.ppf(0.975))
    wanted = stats.norm.cdf(np.log(limit / np.sqrt(1000.0)) / sigma)
    missed = np.abs(found.probability.to_numpy() - wanted)
    # The electrolyte takes 0.02 % of the potential at most.
    assert (missed < found.error_estimate.to_numpy() + 1e-4).all()
    assert (found.error_estimate.to_numpy() < 1e-3).all()
    assert 0.002 < found.probability.min() < 0.5 < found.probability.max() < 0.999


@pytest.mark.parametrize("path", ["islands.width", "operation.current_density"])
def test_axes_of_a_map_are_not_uncertain(path: str) -> None:
    given = {path: {"distribution": "uniform", "low": 1e-6, "high": 2e-6}}
    uncertain = read_uncertainty(given, unit_required=False)
    widths, currents = np.array([5e-6]), np.array([2.5])
    with pytest.raises(InputError, match="is an axis of the map"):
        fi.probability_map(SILVER, uncertain, island_widths=widths, current_densities=currents)


def test_onsets_at_sizes_between_those_solved_miss_no_more_than_they_say() -> None:
    """Of many sizes the last ones follow from the others, with an error that is told."""
    uncertain = read_uncertainty(PAPER)
    widths = np.linspace(1e-6, 49e-6, 50)
    told: list[str] = []
    data = fi.probability_map(
        SILVER,
        uncertain,
        island_widths=widths,
        current_densities=np.array([2.5]),
        count=16,
        tell=told.append,
    )
    assert told[-1].startswith("272 of 800 currents at onset, at most ")
    left = data.attrs["largest_potential_left"]
    assert 1e-6 < left < 5e-5
    table = samples(uncertain, 16)
    inputs = [path for path in table if not path.startswith("interlayer.")]
    solve = fi.function(
        fi.Cell(), inputs=[*inputs, "islands.width", "current_density"], output="exposed_drive_max"
    )
    size, sample = np.arange(50).repeat(16), np.tile(np.arange(16), 50)
    onsets = data.onset_current_density.to_numpy()[size, sample]
    columns = [*(table[path][sample] for path in inputs), widths[size], onsets]
    missed = solve(np.stack(columns, axis=1)) - table["interlayer.equilibrium_potential"][sample]
    assert 1e-8 < np.abs(missed).max() < left
