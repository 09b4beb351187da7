"""The paper's Figure 6 as a study: its fields, and its numbers beside the computed ones.

The paper is Sandoval et al., Joule 2023. Panels d and e show the potential above a 20 um and a 5 um
island at 0.25 mA/cm^2; the text quotes 0.03 V and 0.085 V for their overpotentials.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mpi4py import MPI

from rich.console import Console
from rich.table import Table

from fem_island.cell import Case, Cell, Island, Operation
from fem_island.collective import on_first_rank
from fem_island.solution import Solution
from fem_island.solving import solve_case
from fem_island.versions import versions
from fem_island.whole_files import write_json


@dataclass(frozen=True)
class Quoted:
    """A number that the paper quotes, beside the computed one.

    Attributes:
        island_width: w [m].
        current_density: I [A/m^2].
        paper: Overpotential in the paper [V].
        computed: Mean overpotential computed here [V].
    """

    island_width: float
    current_density: float
    paper: float
    computed: float


@dataclass(frozen=True)
class Panel:
    """A field of the figure.

    Attributes:
        letter: Of the panel.
        island_width: w [m].
        current_density: I [A/m^2].
        paper: Overpotential that the paper quotes for it [V].
    """

    letter: str
    island_width: float
    current_density: float
    paper: float


PANELS = (Panel("d", 20e-6, 2.5, 0.030), Panel("e", 5e-6, 2.5, 0.085))


@dataclass(frozen=True)
class Report:
    """What the study found.

    Attributes:
        quoted: The paper's numbers beside the computed ones.
        errors: Estimated error of each computed number [V].
        charge_imbalance: The largest of all solutions.
        seconds: Wall time.
        files: What was written.
    """

    quoted: tuple[Quoted, ...]
    errors: tuple[float, ...]
    charge_imbalance: float
    seconds: float
    files: tuple[Path, ...]

    def record(self) -> dict[str, Any]:
        """The contents of ``figure6.json``, SI units."""
        return {
            "quoted": [asdict(entry) for entry in self.quoted],
            "charge_imbalance": self.charge_imbalance,
            "seconds": self.seconds,
            "versions": versions(),
        }


def run(folder: Path, comm: MPI.Comm) -> Report:
    """Solve the panels by full Newton solves, and write the figure and its numbers. Collective.

    Args:
        folder: Where ``figure6.png``, ``.pdf`` and ``.json`` go.
        comm: Who shares each problem.
    """
    start = time.perf_counter()
    solutions = [solve_case(_case(panel), comm) for panel in PANELS]
    files = tuple(folder / f"figure6.{ending}" for ending in ("png", "pdf", "json"))
    _draw(solutions, files[:2])
    quoted = []
    for panel, solution in zip(PANELS, solutions, strict=True):
        computed = solution.result.overpotential_mean
        quoted.append(Quoted(panel.island_width, panel.current_density, panel.paper, computed))
    estimates = [solution.result.error_estimate for solution in solutions]
    report = Report(
        quoted=tuple(quoted),
        errors=tuple(e.overpotential_mean for e in estimates if e is not None),
        charge_imbalance=max(solution.result.charge_imbalance for solution in solutions),
        seconds=time.perf_counter() - start,
        files=files,
    )
    on_first_rank(comm, lambda: write_json(report.record(), files[2]))
    return report


def show(report: Report) -> None:
    """Print the table of the paper's numbers and the computed ones."""
    console = Console(highlight=False, markup=False)
    table = Table(title="Figure 6 of Sandoval et al. (2023), overpotential on the island", box=None)
    for heading in ("panel", "island [um]", "current [mA/cm^2]", "paper [V]", "computed [V]", ""):
        table.add_column(heading, justify="right")
    for panel, quoted, error in zip(PANELS, report.quoted, report.errors, strict=True):
        table.add_row(
            panel.letter,
            f"{quoted.island_width * 1e6:g}",
            f"{quoted.current_density / 10:g}",
            f"{quoted.paper:.3f}",
            f"{quoted.computed:.6f}",
            f"+- {error:.0e}",
        )
    console.print(table)
    console.print(
        "The paper does not state the exchange current density. What its numbers imply is\n"
        "i0 = 0.5 mA/cm^2, and the conclusion hangs on it."
    )
    console.print(f"charge balanced to {report.charge_imbalance:.0e}; {report.seconds:.1f} s")
    console.print("written: " + ", ".join(str(file) for file in report.files), soft_wrap=True)


def _case(panel: Panel) -> Case:
    return Case(
        cell=Cell(islands=(Island(width=panel.island_width),)),
        operation=Operation(current_density=panel.current_density),
    )


def _draw(solutions: list[Solution], files: tuple[Path, ...]) -> None:
    """Panels d and e, one above the other as in the paper. Collective."""
    from fem_island.plots import style
    from fem_island.plots.field import add_legend, draw_field
    from fem_island.plots.scene import sample_field

    comm = solutions[0].domain.mesh.comm
    for file in files:
        style.prepare(file, comm)
    fields = [sample_field(solution) for solution in solutions]

    @style.applied()
    def draw() -> None:
        figure = style.new_figure(7.0, 5.6)
        rows = figure.subplots(len(PANELS), 1)
        for axes, panel, solution, field in zip(rows, PANELS, solutions, fields, strict=True):
            draw_field(axes, solution, field)
            place = {"transform": axes.transAxes, "fontweight": "bold", "fontsize": 12}
            axes.text(-0.09, 1.06, panel.letter, **place)
        add_legend(figure, solutions[-1].domain.bottom)
        for file in files:
            style.save(figure, file)

    on_first_rank(comm, draw)
