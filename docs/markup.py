"""Markdown that is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: str = "") -> str:
    """A Markdown table.

    Args:
        headings: Of the columns.
        rows: Cells.
        right: Digits of the columns (from 0) that are aligned to the right.
    """
    rule = ["--:" if str(n) in right else "---" for n in range(len(headings))]
    lines = [headings, rule, *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
