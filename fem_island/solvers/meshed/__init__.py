"""The finite-element problem on meshes, solved in DOLFINx; needs DOLFINx, PETSc and MPI."""
