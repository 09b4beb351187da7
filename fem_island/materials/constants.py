"""Constants of nature, and the temperature to which numbers without another one belong."""

FARADAY_CONSTANT = 96485.33212
"""Charge of one mole of electrons [C/mol] (CODATA 2018, exact in the SI)."""


GAS_CONSTANT = 8.314462618
"""Molar gas constant [J/(mol K)] (CODATA 2018, exact in the SI)."""

VACUUM_PERMITTIVITY = 8.8541878128e-12
"""Electric constant eps0 [F/m] (CODATA 2018)."""

REFERENCE_TEMPERATURE = 298.15
"""25 C [K]: that of the paper, and of the numbers in ``materials.toml``."""
