"""One thread at a time in Gmsh, PETSc and DOLFINx, of which none can run in two at once.

    @one_at_a_time
    def solve(...): ...

Whoever calls such a function from several threads waits for the others, and nothing else changes.
The lock is reentrant, so that one such function may call another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps

_TURN = threading.RLock()


def one_at_a_time[**Arguments, Value](
    function: Callable[Arguments, Value],
) -> Callable[Arguments, Value]:
    """The same function, which waits until no other thread is in one of this kind."""

    @wraps(function)
    def waiting(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        with _TURN:
            return function(*args, **kwargs)

    return waiting
