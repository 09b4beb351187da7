"""Values of the paper, Sandoval et al. (Joule 2023), that are defaults here."""

from fem_island.case.origin import Sourced

IMPLIED = "implied by the overpotentials that Sandoval et al. (2023) quote, not stated there"
"""Origin of numbers that follow from the paper's results."""

PAPER_EXCHANGE_CURRENT_DENSITY = Sourced(5.0, IMPLIED)
"""0.5 mA/cm^2 [A/m^2]. The paper (Sandoval et al., Joule 2023) does not state it; both
overpotentials that it quotes (0.03 V for a 20 um island, 0.085 V for 5 um, at 0.25 mA/cm^2) follow
from this value."""
