"""The command ``fem-island``, also as ``python -m fem_island``: ends at once where it is stopped.

The command line takes a tenth of a second to load, which an interruption would end in a traceback.
"""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Load the command line and run it."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from fem_island.cli import main as run

    run(on_interruption=usual)


if __name__ == "__main__":
    main()
