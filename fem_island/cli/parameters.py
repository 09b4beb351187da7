"""Parameters that several commands take, as the command line has them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

_NAME = "CASE.toml"

CaseFile = Annotated[Path, Parameter(name=_NAME)]
CaseFiles = Annotated[list[Path], Parameter(name=_NAME)]
OptionalCaseFile = Annotated[Path | None, Parameter(name=_NAME)]
OptionalCaseFiles = Annotated[list[Path] | None, Parameter(name=_NAME)]

Changes = Annotated[
    list[str] | None, Parameter(name="--set", help="KEY=VALUE to change in the case.")
]
ChangesOfAll = Annotated[
    list[str] | None, Parameter(name="--set", help="KEY=VALUE to change in every case.")
]
"""Of every case file of a command that takes several."""
