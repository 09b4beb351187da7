"""The finite-element problem on meshes, solved in DOLFINx; needs DOLFINx, PETSc and MPI.

Whatever of it is imported first starts PETSc, before DOLFINx would.
"""

from fem_island.solvers.meshed.petsc_start import start_dolfinx, start_petsc

start_petsc()
start_dolfinx()
