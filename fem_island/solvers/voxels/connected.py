"""The part of an electrolyte of voxels that current can pass, from the top to lithium.

Voxels conduct to the six that share a face with them. Of what hangs together that way only the
parts count that reach both the top and lithium: a grain that floats in a pore carries nothing, and
neither does lithium, or film, below a pore, or below a grain that the top does not reach. The
current enters at the top uniformly over what counts there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np

from fem_island.case.case import Case
from fem_island.errors import Fault, InputError
from fem_island.machine.arrays import Array
from fem_island.surface.contact import LITHIUM, Contact

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Connected:
    """What counts of an electrolyte.

    Attributes:
        conductivity: Of every voxel [S/m], 0 where it does not count.
        contact: What reacts on the pixels that it touches.
        top: How much of the applied current density enters above every pixel, 1 in the mean.
    """

    conductivity: Array
    contact: Contact
    top: Array

    @classmethod
    def of(cls, case: Case) -> Connected:
        """What counts of the electrolyte of a case.

        Raises:
            InputError: There is no way from the top to lithium.
        """
        from scipy import ndimage

        electrolyte = case.cell.electrolyte
        conductivity = electrolyte.voxels_at(case.operation.temperature)
        contact = Contact.of(case)
        conducts = conductivity > 0
        if not conducts.all():
            parts, count = ndimage.label(conducts)
            lithium = contact.covers(LITHIUM, 1)
            counts = np.zeros(count + 1, dtype=bool)
            counts[np.intersect1d(parts[-1], parts[0][lithium])] = True
            counts[0] = False
            conducts = counts[parts]
            if not conducts.any():
                image = electrolyte.conductivity_image
                name = None if image is None else image.name
                reason = "leaves no way from the top to lithium"
                raise InputError([Fault("electrolyte.conductivity_image", name, reason)])
            conductivity[~conducts] = 0.0
            contact = replace(contact, touching=conducts[0])
            missed = int(np.count_nonzero(lithium & ~conducts[0]))
            if missed:
                logger.info("%d pixels of lithium are below what does not conduct", missed)
        top = conducts[-1] / np.mean(conducts[-1])
        return cls(conductivity, contact, top)
