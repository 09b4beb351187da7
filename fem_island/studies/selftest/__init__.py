"""Known answers computed once more, to see that an installation works."""

from fem_island.studies.selftest.running import run

__all__ = ["run"]
