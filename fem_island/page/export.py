"""The page as one file to send away: a closed form instead of a server, and the solved case."""

from __future__ import annotations

import base64
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fem_island.case.case import Case
from fem_island.errors import OutputError
from fem_island.machine.whole_files import replacing
from fem_island.materials.constants import FARADAY_CONSTANT, GAS_CONSTANT
from fem_island.page.bases import PAPER, Base, case_of
from fem_island.page.closed_form import check_applies, checked
from fem_island.page.controls import controls, records
from fem_island.page.frames import packed
from fem_island.page.palettes import palettes
from fem_island.page.point import point
from fem_island.page.site import INDEX, site

_CHANGED = (
    "islands.width",
    "operation.current_density",
    "kinetics.exchange_current_density",
    "electrolyte.conductivity",
    "film",
    "interlayer.reaction",
)
"""What the closed form follows; everything else is as in the case."""

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
_ENTRY = "main.js"


def write_page(base: Base | None, path: Path) -> None:
    """Write the page.

    Args:
        base: What it starts from; None for the paper's cell.
        path: The file (HTML).

    Raises:
        InputError: There is no closed form for the case.
        ComputationError: The case, or a point of the map, has no solution.
        OutputError: The file cannot be written.
    """
    base = base or Base("paper", {})
    case = case_of(base.table)
    check_applies(case)
    text = page(base, case)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error
    with replacing(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def page(base: Base, case: Case) -> str:
    """The contents of the file, which asks nothing of any address."""
    files = site()
    style = f"<style>\n{files['page.css'].text}</style>"
    modules = {
        f"page/{name}": f"data:text/javascript;base64,{_in_base64(file.text.encode())}"
        for name, file in files.items()
        if name.endswith(".js") and name != _ENTRY
    }
    data = json.dumps(_data(base, case), allow_nan=False).replace("</", "<\\/")
    scripts = (
        f'<script type="importmap">{json.dumps({"imports": modules})}</script>\n'
        f'<script type="application/json" id="exported">{data}</script>\n'
        f'<script type="module">\n{files[_ENTRY].text}</script>\n'
    )
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    index = files[INDEX].text
    head, _, rest = index.partition('<link rel="stylesheet"')
    rest = rest.partition("</head>")[2]
    head = head.replace('<meta name="viewport"', f'{policy}<meta name="viewport"')
    return f"{head}{style}\n{scripts}</head>{rest}"


def _data(base: Base, case: Case) -> dict[str, Any]:
    """What the page knows: the case as solved, and what the closed form takes."""
    cell, temperature = case.cell, case.operation.temperature
    law = cell.island_kinetics(cell.islands[0])
    follows = [control for control in controls(case) if control.key in _CHANGED]
    header, arrays = point(case)
    solved = packed({"kind": "point", "status": "ok", **header}, arrays)
    coefficient = float(getattr(law, "anodic_transfer_coefficient"))  # noqa: B009
    return {
        "welcome": {
            "bases": {PAPER: {"title": base.title, "controls": records(follows)}},
            "presets": [{"name": f"{base.title}, as solved", "base": PAPER, "changes": {}}],
            "palettes": palettes(),
        },
        "solved": _in_base64(solved),
        "scale": GAS_CONSTANT * temperature / (FARADAY_CONSTANT * coefficient),
        "width": cell.electrolyte.width,
        "height": cell.electrolyte.height,
        "temperature": temperature,
        # Both follow the temperature, which is fixed here.
        "of_i0": law.exchange_current_density_at(temperature) / law.exchange_current_density,
        "i0": law.exchange_current_density,
        "conductivity": cell.electrolyte.conductivity,
        "checked": checked(case),
        "made_by": f"fem_island {version('fem-island')}",
    }


def _in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
