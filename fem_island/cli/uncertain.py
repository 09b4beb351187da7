"""``fem-island uncertain``."""

from __future__ import annotations

import json as json_format
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import CaseFile, Changes
from fem_island.cli.process import (
    DONE,
    FAILED,
    fault_of_folder,
    from_first_rank,
    kept,
    refuse,
    say,
    tell,
)
from fem_island.cli.steps import steps_told
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.case.uncertain import Uncertainty
    from fem_island.fitting.uncertainty.record import UncertaintyRun


def uncertain(
    case: CaseFile,
    /,
    *,
    set_: Changes = None,
    output: list[str] | None = None,
    films: str | None = None,
    samples: int = 1024,
    sobol: int = 256,
    seed: int = 0,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Propagate the uncertain values of a case: quantiles, probabilities, Sobol indices.

    With --out, also a map of the probability that each film acts over island size and current.

    Args:
        case: Case file (TOML) with a table [uncertain].
        set_: Changes.
        output: Reported numbers by their keys of --json; by default the potentials.
        films: Materials separated by commas. Default: the film of the case, or all.
        samples: How many; rounded up to a power of 2.
        sobol: Samples of each set of Sobol indices; 0 for no indices.
        seed: Of all samples.
        json: Print one JSON object, in SI units.
        out: Folder for numbers (JSON), samples and maps (NetCDF) and pictures (PNG).
    """
    case, out = from_home(case), None if out is None else from_home(out)
    names = None if films is None else [name.strip() for name in films.split(",")]
    return from_first_rank(
        lambda: _run(case, set_ or [], output, names, samples, sobol, seed, json=json, out=out)
    )


def _run(
    path: Path,
    changes: list[str],
    outputs: list[str] | None,
    films: list[str] | None,
    samples: int,
    sobol: int,
    seed: int,
    *,
    json: bool,
    out: Path | None,
) -> int:
    from fem_island.case.uncertain import read_uncertain_case
    from fem_island.errors import ComputationError, Fault, InputError
    from fem_island.fitting.uncertainty.counts import faults_of_counts

    faults = list(faults_of_counts(("--samples", samples), ("--sobol", sobol)))
    if seed < 0:
        faults.append(Fault("--seed", seed, "must not be below 0"))
    found: tuple[Case, Uncertainty] | None = None
    try:
        found = read_uncertain_case(path, changes)
    except InputError as error:
        faults.extend(error.faults)
    if out is not None and not faults:
        fault = fault_of_folder(out)
        faults += [] if fault is None else [fault]
    if faults or found is None:
        return refuse(faults)
    from fem_island.fitting.uncertainty.propagating import uncertainty

    show = steps_told(str(path))
    try:
        run = uncertainty(
            found[0],
            uncertain=found[1],
            outputs=outputs,
            films=films,
            count=samples,
            sensitivity_count=sobol,
            seed=seed,
            tell=show,
        )
    except InputError as error:
        return refuse(list(error.faults))
    except ComputationError as error:
        say(f"{path}: failed: {error}")
        return FAILED
    shown = launched_rank() in (None, 0)
    if json and shown:
        tell(json_format.dumps(run.record(str(path)), allow_nan=False))
    elif shown:
        from fem_island.fitting.uncertainty.report import show_uncertainty

        show_uncertainty(str(path), run)
    if out is not None:

        def write() -> list[Path]:
            return [*run.write(out, path.stem), *_maps(run, films, out, path.stem, show)]

        if not kept(str(path), write, told=not json and shown):
            return FAILED
    return DONE


def _maps(
    run: UncertaintyRun,
    films: list[str] | None,
    out: Path,
    name: str,
    show: Callable[[str], None],
) -> list[Path]:
    """Maps of the probability that each film acts, as data and pictures."""
    from fem_island.fitting.uncertainty.maps import default_axes, probability_map
    from fem_island.plots import picture_file
    from fem_island.plots.uncertainty import draw_probability
    from fem_island.results.dataset_file import write_dataset

    written: list[Path] = []
    if len(run.case.cell.islands) != 1:
        return written
    widths, currents = default_axes(run.case)
    for number, acts in enumerate(run.films):
        film = None if films is None else films[number]
        film = film if run.case.cell.interlayer is not None else acts.film
        step = f"map of the probability that {acts.film} acts"

        def tell_of(said: str, step: str = step) -> None:
            show(f"{step}: {said}")

        show(step)
        data = probability_map(
            run.case,
            run.uncertainty,
            island_widths=widths,
            current_densities=currents,
            film=film,
            count=run.count,
            seed=run.seed,
            tell=tell_of,
        ).assign_attrs(film=acts.film)
        file, picture = (out / f"{name}.{acts.film}.{kind}" for kind in ("nc", "png"))
        write_dataset(data, file)
        picture_file.save(draw_probability(data), picture_file.prepared(picture))
        written += [file, picture]
    return written
