"""How fast sweeps with films are beside those of bare copper, in one process.

The 50 x 50 map of Figure 6 c, round after round without a film and with each; the figures are
medians over the rounds of process time, and of ratios within a round.

    .venv/bin/python benchmarks/films.py [--rounds N] [--output FILE.json]
"""

from __future__ import annotations

import json
import statistics
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

import fem_island as fi
from fem_island.studies.figure6 import paper
from map import when_and_where

BARE = "none"
FILMS = (BARE, "Ag release", "Au release", "Sn release", "Ag reversible")


def rate(film: str) -> float:
    """Points per second of process time."""
    material, _, reaction = film.partition(" ")
    layer = None if film == BARE else fi.Interlayer(material=material, reaction=reaction)
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
    """Measure, print and write."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, help="write the numbers here, as JSON")
    options = parser.parse_args()
    rate(BARE), rate("Ag release")
    rounds = [{film: rate(film) for film in FILMS} for _ in range(options.rounds)]
    measured = [
        {
            "film": film,
            "points_per_second": statistics.median(one[film] for one in rounds),
            "of_bare_copper": statistics.median(one[film] / one[BARE] for one in rounds),
        }
        for film in FILMS
    ]
    for one in measured:
        print(
            f"{one['film']:15} {one['points_per_second']:8.0f} points/s  "
            f"{one['of_bare_copper']:.2f} of bare copper"
        )
    if options.output:
        text = json.dumps({**when_and_where(), "measurements": measured}, indent=1)
        options.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
