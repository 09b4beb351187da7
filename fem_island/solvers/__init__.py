"""Solving the discrete equations to a tolerance.

    condensed   rectangles between graded lines, in NumPy: planar and axisymmetric cells
    cosine      contact maps, by cosines on the pixels of the image
    voxels      contact maps under an electrolyte that is an image itself
    meshed      triangles, and hexahedra over contact maps, in DOLFINx

The loop that solves, checks and refines until the tolerance is met is ``accuracy`` in planar and
axisymmetric cells, whatever solves them. Those of contact maps are beside their solvers, and share
``map_points`` and ``map_estimates``.
"""
