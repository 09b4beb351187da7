"""The solid electrolyte: its shape and how well it conducts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import StrictStr, model_validator

from fem_island.case.collector import Permittivity
from fem_island.case.geometry import NAMING, Geometry, Naming, belongs_elsewhere
from fem_island.case.kinetics import Term, arrhenius
from fem_island.case.origin import Sourced, origin_of
from fem_island.case.placement import SNAP, in_um
from fem_island.case.readers import DecidesGrid, FileName, NameReader
from fem_island.case.records import Record, refuse
from fem_island.case.value_types import ActivationEnergy, Conductivity, Length
from fem_island.case.voxel_image import VoxelImage
from fem_island.errors import Fault
from fem_island.materials import library as materials
from fem_island.materials.constants import REFERENCE_TEMPERATURE
from fem_island.quantities import CONDUCTIVITY, to_si

WIDTH, RADIUS = 50e-6, 25e-6
"""Width of a planar and radius of an axisymmetric cell where they are not given [m]."""


def _origin(formula: str) -> str:
    return f"of {formula} in this package's table of materials"


class Electrolyte(Record):
    """The solid electrolyte: a rectangle, or a cylinder, with insulated sides."""

    first = "material"

    if TYPE_CHECKING:

        def __init__(self, material: Any = ..., **fields: Any) -> None:
            """All fields by name; the first one may do without it."""

    width: Annotated[Length, DecidesGrid()] = WIDTH
    """Width W [m]; 50 um in the paper."""
    height: Annotated[Length, DecidesGrid()] = 15e-6
    """Height H [m]; 15 um in the paper."""
    material: Annotated[StrictStr, NameReader("electrolyte", materials.electrolytes)] | None = None
    """Formula of the electrolyte, which fills the conductivity; by default none."""
    conductivity: Conductivity = 0.18
    """Conductivity kappa [S/m] at 298.15 K; 1.8 mS/cm in the paper."""
    permittivity: Permittivity = 10.0
    """Relative to vacuum; matters for impedance alone."""
    activation_energy: ActivationEnergy = 0.0
    """Activation energy of the conductivity [J/mol]; by default it is the same at all temperatures.
    With a material of which the table says so it is that of kappa T."""
    geometry: Geometry = "planar"
    """"planar": a rectangle, the same at every depth. "axisymmetric": a cylinder. "map": a box over
    the image of [map]."""
    radius: Annotated[Length | None, DecidesGrid()] = None
    """Radius R of an axisymmetric cell [m], instead of its width; by default 25 um."""
    conductivity_image: Annotated[VoxelImage | None, DecidesGrid(), FileName()] = None
    """File of the conductivity of every voxel, of pores, grains or layers, on a map: .npy,
    "file.npz:name" or a TIFF stack, indexed [z, y, x]; 0 does not conduct. It fills the
    conductivity with that of its layers in series."""
    conductivity_unit: Annotated[str, DecidesGrid()] = "S/m"
    """Unit of the values of the image."""

    @model_validator(mode="before")
    @classmethod
    def _of_material(cls, data: Any) -> Any:
        # Without a material the table of them, and what reads its units, need not be loaded.
        if not isinstance(data, dict) or data.get("material") is None:
            return data
        given = data.get("conductivity")
        origins = {_origin(each.formula) for each in materials.electrolytes().values()}
        if given is not None and origin_of(given) not in origins:
            return data
        known = materials.electrolytes().get(str(data["material"]))
        if known is None:
            return data
        filled = Sourced(known.conductivity.value, _origin(known.formula))
        return {**data, "conductivity": filled}

    @model_validator(mode="after")
    def _of_geometry(self) -> Self:
        geometry, radius = self.geometry, self.radius
        keys = (self.naming.span,)
        if geometry == "planar":
            if radius is not None:
                refuse([belongs_elsewhere("radius", in_um(radius), geometry, keys)])
            return self
        # A case that was written out has all keys, those that do not count at their defaults.
        given = geometry == "axisymmetric" and radius is None
        if "width" in self.model_fields_set and (given or self.width != WIDTH):
            refuse([belongs_elsewhere("width", in_um(self.width), geometry, keys)])
        if geometry == "map":
            if radius is not None:
                refuse([belongs_elsewhere("radius", in_um(radius), geometry, keys)])
            return self
        object.__setattr__(self, "radius", RADIUS if radius is None else radius)
        return self

    @model_validator(mode="after")
    def _of_image(self) -> Self:
        image, unit = self.conductivity_image, self.conductivity_unit
        if image is None and "conductivity_unit" not in self.model_fields_set:
            return self
        try:
            scale = to_si(f"1 {unit}", CONDUCTIVITY, unit_required=True)
        except ValueError:
            wanted = 'must be a unit of a conductivity, such as "mS/cm"'
            refuse([Fault("conductivity_unit", unit, wanted)])
        if image is None:
            return self
        if self.geometry != "map":
            reason = f'is for electrolyte.geometry = "map", not "{self.geometry}"'
            refuse([Fault("conductivity_image", image.name, reason)])
        layers = scale * image.values.mean(axis=(1, 2), dtype=np.float64)
        if not layers.min() > 0:
            number = int(np.argmin(layers))
            refuse([Fault("conductivity_image", image.name, f"has no conductor in layer {number}")])
        series = float(len(layers) / np.sum(1 / layers))
        given = "conductivity" in self.model_fields_set
        if given and abs(self.conductivity / series - 1) > 1e-9:
            reason = "is given along with conductivity_image, which fills it; leave it out"
            refuse([Fault("conductivity", f"{self.conductivity:g} S/m", reason)])
        object.__setattr__(self, "conductivity", series)
        return self

    @model_validator(mode="after")
    def _flatness(self) -> Self:
        if self.geometry == "map":
            return self
        if not (1 - SNAP) * 1e-3 <= self.height / self.span <= (1 + SNAP) * 1e3:
            times = f"0.001 to 1000 times the {self.naming.span}"
            allowed = f"must be {times} ({in_um(self.span)})"
            refuse([Fault("height", in_um(self.height), allowed)])
        return self

    @property
    def span(self) -> float:
        """Length of the bottom along its coordinate [m]: the width, or the radius."""
        return self.width if self.radius is None else self.radius

    @property
    def middle(self) -> float:
        """Where its middle lies along the bottom [m]: half of the width, or the axis."""
        return self.width / 2 if self.radius is None else 0.0

    @property
    def breadth(self) -> float:
        """From wall to wall [m]: the width, or twice the radius."""
        return self.width if self.radius is None else 2 * self.radius

    @property
    def naming(self) -> Naming:
        """What its lengths and coordinates are called."""
        return NAMING[self.geometry]

    def voxels_at(self, temperature: float) -> npt.NDArray[np.float64]:
        """Kappa of every voxel at a temperature [S/m], shape (layers, rows, columns).

        Args:
            temperature: T [K].

        Raises:
            ValueError: There is no image.
        """
        if self.conductivity_image is None:
            raise ValueError("the electrolyte is no image")
        scale = to_si(f"1 {self.conductivity_unit}", CONDUCTIVITY)
        scale *= float(self.conductivity_at(temperature)) / self.conductivity
        return scale * self.conductivity_image.values.astype(np.float64)

    def conductivity_at(self, temperature: Term) -> Term:
        """Kappa at a temperature [S/m]; arrays of a copy that is not validated go along.

        Args:
            temperature: T [K].

        Example:
            >>> warm = Electrolyte(activation_energy="30 kJ/mol").conductivity_at(308.15)
            >>> round(float(warm), 3)
            0.267
        """
        kappa = 1.0 * self.conductivity
        if not np.any(self.activation_energy):
            return kappa
        factor = arrhenius(self.activation_energy, temperature)
        if self.material is not None and materials.electrolytes()[self.material].of_product:
            factor = factor * (REFERENCE_TEMPERATURE / temperature)
        return kappa * factor
