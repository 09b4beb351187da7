"""Contact maps in DOLFINx: hexahedra over the pixels of an image."""
