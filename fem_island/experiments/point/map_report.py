"""What the report on a contact map says of its image and its regions."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.text import Text

from fem_island import quantities
from fem_island.case.contact_map import FILM, LITHIUM, ContactMap
from fem_island.case.voxel_image import VoxelImage
from fem_island.machine.terminal import WholeTable
from fem_island.quantities import POTENTIAL
from fem_island.results.map_result import MapResult

_SHOWN = 10
"""Regions of the table; the numbers of more are in the JSON record."""

_VALUES_SHOWN = 6


def map_assumption(contact: ContactMap) -> str:
    """The image in words."""
    rows, columns = contact.shape
    regions = len(contact.regions)
    line = (
        f"contact map {contact.source.name}: {columns} x {rows} pixels of "
        f"{1e6 * contact.pixel:g} um, {100 * contact.coverage:.4g} % of them lithium in "
        f"{regions} region{'' if regions == 1 else 's'}"
    )
    if contact.film is not None:
        line += f", {100 * float((contact.classes == FILM).mean()):.4g} % film"
    return line


def voxels_assumption(image: VoxelImage) -> str:
    """The image of the electrolyte in words."""
    layers, rows, columns = image.values.shape
    share = 100 * float(np.mean(image.values == 0))
    return (
        f"conductivity image {image.name}: {columns} x {rows} x {layers} voxels, {share:.3g} % of "
        "them do not conduct; the conductivity above is that of its layers in series"
    )


def regions_table(result: MapResult) -> WholeTable:
    """The largest regions of lithium."""
    table = WholeTable(box=None, pad_edge=True, padding=(0, 2))
    headings = ("region", "area [um^2]", "x [um]", "y [um]", "mean [mV]", "center [mV]")
    for heading in (*headings, "share of the current [%]"):
        table.add_column(heading, justify="right")
    for number, region in enumerate(result.islands[:_SHOWN]):
        share = region.current_fraction
        table.add_row(
            str(number),
            f"{1e12 * region.area:.5g}",
            *(f"{1e6 * place:.5g}" for place in region.centroid),
            f"{quantities.in_unit(region.overpotential_mean, POTENTIAL):.4f}",
            f"{quantities.in_unit(region.overpotential_center, POTENTIAL):.4f}",
            "" if share is None else f"{100 * share:.3f}",
        )
    if result.regions > _SHOWN:
        table.add_row(f"and {result.regions - _SHOWN} more")
    return table


def map_record(contact: ContactMap, name: str, *, in_metres: bool) -> dict[str, Any]:
    """What an image is as a contact map, as JSON has it.

    Args:
        contact: The map.
        name: Of the image.
        in_metres: Give sizes in m and m^2; else in pixels.
    """
    regions, (rows, columns) = contact.regions, contact.shape
    edge = contact.pixel if in_metres else 1.0
    values, counts = np.unique(contact.source.values, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_VALUES_SHOWN]
    return {
        "image": name,
        "rows": rows,
        "columns": columns,
        "coverage": contact.coverage,
        "film": float(np.mean(contact.classes == FILM)) if contact.film is not None else None,
        "regions": len(regions),
        "unit": "m" if in_metres else "pixel",
        "width": columns * edge,
        "depth": rows * edge,
        "area_mean": float(regions.sizes.mean()) * edge**2,
        "area_median": float(np.median(regions.sizes)) * edge**2,
        "area_max": float(regions.sizes[0]) * edge**2,
        "area_min": float(regions.sizes[-1]) * edge**2,
        "perimeter": _perimeter(contact) * edge,
        "values": {f"{float(values[k]):g}": int(counts[k]) for k in most},
    }


def map_table(contact: ContactMap, *, in_metres: bool) -> WholeTable:
    """The same for people."""
    found = map_record(contact, contact.source.name, in_metres=in_metres)
    scale = 1e6 if in_metres else 1.0
    unit = "um" if in_metres else "pixels"
    table = WholeTable(box=None, show_header=False, pad_edge=True, padding=(0, 2))
    share = found["film"]
    areas = [scale**2 * found[f"area_{which}"] for which in ("min", "median", "mean", "max")]
    for heading, text in (
        ("image", f"{contact.source.name}, {found['columns']} x {found['rows']} pixels"),
        ("size", f"{scale * found['width']:.6g} x {scale * found['depth']:.6g} {unit}"),
        ("most frequent values", ", ".join(f"{v} ({n})" for v, n in found["values"].items())),
        ("lithium", f"{100 * found['coverage']:.4g} %"),
        ("film", "all that is not lithium" if share is None else f"{100 * share:.4g} %"),
        ("regions of lithium", str(found["regions"])),
        (
            "area of a region",
            "smallest {:.4g}, median {:.4g}, mean {:.4g}, largest {:.4g} ".format(*areas)
            + ("um^2" if in_metres else "pixels"),
        ),
        ("edge of all lithium", f"{scale * found['perimeter']:.6g} {unit}"),
    ):
        table.add_row(heading, Text(text))
    return table


def _perimeter(contact: ContactMap) -> int:
    """Edges between lithium and what is not, in pixels."""
    lithium = contact.classes == LITHIUM
    across = np.count_nonzero(lithium[1:] != lithium[:-1])
    return int(across + np.count_nonzero(lithium[:, 1:] != lithium[:, :-1]))
