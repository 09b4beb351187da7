"""A case file to start from: every key with its explanation and its default."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from fem_island.case.fit import FIT_DESCRIPTION
from fem_island.case.keys import case_table
from fem_island.case.reference import SWEEP_DESCRIPTION, allowed, default_text, example
from fem_island.case.schema import FILE_NAME
from fem_island.case.shapes import Choice, Flag, Key, Listing, Text, inner_table
from fem_island.case.tables_beside import FIT, SWEEP, UNCERTAIN
from fem_island.case.uncertain import UNCERTAIN_DESCRIPTION

OFF = "#"
"""In front of a key that is left out; explanations have a blank behind it."""

_WIDTH = 96

_ABOUT = (
    'Quantities are texts with a unit, such as "5 um" or "25 degC". Every table and key may be '
    "left out: the values below are the defaults, the paper's cell. A key behind a # is left out, "
    "with an example behind it."
)
_SWEEP_EXAMPLE = (
    '"islands.width" = { from = "1 um", to = "50 um", count = 50 }',
    '"operation.current_density" = ["0.25 mA/cm^2", "1 mA/cm^2"]',
)

_FIT_EXAMPLE = (
    'parameters = { "kinetics.exchange_current_density" = {}, "islands.width" = {} }',
    'data = [{ file = "points.csv", kind = "points", error = "1 mV" }]',
)

_UNCERTAIN_EXAMPLE = (
    '"islands.width" = { distribution = "lognormal", low = "1 um", high = "30 um" }',
)


def template(*, schema_beside: bool) -> str:
    """The text of the file; it reads as the default case.

    Args:
        schema_beside: Whether the schema will be in the same folder. An editor complains about one
            that is named and not there.
    """
    lines = [*_heading(schema_beside=schema_beside)]
    for key in case_table().keys:
        lines += ["", *_table(key, key.name, live=key.default not in (None, ()))]
    lines += ["", *_comment(SWEEP_DESCRIPTION), f"{OFF}[{SWEEP}]"]
    lines += [OFF + line for line in _SWEEP_EXAMPLE]
    lines += ["", *_comment(FIT_DESCRIPTION), f"{OFF}[{FIT}]"]
    lines += [OFF + line for line in _FIT_EXAMPLE]
    lines += ["", *_comment(UNCERTAIN_DESCRIPTION), f"{OFF}[{UNCERTAIN}]"]
    lines += [OFF + line for line in _UNCERTAIN_EXAMPLE]
    return "\n".join(lines) + "\n"


def _heading(*, schema_beside: bool) -> Iterator[str]:
    directive = f"#:schema ./{FILE_NAME}"
    if schema_beside:
        yield directive
    yield from _comment(f"A case for fem_island: fem-island solve. {_ABOUT}")
    if not schema_beside:
        yield "#"
        yield from _comment(
            "Editors with Taplo (Even Better TOML in VS Code) complete and check the keys, with "
            f"fem-island schema --out {FILE_NAME} and this as the first line:"
        )
        yield f"#   {directive}"


def _table(key: Key, path: str, *, live: bool) -> Iterator[str]:
    """A table, what is in it, and then its inner tables, as TOML must have them."""
    inner = inner_table(key.shape)
    if inner is None:
        return
    off = "" if live else OFF
    yield from _comment(key.description)
    yield f"{off}[[{path}]]" if isinstance(key.shape, Listing) else f"{off}[{path}]"
    tables = [entry for entry in inner.keys if inner_table(entry.shape) is not None]
    for entry in inner.keys:
        if entry not in tables:
            yield from _value(entry, live=live)
    for entry in tables:
        yield ""
        inside = live and entry.default is not None
        yield from _table(entry, f"{path}.{entry.name}", live=inside)


def _value(key: Key, *, live: bool) -> Iterator[str]:
    said = key.description
    if isinstance(key.shape, Choice | Text | Flag):
        # Most explanations of a choice name what there is.
        if not all(choice in said for choice in allowed(key.shape).split(", ")):
            said = f"{said} {allowed(key.shape)}."
    else:
        said = f"{said} Allowed: {allowed(key.shape)}."
    yield from _comment(said)
    given = key.default is not None
    off = "" if live and given else OFF
    yield f"{off}{key.name} = {default_text(key) if given else example(key.shape)}"


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False))
