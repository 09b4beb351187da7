"""Tables of a case file that say what is done with the case: vary it, fit it, ask what is sure."""

from __future__ import annotations

from typing import Any

SWEEP = "sweep"
"""The table of a case file that says how to vary the case."""

FIT = "fit"
"""The table that says which keys are fitted to which data."""

UNCERTAIN = "uncertain"
"""The table that says how uncertain keys are."""

BESIDE_CASE = (SWEEP, FIT, UNCERTAIN)
"""Tables of a case file that say what is done with the case."""

RANGE_KEYS = ("from", "to", "count", "spacing")
"""Of a range of values in a sweep."""


def without_others(table: dict[str, Any]) -> dict[str, Any]:
    """The contents of a case file without the tables that say what is done with the case."""
    return {name: value for name, value in table.items() if name not in BESIDE_CASE}
