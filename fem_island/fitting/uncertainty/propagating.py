"""What uncertain values of a case mean for its results: the entry point of the Python interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fem_island.case.axes import TEMPERATURE
from fem_island.case.case import Case
from fem_island.case.cell import Cell
from fem_island.case.file import as_case
from fem_island.case.uncertain import Uncertainty, read_uncertainty
from fem_island.case.variants import by_potential
from fem_island.errors import Fault, InputError
from fem_island.experiments.evaluation.function import function
from fem_island.fitting.uncertainty.onsets import onset_widths, potentials
from fem_island.fitting.uncertainty.record import FilmActs, Spread, UncertaintyRun
from fem_island.fitting.uncertainty.sampling import samples
from fem_island.fitting.uncertainty.secants import Judged, bare
from fem_island.fitting.uncertainty.sensitivity import sensitivities
from fem_island.machine.arrays import Array

OUTPUTS = ("overpotential_mean", "exposed_drive_max", "potential_top_mean")
_SHARE = "interlayer.current_fraction"
_FEWEST, _MOST = 16, 1 << 20


def uncertainty(
    cell: Cell | Case | Path | str,
    *,
    uncertain: Mapping[str, Any] | Uncertainty,
    outputs: Sequence[str] | None = None,
    films: Sequence[str] | None = None,
    judged: Judged = "exposed_drive_max",
    count: int = 1024,
    sensitivity_count: int = 256,
    seed: int = 0,
    tell: Callable[[str], None] = lambda step: None,
) -> UncertaintyRun:
    """Propagate uncertain values of a case through its solutions.

    Args:
        cell: The cell, a whole case, or a case file.
        uncertain: Distributions by paths of keys, as in a case file.
        outputs: Reported numbers by their paths in ``--json``. Default: overpotential, largest
            drive and potential at the top, and the share of a film that reacts.
        films: Symbols of materials whose onset is asked for. Default: the film of the case, or
            where it has none, all that are known.
        judged: What must reach the potential of a film for it to act: the largest drive on the
            exposed bottom, or the mean overpotential, as in the paper.
        count: Samples, rounded up to a power of 2.
        sensitivity_count: Samples of each set of Sobol indices, rounded up to a power of 2; 0 for
            no indices.
        seed: Of all samples.
        tell: Is told in words what is computed next.

    Returns:
        Quantiles, probabilities that films act, and Sobol indices.

    Raises:
        InputError: Something is not understood.
        ComputationError: Samples that Sobol indices need have no solution.

    Example:
        >>> i0 = {"distribution": "lognormal", "low": 1.0, "high": 1000.0}
        >>> run = uncertainty(
        ...     Cell(),
        ...     uncertain={"kinetics.exchange_current_density": i0},
        ...     films=["Ag"],
        ...     count=128,
        ...     sensitivity_count=0,
        ... )
        >>> round(run.films[0].probability, 2)
        0.27
    """
    case = as_case(cell)
    known = (
        uncertain
        if isinstance(uncertain, Uncertainty)
        else read_uncertainty(uncertain, unit_required=False)
    )
    if not _FEWEST <= count <= _MOST:
        raise InputError([Fault("count", count, f"must be from {_FEWEST} to {_MOST}")])
    table = samples(known, count, seed=seed)
    names = _outputs(case, outputs)
    spreads, acts = [], []
    for name in names:
        tell(f"samples of {name}")
        spreads.append(_spread(case, known, table, name, sensitivity_count, seed))
    for film in _films(case, films):
        tell(f"island sizes at onset{f' of {film}' if film else ''}")
        acts.append(_film(case, known, table, film, judged, sensitivity_count, seed))
    return UncertaintyRun(case, known, table, tuple(spreads), tuple(acts), judged, seed)


def _outputs(case: Case, outputs: Sequence[str] | None) -> tuple[str, ...]:
    if outputs is not None:
        return tuple(outputs)
    film = case.cell.interlayer
    reacts = film is not None and film.reaction != "none"
    return (*OUTPUTS, _SHARE) if reacts else OUTPUTS


def _films(case: Case, films: Sequence[str] | None) -> list[str | None]:
    if films is not None:
        return list(films)
    return [None] if case.cell.interlayer is not None else list(by_potential())


def _spread(
    case: Case,
    known: Uncertainty,
    table: Mapping[str, Array],
    name: str,
    count: int,
    seed: int,
) -> Spread:
    solve = function(case, inputs=[key.path for key in known.keys], output=name)

    def output(drawn: Mapping[str, Array]) -> Array:
        columns = [drawn[key.path] for key in known.keys]
        return np.asarray(solve(np.stack(columns, axis=1)))

    values = output(table)
    indices = sensitivities(known, output, count, seed=seed) if count else ()
    return Spread(name, solve.outputs[0].unit, values, indices)


def _film(
    case: Case,
    known: Uncertainty,
    table: Mapping[str, Array],
    film: str | None,
    judged: Judged,
    count: int,
    seed: int,
) -> FilmActs:
    drawn = len(next(iter(table.values())))
    reached = potentials(case, film, table, drawn)
    passive, kept = bare(case, table)
    kept = kept or {TEMPERATURE: np.full(drawn, case.operation.temperature)}
    solve = function(passive, inputs=list(kept), output=judged)
    drive = np.asarray(solve(np.stack(list(kept.values()), axis=1)))
    widths = onset_widths(case, table, reached, judged=judged)

    def size(samples_of: Mapping[str, Array]) -> Array:
        number = len(next(iter(samples_of.values())))
        onset = onset_widths(
            case, samples_of, potentials(case, film, samples_of, number), judged=judged
        )
        return np.asarray(np.log(onset.values))

    indices = sensitivities(known, size, count, seed=seed) if count else ()
    own = case.cell.interlayer
    name = film or (own.material if own is not None and own.material else "case")
    return FilmActs(name, drive - reached, widths, indices)
