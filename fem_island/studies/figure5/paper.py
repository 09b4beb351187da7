"""What the paper's Figures 4 and 5 say, and what is assumed to compare with it.

The paper is Sandoval et al. (Joule 2023). It fits R1 + (R2 // CPE) + W to spectra from 2 MHz to
2 Hz of cells with a 0.75 mm pellet.
"""

from __future__ import annotations

COPPER_R2 = (3.5e-4, 27e-4)
"""R2 on copper at the end of stripping, from the first to the fifth cycle [Ohm m^2]."""

GOLD_R2 = (5e-4, 8e-4)
"""The same on gold."""

FEATURE = 150.0
"""Apex of the second feature [Hz]."""

TRANSFER_RESISTANCE = 1e-4
"""1 Ohm cm^2 of Li | Li6PS5Cl [Ohm m^2]: an assumption, that reports of fast interfaces give."""

DOUBLE_LAYER = 0.22
"""22 uF/cm^2 on lithium, and on copper where it touches [F/m^2]: an assumption."""

GAP = 50e-9
"""Between copper and electrolyte where they do not touch [m]: an assumption."""
