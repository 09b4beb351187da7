"""What of a cell does not go with a contact map."""

from __future__ import annotations

from fem_island.case.collector import Collector
from fem_island.case.contact_map import ContactMap
from fem_island.case.electrolyte import WIDTH, Electrolyte
from fem_island.case.film import Interlayer
from fem_island.case.placement import SNAP, in_um
from fem_island.errors import Fault


def map_faults(
    contact: ContactMap | None,
    electrolyte: Electrolyte,
    film: Interlayer | None,
    collector: Collector | None,
    *,
    islands: bool,
    layer: bool,
) -> list[Fault]:
    """What of a cell does not go with a contact map, or is missing for one.

    Args:
        contact: The map.
        electrolyte: The electrolyte.
        film: The film.
        collector: The exposed collector.
        islands: Whether islands are given.
        layer: Whether a layer of lithium is.
    """
    if contact is None:
        return [Fault("map", None, 'is missing; electrolyte.geometry = "map" needs its image')]
    faults = []
    if electrolyte.geometry != "map":
        wanted = 'must be "map" with the table [map]'
        faults.append(Fault("electrolyte.geometry", electrolyte.geometry, wanted))
    elif "width" in electrolyte.model_fields_set and electrolyte.width != WIDTH:
        size = f"that of the map, {in_um(contact.width)} x {in_um(contact.depth)}"
        faults.append(Fault("electrolyte.width", in_um(electrolyte.width), f"is {size}"))
    voxels = electrolyte.conductivity_image
    if voxels is not None and voxels.values.shape[1:] != contact.shape:
        (_, rows, columns), (wanted_rows, wanted_columns) = voxels.values.shape, contact.shape
        reason = (
            f"has {rows} rows and {columns} columns of voxels; the map has "
            f"{wanted_rows} and {wanted_columns}"
        )
        faults.append(Fault("electrolyte.conductivity_image", voxels.name, reason))
    largest = max(contact.width, contact.depth)
    if not (1 - SNAP) * 1e-3 <= electrolyte.height / largest <= (1 + SNAP) * 1e3:
        allowed = f"must be 0.001 to 1000 times the longer side of the map ({in_um(largest)})"
        faults.append(Fault("electrolyte.height", in_um(electrolyte.height), allowed))
    instead = "is for cells without [map], whose image says where lithium is"
    faults += [Fault("islands", None, instead)] if islands else []
    faults += [Fault("lithium", None, instead)] if layer else []
    if film is not None and film.extent is not None:
        reason = "is for cells without [map], whose key film says where the film is"
        faults.append(Fault("interlayer.extent", None, reason))
    if collector is not None and collector.gap_extent is not None:
        reason = "is for cells without [map], where the gap is on all of the exposed collector"
        faults.append(Fault("collector.gap_extent", None, reason))
    if film is not None and film.state_of_charge_profile is not None:
        key, reason = "interlayer.state_of_charge_profile", "is for cells without [map]"
        faults.append(Fault(key, None, f"{reason}; give state_of_charge"))
    return faults
