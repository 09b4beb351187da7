"""The map of overpotentials with this package and with other finite-element packages."""
