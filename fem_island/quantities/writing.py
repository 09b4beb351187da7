"""How people and papers write quantities: patterns of numbers and units, and what they mean.

The patterns mean the same in Python, ECMAScript and Rust, so that the reader and the schema of
case files accept the same texts.
"""

from __future__ import annotations

import re
import unicodedata

_DASH = r"-\u2010-\u2013\u2212"
"""What stands for a minus: PDF files have many kinds of dashes."""

SIGN = rf"[{_DASH}+]"
_SUPERSCRIPTS = r"[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]"
_EXPONENT = (
    rf"(\s?(\^|\*\*)\s?[({{]?{SIGN}?[0-9]{{1,3}}[)}}]?|[{_DASH}][0-9]{{1,3}}"
    rf"|[\u207a\u207b]?{_SUPERSCRIPTS}{{1,3}})"
)
_POWER_OF_TEN = rf"10{_EXPONENT}"
_DIGITS = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)"
UNSIGNED = (
    rf"({_POWER_OF_TEN}|{_DIGITS}([eE]{SIGN}?[0-9]+|\s?[*\u00b7\u22c5\u00d7xX]\s?{_POWER_OF_TEN})?)"
)
"""A number without its sign: digits, or with a power of ten, as in 1.8e-3 and 1.8·10⁻³."""

_BESIDE_ASCII = r"\u00b5\u03bc\u03a9\u2126\u00c5\u212b\u030a"
_LETTERS = rf"A-Za-z{_BESIDE_ASCII}"
_NAME = rf"[{_LETTERS}]+"
_POWER = rf"((\s?(\^|\*\*)\s?)?[({{]?{SIGN}?[0-9][)}}]?|[\u207a\u207b]?{_SUPERSCRIPTS})"
_ROOT = rf"s(\^|\*\*)?[({{]?[{_DASH}](0\.5|1/2)[)}}]?"
"""Root seconds are those of Warburg coefficients; other powers have one whole digit, since pint
would work out any tower of powers."""
_SYMBOL = r"[\u00b0\u00ba\u2103][A-Za-z]*|%"
_FACTOR = rf"[(]*({_ROOT}|1|({_NAME}|{_SYMBOL}){_POWER}?)[)]*"
# Behind digits an e and a digit are an exponent.
_FIRST_NAME = (
    rf"([A-DF-Za-df-z{_BESIDE_ASCII}][{_LETTERS}]*|{_SYMBOL}){_POWER}?|[eE]({_NAME}{_POWER}?)?"
)
_FIRST = rf"[(]*({_ROOT}|1|{_FIRST_NAME})[)]*"
_VERSUS = r"(vs\.?|versus|against)\s+(Li([+\u207a]?\s?[/|]\s?Li[+\u207a]?)?|lithium)"
UNIT = rf"(/\s*)?{_FIRST}((\s*[/*\u00b7\u22c5.]\s*|\s+){_FACTOR})*"
"""Products and quotients of names with powers, as in mA/cm^2, mA cm-2 and mA·cm⁻²."""

RATIO = rf"(%|{_FIRST}\s*/\s*{_FACTOR})"
"""What a pure number may have behind it."""

AGAINST_LITHIUM = rf"(\s+{_VERSUS}|\s*\(\s*{_VERSUS}\s*\))?"
"""What papers write behind the unit of a potential."""

_DASHES = re.compile(f"[{_DASH}]")
_RAISED = re.compile(rf"[\u207a\u207b]?{_SUPERSCRIPTS}+")
_PRODUCT = re.compile(r"\.(?=[^\W\d_])|[\u00b7\u22c5]")
_OHM_AND_MORE = re.compile(r"[\u03a9\u2126](?=[A-Za-z])")
_HALF = r"-(?:0\.5|1/2)"
_ROOT_SECONDS = re.compile(rf"\bs(?:\*\*)?(?:[({{]{_HALF}[)}}]|{_HALF})")
_NAME_AND_POWER = re.compile(r"([^\W\d_]|%)(?:\*\*)?(?:[({]([+-]?\d)[)}]|([+-]?\d))")
_BY_TEN = re.compile(
    r"(?P<factor>.*?)[*\u00b7\u22c5\u00d7xX]?10(?:\*\*)?[({]?(?P<power>[+-]?\d+)[)}]?"
)
_COMMA = re.compile(rf"\s*(?P<whole>{SIGN}?[0-9]+),(?P<rest>[0-9]+)(?P<behind>.*)")
_LONGEST_EXAMPLE = 30


def number_in(text: str) -> float:
    """The value of a text that is a sign and ``UNSIGNED``.

    Example:
        >>> number_in("1.8 · 10⁻³"), number_in("-10^3")
        (0.0018, -1000.0)
    """
    plain = _plain("".join(text.split()))
    by_ten = _BY_TEN.fullmatch(plain)
    if by_ten is None or not re.search(r"[*^\u00b7\u22c5\u00d7xX]|10-", plain):
        return float(plain)
    factor = by_ten["factor"]
    return float(f"{factor if factor.strip('+-') else factor + '1'}e{by_ten['power']}")


def unit_in(text: str) -> str:
    """The unit of a text that is a ``UNIT``, as pint reads it.

    Example:
        >>> unit_in("mA·cm⁻²"), unit_in("ohm m2 s-0.5")
        ('mA*cm**-2', 'ohm m**2 s**-0.5')
    """
    degrees = text.replace("\N{DEGREE CELSIUS}", "°C").replace(
        "\N{MASCULINE ORDINAL INDICATOR}", "°"
    )
    plain = _PRODUCT.sub("*", _plain(degrees))
    plain = _OHM_AND_MORE.sub("Ω*", re.sub(r"\s*\*\*\s*", "**", plain))
    parts = (_NAME_AND_POWER.sub(r"\1**\2\3", part) for part in _ROOT_SECONDS.split(plain))
    written = "s**-0.5".join(parts)
    return f"1{written}" if written.startswith("/") else written


def comma_in(text: str) -> str | None:
    """What to say of a text whose number has a comma; None where it has none.

    Example:
        >>> comma_in("0,5 um")
        'has a decimal comma; write "0.5 um"'
    """
    found = _COMMA.fullmatch(text)
    if found is None:
        return None
    if len(found["rest"]) == 3 or "," in found["behind"]:
        return "has a comma in its number; write a decimal point, and nothing between thousands"
    written = f"{found['whole']}.{found['rest']}{found['behind']}"
    return (
        f'has a decimal comma; write "{written}"'
        if len(written) <= _LONGEST_EXAMPLE
        else ("has a decimal comma; write a decimal point")
    )


def _plain(text: str) -> str:
    """The text with one kind of minus, and powers as Python writes them."""
    text = _DASHES.sub("-", text)
    text = _RAISED.sub(lambda raised: "^" + unicodedata.normalize("NFKC", raised[0]), text)
    return text.replace("\N{MINUS SIGN}", "-").replace("^", "**")
