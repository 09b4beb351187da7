"""Contact maps under an electrolyte that is an image of voxels: pores, grains, cracks, layers."""
