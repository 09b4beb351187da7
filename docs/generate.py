"""Pages and parts of pages that are made from the package, its data and its benchmarks.

Everything goes into ``docs/_generated`` (tables that pages include) and ``docs/tutorial`` (the
notebooks), neither of which is committed.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import measured
from markup import table

DOCS = Path(__file__).parent
ROOT = DOCS.parent
GENERATED = DOCS / "_generated"
TUTORIAL = DOCS / "tutorial"
REFERENCE_CASES = ROOT / "tests" / "data" / "visible_cases.json"

TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
"""For which the page on accuracy solves all reference cases [V]."""


def write_all() -> None:
    """Make everything afresh."""
    for folder in (GENERATED, TUTORIAL):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    for notebook in sorted((ROOT / "notebooks").glob("*.md")):
        shutil.copy(notebook, TUTORIAL)
    from fem_island.experiments.impedance.kept import KeptSpectrum
    from fem_island.experiments.stripping.curves import KeptRun
    from fem_island.results.result import Result

    parts = {
        "accuracy": accuracy(),
        "case_file": case_file(),
        "command_line": command_line(),
        "electrolytes": electrolytes(),
        "films": films(),
        **measured.blocks(),
        "sources": sources(),
        "variables": variables(Result),
        "variables_of_runs": variables(KeptRun),
        "variables_of_spectra": variables(KeptSpectrum),
    }
    for name, text in parts.items():
        (GENERATED / f"{name}.md").write_text(text, "utf-8")
    draw_films(GENERATED / "films.svg")


# -- from the records --------------------------------------------------------------------------


def case_file() -> str:
    """All keys of a case file."""
    from fem_island.case.reference import markdown_table

    return markdown_table()


def variables(record: type) -> str:
    """All numbers of a class of results, as variables of the file of a sweep."""
    from fem_island.results.result import REASON
    from fem_island.results.variables import variables as declared

    rows = [
        (
            f"`{variable.name}`",
            "" if variable.flags or variable.unit == "1" else variable.unit,
            ", ".join(variable.dimensions),
            variable.text,
        )
        for variable in declared(record)
    ]
    rows.append(("`reason`", "", "", f"{REASON[:1].upper()}{REASON[1:]}."))
    return table(("variable", "unit", "also along", ""), rows)


def command_line() -> str:
    """What the commands say of themselves."""
    from fem_island.cli import app

    names = [name for name in app if not name.startswith("-")]
    parts = []
    for name in names:
        parts.append(f"## {name}\n\n```text\n{_help(name)}\n```\n")
    return "\n".join(parts)


def _help(command: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "fem_island.cli", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "96", "NO_COLOR": "1"},
    )
    return "\n".join(line.rstrip() for line in run.stdout.strip().splitlines())


# -- from the materials ------------------------------------------------------------------------


def films() -> str:
    """Plateaus and capacities."""
    from fem_island.materials import library as materials
    from fem_island.materials.library import REFERENCE_THICKNESS
    from fem_island.quantities import AREAL_CAPACITY, in_unit

    def shown(charge: float) -> str:
        return f"{in_unit(charge, AREAL_CAPACITY):.1f}"

    rows = []
    for film in materials.films().values():
        whole = (f"[{film.symbol}](#{film.symbol.lower()})", film.lithiated_phase)
        total = shown(film.capacity(REFERENCE_THICKNESS))
        charges = film.plateau_capacities(REFERENCE_THICKNESS)
        for plateau, charge in zip(film.plateaus, charges, strict=True):
            rows.append(
                (
                    *whole,
                    _arrows(plateau.gives),
                    _with_confidence(plateau.potential),
                    _with_confidence(plateau.lithium_per_metal),
                    shown(charge),
                    total,
                )
            )
            whole, total = ("", ""), ""
    headings = ("", "full film", "plateau", "potential", "Li per metal", "µAh/cm²", "in all")
    return table(headings, rows, right="56")


def electrolytes() -> str:
    """Electrolytes, and lithium."""
    from fem_island.materials import library as materials

    rows = [
        (
            f"[{formula}](#{formula.lower()})",
            _with_confidence(entry.conductivity),
            _with_confidence(entry.interface_resistance),
        )
        for formula, entry in materials.electrolytes().items()
    ]
    return table(("", "conductivity", "interface with lithium"), rows)


def sources() -> str:
    """Where every number is from, and what is uncertain about it."""
    from fem_island.materials import library as materials

    parts = []
    for film in materials.films().values():
        name, full = film.name.capitalize(), film.lithiated_phase
        parts.append(f"### {film.symbol}\n\n{name}; full is {full}.\n")
        for plateau in film.plateaus:
            gives = _arrows(plateau.gives)
            parts.append(_datum(f"{gives}: potential", plateau.potential))
            parts.append(_datum(f"{gives}: lithium per metal", plateau.lithium_per_metal))
        parts.append(_datum("molar mass", film.molar_mass))
        parts.append(_datum("density", film.density))
    lithium = materials.lithium()
    parts.append("### Li\n\nLithium.\n")
    parts.append(_datum("molar mass", lithium.molar_mass))
    parts.append(_datum("density", lithium.density))
    for formula, entry in materials.electrolytes().items():
        parts.append(f"### {formula}\n\n{entry.name}.\n")
        parts.append(_datum("conductivity", entry.conductivity))
        parts.append(_datum("interface with lithium", entry.interface_resistance))
    return "\n".join(parts)


def _with_confidence(datum: Any) -> str:
    return f"{datum.text} ({datum.confidence})"


def _datum(what: str, datum: Any) -> str:
    note = f" {datum.note}" if datum.note else ""
    return _escaped(
        f"- **{what}**, {datum.text} (confidence: {datum.confidence}). {datum.source}.{note}\n"
    )


def _arrows(text: str) -> str:
    return text.replace("->", "→")


def _escaped(text: str) -> str:
    return _arrows(text).replace("|", "\\|").replace("<", "\\<").replace("~", "\\~")


def draw_films(path: Path) -> None:
    """The diagram of the films."""
    from fem_island.machine.communicator import OneProcess
    from fem_island.plots.materials import plot_films

    plot_films(path, OneProcess())


# -- from reference cases ----------------------------------------------------------------------


def accuracy() -> str:
    """Errors and their estimates in the reference cases, computed now."""
    import fem_island as fi

    cases = json.loads(REFERENCE_CASES.read_text("utf-8"))["cases"]
    rows = []
    for tolerance in TOLERANCES:
        worst, ratios, above = 0.0, [], 0
        for case in cases:
            solution = fi.solve(_case(case["inputs"]), tolerance=tolerance, solver="condensed")
            lithium, result = case["outputs"]["li"], solution.result
            for name, key in (("mean", "eta_mean"), ("max", "eta_max")):
                error = abs(getattr(result, f"overpotential_{name}") - lithium[key])
                estimate = getattr(result.error_estimate, f"overpotential_{name}")
                worst = max(worst, error)
                above += error > max(estimate, 1e-10)
                if error > 1e-10:
                    ratios.append(estimate / error)
        middle = f"{statistics.median(ratios):.1f}"
        rows.append((f"{tolerance:.0e} V", f"{worst:.0e} V", middle, str(above)))
    headings = ("tolerance", "worst error", "estimate over error, median", "errors above estimate")
    return f"{len(cases)} cases.\n\n" + table(headings, rows, right="0123")


def _case(inputs: dict[str, Any]) -> Any:
    """A reference case: its inputs are SI floats."""
    import fem_island as fi

    islands, film = [], None
    for region in inputs["regions"]:
        kinetics = {
            "exchange_current_density": region["i0"],
            "anodic_transfer_coefficient": region["alpha_a"],
            "cathodic_transfer_coefficient": region["alpha_c"],
        }
        if region["name"] == "Li":
            left, right = region["a"], region["b"]
            island = {"width": right - left, "center": (left + right) / 2, "kinetics": kinetics}
            islands.append(island)
        else:
            reversible = {"reaction": "reversible", "equilibrium_potential": region["U"]}
            film = reversible | kinetics
    return fi.Case(
        cell={
            "electrolyte": {
                "width": inputs["W"],
                "height": inputs["H"],
                "conductivity": inputs["kappa"],
            },
            "islands": islands,
            "interlayer": film,
        },
        operation={"current_density": inputs["I"], "temperature": inputs["T"]},
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write_all()
