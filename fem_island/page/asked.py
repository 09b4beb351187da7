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

LONGEST_MESSAGE = 16_384
"""Bytes of a message of a page."""
