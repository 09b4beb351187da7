"""Compiles the Laplacian of one kind of element with FFCx: a program of its own.

    python compile_laplacian.py CELL VARIANT DEGREE GEOMETRY FOLDER

It prints the name of the module that it has made in the folder, and that of the form in it. It runs
in a process of its own, so that no option file, compiler variable or working folder of the caller
plays a part, and so that it can be stopped at any time. It needs FFCx and a C compiler, but not
DOLFINx.

The form is, for the trial function u and the test function v,

    int grad(u) . grad(v) dx ,

with the weight 2 pi r [m] in an axisymmetric cell.
"""

import math
import sys
from pathlib import Path

import basix
import basix.ufl
import ffcx.codegeneration.jit
import ffcx.options
import ufl

MICROMETRE = 1e-6
"""Length of one unit of the mesh's coordinates [m]."""


def laplacian(cell: str, variant: str, degree: int, geometry: str) -> ufl.Form:
    """The form on straight-sided cells in the plane, or on boxes.

    Args:
        cell: Of the mesh.
        variant: Name of the Lagrange variant of the mesh's coordinates. For them it makes no
            difference but for DOLFINx, which compares it.
        degree: Of the space.
        geometry: Of the cell: "planar", "map", or "axisymmetric" with r as the first coordinate.
    """
    chosen = basix.LagrangeVariant[variant]
    boxes = cell == "hexahedron"
    size = (3,) if boxes else (2,)
    mesh = ufl.Mesh(basix.ufl.element("Lagrange", cell, 1, lagrange_variant=chosen, shape=size))
    space = ufl.FunctionSpace(mesh, basix.ufl.element("Lagrange", cell, degree))
    trial, test = ufl.TrialFunction(space), ufl.TestFunction(space)
    weight = 2 * math.pi * MICROMETRE * ufl.SpatialCoordinate(mesh)[0]
    product = ufl.inner(ufl.grad(trial), ufl.grad(test))
    # Enough where all edges are along x, y and z; the rule for any hexahedra takes far longer.
    measure = ufl.dx(metadata={"quadrature_degree": 2 * degree}) if boxes else ufl.dx
    form: ufl.Form = (weight * product if geometry == "axisymmetric" else product) * measure
    return form


def main(cell: str, variant: str, degree: int, geometry: str, folder: str) -> None:
    """Compile it."""
    defaults = {name: value for name, (_, value, _, _) in ffcx.options.FFCX_DEFAULT_OPTIONS.items()}
    _, module, _ = ffcx.codegeneration.jit.compile_forms(
        [laplacian(cell, variant, degree, geometry)],
        options=defaults,
        cache_dir=Path(folder),
        cffi_extra_compile_args=["-O2", "-g0"],
    )
    name = module.__name__
    form = next(entry for entry in dir(module.lib) if entry.startswith("form_"))
    sys.stdout.write(f"{name} {form}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
