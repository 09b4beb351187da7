"""The same case with several films and without one, side by side."""
