"""Contact maps: cosines of constant currents on the pixels of an image; NumPy and SciPy alone."""
