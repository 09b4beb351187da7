"""Why a text is probably not valid TOML: what people who do not write TOML leave out."""

from __future__ import annotations

import re

from fem_island.errors import on_one_line, shortened

_LINE = re.compile(r"at line (\d+)")
# What the parser says of an end of the file: the quote is missing in the last line.
_END = "at end of document"
_VALUE = re.compile(r"[=\[,]\s*(?P<value>[^\s=\[\]{},\"'#][^=\[\]{},\"'#]*)")
_LITERAL = re.compile(
    r"[+-]?(\d[\d_]*(\.[\d_]+)?([eE][+-]?\d+)?|inf|nan)|true|false|[\d:.TZ+-]{8,}"
)
_COMMA = re.compile(r"=\s*[+-]?\d+,\d+")
_WITHOUT_ZERO = re.compile(r"[+-]?\.\d+")
_TYPOGRAPHIC = frozenset("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")
_LONGEST_LINE = 60
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def probable_cause(text: str, error: str) -> str:
    r"""What to add to the message of the parser; nothing where the cause is not a known one.

    Args:
        text: The file.
        error: What the parser says.

    Example:
        >>> probable_cause("[electrolyte]\nwidth = 50 um", "... (at line 2, column 12)")
        '; text needs quotes: "50 um"'
    """
    lines = text.splitlines()
    number = _LINE.search(error)
    if not lines or (number is None and _END not in error):
        return ""
    at = len(lines) if number is None else min(int(number[1]), len(lines))
    line = lines[at - 1].strip()
    without_texts = _QUOTED.sub('""', line).partition("#")[0]
    if _COMMA.search(without_texts):
        return f"; write a decimal point instead of the comma in: {_shown(line)}"
    if '"' in without_texts.replace('""', "") or "'" in without_texts:
        return f"; a quote is missing in: {_shown(line)}"
    if _TYPOGRAPHIC & set(without_texts):
        return f"; typographic quotes, where straight ones must be, in: {_shown(line)}"
    for found in _VALUE.finditer(without_texts):
        value = found["value"].strip()
        if "=" in without_texts and value and not _LITERAL.fullmatch(value):
            if _WITHOUT_ZERO.fullmatch(value):
                return f"; write {value.replace('.', '0.')} instead of {value}"
            return f"; text needs quotes: {shortened(value)}"
    return ""


def _shown(line: str) -> str:
    line = on_one_line(line)
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."
