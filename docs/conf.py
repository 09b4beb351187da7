"""Sphinx settings: `make docs` builds the site into docs/_build/html."""

from __future__ import annotations

import logging
import os
import re
import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(DOCS), str(ROOT)]
# The kernels of the notebooks and the commands whose help is shown must find the checkout too.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
os.environ.setdefault("OMP_NUM_THREADS", "1")

# What solvers and kernels say of their progress.
for name in ("fem_island", "traitlets"):
    logging.getLogger(name).setLevel(logging.WARNING)

project = "fem_island"
author = "fem_island developers"
copyright = author
version = release = installed("fem-island")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml"]
exclude_patterns = ["_build", "_generated"]
# Values in quotes are copied into case files.
smartquotes = False
nitpicky = True
nitpick_ignore_regex = [
    # Types of other packages: their inventories are on the network, which the build does without.
    (
        r"py:class",
        r"(numpy|np|npt|matplotlib|xarray|MPI|mpi4py|pathlib|dolfinx|fem|collections)\..*",
    ),
    # Parts of signatures that are not public.
    (
        r"py:class",
        r"fem_island\..*\.(Communicator|Instant|Naming|SolvedSpectrum|film_map\.table\.Report)",
    ),
    (
        r"py:class",
        r"(Array|Axes|Figure|bool|dict|float|int|list|None|object|str|tuple|Any|Path|Mapping|Sequence)",
    ),
]

html_theme = "furo"
html_title = f"fem_island {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Notebooks are run at every build, in an empty folder; what they say on standard error is a fault.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_output_stderr = "remove-warn"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

linkcheck_timeout = 20
linkcheck_retries = 2


VALUES = (
    r"[~\w.]*Sequence\[float \| str\] \| [~\w.]*ndarray\[[^|]*\] \| "
    r"[~\w.]*Mapping\[str, [~\w.]*Any\]"
)
"""What ``fem_island.experiments.sweeps.running.Values`` stands for."""


def shorter_signature(
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    options: Any,
    signature: str | None,
    returns: str | None,
) -> tuple[str, str | None] | None:
    """Signatures that people can read."""
    from pydantic import BaseModel

    if what == "function" and signature is not None:
        # By its name, as in the source; written out it is longer than all else.
        return re.sub(VALUES, "Values", signature), returns
    if what != "class" or not isinstance(obj, type):
        return None
    if issubclass(obj, BaseModel):
        # All optional, and taken by name; what pydantic makes of that is longer.
        return f"(*, {', '.join(obj.model_fields)})", None
    # The others are results: nobody makes them by hand, and their attributes are listed below.
    return "", None


COLON = "\N{RATIO}"
"""What stands for a colon in texts of attributes while napoleon reads them."""


def hide_colon(
    app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]
) -> None:
    """Keep napoleon from taking the words before a colon for the type of an attribute."""
    if what in ("attribute", "property"):
        lines[:] = [line.replace(": ", f"{COLON} ") for line in lines]


def show_colon(
    app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]
) -> None:
    """Put the colons back."""
    lines[:] = [line.replace(f"{COLON} ", ": ") for line in lines]


def show_plain_types(app: Sphinx) -> None:
    """Attributes of records with their types alone, without what reads and checks the values."""
    import pydantic.fields

    import fem_island
    from fem_island.case.records import Record

    for name in fem_island.__all__:
        getattr(fem_island, name)
    records = [Record]
    for record in records:
        records.extend(record.__subclasses__())
        record.__annotations__ = get_type_hints(record, localns=vars(pydantic.fields))


def find_public_class(app: Sphinx, env: Any, node: Any, contnode: Any) -> Any:
    """What a class refers to that is named by its module: documented as users import it."""
    import fem_island

    name = node.get("reftarget", "").rpartition(".")[2]
    if node.get("refdomain") != "py" or name not in fem_island.__all__:
        return None
    target = f"fem_island.{name}"
    return env.get_domain("py").resolve_xref(
        env, node["refdoc"], app.builder, "class", target, node, contnode
    )


def skipped(
    app: Sphinx, what: str, name: str, obj: object, skip: bool, options: Any
) -> bool | None:
    """Whether a member is nothing that a reader wants."""
    return True if name == "model_config" else None


def setup(app: Sphinx) -> None:
    """Make the generated pages before anything is read."""
    import generate

    app.connect("builder-inited", show_plain_types)
    app.connect("missing-reference", find_public_class)
    app.connect("autodoc-process-docstring", hide_colon, priority=400)
    app.connect("autodoc-process-docstring", show_colon, priority=600)
    app.connect("autodoc-skip-member", skipped)
    app.connect("builder-inited", lambda app: generate.write_all())
    app.connect("autodoc-process-signature", shorter_signature)
