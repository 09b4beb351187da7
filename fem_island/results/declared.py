"""Declaring what is reported: one line per number, which memory, files, tables and pages all read.

A class of results is a frozen record. Its numbers are declared by ``reported``, and what else it
holds by ``described``; a field can be a record itself, or a tuple of records along a dimension.
``variables`` says what follows for arrays, files and records.

Example:
    >>> @declared
    ... class Peak:
    ...     '''A peak.'''
    ...     height: float = reported("height of the peak", POTENTIAL, note="Above the mean.")
    >>> print(Peak.__doc__)
    A peak.
    <BLANKLINE>
    Attributes:
        height: Height of the peak [V]. Above the mean.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, dataclass_transform

import numpy as np

from fem_island.machine.docstrings import docstring_of
from fem_island.quantities import POTENTIAL, PURE_NUMBER, Dimension

_KEY = "declaration"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a field says of itself.

    Attributes:
        words: What it is, for axes of plots and for files.
        note: What else is to be known of it, as sentences for the documentation.
        along: Name of the dimension that it has of its own.
        quantity: Of a number, what kind of quantity it is; None for a text or a record.
        dtype: NumPy's type code.
        flags: Meanings of the values of a flag; None for a quantity.
        missing: The value where there is none.
        judged: Whether its error is held below the tolerance.
        error_of: The variable whose error it estimates.
        variable: Its name as a variable, where that is not the path of its keys.
    """

    words: str
    note: str = ""
    along: str | None = None
    quantity: Dimension | None = None
    dtype: str = "f8"
    flags: Mapping[int, str] | None = None
    missing: complex = math.nan
    judged: bool = False
    error_of: str = ""
    variable: str = ""

    @property
    def text(self) -> str:
        """All of it, for the documentation."""
        said = self.words[:1].upper() + self.words[1:]
        if self.flags is not None:
            said += f": {', '.join(self.flags.values())}"
        elif self.quantity is not None and self.quantity.unit:
            said += f" [{self.quantity.unit}]"
        return f"{said}. {self.note}".rstrip()


def reported(
    words: str,
    quantity: Dimension = PURE_NUMBER,
    *,
    note: str = "",
    along: str | None = None,
    dtype: str = "f8",
    flags: Mapping[int, str] | None = None,
    missing: complex | None = None,
    judged: bool | None = None,
    variable: str = "",
    default: Any = MISSING,
) -> Any:
    """Declare a number that is reported.

    Args:
        words: What it is, for axes of plots and for files.
        quantity: What kind of quantity it is, which says its unit.
        note: What else is to be known of it, as sentences for the documentation.
        along: Name of the dimension along which it has many values.
        dtype: NumPy's type code.
        flags: Meanings of the values, where they are not a quantity but a flag.
        missing: The value where there is none; by default NaN, or 0 of whole numbers.
        judged: Whether its error is held below the tolerance; by default that of a potential is.
        variable: Its name as a variable, where that is not the path of its keys.
        default: Of the field.
    """
    nothing = math.nan if np.dtype(dtype).kind in "fc" else 0
    declaration = Declaration(
        words=words,
        note=note,
        along=along,
        quantity=quantity,
        dtype=dtype,
        flags=flags,
        missing=nothing if missing is None else missing,
        judged=quantity is POTENTIAL if judged is None else judged,
        variable=variable,
    )
    return dataclasses.field(default=default, metadata={_KEY: declaration})


def error_of(number: str, *, default: Any = MISSING) -> Any:
    """Declare the estimated error of a number, which is of the same quantity.

    Args:
        number: Its name as a variable.
        default: Of the field.
    """
    words = f"estimated error of {number}"
    declaration = Declaration(words=words, quantity=PURE_NUMBER, error_of=number)
    return dataclasses.field(default=default, metadata={_KEY: declaration})


def described(
    words: str, *, note: str = "", along: str | None = None, default: Any = MISSING
) -> Any:
    """Declare a field that is no number: a text, or one or more records of numbers.

    Args:
        words: What it is.
        note: What else is to be known of it, as sentences for the documentation.
        along: Name of the dimension along which there are many records.
        default: Of the field.
    """
    declaration = Declaration(words=words, note=note, along=along)
    return dataclasses.field(default=default, metadata={_KEY: declaration})


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(reported, error_of, described)
)
def declared[Record](record: type[Record]) -> type[Record]:
    """Make a class of results: a frozen dataclass whose attributes are documented as declared."""
    made: Any = dataclass(frozen=True, kw_only=True)(record)
    attributes = [f"    {field.name}: {declaration_of(field).text}" for field in fields(made)]
    made.__doc__ = "\n".join([docstring_of(record), "", "Attributes:", *attributes])
    return record


def declaration_of(field: dataclasses.Field[Any]) -> Declaration:
    """What a field of a class of results says of itself."""
    found: Declaration = field.metadata[_KEY]
    return found
