"""From a message of a page to its answer: the one place where what a page sends is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from fem_island.case.case import Case
from fem_island.errors import ComputationError, Fault, InputError, on_one_line
from fem_island.page.asked import KINDS
from fem_island.page.bases import GIVEN, PAPER, Base, case_of, changed
from fem_island.page.controls import Control, controls, keys_of, records
from fem_island.page.curves import spectrum, stripping
from fem_island.page.frames import packed
from fem_island.page.maps import island_map
from fem_island.page.palettes import palettes
from fem_island.page.point import Answer, point
from fem_island.page.presets import presets
from fem_island.page.texts import case_file, script

_MOST_FAULTS = 20


class Answerer:
    """Answers what the pages of one server ask, each message by itself."""

    def __init__(self, given: Base | None) -> None:
        """Start from the paper's cell, and from the case that the pages were opened with."""
        self._bases = {PAPER: Base("paper", {})}
        if given is not None:
            self._bases[GIVEN] = given
        self._known: dict[str, list[Control]] = {
            name: controls(case_of(base.table)) for name, base in self._bases.items()
        }

    def answer(self, message: Mapping[str, Any]) -> bytes:
        """The frame that answers a message; what is wrong with one is an answer, too."""
        kind = message.get("kind")
        head = {"kind": kind, "id": message.get("id"), "status": "ok"}
        try:
            if not isinstance(kind, str) or kind not in KINDS:
                raise InputError([Fault("kind", kind, f"is not one of {', '.join(KINDS)}")])
            header, arrays = self._answer(kind, message)
        except InputError as error:
            faults = [
                {"key": fault.key, "line": str(fault)} for fault in error.faults[:_MOST_FAULTS]
            ]
            return packed(head | {"status": "refused", "faults": faults}, {})
        except ComputationError as error:
            return packed(head | {"status": "failed", "reason": str(error)}, {})
        except Exception as error:
            text = on_one_line(f"unexpected {type(error).__name__}: {error}")
            return packed(head | {"status": "failed", "reason": text}, {})
        return packed(head | header, arrays)

    def _answer(self, kind: str, message: Mapping[str, Any]) -> Answer:
        if kind == "welcome":
            return self._welcome, {}
        case = self._case(message)
        match kind:
            case "texts":
                return {"file": case_file(case), "script": script(case)}, {}
            case "map":
                options = message.get("options", {})
                if not isinstance(options, dict):
                    raise InputError([Fault("options", options, "must be a table")])
                return island_map(case, options)
            case _:
                return _COMPUTED[kind](case)

    def _case(self, message: Mapping[str, Any]) -> Case:
        """What a message makes of its base."""
        name, changes = message.get("base"), message.get("changes", {})
        if not isinstance(name, str) or name not in self._bases:
            allowed = ", ".join(self._bases)
            raise InputError([Fault("base", name, f"is not one of {allowed}")])
        if not isinstance(changes, dict):
            raise InputError([Fault("changes", changes, "must be a table")])
        table = changed(self._bases[name], changes, keys_of(self._known[name]))
        return case_of(table)

    @cached_property
    def _welcome(self) -> dict[str, Any]:
        given = self._bases.get(GIVEN)
        title = None if given is None else given.title
        return {
            "bases": {
                name: {"title": base.title, "controls": records(self._known[name])}
                for name, base in self._bases.items()
            },
            "presets": presets(given=title),
            "palettes": palettes(),
        }


_COMPUTED: dict[str, Callable[[Case], Answer]] = {
    "point": point,
    "strip": stripping,
    "spectrum": spectrum,
}
