"""Commands without a case file: those of the paper's figures, and ``fem-island materials``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from fem_island.cli.process import (
    DONE,
    concluded,
    fault_of_folder,
    from_first_rank,
    log_to_standard_error,
    refuse,
    say,
)
from fem_island.machine.launcher import world
from fem_island.machine.paths import from_home


def figure6(
    *, geometry: Literal["planar", "axisymmetric"] = "planar", out: Path = Path("figure6")
) -> int:
    """Compute the paper's Figure 6 c, d and e, beside its numbers, and what they hang on.

    Under mpirun the ranks share the points of the map.

    Args:
        geometry: With "axisymmetric" the map of discs instead, beside that of the paper's stripes,
            at equal width and at equal coverage.
        out: Folder for the figures (PNG, PDF) and the numbers (JSON).
    """
    return _into(out, _figure6_discs if geometry == "axisymmetric" else _figure6)


def _into(out: Path, compute: Callable[[Path], int]) -> int:
    """Compute into a folder, unless it cannot be written to. Collective."""
    out = from_home(out)
    fault = from_first_rank(lambda: fault_of_folder(out))
    return compute(out) if fault is None else refuse([fault])


def _figure6(out: Path) -> int:
    from fem_island.studies import figure6 as study

    comm = world()
    log_to_standard_error()
    report = study.run(out, comm, progress=sys.stderr.isatty())
    if comm.rank == 0:
        study.show(report)
    return concluded("point", failed=report.failures, unmet=report.tolerance_not_met)


def _figure6_discs(out: Path) -> int:
    from fem_island.studies import figure6_discs as study

    comm = world()
    log_to_standard_error()
    report = study.run(out, comm, progress=sys.stderr.isatty())
    if comm.rank == 0:
        study.show(report)
    return concluded("point", failed=report.failures, unmet=report.tolerance_not_met)


def figure1(*, out: Path = Path("figure1")) -> int:
    """Compute the tails of the paper's Figure 1 c: copper, silver and gold stripped to their end.

    Beside the paper's numbers, for three exchange current densities, with and without inactive
    lithium, and what does not fit.

    Args:
        out: Folder for the figure (PNG, PDF), the curves (CSV) and the numbers (JSON).
    """
    return _into(out, lambda folder: from_first_rank(lambda: _figure1(folder)))


def _figure1(out: Path) -> int:
    from fem_island.studies import figure1 as study

    report = study.run(out, lambda line: say(f"figure1: {line}"))
    study.show(report)
    return concluded("run", failed=0, unmet=report.unmet)


def figure4(*, out: Path = Path("figure4")) -> int:
    """Find how much lithium is in contact where the fits of the paper's Figure 4 have its numbers.

    Args:
        out: Folder for the picture (PNG, PDF) and the numbers (JSON).
    """
    return _into(out, lambda folder: from_first_rank(lambda: _figure4(folder)))


def _figure4(out: Path) -> int:
    from fem_island.studies import figure4 as study

    report = study.run(out, lambda line: say(f"figure4: {line}"))
    study.show(report)
    return concluded("cell", failed=0, unmet=int(report.found.status != "converged"))


def figure5(*, out: Path = Path("figure5")) -> int:
    """Compute R_tot over plating and stripping as in the paper's Figure 5, and what it needs.

    Copper, silver and gold with spectra at three times. Then what geometry the paper's numbers need
    and exclude: total resistance and apex of spectra at rest, over the spacing of contacts between
    lithium and electrolyte and their share of the copper, which touches or is behind a gap.

    Args:
        out: Folder for the pictures (PNG, PDF) and the numbers (JSON).
    """
    return _into(out, lambda folder: from_first_rank(lambda: _figure5(folder)))


def _figure5(out: Path) -> int:
    from fem_island.studies import figure5 as study

    report = study.run(out, lambda line: say(f"figure5: {line}"))
    study.show(report)
    return concluded("cell", failed=0, unmet=report.unmet)


def materials(*, plot: Path | None = None) -> int:
    """List the films and electrolytes that the package knows, with sources and confidence.

    Args:
        plot: Picture file for a diagram of the films: potential against lithium given up.
    """
    if plot is not None:
        from fem_island.plots.materials import plot_films

        plot_films(plot, world())
    from fem_island.materials import tables as material_tables

    material_tables.show()
    return DONE
