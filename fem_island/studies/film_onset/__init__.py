"""At which island size, current, exchange current density, or other key a film starts to act."""
