"""Which films act, where and how much: maps, tables and figures over cells, currents and films."""
