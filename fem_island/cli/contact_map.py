"""Commands on contact maps: ``fem-island map-info`` and ``fem-island shapes``."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from fem_island.cli.process import (
    DONE,
    concluded,
    fault_of_folder,
    from_first_rank,
    refuse,
    tell,
)
from fem_island.machine.paths import from_home

if TYPE_CHECKING:
    from fem_island.errors import Fault


def map_info(
    image: Annotated[Path, Parameter(name="IMAGE")],
    /,
    *,
    threshold: float | None = None,
    lithium: float | None = None,
    film: float | None = None,
    pixel: str | None = None,
    json: bool = False,
) -> int:
    """Say what an image is as a contact map: coverage, regions of lithium, and their sizes.

    Args:
        image: PNG, TIFF or another grey picture, .npy, or "maps.npz:name".
        threshold: Lithium is at or above it, between 0 (black) and 1 (white) in pictures.
        lithium: Value of pixels that are lithium. Default: 1.
        film: Value of pixels that the film covers. Default: all that is not lithium.
        pixel: Edge of a pixel, such as "0.5 um"; sizes are then in um.
        json: Print one JSON object, in SI units.
    """
    given = {"threshold": threshold, "lithium": lithium, "film": film}
    keys = {key: value for key, value in given.items() if value is not None}
    return from_first_rank(lambda: _show(image, keys, pixel, json=json))


def _show(image: Path, keys: dict[str, Any], pixel: str | None, *, json: bool) -> int:
    from fem_island.case.contact_map import ContactMap
    from fem_island.errors import InputError

    try:
        contact = ContactMap(image=str(image), pixel=pixel or "1 um", **keys)
    except InputError as error:
        return refuse(list(error.in_file(str(image)).faults))
    from fem_island.experiments.point.map_report import map_record, map_table

    if json:
        tell(json_format.dumps(map_record(contact, str(image), in_metres=pixel is not None)))
    else:
        from fem_island.machine.terminal import report_console

        report_console(100).print(map_table(contact, in_metres=pixel is not None), crop=False)
    return DONE


def shapes(
    *,
    coverage: float = 0.1,
    side: str = "50 um",
    pixels: int = 100,
    out: Path = Path("shapes"),
) -> int:
    """Compare a stripe, a disc, a lattice of discs and random blobs of the same coverage.

    Args:
        coverage: Share of the bottom that is lithium.
        side: Of the box.
        pixels: Along the side.
        out: Folder for the picture (PNG) and the numbers (JSON).
    """
    out = from_home(out)
    found = from_first_rank(lambda: _faults(coverage, side, pixels, out))
    if found:
        return refuse(found)
    return from_first_rank(lambda: _run(coverage, side, pixels, out))


def _faults(coverage: float, side: str, pixels: int, out: Path) -> list[Fault]:
    from fem_island.errors import Fault
    from fem_island.quantities import LENGTH, to_si

    faults = []
    if not 4 <= pixels <= 2000:
        faults.append(Fault("--pixels", pixels, "must be from 4 to 2000"))
    if not 0 < coverage < 1:
        faults.append(Fault("--coverage", coverage, "must be between 0 and 1"))
    try:
        length = to_si(side, LENGTH, unit_required=True)
        if not 1e-7 <= length <= 1e-2:
            faults.append(Fault("--side", side, "must be from 0.1 um to 1 cm"))
    except ValueError as error:
        faults.append(Fault("--side", side, str(error)))
    fault = fault_of_folder(out) if not faults else None
    return faults if fault is None else [*faults, fault]


def _run(coverage: float, side: str, pixels: int, out: Path) -> int:
    from fem_island.quantities import LENGTH, to_si
    from fem_island.studies import shapes as study

    length = to_si(side, LENGTH, unit_required=True)
    report = study.run(out, coverage=coverage, side=length, pixels=pixels)
    study.show(report)
    return concluded("point", failed=report.failures, unmet=report.tolerance_not_met)
