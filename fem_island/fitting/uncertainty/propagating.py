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
from fem_island.errors import InputError
from fem_island.experiments.evaluation.function import function
from fem_island.fitting.uncertainty.counts import faults_of_counts
from fem_island.fitting.uncertainty.onsets import onset_widths, potentials
from fem_island.fitting.uncertainty.record import FilmActs, Spread, UncertaintyRun
from fem_island.fitting.uncertainty.sampling import samples
from fem_island.fitting.uncertainty.secants import Judged, bare
from fem_island.fitting.uncertainty.sensitivity import (
    Sensitivity,
    sensitivities,
    sensitivities_of_each,
)
from fem_island.machine.arrays import Array

OUTPUTS = ("overpotential_mean", "exposed_drive_max", "potential_top_mean")
_SHARE = "interlayer.current_fraction"


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
    faults = list(faults_of_counts(("count", count), ("sensitivity_count", sensitivity_count)))
    if faults:
        raise InputError(faults)
    table = samples(known, count, seed=seed)
    names = _outputs(case, outputs)
    asked = _films(case, films)
    reached = [potentials(case, film, table, _drawn(table)) for film in asked]
    spreads = _spreads(case, known, table, names, sensitivity_count, seed, tell) if names else ()
    acts = []
    if asked:
        tell("samples of the drive on bare copper")
        passive, kept = bare(case, table)
        kept = kept or {TEMPERATURE: np.full(_drawn(table), case.operation.temperature)}
        solve = function(passive, inputs=list(kept), output=judged)
        drive = np.asarray(solve(np.stack(list(kept.values()), axis=1)))
    for film, potential in zip(asked, reached, strict=True):
        tell(f"island sizes at onset{f' of {film}' if film else ''}")
        widths = onset_widths(case, table, potential, judged=judged)
        indices = _of_size(case, known, film, judged, sensitivity_count, seed)
        acts.append(FilmActs(_name(case, film), drive - potential, widths, indices))
    return UncertaintyRun(case, known, table, spreads, tuple(acts), judged, seed)


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


def _drawn(table: Mapping[str, Array]) -> int:
    return len(next(iter(table.values())))


def _spreads(
    case: Case,
    known: Uncertainty,
    table: Mapping[str, Array],
    names: Sequence[str],
    count: int,
    seed: int,
    tell: Callable[[str], None],
) -> tuple[Spread, ...]:
    """Reported numbers, of which all are those of the same solutions."""
    film = case.cell.interlayer
    ours = [name for name in names if name.startswith(("interlayer", "delithiates"))]
    if film is not None and film.reaction == "none" and not ours:
        # The potential of a film that does not react changes nothing.
        case, _ = bare(case, table)
    inputs = [key.path for key in known.keys]
    if case.cell.interlayer is None:
        inputs = [path for path in inputs if not path.startswith("interlayer.")]
    if not inputs:
        inputs, table = (
            [TEMPERATURE],
            {TEMPERATURE: np.full(_drawn(table), case.operation.temperature)},
        )
    solve = function(case, inputs=inputs, output=names)

    def outputs(drawn: Mapping[str, Array]) -> Array:
        return np.asarray(solve(np.stack([drawn[path] for path in inputs], axis=1))).T

    tell(f"samples of {', '.join(names)}")
    values = outputs(table)
    indices: list[tuple[Sensitivity, ...]] = [()] * len(names)
    if count:
        tell(f"Sobol indices of {', '.join(names)}")
        indices = sensitivities_of_each(known, outputs, count, seed=seed)
    return tuple(
        Spread(name, each.unit, each.variable.quantity, row, found)
        for name, each, row, found in zip(names, solve.outputs, values, indices, strict=True)
    )


def _of_size(
    case: Case, known: Uncertainty, film: str | None, judged: Judged, count: int, seed: int
) -> tuple[Sensitivity, ...]:
    """Indices of the logarithm of the size below which a film acts."""

    def size(table: Mapping[str, Array]) -> Array:
        potential = potentials(case, film, table, _drawn(table))
        return np.asarray(np.log(onset_widths(case, table, potential, judged=judged).values))

    return sensitivities(known, size, count, seed=seed) if count else ()


def _name(case: Case, film: str | None) -> str:
    own = case.cell.interlayer
    return film or (own.material if own is not None and own.material else "case")
