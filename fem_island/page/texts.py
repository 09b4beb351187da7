"""A case as text to copy: a case file, and a script of Python."""

from __future__ import annotations

import re

from fem_island.case.case import Case

_NOTHING_CHANGED = "# Nothing is changed: this is the paper's cell.\n"
_LEFT_OUT = "... "
_PUBLIC = {
    "Accuracy",
    "ButlerVolmer",
    "Case",
    "Cell",
    "CounterElectrode",
    "Electrolyte",
    "Interlayer",
    "Island",
    "IslandKinetics",
    "Layer",
    "LinearKinetics",
    "Operation",
    "Output",
    "Series",
    "Stripping",
    "Tafel",
}
"""Records that are names of ``fem_island`` itself; others are written by their case file."""

_MADE = re.compile(r"\b([A-Z]\w*)\(")


def case_file(case: Case) -> str:
    """The case as the text of a case file."""
    return case.to_toml() or _NOTHING_CHANGED


def script(case: Case) -> str:
    """A script that solves the case and prints its mean overpotential.

    Example:
        >>> from fem_island.case.cell import Cell
        >>> print(script(Case(cell=Cell(interlayer="Ag"))), end="")
        import fem_island as fi
        <BLANKLINE>
        case = fi.Case(cell=fi.Cell(interlayer=fi.Interlayer('Ag')))
        solution = fi.solve(case, solver="condensed")
        print(solution.result.overpotential_mean)  # V
    """
    return (
        f"import fem_island as fi\n\ncase = {_expression(case)}\n"
        'solution = fi.solve(case, solver="condensed")\n'
        "print(solution.result.overpotential_mean)  # V\n"
    )


def _expression(case: Case) -> str:
    """What makes the case in Python: short where it can be, else from the text of its file."""
    text = repr(case)
    if _LEFT_OUT not in text and set(_MADE.findall(text)) <= _PUBLIC:
        return _MADE.sub(r"fi.\1(", text)
    return f"fi.Case.from_toml(r'''\n{case.to_toml()}''')"
