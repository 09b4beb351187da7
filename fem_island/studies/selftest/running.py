"""Making all checks, each of which says what is wanted and what was found.

A check that raises is one that failed, so that one thing that is missing does not hide what else
is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from fem_island.errors import FemIslandError, on_one_line
from fem_island.solvers.names import has_dolfinx
from fem_island.studies.selftest import answers, installation
from fem_island.studies.selftest.finding import LEFT_OUT, LONGEST_LINE, Check, Finding

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "versions": installation.package_versions,
        "paper's points, newton": answers.paper_points("newton"),
        "paper's points, condensed": answers.paper_points("condensed"),
        "full width": answers.full_width,
        "film": answers.releasing_film,
        "Laplace's equation, newton": answers.drops_in_the_electrolyte("newton"),
        "Laplace's equation, condensed": answers.drops_in_the_electrolyte("condensed"),
        "sweep": answers.sweep_gone_on_with,
        "mesh": installation.mesh_area,
        "picture": installation.picture_of_a_field,
        "two ranks": installation.two_ranks,
    }
)
"""By what their lines say where they raise."""

_WITH_DOLFINX = frozenset(
    {
        "paper's points, newton",
        "full width",
        "film",
        "Laplace's equation, newton",
        "mesh",
        "two ranks",
    }
)


def run(tell: Callable[[str], None], *, checks: Mapping[str, Check] = CHECKS) -> bool:
    """Make all checks, one after the other.

    Args:
        tell: Takes each line as soon as it is known, and one at the end that counts them.
        checks: By what their lines say where they raise.

    Returns:
        Whether all of them passed.
    """
    start = time.perf_counter()
    findings: list[Finding] = []
    for name, check in checks.items():
        for finding in _caught(name, check):
            findings.append(finding)
            tell(str(finding))
    failed = sum(not finding.passed for finding in findings)
    seconds = f"in {time.perf_counter() - start:.0f} s"
    if failed:
        tell(f"{failed} of {len(findings)} checks FAILED, {seconds}")
    else:
        tell(f"all {len(findings)} checks passed, {seconds}")
    return failed == 0


def _caught(name: str, check: Check) -> Iterator[Finding]:
    if name in _WITH_DOLFINX and not has_dolfinx():
        yield Finding(name, True, LEFT_OUT.format("DOLFINx", "fem"))
        return
    try:
        yield from check()
    except Exception as error:
        kind = "" if isinstance(error, FemIslandError) else f"{type(error).__name__}: "
        text = " ".join(f"{kind}{error}".split())
        yield Finding(name, False, on_one_line(text)[:LONGEST_LINE])
