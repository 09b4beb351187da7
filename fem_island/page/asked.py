"""What a page may ask for, and which process answers it."""

KINDS = {
    "welcome": "point",
    "point": "point",
    "texts": "point",
    "map": "map",
    "strip": "curve",
    "spectrum": "curve",
}
"""Lanes by the kind of a message."""

SECONDS = {"point": 30.0, "map": 300.0, "curve": 600.0}
"""What an answer may take in each lane."""

PATIENCE = {"map": 8.0, "curve": 2.0}
"""Seconds that a computation is given although a newer question waits: to start its process again
takes as long as most of them. What is asked of the other lane is always answered."""

LONGEST_MESSAGE = 16_384
"""Bytes of a message of a page."""
