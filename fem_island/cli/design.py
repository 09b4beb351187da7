"""``fem-island design``."""

from __future__ import annotations

import json as json_format
from pathlib import Path

from fem_island.cli.parameters import CaseFile, Changes
from fem_island.cli.process import DONE, FAILED, from_first_rank, refuse, say, tell
from fem_island.cli.steps import steps_told
from fem_island.machine.launcher import launched_rank
from fem_island.machine.paths import from_home


def design(
    case: CaseFile,
    /,
    *,
    set_: Changes = None,
    json: bool = False,
) -> int:
    """Say which further measurement would tell what is fitted: more current, thicker, impedance.

    On a contact map four measurements take 5 + 10 p solutions each, for p parameters, so that a
    looser tolerance in [accuracy] saves minutes. Standard error says how far it is.

    Args:
        case: Case file (TOML) with a table [fit]; its data may be left out.
        set_: Changes.
        json: Print one JSON object.
    """
    case = from_home(case)
    return from_first_rank(lambda: _run(case, set_ or [], json=json))


def _run(path: Path, changes: list[str], *, json: bool) -> int:
    from fem_island.case.fit import read_fitting
    from fem_island.errors import ComputationError, InputError

    try:
        asked = read_fitting(path, changes, data_required=False)
        from fem_island.fitting.design import design_case

        shown = steps_told(str(path), at_once=asked.case.cell.map is not None)
        found = design_case(asked, tell=shown)
    except InputError as error:
        return refuse(list(error.placed(str(path)).faults))
    except ComputationError as error:
        say(f"{path}: failed: {error}")
        return FAILED
    if launched_rank() not in (None, 0):
        return DONE
    if json:
        tell(json_format.dumps(found.record(str(path)), allow_nan=False))
    else:
        from fem_island.fitting.design_report import show_design

        show_design(str(path), found)
    return DONE
