"""How fast sweeps with films are beside those of bare copper, in one process.

The 50 x 50 map of Figure 6 c, round after round without a film and with each; the figures are
medians over the rounds of process time, and of ratios within a round.

    python benchmarks/films.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import time

import fem_island as fi
from fem_island.studies.figure6 import paper

FILMS = ("none", "Ag release", "Au release", "Sn release", "Ag reversible")


def rate(film: str) -> float:
    """Points per second of process time."""
    material, _, reaction = film.partition(" ")
    layer = None if material == "none" else fi.Interlayer(material=material, reaction=reaction)
    start = time.process_time()
    maps = fi.sweep(
        fi.Cell(interlayer=layer),
        island_width=paper.ISLAND_WIDTHS,
        current_density=paper.CURRENT_DENSITIES,
    )
    seconds = time.process_time() - start
    if (maps["status"] != 0).any():
        raise SystemExit(f"{film}: not all points converged")
    return maps["status"].size / seconds


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    rate("none"), rate("Ag release")
    found = [{film: rate(film) for film in FILMS} for _ in range(rounds)]
    for film in FILMS:
        median = statistics.median(one[film] for one in found)
        ratio = statistics.median(one[film] / one["none"] for one in found)
        print(f"{film:15} {median:8.0f} points/s  {ratio:.2f} of bare copper")


if __name__ == "__main__":
    main()
