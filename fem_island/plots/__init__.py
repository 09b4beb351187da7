"""Pictures of solutions.

Matplotlib looks at MPLBACKEND when it is loaded, and fails where there is no such backend. The
figures here need none, so it is loaded without, and told of the variable afterwards.
"""

import os
import sys
from contextlib import suppress

from fem_island.machine.environment import without_variables

_BACKEND = "MPLBACKEND"

if "matplotlib" not in sys.modules:
    with without_variables(_BACKEND):
        import matplotlib as mpl
    if os.environ.get(_BACKEND):
        with suppress(ValueError):  # It is for who draws in windows to find that there is none.
            mpl.rcParams["backend"] = os.environ[_BACKEND]
