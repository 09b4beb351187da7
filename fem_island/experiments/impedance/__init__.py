"""Spectra: what a small alternating current meets, about any operating point."""
