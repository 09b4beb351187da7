"""The contents of a case file, TOML or JSON, before anything is validated."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from fem_island.case.keys import spread
from fem_island.case.toml_causes import probable_cause
from fem_island.errors import Fault, InputError

_LARGEST_FILE = 1_000_000

DEEPEST_KEY = 20
"""Parts of a key's path at most."""

_TOO_DEEP = re.compile(rf"(?:\.[ \t]*[^\s.,=\[\]{{}}]+[ \t]*){{{DEEPEST_KEY},}}")

JSON = ".json"
"""Ending of files that hold a case in JSON."""

INPUT = "input"
"""Key of the case in the JSON object of a result, of which "case" is the name."""


def file_contents(path: Path) -> dict[str, Any]:
    """What a case file says.

    Raises:
        InputError: It cannot be read; the fault names no file.
    """
    try:
        if path.is_dir():
            raise InputError([Fault("", None, "is a folder; give a case file (TOML)")])
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            largest = f"{_LARGEST_FILE / 1e6:g} MB"
            raise InputError([Fault("", None, f"is larger than a case file may be ({largest})")])
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError([Fault("", None, "there is no such file")]) from None
    except OSError as error:
        raise InputError([Fault("", None, f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError(
            [Fault("", None, "is not a text file in UTF-8 (a case file is TOML)")]
        ) from None
    return parsed(text, is_json=path.suffix.lower() == JSON)


def parsed(text: str, *, is_json: bool) -> dict[str, Any]:
    """What the text of a case file says.

    Args:
        text: TOML or JSON.
        is_json: Which of them.

    Raises:
        InputError: It is not valid.
    """
    too_deep = InputError([Fault("", None, "is nested too deeply for a case file")])
    try:
        return _of_json(json.loads(text)) if is_json else _of_toml(text)
    except json.JSONDecodeError as error:
        raise InputError([Fault("", None, f"is not valid JSON: {error}")]) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        # From int().
        raise InputError([Fault("", None, "has a number with too many digits")]) from None
    except RecursionError:
        raise too_deep from None


def _of_toml(text: str) -> dict[str, Any]:
    # The parser needs time and memory that grow with the square of the length of a dotted key.
    if _TOO_DEEP.search(text):
        raise InputError([Fault("", None, "is nested too deeply for a case file")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = f"is not valid TOML: {error}{probable_cause(text, str(error))}"
        raise InputError([Fault("", None, reason)]) from None


def _of_json(content: object) -> dict[str, Any]:
    """The tables of a case in JSON, also where it lies beside the numbers that it gave."""
    for key in (INPUT, "case"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict):
        raise InputError([Fault("", None, "holds no case: it is not a JSON object")])
    return spread(content) if isinstance(content.get("cell"), dict) else content
