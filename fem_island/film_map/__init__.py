"""Which films act, where and how much: maps, tables and figures over cells, currents and films."""

from fem_island.film_map.study import run
from fem_island.film_map.table import show

__all__ = ["run", "show"]
