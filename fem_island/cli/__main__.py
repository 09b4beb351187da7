"""``python -m fem_island.cli``: the command without its script."""

from fem_island.cli import main

main()
