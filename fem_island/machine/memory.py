"""How much memory there is for a computation."""

from __future__ import annotations

import os
from pathlib import Path

_LIMIT, _USED = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))
"""Of a container or a batch job, where there is one."""


def available_memory() -> float:
    """Memory that can be had without pushing anything else out [bytes]."""
    free = _of_machine()
    try:
        limit, used = _LIMIT.read_text().strip(), _USED.read_text().strip()
        return free if limit == "max" else min(free, max(float(limit) - float(used), 0.0))
    except (OSError, ValueError):
        return free


def _of_machine() -> float:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        found = dict(line.split(":", 1) for line in lines)
        return 1024.0 * float(found["MemAvailable"].split()[0])
    except (OSError, ValueError, KeyError, IndexError):
        # What is free is not known on other systems; what there is at all is.
        pages = os.sysconf("SC_PHYS_PAGES") if "SC_PHYS_PAGES" in os.sysconf_names else 1e9
        return float(pages) * 4096.0
