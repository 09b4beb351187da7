"""The live page: a cell in the browser, where every change is solved at once.

    browser -> ``channel`` (one for every page, newest value only) -> ``lanes`` (processes that
    compute) -> ``answering`` (a message becomes a case, a case an answer) -> ``frames`` -> browser

The server (``server``, ``access``) has no numbers of its own and opens no file but those in
``static``. What can be changed is declared in ``controls``; the page itself is plain modules of
JavaScript, which no step builds.
"""
