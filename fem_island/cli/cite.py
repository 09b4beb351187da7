"""``fem-island cite``."""

from __future__ import annotations

from fem_island.cli.process import DONE, tell
from fem_island.machine.launcher import launched_rank
from fem_island.machine.versions import own_version

_PAPER = (
    "Structural and electrochemical evolution of alloy interfacial layers in anode-free "
    "solid-state batteries"
)
"""Title of the paper whose model is solved, as in ``CITATION.cff``."""

_DOI = "10.1016/j.joule.2023.07.022"


def cite(*, bibtex: bool = False) -> int:
    """Say what to cite: this version of the package, and the paper whose model it solves.

    Args:
        bibtex: As entries for BibTeX.
    """
    if launched_rank() in (None, 0):
        tell(_bibtex() if bibtex else _text())
    return DONE


def _text() -> str:
    return (
        f"fem_island developers: fem_island, version {own_version()}, 2026.\n"
        f"Sandoval et al.: {_PAPER}, Joule, 2023, https://doi.org/{_DOI}"
    )


def _bibtex() -> str:
    return (
        "@software{fem_island,\n"
        "  author = {{fem_island developers}},\n"
        "  title = {fem_island},\n"
        f"  version = {{{own_version()}}},\n"
        "  year = {2026},\n"
        "}\n"
        "@article{Sandoval2023,\n"
        "  author = {Sandoval and others},\n"
        f"  title = {{{_PAPER}}},\n"
        "  journal = {Joule},\n"
        "  year = {2023},\n"
        f"  doi = {{{_DOI}}},\n"
        "}"
    )
