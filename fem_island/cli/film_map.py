"""``fem-island film-map``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fem_island.cli.parameters import Changes, OptionalCaseFile
from fem_island.cli.process import DONE, concluded, fault_of_folder, from_first_rank, refuse, tell
from fem_island.machine.launcher import launched_rank, world
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.case.case import Case
    from fem_island.errors import Fault

_FEWEST, _MOST = 4, 500


def film_map(
    case: OptionalCaseFile = None,
    /,
    *,
    out: Path = Path("film_map"),
    films: str | None = None,
    set_: Changes = None,
    points: int = 50,
    dry_run: bool = False,
) -> int:
    """Compute which films act, where and how much: maps, figures and a table.

    Under mpirun the ranks share the points.

    Args:
        case: Case file (TOML) with one island; by default the paper's cell.
        out: Folder for figures (PNG, PDF), data (NetCDF) and numbers (JSON).
        films: Materials separated by commas. Default: all.
        set_: Changes.
        points: Points along each axis of the map over island size and current density.
        dry_run: Check the case and say what would be computed.
    """
    case, out = None if case is None else from_home(case), from_home(out)
    found = from_first_rank(lambda: _read(case, set_ or [], films, points, out, dry_run=dry_run))
    if found.case is None:
        return refuse(found.faults)
    if dry_run:
        from fem_island.studies.film_map.grids import description

        if launched_rank() in (None, 0):
            tell("\n".join(description(found.case, found.films, count=points)))
        return DONE
    from fem_island.studies.film_map import study, table

    comm = world()
    report = study.run(
        out,
        comm,
        case=found.case,
        films=found.films,
        count=points,
        progress=True,
    )
    if comm.rank == 0:
        table.show(report)
    unmet = report.tolerance_not_met
    return concluded("point", failed=report.failures, unmet=unmet)


@dataclass(frozen=True)
class _Found:
    """What the first rank found: the case and the names of films, or faults."""

    case: Case | None
    films: list[str]
    faults: list[Fault]


def _read(
    path: Path | None,
    changes: list[str],
    films: str | None,
    points: int,
    out: Path,
    *,
    dry_run: bool,
) -> _Found:
    from fem_island.case.case import Case
    from fem_island.case.file import case_from_changes, read_case
    from fem_island.case.variants import BARE, OWN, by_potential, check_films, with_film
    from fem_island.errors import Fault, InputError
    from fem_island.studies.film_map.grids import check_case

    faults: list[Fault] = []
    case: Case | None = None
    names = by_potential() if films is None else [name.strip() for name in films.split(",")]
    try:
        case = case_from_changes(changes) if path is None else read_case(path, changes)
        check_case(case)
    except InputError as error:
        faults += error.faults if case is None or path is None else error.in_file(str(path)).faults
    known = Case() if case is None else case
    try:
        check_films(names, known, key="--films")
        faults += [
            Fault("--films", name, "is no material, of which every panel shows one")
            for name in names
            if name in (BARE, OWN)
        ]
        for name in names:
            with_film(known, name)
    except InputError as error:
        faults += error.faults
    if not _FEWEST <= points <= _MOST:
        faults.append(Fault("--points", points, f"must be from {_FEWEST} to {_MOST}"))
    fault = None if dry_run or faults else fault_of_folder(out)
    faults += [fault] if fault is not None else []
    return _Found(None, [], faults) if faults or case is None else _Found(case, names, [])
